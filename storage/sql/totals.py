"""How much there is and what waits, as numbers for operators: answered from indexes alone, asked now and then by one process."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, literal, select

from storage.sql.db import Db
from storage.sql.tables import announcements, attachments, cases, events
from storage.sql.tables_machines import hook_deliveries, hooks
from storage.sql.tables_queue import case_agencies

AGES: Mapping[str, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
"""How old an open case is at most, by the name of its age; an older one is `older`."""

_mine = case_agencies.c


class Totals(NamedTuple):
    """`statuses`: all cases by status. `ages`: open ones by agency and age. `overdue`: those that their agency should have
    answered by now. `waiting`: what is still to be carried on: `news` from the desk to chats, `events` to the agencies'
    streams, `attachments` from providers, `posts` to webhooks. `hooks`: webhooks that are working, failing, disabled.
    """

    statuses: Mapping[str, int]
    ages: Mapping[tuple[str, str], int]
    overdue: Mapping[str, int]
    waiting: Mapping[str, int]
    hooks: Mapping[str, int]


async def totals(db: Db, agencies: Collection[str]) -> Totals:
    """The numbers of now; `agencies` are those whose queues are counted."""
    now = db.clock()
    bands = [(_mine.opened > now - oldest, name) for name, oldest in AGES.items()]
    age = case(*bands, else_="older").label("age")
    state = case((hooks.c.disabled.is_not(None), "disabled"), (hooks.c.fails > 0, "failing"), else_="working")
    open_ = (_mine.agency.in_(sorted(agencies)), _mine.shut == 0)
    asked: tuple[Select[*tuple[Any, ...]], ...] = (
        select(cases.c.status, func.count()).group_by(cases.c.status),
        select(_mine.agency, age, func.count()).where(*open_).group_by(_mine.agency, age),
        select(_mine.agency, func.count()).where(*open_, _mine.due < now).group_by(_mine.agency),
        select(state, func.count()).group_by(state),
        select(*(_number(name, fits) for name, fits in _WAITING.items())),
    )
    async with db.read() as connection:
        rows: list[list[tuple[Any, ...]]] = [[tuple(r) for r in await connection.execute(one)] for one in asked]
    statuses, ages, overdue, posts, waiting = rows
    return Totals(
        statuses=dict(statuses),
        ages={(agency, name): n for agency, name, n in ages},
        overdue=dict.fromkeys(agencies, 0) | dict(overdue),
        waiting=dict(zip(_WAITING, waiting[0], strict=True)),
        hooks=dict(posts),
    )


_WAITING: Mapping[str, ColumnElement[bool]] = {
    "news": events.c.tell & events.c.told_at.is_(None),
    "events": announcements.c.published_at.is_(None),
    "attachments": attachments.c.state == "pending",
    "posts": hook_deliveries.c.hook_id.in_(select(hooks.c.id)) & (hook_deliveries.c.state == "waiting"),
}


def _number(name: str, fits: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows fit."""
    return select(func.count(literal(1))).where(fits).scalar_subquery().label(name)
