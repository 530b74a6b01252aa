"""Lists taken out of the desk: the cases themselves, page by page, and who took them, by what filter, how many."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import insert, select, update

from storage.machines import Taken
from storage.records import Filter, Line, Officer
from storage.sql.auditing import record
from storage.sql.db import Db
from storage.sql.ids import plain
from storage.sql.queue import queue
from storage.sql.sight import own_list
from storage.sql.tables import officers
from storage.sql.tables_machines import api_keys, lists_taken

_PAGE = 500


async def take(db: Db, officer: Officer, wanted: Filter, form: str, asked: str) -> AsyncIterator[Line]:
    """All cases that fit, in the queue's order. That they are taken is written before the first is given, and how many after
    the last. `asked`: the filter in words that hold nothing of a person.
    """
    values = {"agency": officer.agency, "who": officer.id, "at": db.clock(), "form": form, "asked": plain(asked, 400)}
    async with db.write() as connection:
        n = (await connection.execute(insert(lists_taken).values(**values).returning(lists_taken.c.n))).scalar_one()
        await record(connection, officer, "list.taken", "", f"{form} {asked}")
    return _rows(db, officer.agency, wanted, n)


async def _rows(db: Db, agency: str, wanted: Filter, n: int) -> AsyncIterator[Line]:
    """The cases, then the count. No transaction stays open while the reader takes its time."""
    count, after = 0, ""
    while True:
        page = await queue(db, agency, wanted, after, _PAGE)
        for line in page.lines:
            yield line
        count, after = count + len(page.lines), page.after
        if not after:
            break
    async with db.write() as connection:
        await connection.execute(update(lists_taken).where(lists_taken.c.n == n).values(rows=count))


async def taken(db: Db, agency: str, limit: int = 50) -> Sequence[Taken]:
    """The agency's last lists, the newest first, each with the name of the officer or program."""
    wanted = select(lists_taken, officers.c.name.label("officer"), api_keys.c.name.label("program"))
    wanted = wanted.outerjoin(officers, officers.c.id == lists_taken.c.who)
    wanted = wanted.outerjoin(api_keys, "key:" + api_keys.c.id == lists_taken.c.who)
    async with db.read() as connection:
        rows = await connection.execute(wanted.where(own_list(agency)).order_by(lists_taken.c.n.desc()).limit(limit))
        return [
            Taken(r["who"], r["officer"] or r["program"] or "", r["at"], r["form"], r["asked"], r["rows"])
            for r in rows.mappings()
        ]
