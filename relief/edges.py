"""Whether a measure has worked cases on both sides of each of its edges: before it was known, its windows, its last day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from relief.facts import iso_day
from relief.law import Example, Measure, Tests, When

DAY = timedelta(days=1)


def untested(measure: Measure, replaced_on: date | None) -> Iterator[str]:
    """Each edge without a case on one of its sides, as a fault's words.

    `replaced_on`: the day from which another measure stands in its place; then its own last day is no edge of an answer.
    A notice has no edges, since it changes no answer.
    """
    if {g.relief for g in measure.grants} == {"none"} or measure.relief == "none":
        return
    if not any(e.as_of < measure.known_from for e in measure.examples):
        yield f"no case before it was known ({measure.known_from})"
    if not any(e.as_of >= measure.known_from for e in measure.examples):
        yield f"no case from the day it was known ({measure.known_from})"
    for fact, first, last in dict.fromkeys(_windows(measure)):
        yield from _sides(fact, first, last, measure.examples)
    for last in dict.fromkeys(_ends(measure)):
        if replaced_on is None or replaced_on > last:
            yield from _last_day(last, measure.examples)


def _windows(measure: Measure) -> Iterator[tuple[str, date | None, date | None]]:
    """Each fixed window: the fact, its first and last day."""
    for tests in (measure.covers, *(g.when for g in measure.grants)):
        yield from _fixed(tests)


def _fixed(tests: Tests) -> Iterator[tuple[str, date | None, date | None]]:
    """The windows of one group of tests that have a fixed edge."""
    for fact, test in tests.items():
        first, last = _date(test.first), _date(test.last)
        if first or last:
            yield fact, first, last


def _ends(measure: Measure) -> Iterator[date]:
    """Each fixed last day."""
    for when in (measure.until, *(g.until for g in measure.grants)):
        day = _date(when)
        if day:
            yield day


def _date(when: When | None) -> date | None:
    """A fixed day."""
    return when.date if when else None


def _sides(fact: str, first: date | None, last: date | None, examples: Sequence[Example]) -> Iterator[str]:
    """The sides of a window's edges on which no case stands."""
    days = {iso_day(e.facts.get(fact, "")) for e in examples}
    wanted = [
        (first, "first day"),
        (first and first - DAY, "day before"),
        (last, "last day"),
        (last and last + DAY, "day after"),
    ]
    for day, name in wanted:
        if day and day not in days:
            yield f"no case on the window's {name} ({fact} {day})"


def _last_day(last: date, examples: Sequence[Example]) -> Iterator[str]:
    """The last protected day and the day after it, if no case is asked then."""
    asked = {e.as_of for e in examples}
    if last not in asked:
        yield f"no case asked on its last day ({last})"
    if last + DAY not in asked:
        yield f"no case asked on the day after its last ({last + DAY})"
