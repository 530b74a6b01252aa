"""The ways a measure can speak of days, nationalities, fees, events and other measures."""

from __future__ import annotations

from datetime import date

import pytest

from relief.answer import until_of
from relief.assess import assess
from relief.nouns import Assessment
from relief.pack import Pack
from relief.trace import trace

BASE = {"unable_to_leave": "yes", "registered": "yes"}


def ask(pack: Pack, day: str, **facts: str) -> Assessment:
    """The answer to BASE and these facts."""
    return assess(pack, BASE | facts, date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "expires", "paid", "outcome", "until"),
    [
        ("2020-04-05", "2020-03-16", "60", "covered", "2020-05-15"),
        ("2020-06-12", "2020-06-01", "30", "covered", "2020-07-01"),
        ("2020-03-25", "2020-04-30", "0", "covered_if", "2020-06-29"),
        ("2020-06-12", "2020-06-01", "60", "covered", "open"),
        ("2020-06-25", "2020-08-01", "60", "unclear", None),
        ("2020-06-25", "2020-08-02", "60", "not_covered", None),
    ],
)
def test_a_grant_per_fee_counted_from_expiry(
    pack: Pack, day: str, expires: str, paid: str, outcome: str, until: str | None
) -> None:
    """What was paid decides how many days after the expiry are covered; a doubtful last day of a window is unclear."""
    answer = ask(pack, day, host="AZ", permit="visa_free", expires=expires, fee_paid_days=paid)
    assert (answer.outcome, until_of(answer)) == (outcome, until)


def test_a_duty_has_its_day_and_place(pack: Pack) -> None:
    """Who must act learns what, by when and where; what is done is marked done."""
    answer = ask(pack, "2020-05-20", host="KZ", nationality="UZ", permit="visa", expires="2020-04-25")
    assert [d.by for d in answer.duties] == [date(2020, 7, 10)]
    assert answer.duties[0].where
    azerbaijan = {"host": "AZ", "nationality": "UZ", "permit": "e_visa", "expires": "2020-04-30"}
    due, paid = (ask(pack, "2020-03-25", **azerbaijan, fee_paid_days=days).duties for days in ("0", "60"))
    assert [d.done for d in due] == [False]
    assert [d.done for d in paid] == [True]
    assert due[0].url.startswith("https://")


@pytest.mark.parametrize(
    ("nationality", "outcome"), [("HU", "covered"), ("TR", "covered"), ("AZ", "unclear"), ("DE", "unclear")]
)
def test_a_list_that_is_known_in_part(pack: Pack, nationality: str, outcome: str) -> None:
    """Who is on the known part of a list is covered; nobody is refused because we do not know the rest of it."""
    answer = ask(pack, "2020-03-24", host="KZ", nationality=nationality, permit="visa_free", expires="2020-03-26")
    assert answer.outcome == outcome


@pytest.mark.parametrize(
    ("day", "outcome"), [("2020-12-28", "not_covered"), ("2021-01-10", "unclear"), ("2021-01-17", "no_penalty")]
)
def test_decided_and_not_yet_known_is_unclear(pack: Pack, day: str, outcome: str) -> None:
    """Between decision and publication an officer must confirm."""
    facts = {"host": "KZ", "nationality": "KG", "permit": "visa", "expires": "2020-09-15", "purpose": "visit"}
    assert ask(pack, day, **facts | {"unable_to_leave": "no"}).outcome == outcome


def test_of_two_measures_the_better_one_and_both_named(pack: Pack) -> None:
    """Where two measures overlap the person gets the better one, and the answer names both."""
    kazakhstan = ask(pack, "2020-11-01", host="KZ", nationality="UZ", permit="passport", expires="2020-10-20")
    assert (kazakhstan.outcome, until_of(kazakhstan)) == ("covered", "2020-11-01")
    turkey = ask(pack, "2020-10-02", host="TR", nationality="UZ", permit="visa_free", expires="2020-05-10")
    assert (turkey.outcome, until_of(turkey)) == ("no_penalty", "2020-10-04")
    assert {"TR-4", "TR-6"} <= {b.measure for b in turkey.because}


@pytest.mark.parametrize(
    ("day", "nationality", "expires", "outcome", "until"),
    [
        ("2020-04-10", "KG", "2020-04-05", "no_penalty", "open"),
        ("2020-10-04", "UZ", "2020-05-10", "no_penalty", "2020-10-04"),
        ("2020-10-05", "UZ", "2020-05-10", "not_covered", None),
        ("2020-07-01", "HU", "2020-05-10", "no_penalty", "2020-07-15"),
        ("2020-07-16", "HU", "2020-05-10", "unclear", None),
        ("2020-04-10", "AZ", "2020-03-13", "not_covered", None),
        ("2020-04-10", "AZ", "2020-03-14", "no_penalty", "open"),
        ("2020-07-10", "KZ", "2020-05-10", "unclear", None),
        ("2020-11-01", "TM", "2020-04-10", "no_penalty", "open"),
    ],
)
def test_dated_events_per_nationality(
    pack: Pack, day: str, nationality: str, expires: str, outcome: str, until: str | None
) -> None:
    """Windows and last days follow events that have a day for each nationality, or none yet."""
    answer = ask(pack, day, host="TR", nationality=nationality, permit="visa_free", expires=expires)
    assert (answer.outcome, until_of(answer)) == (outcome, until)


def test_a_rule_that_no_source_has_is_in_no_measure(pack: Pack) -> None:
    """The unverified Turkish rule of 11 February to 11 June 2020 is not law here: nothing in the pack speaks of its days."""
    assert "TR-x" not in {m.id for m in pack.measures}
    for measure in pack.measures:
        text = pack.files[measure.id].read_text("utf-8")
        assert "2020-02-11" not in text
        assert measure.host != "TR" or "2020-06-11" not in text


@pytest.mark.parametrize(
    ("facts", "measure", "outcome"),
    [
        ({"host": "AZ", "permit": "residence_temporary", "expires": "2020-05-10"}, "AZ-3", "not_covered"),
        ({"host": "TR", "permit": "work_permit", "expires": "2020-05-10"}, "", "not_covered"),
        ({"host": "KG", "nationality": "AZ", "permit": "visa", "wants": "leave"}, "AZ-h2", "covered"),
        ({"host": "KG", "nationality": "AZ", "permit": "visa", "wants": "stay"}, "", "covered"),
    ],
)
def test_a_notice_is_told_and_changes_nothing(pack: Pack, facts: dict[str, str], measure: str, outcome: str) -> None:
    """A notice gives no relief: whom it is for reads it beside their answer, with what to do, and the outcome stays."""
    answer = ask(pack, "2020-04-28", **facts)
    assert answer.outcome == outcome
    notices = [b for b in answer.because if b.measure == measure]
    assert bool(notices) == bool(measure)
    assert not notices or any(d.text for d in answer.duties)


def test_who_can_stay_longer_by_doing_more_is_told_what(pack: Pack) -> None:
    """Covered to a near day, and by a further duty to a later one: the duty is told with the answer."""
    facts = {"host": "AZ", "nationality": "UZ", "permit": "visa_free", "expires": "2020-05-20", "fee_paid_days": "30"}
    answer = ask(pack, "2020-06-12", **facts)
    assert (answer.outcome, until_of(answer)) == ("covered", "2020-06-19")
    assert any("30 days more" in d.text for d in answer.duties)


@pytest.mark.parametrize(("day", "told"), [("2020-07-08", 2), ("2020-07-10", 2), ("2020-07-11", 1), ("2020-07-25", 0)])
def test_a_notice_s_duty_ends_with_its_day(pack: Pack, day: str, told: int) -> None:
    """What a notice asks for is not told once its day has passed."""
    facts = {"host": "TR", "nationality": "UZ", "permit": "residence_temporary", "expires": "2020-05-10"}
    assert sum("post your file" in d.text for d in ask(pack, day, **facts).duties) == told


def test_notices_and_help_for_others_are_not_named(pack: Pack) -> None:
    """A person whom nothing covers reads why each measure does not, and nothing of notices and passports that are not theirs."""
    answer = ask(pack, "2021-07-08", host="KZ", nationality="KG", permit="visa", expires="2020-05-10", purpose="visit")
    assert answer.outcome == "not_covered"
    assert {"KZ-7", "KZ-8"} <= {b.measure for b in answer.because}
    assert not any(b.measure.startswith("KG") for b in answer.because)


def test_nationality_is_asked_where_a_day_hangs_on_it(pack: Pack) -> None:
    """An event with a day for each nationality makes the nationality needed."""
    assert "nationality" in ask(pack, "2020-07-01", host="TR", permit="visa_free", expires="2020-05-10").needs


@pytest.mark.parametrize(("host", "outcome"), [("TR", "covered_if"), ("TM", "unclear")])
def test_help_from_home_counts_abroad_only(pack: Pack, host: str, outcome: str) -> None:
    """A state's help for its citizens abroad reaches them in any host state, and not at home."""
    answer = ask(
        pack, "2021-08-01", host=host, nationality="TM", permit="passport", expires="2021-01-01", unable_to_leave="no"
    )
    assert answer.outcome == outcome


def test_an_unclear_last_day_means_act_a_day_earlier(pack: Pack) -> None:
    """Where the sources leave the last day itself open, the person is told to act the day before."""
    answer = ask(pack, "2020-05-08", host="UZ", permit="visa", expires="2020-05-01")
    assert answer.until == date(2020, 6, 1)
    assert answer.duties[-1].by == date(2020, 5, 31)


def test_duties_follow_the_event(pack: Pack) -> None:
    """During Hungary's state of danger nobody files; once its end is known, renewal is due on the fifteenth day."""
    facts = {"host": "HU", "permit": "residence_temporary", "expires": "2020-05-01", "changed_conditions": "no"}
    during, after = ask(pack, "2020-05-08", **facts), ask(pack, "2020-06-20", **facts)
    assert [d.by for d in during.duties] == [None]
    assert [d.by for d in after.duties] == [date(2020, 7, 3)]
    assert [b.measure for b in after.because] == ["HU-1", "HU-2"]


def test_the_joint_declaration_is_cited_and_grounds_nothing(pack: Pack) -> None:
    """The commitment of 7 May 2020 is there to show from its day on, for citizens of its states, and changes no outcome."""
    facts = {"host": "UZ", "nationality": "TR", "permit": "none", "expires": "2020-05-01"}
    before, after = ask(pack, "2020-05-06", **facts), ask(pack, "2020-05-07", **facts)
    assert (before.cite, [c.id for c in after.cite]) == ((), ["joint-2020-05-07"])
    assert before.outcome == after.outcome == "not_covered"
    assert ask(pack, "2020-05-07", **(facts | {"nationality": "TM"})).cite == ()


def test_a_no_says_why_and_what_else(pack: Pack) -> None:
    """Who is not covered reads why of each measure, what the ordinary rules leave, and whom to ask."""
    answer = ask(
        pack, "2020-07-01", host="HU", permit="residence_temporary", expires="2020-06-18", changed_conditions="no"
    )
    assert answer.outcome == "not_covered"
    assert all(b.note for b in answer.because)
    assert answer.duties
    assert answer.ask == "hu-oif"


def test_an_excluded_permit_is_told_in_the_measures_own_words(pack: Pack) -> None:
    """An exclusion explains better than a list of permits that lacks one."""
    answer = ask(pack, "2020-05-08", host="HU", permit="visa_short", expires="2020-05-01", unable_to_leave="no")
    assert "Short-stay (C) visas are not extended automatically." in [b.note for b in answer.because]


def test_the_trace_tells_every_measure(pack: Pack) -> None:
    """A trace names each measure of the host: in force with its conditions, replaced, or not known yet."""
    told = {t.measure: t for t in trace(pack, {"host": "UZ", "permit": "visa"}, date(2020, 5, 8))}
    assert set(told) == {m.id for m in pack.measures if (m.host == "UZ") == (m.side == "host")}
    assert told["UZ-1"].why == "A later measure replaced this one."
    assert told["UZ-6"].why == "This measure was not known on this day."
    assert told["UZ-3"].verdict == "unknown"
    assert {look.fact for look in told["UZ-3"].looks} == {"expires", "permit"}


@pytest.mark.parametrize(("expires", "duties"), [("2020-05-01", 1), ("2020-05-20", 2)])
def test_a_document_still_valid_is_told_that_the_emergency_may_end_first(pack: Pack, expires: str, duties: int) -> None:
    """While the end of the emergency is open, a person whose document runs out later learns what an earlier end means."""
    facts = {"host": "HU", "permit": "residence_temporary", "expires": expires, "changed_conditions": "no"}
    answer = ask(pack, "2020-05-08", **facts)
    assert (answer.outcome, answer.open_ended, len(answer.duties)) == ("covered", True, duties)
