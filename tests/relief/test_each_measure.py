"""What holds for every measure, looked for where it would break: at the measure's own days and values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relief.assess import assess
from relief.law import Measure, Test, When
from relief.pack import Pack, load
from relief.weigh import RANK

SHIPPED = load("turkic-2020")
MEASURES = [pytest.param(m, id=m.id) for m in SHIPPED.measures]
TURNED = replace(SHIPPED, measures=tuple(reversed(SHIPPED.measures)))
HALVED = replace(SHIPPED, measures=SHIPPED.measures[::2] + SHIPPED.measures[1::2])


def days_of(when: When | None) -> Iterator[date]:
    """A fixed day and both its neighbours; those of an event, each that was ever said."""
    said = [s.date for s in SHIPPED.events[when.event].says] if when and when.event else []
    for day in [when.date if when else None, *said]:
        if day:
            yield from (day + timedelta(n) for n in (-1, 0, 1))


def near(measure: Measure) -> dict[str, st.SearchStrategy[str]]:
    """For each fact, values of the measure's own and any other."""
    groups = [measure.covers, *(g.when for g in measure.grants), *(e.when for e in measure.excludes)]
    tests: dict[str, list[Test]] = {}
    for fact, test in (pair for group in groups for pair in group.items()):
        tests.setdefault(fact, []).append(test)
    values: dict[str, st.SearchStrategy[str]] = {}
    for name, question in SHIPPED.questions.items():
        asked = tests.get(name, [])
        if question.kind == "date":
            edges = sorted({d for t in asked for when in (t.first, t.last) for d in days_of(when)})
            some = st.dates(date(2020, 1, 1), date(2022, 12, 31))
            values[name] = (st.sampled_from(edges) | some if edges else some).map(date.isoformat)
        elif question.kind in ("choice", "country"):
            named = [v for t in asked for v in (*t.is_, *t.not_, *t.unclear)]
            every = [*SHIPPED.states, "DE"] if question.kind == "country" else list(question.values)
            values[name] = st.sampled_from([*named, *every])
    abroad = [h for h in SHIPPED.hosts if h != measure.host]
    values["host"] = st.sampled_from([measure.host] if measure.side == "host" else abroad)
    return values


def asked_on(measure: Measure) -> st.SearchStrategy[date]:
    """Days of asking at the measure's edges, and others."""
    ends = [d for when in (measure.until, *(g.until for g in measure.grants)) for d in days_of(when)]
    begun = [day + timedelta(n) for day in (measure.decided, measure.known_from) for n in (-1, 0, 1)]
    return st.sampled_from([*begun, *ends]) | st.dates(measure.known_from, measure.known_from + timedelta(200))


@pytest.mark.parametrize("measure", MEASURES)
def test_no_fact_unsettles_an_answer_and_every_answer_has_its_source(measure: Measure) -> None:
    """For no facts does one more known fact turn a decided answer into unknown or a worse one; each answer names its sources."""

    @settings(max_examples=60, deadline=None)
    @given(st.fixed_dictionaries({}, optional=near(measure)), asked_on(measure), st.data())
    def hold(facts: dict[str, str], day: date, data: st.DataObject) -> None:
        answer = assess(SHIPPED, facts, day)
        if answer.outcome in ("covered", "covered_if", "no_penalty"):
            assert answer.because
            assert answer.sources
        assert all(reason.sources for reason in answer.because)
        assert answer.until is None or answer.until >= day
        if not facts:
            return
        fact = data.draw(st.sampled_from(sorted(facts)))
        before = assess(SHIPPED, {name: value for name, value in facts.items() if name != fact}, day)
        if before.outcome != "unknown":
            assert answer.outcome != "unknown"
            assert RANK[answer.outcome] >= RANK[before.outcome]

    hold()


@pytest.mark.parametrize("measure", MEASURES)
def test_the_order_of_measures_changes_no_answer(measure: Measure) -> None:
    """The files may be read in any order."""

    @settings(max_examples=40, deadline=None)
    @given(st.fixed_dictionaries({}, optional=near(measure)), asked_on(measure))
    def hold(facts: dict[str, str], day: date) -> None:
        answer = assess(SHIPPED, facts, day)
        assert assess(TURNED, facts, day) == answer
        assert assess(HALVED, facts, day) == answer

    hold()


def test_every_measure_that_gives_something_gives_it_in_a_case(pack: Pack) -> None:
    """No measure is dead: in one of its cases it is the ground of the answer."""
    for measure in pack.measures:
        answers = [assess(pack, e.facts, e.as_of) for e in measure.examples]
        assert any(b.measure == measure.id for a in answers for b in a.because), measure.id
