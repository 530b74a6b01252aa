"""The agencies' streams: each event, once for each agency that may see it, as the JSON that docs/queue.md describes.

It says that something happened, never what was said: no name, number, address or word of a citizen. The stream in Redis, the
webhooks and the API's `/events` tell the same.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Annotated

import msgspec
from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, ColumnElement, RowMapping, Select, and_, or_, select, update

from storage.machines import CaseEvent
from storage.sql.among import among
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.lining import line_up
from storage.sql.sight import hears
from storage.sql.tables import announcements, cases, events

SETTLED = timedelta(seconds=2)
"""How old an event is before `since` tells it: by then every one published before it is committed, and none is passed over."""


async def unpublished(db: Db, limit: int) -> Sequence[tuple[str, str, bytes]]:
    """Up to `limit` (agency, event id, JSON) not yet in the agency's stream, in the order in which they happened."""
    wanted = _entries().where(announcements.c.published_at.is_(None)).order_by(announcements.c.n).limit(limit)
    async with db.read() as connection:
        rows = (await connection.execute(wanted)).mappings().all()
    return [(row["to"], row["events_id"], msgspec.json.encode(_entry(row))) for row in rows]


async def announced(db: Db, after: int | None, recent: int) -> Sequence[tuple[int, str]]:
    """(number, agency) of the announcements after this number; None: of the `recent` newest."""
    number = announcements.c.n
    wanted = select(number, announcements.c.agency).order_by(number.desc())
    async with db.read() as connection:
        rows = await connection.execute(wanted.limit(recent) if after is None else wanted.where(number > after))
        return [(n, agency) for n, agency in rows]


async def entries(connection: AsyncConnection, agency: str, ids: Sequence[str]) -> dict[str, bytes]:
    """The JSON of these events as the agency's stream has it now, by event id; one that it may not see is not among them."""
    wanted = _entries().where(hears(agency), among(announcements.c.event_id, ids))
    rows = (await connection.execute(wanted)).mappings().all()
    return {row["events_id"]: msgspec.json.encode(_entry(row)) for row in rows}


async def since(db: Db, agency: str, after: str, limit: int) -> tuple[tuple[CaseEvent, ...], str]:
    """Up to `limit` of the agency's published events behind a place (empty: from the first), and the place where they end.

    In the order of publishing: in order within a case. A place that is not ours raises ValueError.
    """
    settled = announcements.c.published_at <= db.clock() - SETTLED
    order = (announcements.c.published_at, announcements.c.n)
    wanted = _entries().where(hears(agency), settled, *_beyond(after)).order_by(*order).limit(limit)
    async with db.read() as connection:
        rows = (await connection.execute(wanted)).mappings().all()
    return tuple(_entry(row) for row in rows), _mark(rows[-1]) if rows else after


def _entries() -> Select[tuple[object, ...]]:
    """What an entry is made of."""
    return (
        select(announcements.c.agency.label("to"), announcements.c.n, announcements.c.published_at, events, cases)
        .join(events, events.c.id == announcements.c.event_id)
        .join(cases, cases.c.id == events.c.case_id)
        .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    )


def _entry(row: RowMapping) -> CaseEvent:
    """One entry."""
    return CaseEvent(
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


class _Place(msgspec.Struct, array_like=True):
    """Behind which announcement to go on."""

    at: Annotated[datetime, msgspec.Meta(tz=True)]
    n: Annotated[int, msgspec.Meta(ge=0, le=2**62)]


def _beyond(after: str) -> list[ColumnElement[bool]]:
    """All that was published behind a place."""
    if not after:
        return []
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(after), type=_Place)
    except (binascii.Error, msgspec.DecodeError):
        raise ValueError("this is no place of ours") from None
    if not 2000 < place.at.year < 9000:
        raise ValueError("this is no place of ours")
    same = and_(announcements.c.published_at == place.at, announcements.c.n > place.n)
    return [or_(announcements.c.published_at > place.at, same)]


def _mark(row: RowMapping) -> str:
    """The place of an announcement, to be handed back as it is."""
    place = _Place(row["announcements_published_at"], row["announcements_n"])
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()


async def published(db: Db, pairs: Sequence[tuple[str, str]]) -> None:
    """These (agency, event id) are in their streams, and from now on in line for webhooks. Saying it twice is harmless."""
    order = {pair: place for place, pair in enumerate(pairs)}
    async with db.write() as connection:
        for agency, group in groupby(sorted(pairs, key=lambda pair: (pair[0], order[pair])), key=lambda pair: pair[0]):
            ids = [event for _, event in group]
            mine = (announcements.c.agency == agency, among(announcements.c.event_id, ids))
            fresh = update(announcements).where(*mine, announcements.c.published_at.is_(None))
            first = await connection.execute(fresh.values(published_at=db.clock()).returning(announcements.c.event_id))
            new = set(first.scalars())
            await line_up(db, connection, agency, [id for id in ids if id in new])
