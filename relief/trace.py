"""Why each measure says what it says: every yes, no, doubt and missing fact in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import msgspec

from relief.days import OPEN, Day, Missing, Reading, day_of
from relief.facts import read
from relief.law import Test, Tests, When
from relief.nouns import Verdict
from relief.pack import Pack, concerns
from relief.reasons import SUPERSEDED, UNKNOWN_YET
from relief.truth import Truth, holds
from relief.weigh import Finding, best_of_each, weigh_all, whereabouts


class Look(msgspec.Struct, frozen=True):
    """One condition: the fact, the person's value (empty: not known), what is asked for, and what came of it."""

    fact: str
    value: str
    asked: str
    truth: Truth


class Trace(msgspec.Struct, frozen=True):
    """One measure: what it says of the person, since when it is known, why, and every condition behind it."""

    measure: str
    title: str
    known_from: date
    verdict: Verdict
    why: str
    until: date | None = None
    open_ended: bool = False
    looks: tuple[Look, ...] = ()


def trace(pack: Pack, facts: Mapping[str, str], as_of: date) -> tuple[Trace, ...]:
    """Every measure of the person's host state, by id: those in force with their conditions, the others with why not."""
    reading = Reading(read(pack.questions, facts), as_of, pack.events)
    weighed = {f.clause.measure.id: f for f in reversed(best_of_each(weigh_all(pack, reading)))}
    return tuple(_traces(pack, reading, weighed))


def _traces(pack: Pack, reading: Reading, weighed: Mapping[str, Finding]) -> Iterator[Trace]:
    """The traces of all measures that concern the host state and the nationality (all, while they are not known)."""
    here = whereabouts(reading)
    for measure in sorted(pack.measures, key=lambda m: m.id):
        found = weighed.get(measure.id)
        if found:
            yield _told(found, reading)
        elif concerns(measure, *here):
            why = UNKNOWN_YET if measure.decided > reading.as_of else SUPERSEDED
            yield Trace(measure.id, measure.title, measure.known_from, "not_covered", why)


def _told(found: Finding, reading: Reading) -> Trace:
    """One measure that is in force."""
    measure, grant = found.clause.measure, found.clause.grant
    open_ended = found.until == OPEN
    groups = [measure.covers, grant.when]
    looks = [look for tests in groups for look in _looks(tests, reading, "")]
    looks += [look for e in measure.excludes for look in _looks(e.when, reading, "excluded: ")]
    return Trace(
        measure=measure.id,
        title=measure.title,
        known_from=measure.known_from,
        verdict="unknown" if found.truth is Truth.UNKNOWN else found.verdict,
        until=None if open_ended else found.until,
        open_ended=open_ended,
        why=found.why,
        looks=tuple(looks),
    )


def _looks(tests: Tests, reading: Reading, prefix: str) -> Iterator[Look]:
    """Each condition of a group."""
    for fact, test in tests.items():
        truth, _ = holds(fact, test, reading, [])
        yield Look(fact, str(reading.facts.get(fact, "")), prefix + _asked(test, reading), truth)


def _asked(test: Test, reading: Reading) -> str:
    """What a test asks for, in words."""
    parts = []
    if test.is_:
        parts.append(" or ".join(test.is_))
    if test.not_:
        parts.append("not " + " or ".join(test.not_))
    if test.first:
        parts.append(f"from {_day(test.first, reading)}" + (" (earlier: unclear)" if test.before == "unclear" else ""))
    if test.last:
        parts.append(f"to {_day(test.last, reading)}" + (" (later: unclear)" if test.after == "unclear" else ""))
    if test.others == "unclear":
        parts.append("(others: unclear)")
    if test.unclear:
        parts.append("unclear for " + " or ".join(test.unclear))
    return " ".join(parts)


def _day(when: When, reading: Reading) -> str:
    """A day in words."""
    day: Day = day_of(when, reading)
    if isinstance(day, Missing):
        return f"a day that hangs on {day.fact}"
    if not isinstance(day, date):
        return "a day that no source names"
    return "an end not known yet" if day == OPEN else day.isoformat()
