"""May the case go to another agency? And afterwards: did we help? Whole dialogues."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.nouns import AddToCase, Delivered, Reply
from tests.dialogue import Dialogue, round_trip
from tests.handlers.filed import filed

ASKED = {"origin": "uz-migration", "target": "tr-mfa", "why": "citizens", "event": "e1"}
YES, NO = "refer:yes@r1", "refer:no@r1"


def told(d: Dialogue, what: str, referral: str = "r1", **extras: str) -> Dialogue:
    """Our side's news of the first case."""
    about = {"case": d.known.cases[0].id, "what": what, "referral": referral, **ASKED, **extras}
    return d.hear(d.event("news", "", None, **about))


def asked(d: Dialogue | None = None) -> Dialogue:
    """A person whose agency asks to pass their case on."""
    return told(d or filed(), "referral_asked")


def answers(d: Dialogue) -> list[str]:
    """What went on the case about the referral in the whole dialogue."""
    return [e.what for e in d.all_effects if isinstance(e, AddToCase) and e.what.startswith("referral")]


def test_the_question_names_both_agencies_and_why() -> None:
    """And what they would see; nothing is shared by asking."""
    d = asked()
    for words in ("Ministry of Internal Affairs", "Ministry of Foreign Affairs", "citizens of your country", "see all"):
        assert words in d.text
    assert d.tokens == [YES, NO]
    assert d.replies[0].about == "e1"
    assert answers(d) == []
    assert round_trip(d.known) == d.session


@pytest.mark.parametrize(
    ("word", "what"),
    [
        (YES, "referral_agreed"),
        ("yes", "referral_agreed"),
        ("1", "referral_agreed"),
        ("Yes, pass it on", "referral_agreed"),
        (NO, "referral_declined"),
        ("no", "referral_declined"),
        ("2", "referral_declined"),
        ("no, leave it here", "referral_declined"),
    ],
)
def test_it_is_answered_once_pressed_or_typed(word: str, what: str) -> None:
    """By button, number, label or a bare yes or no; afterwards the old buttons change nothing, and words are for the case."""
    d = asked()
    (d.presses if ":" in word else d.says)(word)
    (effect,) = (e for e in d.effects if isinstance(e, AddToCase))
    assert (effect.what, effect.case, effect.extras["referral"]) == (what, d.known.cases[0].id, "r1")
    assert d.known.referrals == ()
    for old in (YES, NO):
        d.presses(old)
        assert "nothing was changed" in d.text
    d.says("menu").says("yes")
    assert answers(d) == [what]


def test_other_words_are_for_the_officer_and_the_question_waits() -> None:
    """Somebody who asks back has not answered."""
    d = asked().says("Who are they?")
    assert [e.what for e in d.effects if isinstance(e, AddToCase)] == ["message"]
    assert d.question == "referral"
    assert d.says("yes").known.referrals == ()


def test_in_the_middle_of_a_check_a_typed_yes_is_no_consent() -> None:
    """It answers what stood before. The buttons and their whole labels work at once; afterwards the question is put again."""
    d = filed()
    for move in ("go:check", "host:HU", "nationality:TR"):
        d.presses(move)
    standing = d.question
    asked(d)
    assert d.tokens == [YES, NO]
    assert d.question == standing
    for word in ("yes", "1"):
        assert answers(d.copy().says(word)) == []
    d.presses("permit:visa").says("20 May 2020")
    while d.question not in ("answer", "referral"):
        d.presses(f"{d.question}:yes")
    assert d.question == "referral"
    assert YES in d.tokens
    assert answers(d.says("yes")) == ["referral_agreed"]


@pytest.mark.parametrize(("word", "what"), [(YES, "referral_agreed"), ("No, leave it here", "referral_declined")])
def test_answered_in_the_middle_of_a_check_the_check_goes_on(word: str, what: str) -> None:
    """The thanks come first, then the question that stood."""
    d = filed()
    for move in ("go:check", "host:HU", "nationality:TR"):
        d.presses(move)
    standing = d.question
    asked(d)
    (d.presses if ":" in word else d.says)(word)
    assert answers(d) == [what]
    assert d.question == standing


def test_my_cases_shows_the_question_again() -> None:
    """Whoever lost it finds it where they look."""
    d = asked().says("menu").says("status")
    assert YES in d.tokens
    assert d.question == "referral"
    assert d.presses("language:en").question == "referral"


def test_outside_whatsapps_window_a_template_knocks_and_the_question_waits() -> None:
    """It is put when they write; their first words are not taken for its answer, and it is put once."""
    d = filed(chat="whatsapp:+998900000000")
    d.clock += timedelta(days=2)
    asked(d)
    assert [r.template for r in d.replies] == ["answer_ready"]
    assert [(e.about, e.outcome) for e in d.effects if isinstance(e, Delivered)] == [("e1", "parked")]
    d.says("yes")
    assert answers(d) == []
    assert d.tokens.count(YES) == 1
    assert answers(d.says("yes")) == ["referral_agreed"]


def test_a_wish_that_was_taken_back_needs_no_answer() -> None:
    """Its buttons are harmless; who was not asked any more hears only where the case is."""
    d = told(asked(), "referral_withdrawn")
    assert "need not answer" in d.text
    assert "stays with" in d.text
    d.presses(YES).says("yes")
    assert answers(d) == []
    rejected = told(asked().presses(YES), "referral_rejected")
    assert "did not take your case" in rejected.text
    assert "need not answer" not in rejected.text


@pytest.mark.parametrize("days", [0, 3])
def test_it_is_answered_by_typing_days_after_the_last_word(days: int) -> None:
    """Officers ask when they come to it, people answer when they see it; only a check's facts lapse meanwhile."""
    d = filed("sms:+10000000001")
    d.clock += timedelta(days=3)
    asked(d)
    d.clock += timedelta(days=days)
    assert answers(d.says("1")) == ["referral_agreed"]
    told(d, "status", status="closed")
    d.clock += timedelta(days=days)
    assert [e.extras for e in d.says("3").effects if isinstance(e, AddToCase)] == [{"score": "1"}]


def test_asked_twice_is_asked_once() -> None:
    """News that a crash brings again is one question."""
    d = asked(asked())
    assert len(d.known.referrals) == 1
    d.presses(YES).presses(YES)
    assert answers(d) == ["referral_agreed"]


def test_a_case_that_is_solved_asks_no_more() -> None:
    """And nothing of it can be agreed to afterwards."""
    d = asked()
    d.presses(f"solved:{d.known.cases[0].id}").presses(YES)
    assert answers(d) == []


def test_whoever_has_the_case_is_told() -> None:
    """With the status that it has there; taken back it is not *with another authority*."""
    d = told(filed(), "agency", agency="tr-mfa", status="referred")
    assert "is now with" in d.text
    assert (d.known.cases[0].agency, d.known.cases[0].status) == ("tr-mfa", "referred")
    told(d, "agency", agency="uz-migration", status="received")
    assert (d.known.cases[0].agency, d.known.cases[0].status) == ("uz-migration", "received")


def test_how_we_did_is_asked_once_a_case() -> None:
    """When it is decided; not again when it is closed, reopened and closed."""
    d = told(filed(), "status", status="decided")
    case = d.known.cases[0].id
    assert f"rate:3@{case}" in d.tokens
    for again in ("closed", "decided", "closed"):
        assert not [t for t in told(d, "status", status=again).tokens if t.startswith("rate")]
    d.presses(f"rate:2@{case}")
    (effect,) = (e for e in d.effects if isinstance(e, AddToCase))
    assert (effect.what, effect.extras) == ("rating", {"score": "2"})
    for old in (f"rate:3@{case}", f"rate:9@{case}", "rate:3@none"):
        d.presses(old)
        assert not [e for e in d.effects if isinstance(e, AddToCase)]


def test_how_we_did_is_answered_by_a_number_and_other_words_are_for_the_case() -> None:
    """Somebody who disagrees with the decision is heard, not measured."""
    d = told(filed(), "status", status="closed")
    assert [e.extras for e in d.copy().says("1").effects if isinstance(e, AddToCase)] == [{"score": "3"}]
    d.says("This is wrong, please look again.")
    assert [e.what for e in d.effects if isinstance(e, AddToCase)] == ["message"]


def test_who_solves_it_alone_is_asked_too_and_who_shut_us_out_is_not() -> None:
    """Nobody is asked who cannot hear it."""
    d = filed()
    assert any(t.startswith("rate:") for t in d.presses(f"solved:{d.known.cases[0].id}").tokens)
    shut = told(filed(), "blocked")
    assert not [t for t in told(shut, "status", status="decided").tokens if t.startswith("rate")]
    assert isinstance(shut.replies[0], Reply)
