"""The promises of the conversation, one a test."""

from datetime import date, timedelta
from itertools import product

import pytest

from handlers.nouns import AddToCase, CloseCase, Export, Forget, Media, OpenCase, Remind, Session
from handlers.step import KEEP_CASE, KEEP_CHECK, KEEP_DRAFT
from tests.dialogue import Dialogue, pack

PHOTO = Media("photo", "file-1", "image/jpeg")
REPORT = [
    "report.for_whom:self",
    "report.place:city",
    "Tashkent",
    "report.needs:legal",
    "report.needs:done",
    "report.people:1",
]
REPORT += ["report.contact:-", "We cannot leave.", "report.files:done"]


def begun(chat: str = "web:demo", hint: str = "") -> Dialogue:
    """A person who has chosen English."""
    return Dialogue(chat, hint=hint).says("/start").presses("language:en")


def play(d: Dialogue, moves: list[str]) -> Dialogue:
    """Tokens are pressed, other words are typed."""
    for move in moves:
        (d.presses if ":" in move else d.says)(move)
    return d


def in_report(d: Dialogue | None = None) -> Dialogue:
    """A person at the report's review."""
    d = play(d or begun(), ["go:report", "consent:yes", *REPORT[:1], "host:UZ", "nationality:TR", *REPORT[1:]])
    assert d.question == "report.review"
    return d


def filed(d: Dialogue | None = None) -> Dialogue:
    """A person with a case."""
    return in_report(d).presses("Send it now")


def opened(d: Dialogue) -> list[OpenCase]:
    """All cases filed in this dialogue."""
    return [e for e in d.all_effects if isinstance(e, OpenCase)]


def test_the_language_comes_first_and_the_hint_only_preselects() -> None:
    """Each language in its own name; the phone's language is the first button, and nothing is chosen by it."""
    d = Dialogue(hint="en-GB").says("merhaba")
    assert d.question == "language"
    assert d.tokens[0] == "language:en"
    assert not d.known.locale


@pytest.mark.parametrize("host", ["UZ", "HU"])
def test_the_answer_comes_within_eight_taps(host: str) -> None:
    """For every citizenship and every ground of stay, from the first message to the relief answer."""
    for nationality, permit in product(pack().states, pack().permits(host)):
        if nationality == host:
            continue
        d, taps = begun(), 1
        while d.question != "answer":
            taps += 1
            assert taps <= 8, (nationality, permit, d.question)
            known = {"host": f"host:{host}", "nationality": f"nationality:{nationality}", "permit": f"permit:{permit}"}
            move = {"start": "go:check", **known, "expires": "20 May 2020"}.get(d.question, f"{d.question}:yes")
            play(d, [move])


def test_danger_shows_local_numbers_at_once() -> None:
    """One press, before any other question; those of the country if it is known."""
    d = begun().presses("go:danger")
    assert "102" in d.text
    d = play(begun(), ["go:check", "host:UZ"]).presses("go:danger")
    assert "102" in d.text
    assert "Hungary" not in d.text.partition("It takes a few")[0]


def test_the_report_in_danger_is_short() -> None:
    """Country, place, words, contact, citizenship; then it can be sent, marked as danger."""
    d = play(
        begun(),
        ["go:danger", "consent:yes", "host:UZ", "report.place:city", "Tashkent", "I am followed.", "report.contact:-"],
    )
    d.presses("nationality:TR")
    assert d.question == "report.review"
    d.presses("Send it now")
    assert opened(d)[0].priority == "danger"


def test_nothing_is_kept_without_consent() -> None:
    """The draft is gone when consent is refused, and a check lapses after a day."""
    d = play(begun(), ["go:report", "consent:no"])
    assert d.known.draft is None
    assert d.last.keep == KEEP_CHECK
    assert not opened(d)


def test_consent_keeps_its_version_and_time() -> None:
    """What was agreed to, and when, goes with the case."""
    case = opened(filed())[0]
    assert case.consent.version
    assert case.consent.at.date() == date(2020, 5, 8)


def test_the_review_changes_one_answer() -> None:
    """And comes back, with all other answers as they were."""
    d = play(in_report(), ["go:change", "change:report.people", "4"])
    assert d.question == "report.minors"
    d.says("2")
    assert d.question == "report.review"
    d.presses("Send it now")
    assert opened(d)[0].report["people"] == "4"
    assert opened(d)[0].report["minors"] == "2"


def test_back_asks_the_question_before() -> None:
    """Its answer is taken out; back again goes one further."""
    d = play(begun(), ["go:check", "host:UZ", "nationality:TR"]).says("back")
    assert d.question == "nationality"
    assert d.says("back").question == "host"
    assert d.known.facts == {}


def test_an_old_button_answers_its_own_question() -> None:
    """And the question that stands is put again."""
    d = play(begun(), ["go:check", "host:UZ", "nationality:TR", "host:HU"])
    assert d.known.facts["host"] == "HU"
    assert "Hungary" in d.text
    assert d.question == "permit"


def test_sending_twice_sends_once() -> None:
    """The button of a sent report tells the number again."""
    d = filed()
    ref = opened(d)[0].ref
    d.presses("send:yes@1")
    assert len(opened(d)) == 1
    assert ref in d.text


def test_an_old_delete_button_deletes_nothing() -> None:
    """It asks again; only the question that stands can delete."""
    d = filed().says("delete")
    old = next(t for t in d.tokens if t.startswith("delete:"))
    play(d, ["go:on", "menu", old])
    assert d.session
    assert not [e for e in d.all_effects if isinstance(e, Forget)]
    assert d.question == "delete"


def test_delete_forgets_the_person() -> None:
    """The session at once, the cases by the clerk, the timers too."""
    d = filed().says("delete my data").presses("Yes, delete all")
    assert d.session is None
    wish = next(e for e in d.effects if isinstance(e, Forget))
    assert wish.cases == (opened(d)[0].id,)
    assert any(isinstance(e, Remind) and e.at is None for e in d.effects)


def test_my_data_are_sent() -> None:
    """This chat's part at once, the cases' part through the clerk."""
    d = filed().says("send me my data")
    assert opened(d)[0].ref in d.text
    assert any(isinstance(e, Export) for e in d.effects)


def test_a_second_report_leaves_the_first_alone() -> None:
    """Two cases, two numbers."""
    d = filed()
    play(d, ["go:report", *REPORT]).presses("Send it now")
    first, second = opened(d)
    assert first.id != second.id
    assert first.ref != second.ref
    assert len(d.known.cases) == 2


def test_a_report_waits_while_a_stay_is_checked() -> None:
    """Check in the middle of a report; then go on where it was."""
    d = play(begun(), ["go:report", "consent:yes", "report.for_whom:other", "host:UZ", "nationality:TR"])
    play(d, ["check", "permit:visa", "20 May 2020"])
    assert d.question == "answer"
    assert d.presses("Go on with my report").question == "report.place"


def test_a_half_finished_report_is_offered_once() -> None:
    """After two days; and not again."""
    d = play(begun(), ["go:report", "consent:yes"])
    remind = next(e for e in d.effects if isinstance(e, Remind))
    assert remind.at == d.clock + timedelta(days=2)
    assert d.last.keep == KEEP_DRAFT
    d.clock += timedelta(days=2)
    d.hear(d.event("tick", "draft"))
    assert d.question == "resume"
    assert not d.hear(d.event("tick", "draft")).replies
    d.presses("resume:yes@1")
    assert d.question == "report.for_whom"
    assert not [e for e in d.effects if isinstance(e, Remind)]


def test_whatsapp_is_reminded_inside_its_window() -> None:
    """A reminder after the window could only be a template: it comes before."""
    d = play(begun("whatsapp:+998900000000"), ["go:report", "consent:yes"])
    remind = next(e for e in d.effects if isinstance(e, Remind))
    assert (remind.at or d.clock) - d.clock < timedelta(hours=23, minutes=50)


def test_facts_of_a_check_are_gone_after_a_day() -> None:
    """Even where the session lives on for its cases."""
    d = filed()
    play(d, ["check", "host:HU", "nationality:TR"])
    assert d.last.keep == KEEP_CASE
    d.clock += timedelta(days=1, minutes=1)
    d.says("menu")
    assert d.known.facts == {}
    assert d.known.cases


def test_language_changes_at_any_time_with_answers_kept() -> None:
    """By name, as a whole message."""
    d = play(begun(), ["go:check", "host:UZ"]).says("English")
    assert d.known.facts == {"host": "UZ"}
    assert d.question == "nationality"


def test_an_edited_message_corrects_its_answer() -> None:
    """Both readings are told; nothing is answered twice."""
    d = play(begun(), ["go:check", "host:UZ", "nationality:TR", "permit:visa"])
    d.says("20 May 2020", message="m7")
    assert d.question == "answer"
    d.hear(d.event("text", "20 June 2020", edits="m7"))
    assert d.known.facts["expires"] == "2020-06-20"
    assert d.text.startswith("Changed.")
    assert not d.hear(d.event("text", "thing", edits="unheard-of")).replies


def test_an_edited_message_on_a_case_keeps_both() -> None:
    """The first stays, the new version is added as an edit."""
    d = filed().says("I am at gate 3", message="m1")
    d.hear(d.event("text", "I am at gate 8", edits="m1"))
    assert [e.what for e in d.all_effects if isinstance(e, AddToCase)] == ["message", "edit"]
    assert not d.replies


def test_an_album_is_answered_once() -> None:
    """Each photo is kept, the first is confirmed."""
    d = filed().sends(PHOTO, album="a1")
    assert d.replies
    assert not d.sends(Media("photo", "file-2", "image/jpeg"), album="a1").replies
    assert len([e for e in d.all_effects if isinstance(e, AddToCase)]) == 2


def test_files_reach_the_report() -> None:
    """With their caption as words of the report."""
    d = play(begun(), ["go:report", "consent:yes"]).sends(PHOTO, caption="my ticket")
    assert d.question == "report.for_whom"
    play(d, ["report.for_whom:self", "host:UZ", "nationality:TR", *REPORT[1:4], "report.needs:done", "report.people:1"])
    play(d, ["report.contact:-"])
    play(d, ["report.files:done"]).presses("Send it now")
    assert opened(d)[0].media == (PHOTO,)
    assert opened(d)[0].report["note"] == "my ticket"


def test_needs_are_pressed_one_by_one_or_typed_together() -> None:
    """Both ways give the same answer."""
    before = play(
        begun(), ["go:report", "consent:yes", "report.for_whom:self", "host:UZ", "nationality:TR", *REPORT[1:3]]
    )
    pressed = play(before.copy(), ["report.needs:medical", "report.needs:food", "report.needs:done"])
    typed = before.copy().says("1, 2")
    for d in (pressed, typed):
        assert d.question == "report.people"
        assert d.draft.answers["needs"] == "medical,food"


def test_the_numbers_of_the_needs_stay_while_they_are_chosen() -> None:
    """Who chooses by numbers finds each need at the number it had, and Done after all of them; one chosen twice stays chosen."""
    d = play(begun(), ["go:report", "consent:yes", "report.for_whom:self", "host:UZ", "nationality:TR", *REPORT[1:3]])
    needs = d.tokens
    d.says("4").says("1").says("4")
    assert d.tokens == [*needs, "report.needs:done"]
    assert "Chosen: Money; Doctor or medicine." in d.text
    assert [choice.value for choice in d.replies[-1].choices if choice.chosen] == [needs[0], needs[3]]
    assert d.copy().says("done").draft.answers["needs"] == "money,medical"
    assert d.says(str(len(needs) + 1)).draft.answers["needs"] == "money,medical"


def test_a_number_where_a_number_is_asked_is_that_number() -> None:
    """Not the place of a button: `1` child is one child, although the first button says 0."""
    d = play(
        begun(),
        ["go:report", "consent:yes", "report.for_whom:self", "host:UZ", "nationality:TR", *REPORT[1:5], "3", "1"],
    )
    assert d.draft.answers["minors"] == "1"


def test_a_typed_label_is_that_button_even_where_any_words_are_an_answer() -> None:
    """Who types what the button says means the button; any other words are the answer itself."""
    before = play(
        begun(), ["go:report", "consent:yes", "report.for_whom:self", "host:UZ", "nationality:TR", *REPORT[1:6]]
    )
    assert before.question == "report.contact"
    typed, words = before.copy().says("in this chat only"), before.copy().says("call my brother")
    assert typed.draft.answers["contact"] == "-"
    assert words.draft.answers["contact"] == "call my brother"


def test_an_uncertain_date_is_asked_with_buttons() -> None:
    """Never guessed: 4/5/2020 may be April or May."""
    d = play(begun(), ["go:check", "host:UZ", "nationality:TR", "permit:visa"]).says("4/5/2020")
    assert d.tokens[:2] == ["expires:2020-05-04", "expires:2020-04-05"]
    assert d.question == "expires"
    assert d.presses("expires:2020-05-04").question == "answer"


def test_a_typed_date_is_told_back_in_words() -> None:
    """With the month's name and the weekday."""
    d = play(begun(), ["go:check", "host:UZ", "nationality:TR", "permit:visa"]).says("20.05.2020")
    assert "May 20, 2020, Wednesday" in d.text


def test_an_officers_answer_arrives_with_its_agency_and_number() -> None:
    """And what the person writes next goes on the case."""
    d = filed()
    case = opened(d)[0]
    d.hear(d.event("news", "Please send your ticket.", case=case.id, what="reply", event="e1", agency="uz-migration"))
    assert case.ref in d.text
    assert "Please send your ticket." in d.text
    assert d.replies[0].about == "e1"
    d.says("Here it is")
    added = [e for e in d.effects if isinstance(e, AddToCase)]
    assert [e.case for e in added] == [case.id]


def test_outside_the_window_a_template_knocks_and_the_answer_waits() -> None:
    """WhatsApp: the answer itself comes when the person writes again."""
    d = filed(begun("whatsapp:+998900000000"))
    case = opened(d)[0]
    d.clock += timedelta(days=3)
    d.hear(d.event("news", "Come to the office.", case=case.id, what="reply", event="e1"))
    assert [r.template for r in d.replies] == ["answer_ready"]
    d.hear(d.event("news", "Bring your passport.", case=case.id, what="reply", event="e2"))
    assert not d.replies
    d.says("hello")
    assert [r.about for r in d.replies[:2]] == ["e1", "e2"]


def test_solved_closes_and_a_later_message_opens_again() -> None:
    """Pressing twice closes once."""
    d = filed()
    case = opened(d)[0]
    d.hear(d.event("news", "Done.", case=case.id, what="reply", event="e1"))
    token = next(t for t in d.tokens if t.startswith("solved:"))
    play(d, [token, token])
    assert len([e for e in d.all_effects if isinstance(e, CloseCase)]) == 1
    d.says("It is not solved")
    assert d.known.cases[-1].status == "received"


def test_status_is_told_in_words_for_every_case() -> None:
    """By the menu word, by the number, and by a link with the number."""
    d = filed()
    ref = opened(d)[0].ref
    for move in ("status", ref, ref.lower().replace("-", " ")):
        assert ref in d.says(move).text
    d.hear(d.event("command", "start", start=ref))
    assert ref in d.text


def test_a_blocked_chat_is_told_to_the_desk_once() -> None:
    """So that officers know that their answers do not arrive."""
    d = filed()
    for _ in range(2):
        d.hear(d.event("news", what="blocked"))
    assert [e.what for e in d.all_effects if isinstance(e, AddToCase)] == ["blocked"]


@pytest.mark.parametrize("first", ["their word", "Telegram's"])
def test_whoever_lets_us_in_again_is_told_to_the_desk_once_and_before_their_words(first: str) -> None:
    """Telegram tells it in another queue than the words: whichever comes first, the case's history is the same."""
    d = filed()
    d.hear(d.event("news", what="blocked"))
    if first == "Telegram's":
        d.hear(d.event("news", what="unblocked"))
    d.says("I am here again")
    d.hear(d.event("news", what="unblocked"))
    told = [(e.what, e.body) for e in d.all_effects if isinstance(e, AddToCase)]
    assert told == [("blocked", ""), ("unblocked", ""), ("message", "I am here again")]


def test_news_of_a_forgotten_case_is_silent() -> None:
    """A person who was forgotten hears nothing more of it."""
    d = begun()
    d.hear(d.event("news", "Words.", case="gone", what="reply", event="e1"))
    assert not d.replies
    assert not d.effects


def test_stop_asks_what_to_stop() -> None:
    """The form, the reminders, or nothing."""
    d = play(begun(), ["go:report", "consent:yes"]).says("stop")
    assert {"stop:draft", "stop:all", "go:on"} <= set(d.tokens)
    d.presses("stop:draft")
    assert d.known.draft is None


def test_own_country_needs_no_relief() -> None:
    """A citizen in their own country is told so."""
    d = play(begun(), ["go:check", "host:UZ", "nationality:UZ"])
    assert d.question == "answer"
    assert "your own country" in d.text


def test_reporting_for_somebody_else() -> None:
    """The case says so."""
    d = play(begun(), ["go:report", "consent:yes", "report.for_whom:other", "host:UZ", "nationality:TR", *REPORT[1:5]])
    play(d, ["2", "1", "report.contact:-", "My cousin is ill.", "report.files:done"]).presses("Send it now")
    assert opened(d)[0].report["for_whom"] == "other"
    assert opened(d)[0].priority == "urgent"


def test_nothing_personal_is_printed() -> None:
    """The nouns show no word, number or address in a log or a traceback."""
    d = filed(begun("telegram:424242")).says("my secret words")
    printed = repr((d.session, d.last, *d.all_effects))
    for private in ("424242", "secret", "We cannot leave", "Tashkent"):
        assert private not in printed
    assert isinstance(d.session, Session)


def test_yes_means_danger_only_where_danger_is_asked() -> None:
    """*OK* at the menu must not call for help."""
    assert "102" in begun().says("yes").text
    assert "102" not in begun().says("menu").says("ok").text
