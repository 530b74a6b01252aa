"""Webhooks as an agency's administrators keep them: made, stopped, started, removed; what was delivered and what was not."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, RowMapping, delete, func, insert, select, update

from storage.addresses import Network, sound
from storage.machines import Delivery, Hook
from storage.records import Missing
from storage.seal import Sealed
from storage.sql.auditing import Somebody, record
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.ids import derive, plain
from storage.sql.sight import own_hook
from storage.sql.tables import events
from storage.sql.tables_machines import hook_deliveries, hooks

MOST = 20
"""Webhooks of one agency at most."""
MARK = "whsec_"
"""What every webhook's secret begins with."""


class Hooks:
    """The webhooks of all agencies. `agency` None is the operator, who sees them all; `by` is who acts, for the audit."""

    def __init__(self, db: Db) -> None:
        """On the case store's database."""
        self._db = db

    async def make(
        self, agency: str, url: str, events: Sequence[str], allowed: Sequence[Network], maker: str = "operator"
    ) -> tuple[str, str]:
        """A webhook at `url` for these kinds of events (none: all). Returns its id and, this once, its secret.

        Raises ValueError for an address that `storage.addresses.sound` refuses, or for one too many.
        """
        url = url.strip()
        if not sound(url, allowed):
            raise ValueError("a webhook's address is https://, without a password, and leads to the public Internet")
        id, secret = derive("hook", agency, secrets.token_hex(16)), MARK + secrets.token_urlsafe(32)
        async with self._db.write() as connection:
            count = select(func.count()).select_from(hooks).where(*own_hook(agency))
            if (await connection.execute(count)).scalar_one() >= MOST:
                raise ValueError(f"an agency has at most {MOST} webhooks")
            await connection.execute(
                insert(hooks).values(
                    id=id,
                    agency=agency,
                    url=self._db.vault.put(url, "hooks", id, "url"),
                    secret=self._db.vault.put(secret, "hooks", id, "secret"),
                    events=msgspec.json.encode([plain(what, 32) for what in events]).decode(),
                    made=self._db.clock(),
                    maker=maker,
                    fails=0,
                )
            )
            await record(connection, Somebody(maker, agency), "hook.made", id)
        return id, secret

    async def all(self, agency: str | None) -> Sequence[Hook]:
        """Them, the newest first."""
        async with self._db.read() as connection:
            return await self._found(connection, *own_hook(agency))

    async def one(self, agency: str | None, id: str) -> Hook:
        """One. Raises Missing."""
        async with self._db.read() as connection:
            found = await self._found(connection, hooks.c.id == plain(id, 64), *own_hook(agency))
        if not found:
            raise Missing("no such webhook")
        return found[0]

    async def log(self, agency: str | None, id: str, limit: int = 100) -> Sequence[Delivery]:
        """The last deliveries to a webhook, the newest first."""
        wanted = (
            select(hook_deliveries, events.c.what, events.c.case_id)
            .join(events, events.c.id == hook_deliveries.c.event_id)
            .join(hooks, hooks.c.id == hook_deliveries.c.hook_id)
            .where(hooks.c.id == plain(id, 64), *own_hook(agency))
            .order_by(hook_deliveries.c.made.desc(), hook_deliveries.c.place.desc())
            .limit(limit)
        )
        async with self._db.read() as connection:
            return [_delivery(row) for row in (await connection.execute(wanted)).mappings()]

    async def stop(self, agency: str | None, id: str, by: str = "operator") -> None:
        """Send nothing more. What happens from now on is not kept for it either. Raises Missing."""
        await self._set(
            agency, id, Somebody(by, ""), "hook.stopped", disabled=self._db.clock(), failing=None, rests=None, fails=0
        )

    async def start(self, agency: str | None, id: str, by: str = "operator") -> None:
        """Send again, at once, what still waits; it has all its time again. Raises Missing."""
        await self._set(agency, id, Somebody(by, ""), "hook.started", disabled=None, failing=None, rests=None, fails=0)
        now = self._db.clock()
        waits = update(hook_deliveries).where(hook_deliveries.c.hook_id == id, hook_deliveries.c.state == "waiting")
        async with self._db.write() as connection:
            await connection.execute(waits.values(since=now, next_try=now))

    async def remove(self, agency: str | None, id: str, by: str = "operator") -> None:
        """End it, with its secret and its log. Raises Missing."""
        async with self._db.write() as connection:
            mine = select(hooks.c.id, hooks.c.agency).where(hooks.c.id == plain(id, 64), *own_hook(agency))
            row = (await connection.execute(mine.with_for_update())).first()
            if row is None:
                raise Missing("no such webhook")
            await record(connection, Somebody(by, row.agency), "hook.removed", row.id)
            await connection.execute(delete(hook_deliveries).where(hook_deliveries.c.hook_id == id))
            await connection.execute(delete(hooks).where(hooks.c.id == id))

    async def resend(self, agency: str | None, delivery: str, by: str = "operator") -> str:
        """Send a delivery again, whatever became of it. Returns its webhook's id. Raises Missing."""
        now, theirs = self._db.clock(), select(hooks.c.id).where(*own_hook(agency))
        again = (
            update(hook_deliveries)
            .where(hook_deliveries.c.id == plain(delivery, 64), hook_deliveries.c.hook_id.in_(theirs))
            .values(state="waiting", since=now, next_try=now)
            .returning(hook_deliveries.c.hook_id)
        )
        async with self._db.write() as connection:
            id = (await connection.execute(again)).scalar_one_or_none()
            if id is None:
                raise Missing("no such delivery")
            rested = update(hooks).where(hooks.c.id == id).values(rests=None).returning(hooks.c.agency)
            whose = (await connection.execute(rested)).scalar_one()
            await record(connection, Somebody(by, whose), "hook.resent", delivery)
        return str(id)

    async def _set(self, agency: str | None, id: str, by: Somebody, deed: str, **values: object) -> None:
        """Change a webhook, and record who did. Raises Missing."""
        mine = update(hooks).where(hooks.c.id == plain(id, 64), *own_hook(agency)).values(**values)
        async with self._db.write() as connection:
            row = (await connection.execute(mine.returning(hooks.c.id, hooks.c.agency))).first()
            if row is None:
                raise Missing("no such webhook")
            await record(connection, by._replace(agency=row.agency), deed, row.id)

    async def _found(self, connection: AsyncConnection, *fits: ColumnElement[bool]) -> list[Hook]:
        """Webhooks, with how much each still waits for."""
        owed = select(func.count()).where(hook_deliveries.c.hook_id == hooks.c.id, hook_deliveries.c.state == "waiting")
        wanted = select(hooks, owed.scalar_subquery().label("owed")).where(*fits).order_by(hooks.c.made.desc())
        return [self._hook(row) for row in (await connection.execute(wanted)).mappings()]

    def _hook(self, row: RowMapping) -> Hook:
        """A row as a noun, its address opened."""
        return Hook(
            id=row["id"],
            agency=row["agency"],
            url=self._url(row),
            events=msgspec.json.decode(row["events"], type=tuple[str, ...]),
            made=row["made"],
            failing=row["failing"],
            disabled=row["disabled"],
            waiting=row["owed"],
        )

    def _url(self, row: RowMapping) -> str:
        """A webhook's address; empty if it, or the secret beside it, cannot be opened any more."""
        try:
            self._db.vault.text(row["secret"], "hooks", row["id"], "secret")
            return self._db.vault.text(row["url"], "hooks", row["id"], "url")
        except Sealed:
            return ""


def _delivery(row: RowMapping) -> Delivery:
    """A row as a noun."""
    return Delivery(
        id=row["id"],
        event=row["event_id"],
        what=row["what"],
        case=row["case_id"],
        state=row["state"],
        attempts=row["attempts"],
        code=row["code"],
        cause=row["cause"],
        made=row["made"],
        tried=row["tried"],
        next=row["next_try"],
    )
