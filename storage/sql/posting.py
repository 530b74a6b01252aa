"""What is on its way to webhooks: sent at least once, given up after days.

A delivery holds no body: it is made anew at each attempt of what the agency may see then, so that nothing is told of a case
that was forgotten or went elsewhere meanwhile. A webhook that fails rests before anything else is tried on it; each delivery
waits longer after each failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, RowMapping, delete, or_, select, update

from storage.machines import Post, Result
from storage.seal import Sealed
from storage.sql import waits
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.feed import entries
from storage.sql.ids import plain
from storage.sql.tables_machines import api_calls, hook_deliveries, hooks

PATIENCE = timedelta(days=5)
"""How long a delivery is tried, and how long a webhook may fail at everything until it is disabled."""
KEPT = timedelta(days=30)
"""How long the log keeps a delivery that is over."""
REPEATED = timedelta(days=2)
"""How long an Idempotency-Key is known."""

_WAITS = [timedelta(), *(timedelta(seconds=10 * 4**n) for n in range(7)), timedelta(days=1)]
_REST = timedelta(minutes=10)
_TURN = 20  # deliveries to one webhook before the next one has its turn


def wait(attempts: int) -> timedelta:
    """How long until the next attempt, after so many: 10 s, 40 s, 2 min 40 s … a day."""
    return _WAITS[min(attempts, len(_WAITS) - 1)]


async def due(db: Db) -> Sequence[Sequence[Post]]:
    """What is to be sent now: a few deliveries for each webhook that does not rest, in the order they happened."""
    now = db.clock()
    rested = or_(hooks.c.rests.is_(None), hooks.c.rests <= now, hooks.c.rests > now + _REST)  # noted by a wrong clock
    ready = (hooks.c.disabled.is_(None), rested)
    time = waits.due(hook_deliveries.c.next_try, hook_deliveries.c.attempts, _WAITS, now)
    owed = (hook_deliveries.c.state == "waiting", time)
    whose = select(hook_deliveries.c.hook_id).where(*owed)
    async with db.read() as connection:
        found = (await connection.execute(select(hooks).where(*ready, hooks.c.id.in_(whose)))).mappings().all()
        return [await _turn(db, connection, hook, owed) for hook in found]


async def _turn(
    db: Db, connection: AsyncConnection, hook: RowMapping, owed: tuple[ColumnElement[bool], ...]
) -> list[Post]:
    """One webhook's. An event that the agency may not see (any more) has an empty body."""
    id, agency = hook["id"], hook["agency"]
    mine = select(hook_deliveries.c.id, hook_deliveries.c.event_id).where(hook_deliveries.c.hook_id == id, *owed)
    rows = (await connection.execute(mine.order_by(hook_deliveries.c.made, hook_deliveries.c.place).limit(_TURN))).all()
    bodies = await entries(connection, agency, [row.event_id for row in rows])
    try:
        url, secret = (db.vault.text(hook[name], "hooks", id, name) for name in ("url", "secret"))
    except Sealed:  # the others are told all the same; the poster notes it as this one's failure
        url = secret = ""
    return [Post(row.id, id, row.event_id, url, secret, bodies.get(row.event_id, b"")) for row in rows]


async def sent(db: Db, post: Post, result: Result) -> None:
    """Note what became of an attempt: done, to be tried again later, or given up; and how the webhook fares."""
    now = db.clock()
    mine = hook_deliveries.c.id == post.id
    async with db.write() as connection:
        row = (await connection.execute(select(hook_deliveries).where(mine).with_for_update())).mappings().first()
        if row is None:
            return  # the webhook was removed meanwhile
        attempts, over = row["attempts"] + 1, now - row["since"] >= PATIENCE
        state = "done" if result.good else "failed" if over or not post.body else "waiting"
        values = {"attempts": attempts, "code": result.code, "cause": plain(result.cause, 80), "tried": now}
        change = update(hook_deliveries).where(mine)
        await connection.execute(change.values(**values, state=state, next_try=now + wait(attempts)))
        if post.body:
            await _fares(db, connection, post.hook, good=result.good)


async def _fares(db: Db, connection: AsyncConnection, id: str, *, good: bool) -> None:
    """A webhook after an attempt: well again, or at rest, or disabled since it has failed for too long."""
    hook = (await connection.execute(select(hooks).where(hooks.c.id == id).with_for_update())).mappings().one()
    now, change = db.clock(), update(hooks).where(hooks.c.id == id)
    if hook["disabled"]:
        return  # it was stopped while this was on its way
    if good:
        if hook["fails"]:
            await connection.execute(change.values(fails=0, failing=None, rests=None))
        return
    since = hook["failing"] or now
    disabled = now if now - since >= PATIENCE else None
    rests = now + min(timedelta(seconds=2 ** min(hook["fails"], 20)), _REST)
    await connection.execute(change.values(fails=hook["fails"] + 1, failing=since, rests=rests, disabled=disabled))


async def sweep(db: Db) -> int:
    """Drop deliveries that have long been over, and names of calls that nobody will repeat any more. 0: nothing is left."""
    now = db.clock()
    over = (hook_deliveries.c.state != "waiting", hook_deliveries.c.made < now - KEPT)
    async with db.write() as connection:
        await connection.execute(delete(hook_deliveries).where(*over))
        await connection.execute(delete(api_calls).where(api_calls.c.made < now - REPEATED))
    return 0
