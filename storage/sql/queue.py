"""An agency's queue: who cannot wait first, in pages that stay right while cases come and go.

Everything it sorts and filters by stands in the agency's own row (`urgency.py`), so a page is one stretch of one index.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, get_args

import msgspec
from sqlalchemy import ColumnElement, Select, func, select, true, tuple_
from sqlalchemy.engine import RowMapping

from handlers.nouns import Status
from handlers.refs import read_ref
from relief.nouns import Level
from storage.records import Filter, Page
from storage.sql import search
from storage.sql.columns import FAR
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.ids import plain
from storage.sql.reading import HOLDER, SEAT, line
from storage.sql.sight import sees_line
from storage.sql.tables import cases
from storage.sql.tables_queue import LEVELS, OPEN, case_agencies
from storage.sql.urgency import bits

MOST = 1000
"""Cases counted at most: nobody acts differently at 3,000 than at 1,000, and counting a million takes its time."""

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No case is older."""

_PLANNED = select(
    func.set_config("max_parallel_workers_per_gather", "0", true()),
    func.set_config("plan_cache_mode", "force_custom_plan", true()),
)
"""For this transaction. PostgreSQL's helpers take longer to start than a page takes to be found; and a plan made for any word
or country is a bad one for the rare and for the frequent alike.
"""

_mine = case_agencies.c
_ORDER = (_mine.level, _mine.due, _mine.opened, _mine.case_id)
_SHOWN = (*(c for c in cases.c if c.name not in ("chat", "facts", "report", "assessment", "consent")), *SEAT)
_PRIORITIES: Mapping[str, tuple[Level, ...]] = {
    "danger": ("danger",),
    "urgent": ("minors", "medical", "urgent"),
    "normal": ("normal",),
}


class _Place(msgspec.Struct, array_like=True):
    """Where a page ended: the sort key of its last case."""

    shut: Annotated[int, msgspec.Meta(ge=0, le=1)]
    level: Annotated[int, msgspec.Meta(ge=0, le=9)]
    due: Annotated[datetime, msgspec.Meta(tz=True)]
    opened: Annotated[datetime, msgspec.Meta(tz=True)]
    id: str


async def queue(db: Db, agency: str, wanted: Filter, after: str = "", limit: int = 50) -> Page:
    """Up to `limit` cases that fit, after the place where the last page ended. A place we did not write starts anew."""
    order = _ORDER if _one_side(wanted) else (_mine.shut, *_ORDER)
    async with db.read() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(_PLANNED)
        hits = await search.containing(db, connection, agency, wanted.words)
        fits = [sees_line(agency), *_conditions(db, wanted), *_beyond(order, after)]
        last = await _last(connection, fits, order) if hits.walks else None
        until = [] if last is None else [tuple_(*order) <= tuple_(*_values(last)[-len(order) :])]
        found = select(_mine.case_id).where(*fits, *until, *hits.fits).order_by(*order).limit(limit + 1)
        shown = _lines().where(sees_line(agency), _mine.case_id.in_(found.correlate(None))).order_by(*order)
        rows = (await connection.execute(shown)).mappings().all()
    end = _place(rows[limit - 1]) if len(rows) > limit else last
    return Page(lines=tuple(line(row) for row in rows[:limit]), after=_mark(end) if end else "")


async def _last(
    connection: AsyncConnection, fits: Sequence[ColumnElement[bool]], order: Sequence[ColumnElement[object]]
) -> _Place | None:
    """Where a walk along the queue has to stop for this page; None if it may go to the end."""
    columns = (_mine.shut, *_ORDER)
    wanted = select(*columns).where(*fits).order_by(*order).offset(search.WALK).limit(1)
    row = (await connection.execute(wanted)).mappings().first()
    return _place(row) if row else None


async def counts(db: Db, agency: str) -> Mapping[str, int]:
    """How many of the agency's cases stand at each status, up to MOST; a status without a case is left out."""
    return {name: n for name, n in (await _count(db, _by_status(agency))).items() if n}


async def tallies(db: Db, agency: str, officer: str) -> Mapping[str, int]:
    """How many cases stand at each status, and how many open ones this officer holds (`mine`), nobody holds (`free`), are
    `unread`, and `overdue`: each up to MOST, all with one question.
    """
    open_ = _mine.shut == 0
    return await _count(
        db,
        {
            **_by_status(agency),
            "mine": _number(agency, open_, _mine.holder == officer, _mine.holder != ""),
            "free": _number(agency, open_, _mine.holder == ""),
            "unread": _number(agency, open_, _mine.unread),
            "overdue": _number(agency, open_, _mine.due < db.clock()),
        },
    )


def _by_status(agency: str) -> dict[str, Select[int]]:
    """A number for each status."""
    return {status: _number(agency, _mine.status == status) for status in get_args(Status)}


def _number(agency: str, *fits: ColumnElement[bool]) -> Select[int]:
    """How many rows fit, counting no further than MOST."""
    some = select(_mine.case_id).where(sees_line(agency), *fits).limit(MOST).subquery()
    return select(func.count()).select_from(some)


async def _count(db: Db, asked: Mapping[str, Select[int]]) -> dict[str, int]:
    """Several numbers with one question."""
    wanted = select(*(number.scalar_subquery().label(name) for name, number in asked.items()))
    async with db.read() as connection:
        return dict((await connection.execute(wanted)).mappings().one())


def _lines() -> Select[tuple[object, ...]]:
    """What a line shows, of cases, the agency's own rows, and who holds each."""
    return select(*_SHOWN, _mine.shut, _mine.case_id).select_from(case_agencies).join(cases).outerjoin(*HOLDER)


def _one_side(wanted: Filter) -> bool:
    """Whether only open cases or only shut ones are wanted: then an index leads with what comes after that."""
    if wanted.ref or wanted.words:
        return False
    return len({status in OPEN for status in wanted.statuses or OPEN}) == 1


def _conditions(db: Db, wanted: Filter) -> list[ColumnElement[bool]]:
    """The filter as conditions. A reference finds its case at any status, and so do words, unless a status is asked for."""
    if wanted.ref:
        ref = read_ref(wanted.ref) or plain(wanted.ref, 32)
        return [_mine.case_id.in_(select(cases.c.id).where(cases.c.ref == ref))]
    same = ("host", "nationality", "place", "locale", "outcome")
    found: list[ColumnElement[bool]] = [
        _mine[name] == plain(value, 32) for name in same if (value := getattr(wanted, name))
    ]
    if wanted.reason:
        found.append(_mine.why.bitwise_and(bits((wanted.reason,))) != 0)
    if wanted.priority:
        found.append(_mine.level.in_([LEVELS.index(level) for level in _PRIORITIES[wanted.priority]]))
    if wanted.level:
        found.append(_mine.level == LEVELS.index(wanted.level))
    if wanted.unread:
        found.append(_mine.unread)
    if wanted.overdue:
        found.append(_mine.due < db.clock())
    return [*found, *_held(wanted.holder), *_status(wanted)]


def _held(holder: str) -> list[ColumnElement[bool]]:
    """Who holds the case."""
    match holder:
        case "":
            return []
        case "-":
            return [_mine.holder == ""]
        case "+":
            return [_mine.holder != ""]
    return [_mine.holder == plain(holder, 64), _mine.holder != ""]


def _status(wanted: Filter) -> list[ColumnElement[bool]]:
    """The statuses asked for, in the form that an index serves."""
    asked: set[str] = set(wanted.statuses or (get_args(Status) if wanted.words else OPEN))
    if asked == set(get_args(Status)):
        return []
    if asked == set(OPEN):
        return [_mine.shut == 0]
    if len(asked) == 1:
        return [_mine.status == asked.pop()]
    sides = {int(status not in OPEN) for status in asked}
    return [_mine.shut.in_(sides), _mine.status.in_(sorted(asked))]


def _beyond(order: tuple[ColumnElement[object], ...], after: str) -> list[ColumnElement[bool]]:
    """All that sorts after a place."""
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(after), type=_Place) if after else None
    except (binascii.Error, msgspec.DecodeError, ValueError):
        return []
    if place is None or not all(EARLIEST < moment <= FAR for moment in (place.due, place.opened)):
        return []
    return [tuple_(*order) > tuple_(*_values(place)[-len(order) :])]


def _values(place: _Place) -> tuple[object, ...]:
    """A place as the order's columns have it, with `shut` before them."""
    return place.shut, place.level, place.due, place.opened, plain(place.id, 64)


def _place(row: RowMapping) -> _Place:
    """The place of a case."""
    return _Place(shut=row["shut"], level=row["level"], due=row["due"], opened=row["opened"], id=row["case_id"])


def _mark(place: _Place) -> str:
    """A place, to be handed back as it is."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()
