"""What holds for any facts, on any day, in any pack."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relief.assess import assess
from relief.nouns import Assessment
from relief.pack import Pack
from relief.weigh import RANK

DAYS = st.dates(date(2020, 2, 1), date(2022, 8, 1)) | st.dates(date(2025, 6, 1), date(2025, 9, 1))
EDGES = st.sampled_from(
    (
        "2020-01-01 2020-03-13 2020-03-14 2020-03-15 2020-03-16 2020-03-20 2020-03-21 2020-03-23 2020-04-05 2020-04-06 "
        "2020-04-10 2020-04-11 2020-04-20 2020-04-30 2020-05-05 2020-05-10 2020-05-11 2020-05-31 2020-06-01 2020-06-17 "
        "2020-06-18 2020-07-01 2020-07-31 2020-08-01 2020-08-05 2020-09-01 2020-09-04 2020-11-01 2020-11-03 2020-11-04 "
        "2021-01-05 2021-02-07 2021-06-05 2021-09-09 2021-09-10 2022-02-28 2022-03-01 2022-12-30"
    ).split()
)
"""Days on both sides of the measures' edges."""


@st.composite
def people(draw: st.DrawFn, pack: Pack) -> dict[str, str]:
    """Some facts of a person, each with a value that the pack allows."""
    values = {
        name: st.sampled_from([*pack.states, "DE"]) if q.kind == "country" else st.sampled_from(q.values)
        for name, q in pack.questions.items()
        if q.kind in ("choice", "country")
    }
    values |= {name: EDGES | DAYS.map(date.isoformat) for name, q in pack.questions.items() if q.kind == "date"}
    return draw(st.fixed_dictionaries({}, optional=values))


@settings(max_examples=600, deadline=None)
@given(st.data(), DAYS)
def test_a_known_fact_more_never_makes_covered_unknown(pack: Pack, data: st.DataObject, day: date) -> None:
    """What is decided stays decided: a further fact can only better a decided outcome, and never unsettle it."""
    few, more = data.draw(people(pack)), data.draw(people(pack))
    before, after = assess(pack, few, day), assess(pack, more | few, day)
    if before.outcome == "unknown":
        return
    assert after.outcome != "unknown"
    assert RANK[after.outcome] >= RANK[before.outcome]
    if not before.needs:
        assert (after.outcome, after.until, after.open_ended) == (before.outcome, before.until, before.open_ended)


@settings(max_examples=300, deadline=None)
@given(st.data(), DAYS)
def test_the_order_of_measures_never_matters(pack: Pack, data: st.DataObject, day: date) -> None:
    """A shuffled pack answers the same."""
    facts = data.draw(people(pack))
    shuffled = replace(pack, measures=tuple(data.draw(st.permutations(pack.measures))))
    assert assess(pack, facts, day) == assess(shuffled, facts, day)


@settings(max_examples=600, deadline=None)
@given(st.data(), DAYS)
def test_every_ground_has_a_source(pack: Pack, data: st.DataObject, day: date) -> None:
    """An answer that gives or doubts something names its measures and their sources; `unknown` names what is missing."""
    facts = data.draw(people(pack))
    answer = assess(pack, facts, day)
    if answer.outcome in ("covered", "covered_if", "no_penalty"):
        assert answer.because
    if answer.outcome == "unclear":
        assert answer.because or answer.note
        assert answer.ask
    assert all(reason.sources for reason in answer.because)
    assert set(answer.sources) == {source for reason in answer.because for source in reason.sources}
    assert (answer.outcome == "unknown") <= bool(answer.needs)
    assert not set(answer.needs) & set(facts)
    assert answer.until is None or answer.until >= day


@settings(max_examples=400, deadline=None)
@given(st.data(), DAYS)
def test_every_need_can_be_answered_to_an_end(pack: Pack, data: st.DataObject, day: date) -> None:
    """Asking the first need again and again ends in a known outcome after at most one question a fact."""
    full = data.draw(people(pack))
    facts: dict[str, str] = {}
    for _ in pack.questions:
        answer = assess(pack, facts, day)
        if not answer.needs:
            break
        name = answer.needs[0]
        question = pack.questions[name]
        fallback = {"choice": (question.values or ("",))[-1], "country": "DE", "date": "2020-05-01"}.get(
            question.kind, "x"
        )
        facts[name] = full.get(name, fallback)
    assert assess(pack, facts, day).outcome != "unknown"


ANY = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2) | st.dates() | st.binary()


@settings(max_examples=400, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["host", "permit", "expires", "nationality", "registered"]) | st.text(), ANY),
    st.sampled_from(["UZ", "HU", "TR", "AZ", "ZZ"]),
    st.dates() | st.just(date.max) | st.just(date.min),
)
def test_total_over_any_mapping(pack: Pack, facts: dict[str, Any], host: str, day: date) -> None:
    """Any names and any values get an answer: unknown names are ignored, malformed values are unknown."""
    assert assess(pack, facts, day).as_of == day
    assert assess(pack, facts | {"host": host}, day).as_of == day


@settings(max_examples=200, deadline=None)
@given(st.data(), DAYS)
def test_malformed_values_are_unknown(pack: Pack, data: st.DataObject, day: date) -> None:
    """A value that cannot be read counts as a fact that is not known."""
    facts = data.draw(people(pack))
    broken = facts | {name: "?" for name in pack.questions if name not in facts and name != "place_name"}
    assert assess(pack, broken, day) == assess(pack, facts, day)


@settings(max_examples=200, deadline=None)
@given(st.data(), DAYS)
def test_nothing_of_the_future_is_used(pack: Pack, data: st.DataObject, day: date) -> None:
    """Measures and events that were neither decided nor known on the day of asking change nothing."""
    facts = data.draw(people(pack))
    past = replace(
        pack,
        measures=tuple(m for m in pack.measures if m.decided <= day),
        commitments=tuple(c for c in pack.commitments if c.known_from <= day),
    )
    assert assess(past, facts, day) == assess(pack, facts, day)
    assert all(
        reason.until is None or reason.until >= day - timedelta(3650) for reason in assess(pack, facts, day).because
    )


@pytest.mark.parametrize("host", ["AZ", "KZ", "KG", "TR", "UZ", "HU", "TM"])
@pytest.mark.parametrize("day", ["2020-03-18", "2020-05-08", "2020-07-01", "2020-11-20", "2021-06-01", "2022-02-15"])
def test_only_facts_that_can_still_change_the_answer_are_asked(pack: Pack, host: str, day: str) -> None:
    """For each fact asked there are people for whom two values of it lead to two answers."""
    as_of, days = (
        date.fromisoformat(day),
        [
            "2019-01-01",
            "2020-03-16",
            "2020-04-06",
            "2020-04-20",
            "2020-05-20",
            "2020-06-20",
            "2020-11-04",
            "2022-02-28",
            "2022-12-30",
        ],
    )
    values = {name: q.values if q.kind == "choice" else days for name, q in pack.questions.items()}
    values["nationality"] = pack.states
    needs = assess(pack, {"host": host}, as_of).needs
    for asked in needs:
        others = [name for name in needs if name != asked]
        assert any(
            len({_gist(assess(pack, person | {asked: value}, as_of)) for value in values[asked]}) > 1
            for rest in product(*(values[name] for name in others))
            for person in [{"host": host, **dict(zip(others, rest, strict=True))}]
        ), asked


def _gist(answer: Assessment) -> tuple[str, date | None, bool]:
    """What a person would act on."""
    return answer.outcome, answer.until, answer.open_ended
