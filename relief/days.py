"""Which day a rule means, for one person on one day: fixed, counted from a fact or an event, per nationality, or open."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta

import msgspec

from relief.facts import Known
from relief.law import Event, Saying, When

OPEN = date.max
"""No last day is fixed. Sorts after every real day."""


COUNTED = range(1000, 9000)
"""The years in which days are counted; outside them, as with OPEN, a day stays what it is."""


class Missing(msgspec.Struct, frozen=True):
    """The day hangs on a fact that is not known."""

    fact: str


class Doubtful(msgspec.Struct, frozen=True):
    """The sources disagree on the day, or none of them names it."""


Day = date | Missing | Doubtful

DOUBTFUL = Doubtful()


class Reading(msgspec.Struct, frozen=True):
    """Everything a rule may look at: the person's facts, the day of asking, and the pack's events."""

    facts: Known
    as_of: date
    events: Mapping[str, Event]


def day_of(when: When, reading: Reading) -> Day:
    """The day that `when` means; OPEN while an event it counts from has not happened as far as is known."""
    if when.date is not None:
        return when.date
    if when.open:
        return OPEN
    if when.unclear:
        return DOUBTFUL
    if when.nationality:
        return _by_nationality(when, reading)
    start = _start(when, reading)
    return _later(start, when) if isinstance(start, date) else start


def _start(when: When, reading: Reading) -> Day:
    """The day from which a rule counts."""
    if when.asked:
        return reading.as_of
    return _event_day(when.event, reading) if when.event else _fact_day(when.fact, reading)


def has_happened(event: str, reading: Reading) -> bool:
    """Whether a day of this event was known on the day of asking."""
    day = _event_day(event, reading)
    return isinstance(day, date) and day != OPEN


def _by_nationality(when: When, reading: Reading) -> Day:
    """The day set for the person's nationality, else the one for all others, else a doubtful one."""
    nationality = reading.facts.get("nationality")
    if nationality is None:
        return Missing("nationality")
    rule = when.nationality.get(str(nationality), when.otherwise)
    return day_of(rule, reading) if rule else DOUBTFUL


def _fact_day(name: str, reading: Reading) -> Day:
    """The person's own date."""
    value = reading.facts.get(name)
    return value if isinstance(value, date) else Missing(name)


def _event_day(name: str, reading: Reading) -> Day:
    """The event's day by the latest word known on the day of asking; a word on the person's nationality goes first."""
    said = [s for s in reading.events[name].says if s.known_from <= reading.as_of]
    if any(s.nationality for s in reading.events[name].says):
        nationality = reading.facts.get("nationality")
        if nationality is None:
            return Missing("nationality")
        said = [s for s in said if nationality in s.nationality] or [s for s in said if not s.nationality]
    return _said_day(max(said, key=lambda s: s.known_from)) if said else OPEN


def _said_day(saying: Saying) -> Day:
    """What one saying says of the day."""
    return DOUBTFUL if saying.unclear else saying.date or OPEN


def _later(day: date, when: When) -> date:
    """So many calendar months, then days, after `day`; the month's last day where it is shorter. Open stays open."""
    if day.year not in COUNTED:
        return day
    months = day.month - 1 + when.months
    year, month = day.year + months // 12, months % 12 + 1
    day = day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))
    return day + timedelta(days=when.days)
