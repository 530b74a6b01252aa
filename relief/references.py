"""The references inside a pack without which no assessment could be made: facts, values, events, agencies and days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from relief.law import Cover, DutyRule, Event, Measure, Tests, When
from relief.nouns import Agency


def dangling(
    folder: Path,
    files: Mapping[str, Path],
    cover: Cover,
    measures: Sequence[Measure],
    events: Sequence[Event],
    agencies: Sequence[Agency],
) -> Iterator[str]:
    """References without which an assessment would fail: facts, events and agencies that are named but not there."""
    known_events, known_agencies = {e.id for e in events}, {a.id for a in agencies}
    for m in measures:
        where = f"{files[m.id].parent.name}/{files[m.id].name}"
        if m.host not in cover.hosts:
            yield f"{where}: host: {m.host} is no host of this pack"
        if (m.relief is None) == (not m.grants):
            yield f"{where}: relief: a measure has either relief or grants"
        if m.ask and m.ask not in known_agencies:
            yield f"{where}: ask: there is no agency {m.ask}"
        for field, tests in _all_tests(m):
            yield from (f"{where}: {field}: {f}" for f in _unknown(tests, cover, known_events))
        for field, when in _all_days(m):
            yield from (f"{where}: {field}: {f}" for f in _undated(when, cover, known_events))
        for duty in _all_duties(m):
            for event in {duty.after, duty.before} - known_events - {""}:
                yield f"{where}: duties: there is no event {event}"
    for state, entry in cover.hosts.items():
        if entry.lead not in known_agencies:
            yield f"{folder.name}/pack.yaml: hosts.{state}.lead: there is no agency {entry.lead}"
    if cover.fallback not in known_agencies:
        yield f"{folder.name}/pack.yaml: fallback: there is no agency {cover.fallback}"


def events_of(m: Measure) -> Iterator[str]:
    """The events that a measure refers to."""
    for duty in _all_duties(m):
        yield from filter(None, (duty.after, duty.before))
    days = [when for _, when in _all_days(m)]
    days += [when for _, tests in _all_tests(m) for t in tests.values() for when in (t.first, t.last) if when]
    while days:
        when = days.pop()
        days += [*when.nationality.values(), *filter(None, [when.otherwise])]
        if when.event:
            yield when.event


def _all_duties(m: Measure) -> Iterator[DutyRule]:
    """Every duty of a measure."""
    yield from m.duties
    for grant in m.grants:
        yield from grant.duties


def _all_tests(m: Measure) -> Iterator[tuple[str, Tests]]:
    """Every group of tests of a measure, with the field it stands in."""
    yield "covers", m.covers
    yield from (("grants.when", g.when) for g in m.grants)
    yield from (("excludes.when", e.when) for e in m.excludes)
    for duty in _all_duties(m):
        yield "duties.when", duty.when
        yield "duties.done", duty.done


def _all_days(m: Measure) -> Iterator[tuple[str, When]]:
    """Every day a measure names."""
    for field, when in [("until", m.until), *(("grants.until", g.until) for g in m.grants)]:
        if when:
            yield field, when
    for duty in _all_duties(m):
        if duty.by:
            yield "duties.by", duty.by


def _unknown(tests: Tests, cover: Cover, events: set[str]) -> Iterator[str]:
    """Facts and values that the pack does not know, and days that cannot be found."""
    for fact, test in tests.items():
        question = cover.questions.get(fact)
        if question is None:
            yield f"there is no fact {fact}"
            continue
        for value in (*test.is_, *test.not_, *test.unclear):
            if question.kind == "choice" and value not in question.values:
                yield f"{fact} cannot be {value}"
        if question.kind != "date" and (test.first or test.last):
            yield f"{fact} is no date"
        if question.kind == "date" and (test.is_ or test.not_):
            yield f"{fact} is a date: it needs from and to"
        for when in filter(None, (test.first, test.last)):
            yield from _undated(when, cover, events)


def _undated(when: When, cover: Cover, events: set[str]) -> Iterator[str]:
    """A day that is not told in exactly one way, or counts from something that is not there."""
    told = (when.date is not None, when.open, when.unclear, when.fact, when.event, when.asked, when.nationality)
    if sum(map(bool, told)) != 1:
        yield "a day is told in exactly one way: date, open, unclear, fact, event, asked or nationality"
    if when.event and when.event not in events:
        yield f"there is no event {when.event}"
    if when.fact and (when.fact not in cover.questions or cover.questions[when.fact].kind != "date"):
        yield f"{when.fact} is no date fact"
    for other in [*when.nationality.values(), *filter(None, [when.otherwise])]:
        yield from _undated(other, cover, events)
