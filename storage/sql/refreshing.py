"""Bringing old cases to today's rules: those filed before the queue had its columns, before the secret or the targets changed.

What a migration cannot do, because it has no keys: a case's texts are opened, its words marked anew, its moments reckoned.
"""

from __future__ import annotations

import logging

from sqlalchemy import RowMapping, delete, or_, select, update

from relief.nouns import Assessment
from storage.seal import Sealed
from storage.sql.append import lock
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.finder import words
from storage.sql.search import remember, words_of
from storage.sql.tables import cases, events
from storage.sql.tables_queue import case_words
from storage.sql.urgency import relief_ends, settle

log = logging.getLogger(__name__)

_VERSION = "1"
"""Raise it when words are compared or moments reckoned in another way: all cases are then gone through once."""


def rules(db: Db) -> str:
    """By which rules cases are sorted and found: the version, the key of the words, the agencies' hours and targets."""
    return f"{_VERSION}-{db.finder.name}-{db.clocks.name}"


async def refresh(db: Db, limit: int) -> int:
    """Bring up to `limit` cases to the rules of today. How many; call again while there are any."""
    ours = rules(db)
    other = or_(cases.c.sorted < ours, cases.c.sorted > ours)  # an index serves this, and not `!=`
    old = select(cases.c.id).where(other, cases.c.anonymised_at.is_(None)).limit(limit)
    async with db.read() as connection:
        found = (await connection.execute(old)).scalars().all()
    for id in found:
        async with db.write() as connection:
            await _refresh(db, connection, id)
    return len(found)


async def _refresh(db: Db, connection: AsyncConnection, id: str) -> None:
    """One case, if it was not forgotten meanwhile."""
    held = await lock(connection, id)
    if held is None or held.anonymised_at is not None:
        return
    row = (await connection.execute(select(cases).where(cases.c.id == id))).mappings().one()
    await connection.execute(update(cases).where(cases.c.id == id).values(sorted=rules(db)))
    try:
        await _open(db, connection, row)
    except Sealed as fault:
        log.warning("case %s is sorted and found by what stands in clear alone: %s", id, fault)
    await settle(db, connection, id)


async def _open(db: Db, connection: AsyncConnection, row: RowMapping) -> None:
    """What only the sealed columns tell: the last day, and the words. Raises Sealed."""
    id = row["id"]
    facts, report = (db.vault.table(row[name], "cases", id, name) for name in ("facts", "report"))
    ends = relief_ends(facts, db.vault.get(row["assessment"], Assessment, "cases", id, "assessment"))
    await connection.execute(update(cases).where(cases.c.id == id).values(ends=ends))
    await connection.execute(delete(case_words).where(case_words.c.case_id == id))
    await remember(db, connection, id, words_of(report, facts))
    said = select(events.c.id, events.c.body, events.c.only).where(events.c.case_id == id, events.c.body.is_not(None))
    for event, body, only in await connection.execute(said):
        await remember(db, connection, id, words(db.vault.text(body, "events", event, "body")), only)
