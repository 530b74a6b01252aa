"""Cases lapse a year after they were closed, as the person was promised when they agreed: emptied as if they had asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from handlers.nouns import Forget
from storage.sql.db import Db
from storage.sql.ids import derive
from storage.sql.tables import cases

KEPT_CLOSED = timedelta(days=365)
"""How long a closed case keeps the person's words (handlers/interview.py, the consent text)."""


async def lapsed(db: Db, limit: int) -> Sequence[Forget]:
    """The wishes, as it were, of cases whose time is over; the longest closed first. Their ids are derived."""
    now = db.clock()
    over = select(cases.c.id).where(
        cases.c.status == "closed", cases.c.anonymised_at.is_(None), cases.c.touched < now - KEPT_CLOSED
    )
    async with db.read() as connection:
        found = (await connection.execute(over.order_by(cases.c.touched).limit(limit))).scalars().all()
    return [Forget(derive("lapsed", id), "", "", (id,), now) for id in found]
