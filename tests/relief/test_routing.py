"""Whom a case goes to, and how soon."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relief.pack import Pack
from relief.routing import priority, route

PERMIT = {"permit": "visa", "expires": "2020-05-01"}


@pytest.mark.parametrize(
    ("facts", "needs", "agencies"),
    [
        ({"host": "UZ", "nationality": "TR", **PERMIT}, (), ("uz-migration",)),
        ({"host": "HU", "nationality": "KZ", **PERMIT}, ("legal",), ("hu-oif",)),
        ({"host": "TR", "nationality": "AZ", **PERMIT}, (), ("tr-dgmm",)),
        ({"host": "AZ", "nationality": "TR", **PERMIT}, (), ("az-sms",)),
        ({"host": "KZ", "nationality": "UZ", **PERMIT}, (), ("kz-msc",)),
        ({"host": "TM", "nationality": "UZ", **PERMIT}, (), ("tm-sms",)),
        ({"host": "KG", "nationality": "UZ", "permit": "work_permit"}, (), ("kg-sms",)),
        ({"host": "KG", "nationality": "UZ", "permit": "registration"}, (), ("kg-sms", "kg-srs")),
        ({"host": "KG", "nationality": "UZ", "permit": "visa_free"}, (), ("kg-sms", "kg-mfa")),
        ({"host": "UZ", "nationality": "TR", **PERMIT}, ("documents",), ("uz-migration", "tr-mfa")),
        ({"host": "UZ", "nationality": "TR", **PERMIT, "wants": "leave"}, ("travel",), ("tr-mfa", "uz-migration")),
        ({"host": "UZ", "nationality": "TR"}, ("documents",), ("tr-mfa",)),
        ({"host": "UZ", "nationality": "KG"}, ("travel",), ("kg-mfa",)),
        ({"host": "HU", "nationality": "UZ"}, ("travel",), ("uz-mfa",)),
        ({"host": "HU", "nationality": "UZ", "purpose": "work"}, ("travel",), ("uz-aelm", "uz-mfa")),
        ({"host": "UZ", "nationality": "HU", "place": "airport_zone"}, (), ("uz-migration", "hu-consular")),
        ({"host": "HU", "nationality": "AZ", "place": "border_point", **PERMIT}, ("travel",), ("hu-oif", "az-mfa")),
        ({"host": "TR", "nationality": "TM", "place": "detention"}, ("legal",), ("tr-dgmm", "tm-mfa")),
        ({"host": "UZ", "nationality": "DE", "place": "detention"}, (), ("uz-migration",)),
        ({"host": "UZ", "nationality": "DE"}, ("travel",), ("uz-migration",)),
        ({"nationality": "KZ"}, (), ("kz-mfa",)),
        ({"host": "GE", "nationality": "KZ", **PERMIT}, (), ("kz-mfa",)),
        ({"host": "GE", "nationality": "DE"}, (), ("coordination-group",)),
        ({}, (), ("coordination-group",)),
    ],
)
def test_route(pack: Pack, facts: dict[str, str], needs: tuple[str, ...], agencies: tuple[str, ...]) -> None:
    """The host's service owns permit questions, the home state's the help from home; both see what concerns both."""
    assert route(pack, facts, needs) == agencies


@given(
    st.dictionaries(st.sampled_from(["host", "nationality", "place", "wants", "permit"]), st.text(max_size=12)),
    st.lists(st.sampled_from(["medical", "food", "travel", "?"]), max_size=3),
)
def test_route_is_never_empty(pack: Pack, facts: dict[str, str], needs: list[str]) -> None:
    """Whoever asks, somebody takes the case, and nobody gets it twice."""
    agencies = route(pack, facts, needs)
    assert agencies
    assert len(set(agencies)) == len(agencies)
    assert set(agencies) <= set(pack.agencies)


@pytest.mark.parametrize("host", ["AZ", "KZ", "KG", "TR", "UZ", "HU", "TM"])
@pytest.mark.parametrize("home", ["AZ", "KZ", "KG", "TR", "UZ", "HU", "TM"])
def test_each_pair_of_states_has_both_sides(pack: Pack, host: str, home: str) -> None:
    """At a border the host's service is first and the home state is told, for every pair of states."""
    agencies = [pack.agencies[a] for a in route(pack, {"host": host, "nationality": home, "place": "border_point"})]
    assert agencies[0].state == host
    assert "host" in agencies[0].roles
    assert any(a.state == home and "home" in a.roles for a in agencies)


@pytest.mark.parametrize(
    ("facts", "report", "left", "expected"),
    [
        ({}, {}, None, ("normal", ())),
        ({}, {"danger": "yes"}, None, ("danger", ("danger",))),
        ({"place": "airport_zone"}, {}, None, ("urgent", ("airport_zone",))),
        ({"place": "detention"}, {"danger": "yes"}, None, ("danger", ("danger", "detention"))),
        ({"place": "city"}, {"place": "border_point"}, None, ("normal", ())),
        ({}, {"place": "border_point"}, None, ("urgent", ("border_point",))),
        ({}, {"minors": "2"}, None, ("urgent", ("minors",))),
        ({}, {"minors": "0"}, None, ("normal", ())),
        ({}, {"minors": "two"}, None, ("normal", ())),
        ({}, {"needs": "food,medical"}, None, ("urgent", ("medical",))),
        ({}, {"needs": "food"}, 3, ("urgent", ("ends_soon",))),
        ({}, {"needs": "food"}, 4, ("normal", ())),
    ],
)
def test_priority(
    facts: dict[str, str], report: dict[str, str], left: int | None, expected: tuple[str, tuple[str, ...]]
) -> None:
    """Danger comes first; zones, medical needs, minors and an end within three days are urgent; the reasons are all named."""
    assert priority(facts, report, left) == expected


def test_every_number_and_contact_says_how_sure(pack: Pack) -> None:
    """Each host state has emergency numbers with a confidence, the surest first; low contacts are not told as fact."""
    for host in pack.hosts:
        ranks = [("high", "medium", "low").index(n.confidence) for n in pack.emergency(host)]
        assert ranks
        assert ranks == sorted(ranks)
    assert all(c.confidence != "low" for agency in pack.agencies.values() for c in agency.told())
    assert "1282" not in {c.value for c in pack.agencies["uz-aelm"].told()}
