"""What an agency's queue sorts and filters by, kept beside who sees the case. `settle` is the one place that writes it.

The order: danger, minors, medical, other urgent reasons, the rest; within a level by the moment the agency must act (`due`),
then by age. Why it is so: docs/decisions/0009.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import RowMapping, select, update

from handlers.nouns import Priority
from relief.nouns import Assessment, Level
from storage.sql.columns import FAR
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.tables import cases
from storage.sql.tables_queue import LEVELS, OPEN, REASONS, case_agencies

_WRITES = frozenset({"opened", "message", "edit", "media", "location", "contact", "human"})
"""What a citizen says: it is unread until the agency acts, and somebody waits from then on."""
_WAITS = _WRITES | {"reopened", "agency"}
"""What somebody waits from, unless they wait already: passing a case on does not make the wait any shorter."""
_PAUSED = frozenset({"waiting", "decided", "closed"})
"""Statuses in which it is not us who must act. A word of the citizen starts the clock again."""
QUIET = frozenset({"claimed", "released", "assigned"})
"""Events that say who holds a case: no work on it yet, and nothing that makes an officer's page old."""


class Happened(NamedTuple):
    """An event as far as the queue cares. `agency`: the acting officer's; `only`: the one agency that sees it."""

    id: str
    at: datetime
    what: str
    agency: str
    only: str | None


def level_of(priority: Priority, reasons: Sequence[str]) -> Level:
    """How soon somebody must act on a case of this priority, for these reasons."""
    if priority != "urgent":
        return priority
    return "minors" if "minors" in reasons else "medical" if "medical" in reasons else "urgent"


def place_of(priority: Priority, reasons: Sequence[str]) -> int:
    """The level's place in the queue."""
    return LEVELS.index(level_of(priority, reasons))


def bits(reasons: Sequence[str]) -> int:
    """These reasons as one number, to be filtered by."""
    return sum(1 << REASONS.index(reason) for reason in REASONS if reason in reasons)


def relief_ends(facts: Mapping[str, str], assessment: Assessment | None) -> date | None:
    """The last day that protects the person: of the relief they were told, else of their permit; None if none is known."""
    if assessment is not None and (assessment.until or assessment.open_ended):
        return assessment.until
    try:
        return date.fromisoformat(facts.get("expires", ""))
    except ValueError:
        return None


async def settle(db: Db, connection: AsyncConnection, case: str, event: Happened | None = None) -> Sequence[str]:
    """Bring the rows of all agencies that see a locked case up to date: after an event, or after its columns changed.

    Returns these agencies, sorted.
    """
    row = (await connection.execute(select(cases).where(cases.c.id == case))).mappings().one()
    seats = select(case_agencies).where(case_agencies.c.case_id == case).order_by(case_agencies.c.agency)
    since = _since(row, event)
    if since != row["since"]:
        await connection.execute(update(cases).where(cases.c.id == case).values(since=since))
    found = (await connection.execute(seats)).mappings().all()
    shared = _shared(row)
    for seat in found:
        becomes = shared | {"due": _due(db, row, seat["agency"], since)} | _own(row, seat, event)
        changed = {name: value for name, value in becomes.items() if seat[name] != value}
        if changed:
            mine = (case_agencies.c.agency == seat["agency"], case_agencies.c.case_id == case)
            await connection.execute(update(case_agencies).where(*mine).values(changed))
    return [seat["agency"] for seat in found]


def first_seat(db: Db, row: Mapping[str, Any], agency: str, event: Happened) -> dict[str, object]:
    """The row of an agency that sees a case which begins with this event, as `settle` would leave it."""
    return _shared(row) | {"due": _due(db, row, agency, event.at), "newest": event.id, "unread": event.what in _WRITES}


def _since(row: RowMapping, event: Happened | None) -> datetime | None:
    """Since when the citizen waits for us: an answer of the agency whose turn it is, or a status that says so, ends it."""
    since: datetime | None = row["since"]
    if event is None:
        return since
    if event.what in _WAITS:
        return since or event.at
    answered = event.what == "reply" and event.agency == row["agency"]
    return None if answered or row["status"] in _PAUSED else since


def _due(db: Db, row: RowMapping | Mapping[str, Any], agency: str, since: datetime | None) -> datetime:
    """By when this agency must act: only the one whose turn it is has a clock."""
    if since is None or row["status"] not in OPEN or agency != row["agency"]:
        return FAR
    return db.clocks.due(agency, LEVELS[row["urgency"]], since, row["ends"], db.clock())


def _shared(row: RowMapping | Mapping[str, Any]) -> dict[str, object]:
    """What is the same for all who see the case."""
    same = ("status", "opened", "host", "nationality", "place", "outcome", "locale")
    reasons = msgspec.json.decode(row["reasons"], type=tuple[str, ...])
    own = {"shut": int(row["status"] not in OPEN), "level": row["urgency"], "why": bits(reasons)}
    return {name: row[name] for name in same} | own


def _own(row: RowMapping, seat: RowMapping, event: Happened | None) -> dict[str, object]:
    """What is this agency's own: what it has not read, the newest event it sees, who holds the case."""
    if row["anonymised_at"] is not None:
        return {"unread": False, "holder": "", "held_at": None}
    if event is None or event.only not in (None, seat["agency"]):
        return {}
    if event.what in _WRITES:
        return {"newest": event.id, "unread": True}
    acted = event.agency == seat["agency"] and event.what not in QUIET
    return {"newest": event.id, "unread": seat["unread"] and not acted}
