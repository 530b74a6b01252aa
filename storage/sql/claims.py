"""Who holds a case in an agency: taking it, giving it to a colleague, giving it back, and what became of an absent holder.

Each is an event that only the agency sees. The case is locked first, so of two officers at once one has it and the other is
told who. Nobody answers past a holder without taking the case over, and that is an event too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, Select, func, select, update

from storage.records import HeldBy, Missing, Officer
from storage.sql.append import Held, append, lock
from storage.sql.columns import FAR
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.ids import derive, plain
from storage.sql.reading import find
from storage.sql.tables import console_sessions, events, officers
from storage.sql.tables_queue import LEVELS, case_agencies


async def claim(db: Db, officer: Officer, key: str, *, over: bool = False) -> None:
    """Take the case. Taking it again changes nothing. `over`: also from a colleague. Raises HeldBy, Missing."""
    async with db.write() as connection:
        case = await held(connection, officer.agency, key)
        await own(db, connection, officer, case, over=over)
        if await holder_of(connection, officer.agency, case.id) != officer.id:
            await _hold(db, connection, case, officer.agency, "claimed", f"staff:{officer.id}", officer.id)


async def release(db: Db, officer: Officer, key: str, *, over: bool = False) -> None:
    """Give the case back to the queue. `over`: also a colleague's. Raises HeldBy, Missing."""
    async with db.write() as connection:
        case = await held(connection, officer.agency, key)
        holder = await holder_of(connection, officer.agency, case.id)
        if holder not in ("", officer.id) and not over:
            raise HeldBy(await _name(connection, holder))
        if holder:
            await _hold(db, connection, case, officer.agency, "released", f"staff:{officer.id}", "")


async def assign(db: Db, officer: Officer, key: str, to: str) -> None:
    """Give the case to a colleague of the same agency who can work, whoever had it. Raises Missing for any other `to`."""
    async with db.write() as connection:
        case = await held(connection, officer.agency, key)
        name = (
            await connection.execute(_able(officer.agency).where(officers.c.id == plain(to, 64)))
        ).scalar_one_or_none()
        if name is None:
            raise Missing("no such colleague")
        if await holder_of(connection, officer.agency, case.id) != to:
            await _hold(db, connection, case, officer.agency, "assigned", f"staff:{officer.id}", to, name)


async def colleagues(db: Db, agency: str) -> Sequence[tuple[str, str]]:
    """(id, name) of those in the agency to whom a case can be given, by name."""
    wanted = _able(agency).add_columns(officers.c.id).order_by(officers.c.name, officers.c.id)
    async with db.read() as connection:
        return [(id, name) for name, id in await connection.execute(wanted)]


async def own(db: Db, connection: AsyncConnection, officer: Officer, case: Held, *, over: bool) -> Held:
    """The locked case, if the officer may act on it: nobody holds it, they do, or they take it `over`. Raises HeldBy."""
    holder = await holder_of(connection, officer.agency, case.id)
    if holder in ("", officer.id):
        return case
    if not over:
        raise HeldBy(await _name(connection, holder))
    return await _hold(db, connection, case, officer.agency, "claimed", f"staff:{officer.id}", officer.id)


async def held(connection: AsyncConnection, agency: str, key: str) -> Held:
    """The case, locked. Raises Missing if the agency has none, or it is forgotten."""
    found = await find(connection, agency, key)
    case = await lock(connection, found["id"])
    if case is None or case.anonymised_at is not None:
        raise Missing("the person asked to be forgotten")
    return case


async def idle(db: Db, limit: int) -> int:
    """Free up to `limit` cases that wait for us while their holder is away. How many; the agency sees it as an event."""
    now = db.clock()
    async with db.read() as connection:
        rows = (await connection.execute(_waiting_with_somebody())).mappings().all()
    gone = [row for row in rows if _away(db, row, now)][:limit]
    for row in gone:
        async with db.write() as connection:
            case = await lock(connection, row["case_id"])
            if case and await holder_of(connection, row["agency"], case.id) == row["holder"]:
                await _hold(db, connection, case, row["agency"], "released", "system", "")
    return len(gone)


async def holder_of(connection: AsyncConnection, agency: str, case: str) -> str:
    """Who in the agency holds a case: an officer's id, or nothing."""
    mine = (case_agencies.c.agency == agency, case_agencies.c.case_id == case)
    return str((await connection.execute(select(case_agencies.c.holder).where(*mine))).scalar_one())


async def _hold(
    db: Db, connection: AsyncConnection, case: Held, agency: str, what: str, actor: str, holder: str, body: str = ""
) -> Held:
    """Note who holds a locked case from now on, and that it came to be so."""
    now = db.clock()
    id = derive(what, case.id, agency, holder, str(case.last))
    by = agency if actor != "system" else ""
    after = await append(db, connection, case, id=id, at=now, what=what, actor=actor, agency=by, body=body, only=agency)
    mine = (case_agencies.c.agency == agency, case_agencies.c.case_id == case.id)
    held_at = now if holder else None
    await connection.execute(update(case_agencies).where(*mine).values(holder=holder, held_at=held_at))
    return after or case


async def _name(connection: AsyncConnection, officer: str) -> str:
    return str((await connection.execute(select(officers.c.name).where(officers.c.id == officer))).scalar_one())


def _able(agency: str) -> Select[str]:
    """Names of officers who can be given a case."""
    able = (officers.c.agency == agency, officers.c.active, officers.c.role != "observer")
    return select(officers.c.name).where(*able)


def _waiting_with_somebody() -> Select[object]:
    """Cases that this agency must act on and that somebody holds, with the last sign of the holder."""
    session = select(func.max(console_sessions.c.seen)).where(console_sessions.c.officer_id == case_agencies.c.holder)
    act = select(func.max(events.c.at)).where(
        events.c.case_id == case_agencies.c.case_id, events.c.actor == "staff:" + case_agencies.c.holder
    )
    mine = [case_agencies.c[name] for name in ("agency", "case_id", "level", "holder", "held_at")]
    return (
        select(*mine, officers.c.active, session.scalar_subquery().label("seen"), act.scalar_subquery().label("acted"))
        .join(officers, officers.c.id == case_agencies.c.holder)
        .where(case_agencies.c.holder != "", case_agencies.c.shut == 0, case_agencies.c.due < FAR)
        .order_by(case_agencies.c.due)
    )


def _away(db: Db, row: RowMapping, now: datetime) -> bool:
    """Whether the holder has shown no sign for too long, or has no account any more."""
    last = max(at for at in (row["held_at"], row["seen"], row["acted"]) if at is not None)
    return not row["active"] or db.clocks.away(row["agency"], LEVELS[row["level"]], last, now)
