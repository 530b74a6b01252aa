"""Measures of one state that can hold for the same person on the same day, although neither says so.

An overlap is no mistake by itself: the person gets the better measure and the answer names both. It must be meant, though:
one measure supersedes the other, or names it in `beside`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from relief.law import Event, Measure, Test, Tests, When

Span = tuple[date, date]
Events = Mapping[str, Event]

FACTS = ("permit", "nationality", "purpose", "fee_paid_days", "expires")
"""The facts by which measures keep apart from each other."""


def undeclared(measures: Sequence[Measure], events: Events) -> Iterator[tuple[Measure, Measure]]:
    """Each pair of measures, in the order of their ids, that overlap and do not say so."""
    ids = {m.id: m for m in measures}
    giving = sorted((m for m in measures if m.relief != "none"), key=lambda m: m.id)
    for n, one in enumerate(giving):
        for other in giving[n + 1 :]:
            if one.host == other.host and one.side == other.side and not _declared(one, other, ids):
                spans = span_of(one, measures, events), span_of(other, measures, events)
                if _meet(*spans) and _same_people(one, other, events):
                    yield one, other


def chain(measure: Measure, ids: Mapping[str, Measure]) -> set[str]:
    """All that a measure supersedes, directly and through others."""
    seen: set[str] = set()
    todo = list(measure.supersedes)
    while todo:
        name = todo.pop()
        if name not in seen and name in ids:
            seen.add(name)
            todo += ids[name].supersedes
    return seen


def _declared(one: Measure, other: Measure, ids: Mapping[str, Measure]) -> bool:
    """Whether either names the other as replaced or as standing beside it."""
    return (
        one.id in chain(other, ids) or other.id in chain(one, ids) or one.id in other.beside or other.id in one.beside
    )


def span_of(measure: Measure, measures: Sequence[Measure], events: Events) -> Span:
    """From the day it is known to the day it is replaced, or to the latest day that it can reach."""
    replaced = min((m.known_from for m in measures if measure.id in m.supersedes), default=date.max)
    untils = [measure.until] if measure.relief else [g.until for g in measure.grants]
    ends = [_latest(until, tests, events) for until, tests in zip(untils, tests_of(measure), strict=True)]
    return measure.known_from, min(replaced, max(ends))


def _latest(until: When | None, tests: Tests, events: Events) -> date:
    """The latest last day of a grant: one that counts from a fact reaches its window's end and so many days more."""
    if until and until.fact in tests:
        end = window_of(tests[until.fact], events)[1]
        return end if end == date.max else end + timedelta(days=until.days + 31 * until.months)
    return _fixed(until, date.max, events)


def _meet(one: Span, other: Span) -> bool:
    """Whether two spans share a day."""
    return max(one[0], other[0]) <= min(one[1], other[1])


def _same_people(one: Measure, other: Measure, events: Events) -> bool:
    """Whether some grant of each can hold for one person, as far as their lists and fixed windows tell."""
    return any(
        all(_compatible(mine.get(fact), theirs.get(fact), events) for fact in FACTS)
        for mine in tests_of(one)
        for theirs in tests_of(other)
    )


def tests_of(measure: Measure) -> Iterator[dict[str, Test]]:
    """The tests of each grant together with the measure's own; of two windows on one fact the narrower edges."""
    for when in [g.when for g in measure.grants] or [{}]:
        yield {**measure.covers, **{fact: _narrowed(test, measure.covers.get(fact)) for fact, test in when.items()}}


def _narrowed(test: Test, own: Test | None) -> Test:
    """A grant's test with the edges that only the measure's own test has."""
    if own is None:
        return test
    return msgspec.structs.replace(test, first=test.first or own.first, last=test.last or own.last)


def _compatible(one: Test | None, other: Test | None, events: Events) -> bool:
    """Whether one value can pass both tests."""
    if one is None or other is None:
        return True
    if one.is_ and other.is_:
        return bool(set(one.is_) & set(other.is_))
    return _meet(window_of(one, events), window_of(other, events))


def window_of(test: Test, events: Events) -> Span:
    """A test's window, wide open where an edge is not fixed."""
    return _fixed(test.first, date.min, events), _fixed(test.last, date.max, events)


def _fixed(when: When | None, none: date, events: Events) -> date:
    """A fixed day, one counted from an event whose day is known in the end, or `none`."""
    if when and when.event:
        day = _event_day(events[when.event], none)
        return day if day == none else day + timedelta(days=when.days)
    return when.date if when and when.date else none


def _event_day(event: Event, none: date) -> date:
    """The day by the last word on it. With a day for each nationality: the earliest as a beginning, none as an end."""
    if any(s.nationality for s in event.says):
        return min(s.date for s in event.says if s.date) if none == date.min else none
    return max(event.says, key=lambda s: s.known_from).date or none
