"""The agencies' streams: each event, once for each agency that may see it, as the JSON that docs/queue.md describes.

It says that something happened, never what was said: no name, number, address or word of a citizen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

import msgspec
from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, RowMapping, select, update

from handlers.nouns import Noun
from storage.sql.db import Db
from storage.sql.tables import announcements, cases, events


class CaseEvent(Noun, frozen=True):
    """One entry of an agency's stream. docs/queue.md explains each field."""

    version: int
    event: str
    case: str
    ref: str
    seq: int
    agency: str
    owner: str
    what: str
    by: str
    at: datetime
    status: str
    priority: str
    reasons: tuple[str, ...]
    host: str
    nationality: str
    place: str
    outcome: str


async def unpublished(db: Db, limit: int) -> Sequence[tuple[str, str, bytes]]:
    """Up to `limit` (agency, event id, JSON) not yet in the agency's stream, in the order in which they happened."""
    wanted = (
        select(announcements.c.agency.label("to"), events, cases)
        .join(events, events.c.id == announcements.c.event_id)
        .join(cases, cases.c.id == events.c.case_id)
        .where(announcements.c.published_at.is_(None))
        .order_by(announcements.c.n)
        .limit(limit)
        .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    )
    async with db.read() as connection:
        rows = (await connection.execute(wanted)).mappings().all()
    return [(row["to"], row["events_id"], _entry(row)) for row in rows]


async def announced(db: Db, after: int | None, recent: int) -> Sequence[tuple[int, str]]:
    """(number, agency) of the announcements after this number; None: of the `recent` newest."""
    number = announcements.c.n
    wanted = select(number, announcements.c.agency).order_by(number.desc())
    async with db.read() as connection:
        rows = await connection.execute(wanted.limit(recent) if after is None else wanted.where(number > after))
        return [(n, agency) for n, agency in rows]


def _entry(row: RowMapping) -> bytes:
    """The JSON of one entry."""
    return msgspec.json.encode(
        CaseEvent(
            version=1,
            event=row["events_id"],
            case=row["cases_id"],
            ref=row["cases_ref"] or "",
            seq=row["events_seq"],
            agency=row["to"],
            owner=row["cases_agency"],
            what=row["events_what"],
            by=row["events_actor"].partition(":")[0],
            at=row["events_at"],
            status=row["events_status"],
            priority=row["cases_priority"],
            reasons=msgspec.json.decode(row["cases_reasons"], type=tuple[str, ...]),
            host=row["cases_host"],
            nationality=row["cases_nationality"],
            place=row["cases_place"],
            outcome=row["cases_outcome"],
        )
    )


async def published(db: Db, pairs: Sequence[tuple[str, str]]) -> None:
    """These (agency, event id) are in their streams. Saying it twice is harmless."""
    async with db.write() as connection:
        for agency, group in groupby(sorted(pairs), key=lambda pair: pair[0]):
            ids = [event for _, event in group]
            mine = (announcements.c.agency == agency, announcements.c.event_id.in_(ids))
            fresh = update(announcements).where(*mine, announcements.c.published_at.is_(None))
            await connection.execute(fresh.values(published_at=db.clock()))
