"""Who looks at a case now. A row a viewer, refreshed by every look of their page; an old row means that they are gone."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from storage.records import Officer
from storage.records_work import Viewer
from storage.sql.db import Db, upsert
from storage.sql.engine import AsyncConnection
from storage.sql.tables import officers
from storage.sql.tables_work import viewers

GONE = timedelta(seconds=60)
"""Without a look for so long, a viewer is gone. The page looks three times in it (console.js)."""


async def look(db: Db, connection: AsyncConnection, officer: Officer, case: str) -> tuple[Viewer, ...]:
    """Note that the officer looks at this case. Returns the colleagues of their agency who look at it too."""
    now = db.clock()
    old = delete(viewers).where(viewers.c.case_id == case, viewers.c.seen <= now - GONE)
    await connection.execute(old.where(viewers.c.officer_id != officer.id))
    row = {"case_id": case, "officer_id": officer.id, "agency": officer.agency, "seen": now}
    seen = upsert(connection.dialect.name, viewers).values(**row)
    await connection.execute(seen.on_conflict_do_update(index_elements=["case_id", "officer_id"], set_={"seen": now}))
    others = (viewers.c.case_id == case, viewers.c.agency == officer.agency, viewers.c.officer_id != officer.id)
    wanted = select(officers.c.id, officers.c.name).join(viewers, viewers.c.officer_id == officers.c.id).where(*others)
    rows = (await connection.execute(wanted.order_by(officers.c.name, officers.c.id))).all()
    return tuple(Viewer(id=id, name=name) for id, name in rows)
