"""The ordinary rules: days without a visa, and the cost of staying too long; nothing is told that no source says."""

from __future__ import annotations

from datetime import date

import pytest

from relief.ordinary import cost_of_overstay, visa_free, visa_free_stay
from relief.pack import Pack


@pytest.mark.parametrize(
    ("host", "nationality", "entered", "last", "confidence"),
    [
        ("AZ", "KG", "2020-03-01", "2020-05-29", "high"),
        ("AZ", "UZ", "2020-03-01", "2020-05-29", "high"),
        ("AZ", "TR", "2020-08-12", "2020-09-10", "high"),
        ("AZ", "TR", "2020-08-13", "2020-11-10", "high"),
        ("AZ", "KZ", "2020-03-01", "2020-03-30", "medium"),
        ("AZ", "KZ", "2021-10-01", "2021-12-29", "medium"),
        ("KZ", "KG", "2020-03-01", "2020-05-29", "high"),
        ("KZ", "TR", "2020-03-01", "2020-03-30", "high"),
        ("KZ", "HU", "2020-03-01", "2020-03-30", "high"),
        ("KZ", "AZ", "2020-03-01", "2020-03-30", "medium"),
        ("KG", "KZ", "2020-03-01", "2020-05-29", "medium"),
        ("KG", "AZ", "2020-03-01", "2020-05-29", "medium"),
        ("KG", "UZ", "2020-03-01", "2020-04-29", "medium"),
        ("TR", "KZ", "2020-03-01", "2020-05-29", "high"),
        ("TR", "UZ", "2020-03-01", "2020-05-29", "high"),
        ("TR", "KG", "2020-03-01", "2020-05-29", "high"),
        ("TR", "HU", "2020-03-01", "2020-05-29", "high"),
        ("TR", "AZ", "2020-08-12", "2020-09-10", "high"),
        ("TR", "AZ", "2020-08-13", "2020-11-10", "high"),
        ("TR", "TM", "2020-03-01", "2020-03-30", "high"),
        ("UZ", "KG", "2020-03-01", "2020-04-29", "high"),
        ("UZ", "TR", "2020-03-01", "2020-03-30", "high"),
    ],
)
def test_a_stay_ends_by_the_rule_of_the_day_of_entry(
    pack: Pack, host: str, nationality: str, entered: str, last: str, confidence: str
) -> None:
    """For each pair of states whose days are known, the last legal day counts from the day of entry, with a confidence."""
    stay = visa_free_stay(pack, {"host": host, "nationality": nationality, "entered": entered})
    assert stay is not None
    assert (stay.last, stay.confidence) == (date.fromisoformat(last), confidence)
    assert stay.rule.sources


def test_no_limit_is_no_day(pack: Pack) -> None:
    """Where no limit is set there is a stay without a last day."""
    stay = visa_free_stay(pack, {"host": "UZ", "nationality": "AZ", "entered": "2020-03-01"})
    assert stay is not None
    assert stay.last is None


@pytest.mark.parametrize(
    "facts",
    [
        {"host": "KZ", "nationality": "UZ", "entered": "2020-03-01"},
        {"host": "KG", "nationality": "TR", "entered": "2020-03-01"},
        {"host": "AZ", "nationality": "KZ", "entered": "2021-03-01"},
        {"host": "KZ", "nationality": "HU", "entered": "2020-04-17"},
        {"host": "HU", "nationality": "TR", "entered": "2020-03-01"},
        {"host": "AZ", "nationality": "KG"},
        {"host": "AZ", "nationality": "KG", "entered": "March"},
        {"nationality": "KG", "entered": "2020-03-01"},
        {},
    ],
)
def test_nothing_is_guessed(pack: Pack, facts: dict[str, str]) -> None:
    """Where sources disagree or are silent, a visa is needed, or a fact is missing, no day is told."""
    assert visa_free_stay(pack, facts) is None


def test_each_pair_has_at_most_one_rule_on_a_day(pack: Pack) -> None:
    """Two rules never give one nationality two numbers of days on one day."""
    for host in pack.hosts:
        for on in (date(2020, 3, 1), date(2020, 8, 12), date(2020, 8, 13), date(2021, 10, 1), date(2022, 9, 1)):
            for state in pack.states:
                named = [r for r in pack.ordinary_rules(host, on) if r.topic == "visa_free" and state in r.days]
                assert len(named) <= 1
                assert visa_free(pack, host, state, on) == (named[0] if named else None)


@pytest.mark.parametrize("host", ["AZ", "KZ", "KG", "TR", "UZ"])
def test_the_cost_of_an_overstay_is_told_with_its_source(pack: Pack, host: str) -> None:
    """Each of these states has a rule on what staying too long costs, the surest first."""
    rules = cost_of_overstay(pack, host, date(2020, 5, 8))
    assert rules
    assert rules[0].confidence == ("medium" if host == "KZ" else "high")
    assert all(r.sources for r in rules)


@pytest.mark.parametrize("host", ["AZ", "KZ", "KG", "TR", "UZ", "HU", "TM"])
def test_each_state_has_places_and_registration_or_renewal(pack: Pack, host: str) -> None:
    """Each state has airports and border points; a border point stays unconfirmed until somebody vouches for it."""
    places = [p for p in pack.places if p.state == host]
    assert {p.kind for p in places} == {"airport", "border"}
    assert all(p.names for p in places)
    assert not any(p.confirmed for p in places if p.kind == "border")
    assert {r.topic for r in pack.ordinary_rules(host, date(2020, 5, 8))} & {"registration", "renewal"}
