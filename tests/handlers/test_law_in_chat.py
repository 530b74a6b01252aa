"""The law as a citizen meets it in the chat: why, what has changed, reminders, and the ordinary rules."""

from __future__ import annotations

from datetime import date, timedelta

from handlers.nouns import Remind, Session
from handlers.reminding import can_remind
from relief.nouns import Assessment
from tests.dialogue import Dialogue
from tests.handlers.test_conversation import begun, play


def answered(*moves: str, chat: str = "web:demo", today: date = date(2020, 5, 8)) -> Dialogue:
    """A person with an answer."""
    d = Dialogue(chat, today).says("/start").presses("language:en").presses("go:check")
    return play(d, list(moves))


def tashkent(chat: str = "web:demo") -> Dialogue:
    """Covered until 1 June 2020."""
    return answered("host:UZ", "nationality:TR", "permit:visa", "20 May 2020", chat=chat)


def reminders(d: Dialogue) -> dict[str, Remind]:
    """The timers set or cancelled in the last turn, by their kind."""
    return {e.id.rpartition(":")[2]: e for e in d.effects if isinstance(e, Remind)}


def test_a_reminder_is_set_with_one_press() -> None:
    """A week before the last day, and before each duty's; the facts are kept no longer for it."""
    d = tashkent().presses("Remind me")
    set_ = reminders(d)
    assert {"relief", "duty0"} <= set(set_)
    assert set_["relief"].at == d.clock + timedelta(days=17)  # 25 May, a week before 1 June
    assert "May 24, 2020" in d.text
    assert d.last.keep == 86_400
    assert "UZ" not in set_["relief"].body


def test_the_reminder_comes_when_the_session_is_long_gone() -> None:
    """In the language the person chose, with the day, and a button to check again."""
    d = tashkent().presses("Remind me")
    body = reminders(d)["relief"].body
    d.session = None
    d.hear(d.event("tick", body))
    assert "June 1, 2020, Monday" in d.text
    assert d.known.locale == "en"
    assert d.presses("Check my stay").question == "host"


def test_a_dutys_reminder_says_what_to_do() -> None:
    """Its text and its last day."""
    d = tashkent().presses("Remind me")
    d.hear(d.event("tick", reminders(d)["duty0"].body))
    assert "May 31, 2020" in d.text


def test_stop_ends_reminders() -> None:
    """All of them; one that is on its way already stays silent."""
    d = tashkent().presses("Remind me")
    body = reminders(d)["relief"].body
    d.says("stop").presses("stop:all")
    assert all(e.at is None for e in reminders(d).values())
    assert not d.hear(d.event("tick", body)).replies


def test_a_reminder_outside_whatsapps_window_knocks_and_waits() -> None:
    """The template first; the reminder itself when the person writes."""
    d = tashkent("whatsapp:+10000000001").presses("Remind me")
    body = reminders(d)["relief"].body
    d.session = Session(d.chat, d.known.ref)
    d.hear(d.event("tick", body))
    assert [reply.template for reply in d.replies] == ["answer_ready"]
    assert d.last.keep > 86_400
    assert "June 1, 2020" in d.says("hello").text


def test_no_reminder_is_offered_where_none_can_come() -> None:
    """No last day, or one that is too near."""
    day = date(2020, 5, 8)
    assert "go:remind" not in answered("host:UZ", "nationality:UZ").tokens
    assert not can_remind(Assessment(day, "covered", open_ended=True), day)
    assert not can_remind(Assessment(day, "covered", day + timedelta(days=1)), day)
    assert can_remind(Assessment(day, "covered", day + timedelta(days=2)), day)
    assert not can_remind(Assessment(day, "unclear", day + timedelta(days=20)), day)


def test_an_unreadable_reminder_is_silent() -> None:
    """From another version: nothing is guessed, nothing breaks."""
    assert not begun().hear(begun().event("tick", "relief|xx")).replies


def test_why_tells_every_measure_and_what_it_means() -> None:
    """Those that protect first, those that do not with the reason, each with its day and sources."""
    d = tashkent().presses("Why?")
    assert "It protects you." in d.text
    assert "A later measure replaced this one." in d.text
    assert "Known since April 20, 2020, Monday." in d.text
    assert "https://www.gazeta.uz/uz/2020/04/20/prolongation/" in d.text


def test_what_has_changed_lists_ended_measures_as_ended() -> None:
    """The newest first; the person goes on where they were."""
    d = tashkent().says("what has changed")
    lines = d.text.splitlines()
    newest = lines.index("Visas and visa-free stays extended to 1 June 2020")
    older = lines.index("Visas and visa-free stays extended to 5 May 2020")
    assert newest < older
    assert lines[newest + 2] == "In force."
    assert lines[older + 2] == "Ended."


def test_who_does_not_know_the_last_day_is_offered_the_ordinary_one() -> None:
    """From the day of entry, with the rule and how sure it is; never taken without asking."""
    d = answered("host:UZ", "nationality:TR", "permit:visa_free", "expires:unknown")
    assert d.question == "entered"
    d.says("1 March 2020")
    assert d.question == "expires"
    assert "Citizens of Türkiye may stay 30 days in Uzbekistan without a visa." in d.text
    assert "March 30, 2020" in d.text
    assert d.known.facts["expires"] == "unknown"
    assert d.presses("Yes, use this day").question != "expires"
    assert d.known.facts["expires"] == "2020-03-30"


def test_who_is_not_sure_of_it_goes_on_without() -> None:
    """No loop."""
    d = answered("host:UZ", "nationality:TR", "permit:visa_free", "expires:unknown", "1 March 2020", "expires:unknown")
    assert d.question == "answer"


def test_an_overstays_cost_is_told_where_nothing_protects() -> None:
    """By the ordinary rules, as far as a source says."""
    d = answered("host:UZ", "nationality:TR", "permit:none", "expires:unknown", "unable_to_leave:no")
    assert d.question == "answer"
    assert "5 to 10 base calculation amounts (BHM" in d.text


def test_a_day_without_its_year_is_offered_and_not_taken() -> None:
    """Of entry, where the past gives one likely year: still a guess."""
    d = answered("host:UZ", "nationality:TR", "permit:visa_free", "expires:unknown").says("1 March")
    assert d.question == "entered"
    assert d.tokens[0] == "entered:2020-03-01"
    assert "entered" not in d.known.facts
