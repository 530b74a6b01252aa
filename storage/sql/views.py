"""Saved views of the queue: an officer's own, and those that a supervisor shares with the agency."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, or_, select
from sqlalchemy.engine import RowMapping

from storage.records import Officer, View
from storage.sql.auditing import record
from storage.sql.db import Db, insert_once
from storage.sql.ids import derive, plain
from storage.sql.tables_queue import views as table

MOST = 30
"""Views that one officer keeps at most."""
NAME = 60
"""Letters of a view's name."""


async def views(db: Db, officer: Officer) -> Sequence[View]:
    """The officer's own views and those shared in their agency, the oldest first."""
    mine = or_(table.c.officer_id == officer.id, table.c.shared)
    wanted = select(table).where(table.c.agency == officer.agency, mine).order_by(table.c.made, table.c.id)
    async with db.read() as connection:
        return [_view(db, officer, row) for row in (await connection.execute(wanted)).mappings()]


async def keep(db: Db, officer: Officer, name: str, query: str, *, shared: bool) -> bool:
    """Keep a view; the same one again is kept once. False if it has no name, or the officer keeps too many already."""
    name = plain(name, NAME).strip()
    id = derive("view", officer.id, name, query, str(shared))
    async with db.write() as connection:
        kept = select(func.count()).where(table.c.officer_id == officer.id, table.c.id != id)
        if not name or len(query) > 400 or (await connection.execute(kept)).scalar_one() >= MOST:
            return False
        row = {"id": id, "agency": officer.agency, "officer_id": officer.id, "shared": shared, "query": query}
        sealed = db.vault.put(name, "views", id, "name")
        await insert_once(connection, table, **row, name=sealed, made=db.clock())
        await record(connection, officer, "view.kept", id, "shared" if shared else "own")
    return True


async def drop(db: Db, officer: Officer, id: str, *, shared: bool) -> bool:
    """Drop an own view; `shared`: also one that a colleague shares. False if the officer has no such view."""
    mine = or_(table.c.officer_id == officer.id, table.c.shared) if shared else table.c.officer_id == officer.id
    gone = delete(table).where(table.c.id == plain(id, 64), table.c.agency == officer.agency, mine)
    async with db.write() as connection:
        if (await connection.execute(gone.returning(table.c.id))).first() is None:
            return False
        await record(connection, officer, "view.dropped", id)
    return True


def _view(db: Db, officer: Officer, row: RowMapping) -> View:
    """A row, opened."""
    name = db.vault.text(row["name"], "views", row["id"], "name")
    return View(row["id"], name, row["query"], row["shared"], row["officer_id"] == officer.id)
