"""Two cases that an agency holds to be one matter: linked, and unlinked again. Each agency has its own links."""

from __future__ import annotations

from sqlalchemy import and_, or_, select, update
from sqlalchemy.sql import expression

from storage.records import Missing, Officer
from storage.records_work import Barred, Linked
from storage.sql.append import append, lock
from storage.sql.db import Db, insert_once
from storage.sql.engine import AsyncConnection
from storage.sql.ids import derive
from storage.sql.reading import find
from storage.sql.sight import opens
from storage.sql.tables import cases
from storage.sql.tables_work import case_links


async def link(db: Db, officer: Officer, key: str, other: str) -> None:
    """Link two cases that the agency sees. Linked already: nothing changes. Raises Missing, Barred (`same`)."""
    await _switch(db, officer, key, other, on=True)


async def unlink(db: Db, officer: Officer, key: str, other: str) -> None:
    """Take the link away. Not linked: nothing changes. Raises Missing, Barred (`same`)."""
    await _switch(db, officer, key, other, on=False)


async def _switch(db: Db, officer: Officer, key: str, other: str, *, on: bool) -> None:
    """Link or unlink, with an event on both cases that the officer's agency alone sees; it does not name the other case."""
    async with db.write() as connection:
        one, two = sorted([(await find(connection, officer.agency, k))["id"] for k in (key, other)])
        if one == two:
            raise Barred("same")
        held = [await lock(connection, id) for id in (one, two)]
        times = await _times(connection, officer.agency, one, two)
        if (times % 2 == 1) == on:
            return
        mine = and_(case_links.c.agency == officer.agency, case_links.c.one == one, case_links.c.other == two)
        await connection.execute(update(case_links).where(mine).values(times=times + 1))
        for case in held:
            if case is None or case.anonymised_at is not None:
                raise Missing("the person asked to be forgotten")
            await append(
                db,
                connection,
                case,
                id=derive("link", officer.agency, one, two, str(times + 1), case.id),
                at=db.clock(),
                what="linked" if on else "unlinked",
                actor=officer.actor,
                agency=officer.agency,
                only=officer.agency,
            )


async def _times(connection: AsyncConnection, agency: str, one: str, two: str) -> int:
    """How often the two were linked or unlinked, in a row that is there from now on."""
    await insert_once(connection, case_links, agency=agency, one=one, other=two, times=0)
    mine = (case_links.c.agency == agency, case_links.c.one == one, case_links.c.other == two)
    return int((await connection.execute(select(case_links.c.times).where(*mine))).scalar_one())


async def of_case(connection: AsyncConnection, agency: str, case: str) -> tuple[Linked, ...]:
    """The cases that the agency has linked to this one and still sees, the oldest first."""
    pair = expression.case((case_links.c.one == case, case_links.c.other), else_=case_links.c.one)
    columns = (cases.c.id, cases.c.ref, cases.c.status, cases.c.priority, cases.c.opened)
    wanted = select(*columns).join(case_links, cases.c.id == pair)
    ours = (case_links.c.agency == agency, case_links.c.times % 2 == 1, opens(agency, cases.c.id))
    mine = (*ours, or_(case_links.c.one == case, case_links.c.other == case))
    rows = (await connection.execute(wanted.where(*mine).order_by(cases.c.opened, cases.c.id))).mappings().all()
    return tuple(
        Linked(key=row["ref"] or row["id"], status=row["status"], priority=row["priority"], opened=row["opened"])
        for row in rows
    )
