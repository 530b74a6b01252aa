"""An agency's queue: the most urgent first, then who waits longest; in pages that stay right while cases come and go."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import msgspec
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.engine import RowMapping

from handlers.refs import read_ref
from storage.records import Filter, Page
from storage.sql.db import Db
from storage.sql.ids import plain
from storage.sql.reading import line
from storage.sql.sight import sees_case
from storage.sql.tables import cases

OPEN = ("received", "reading", "waiting", "referred")
"""The statuses that still want somebody."""

_ORDER = (cases.c.urgency, cases.c.opened, cases.c.id)
_SHOWN = tuple(c for c in cases.c if c.name not in ("chat", "facts", "report", "assessment", "consent"))


class _Place(msgspec.Struct, array_like=True):
    """Where a page ended: the sort key of its last case."""

    urgency: Annotated[int, msgspec.Meta(ge=0, le=9)]
    opened: Annotated[datetime, msgspec.Meta(tz=True)]
    id: str


async def queue(db: Db, agency: str, wanted: Filter, after: str = "", limit: int = 50) -> Page:
    """Up to `limit` cases that fit, after the place where the last page ended. A place we did not write starts anew."""
    fits = [sees_case(agency), *_conditions(wanted), *_beyond(after)]
    found = select(*_SHOWN).where(*fits).order_by(*_ORDER).limit(limit + 1)
    async with db.read() as connection:
        rows = (await connection.execute(found)).mappings().all()
    more = len(rows) > limit
    return Page(lines=tuple(line(row) for row in rows[:limit]), after=_mark(rows[limit - 1]) if more else "")


async def counts(db: Db, agency: str) -> Mapping[str, int]:
    """How many of the agency's cases stand at each status; a status without a case is left out."""
    wanted = select(cases.c.status, func.count().label("n")).where(sees_case(agency)).group_by(cases.c.status)
    async with db.read() as connection:
        return {row["status"]: row["n"] for row in (await connection.execute(wanted)).mappings()}


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """The filter as conditions. A reference finds its case at any status."""
    if wanted.ref:
        return [cases.c.ref == (read_ref(wanted.ref) or plain(wanted.ref, 32))]
    same = {"priority": wanted.priority, "host": wanted.host, "nationality": wanted.nationality, "place": wanted.place}
    found: list[ColumnElement[bool]] = [cases.c[name] == plain(value, 32) for name, value in same.items() if value]
    return [cases.c.status.in_(wanted.statuses or OPEN), *found]


def _beyond(after: str) -> list[ColumnElement[bool]]:
    """All that sorts after a place."""
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(after), type=_Place) if after else None
    except (binascii.Error, msgspec.DecodeError, ValueError):
        return []
    if place is None or not 2000 < place.opened.year < 9000:
        return []
    same = cases.c.urgency == place.urgency
    later = or_(cases.c.opened > place.opened, and_(cases.c.opened == place.opened, cases.c.id > plain(place.id, 64)))
    return [or_(cases.c.urgency > place.urgency, and_(same, later))]


def _mark(row: RowMapping) -> str:
    """The place of a case, to be handed back as it is."""
    place = _Place(urgency=row["urgency"], opened=row["opened"], id=row["id"])
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()
