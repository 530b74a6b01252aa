"""A person tells in their own words what happened: what they surely said is shown, taken when they say it is right, and not asked
again; their words reach the officer.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from handlers.alarm import in_danger
from handlers.commands import CALL, KEPT
from handlers.labels import COUNTRY_FACTS
from handlers.nouns import AddToCase, Media
from handlers.sentence import spoken
from handlers.step import KEEP_CHECK
from locales.say import NAMES, voice
from tests.dialogue import Dialogue, round_trip
from tests.handlers.speaking import after, correct, filed, person, speaker, wrong

TOLD = {
    "en": (
        "I am from Uzbekistan, stuck at Istanbul airport, my visa ended on 20 April 2020, we are 3 people, need food",
        {"nationality": "UZ", "host": "TR", "place": "airport_zone", "permit": "visa", "expires": "2020-04-20"},
    ),
    "tr": (
        "Özbekistan vatandaşıyım, İstanbul havalimanında mahsur kaldım, vizem 20 Nisan 2020'de bitti",
        {"nationality": "UZ", "host": "TR", "place": "airport_zone", "permit": "visa", "expires": "2020-04-20"},
    ),
    "uz": (
        "Men Oʻzbekiston fuqarosiman, Budapeshtda qolib ketdim, vizam 20-aprelda tugadi, pulim yoʻq",
        {"nationality": "UZ", "host": "HU", "place": "city", "permit": "visa", "expires": "2020-04-20"},
    ),
    "uz_Cyrl": (
        "Мен Ўзбекистон фуқаросиман, Истанбулда қолиб кетдим, визам 20 апрелда тугади",
        {"nationality": "UZ", "host": "TR", "place": "city", "permit": "visa", "expires": "2020-04-20"},
    ),
    "ru": (
        "Я гражданин Кыргызстана, застрял в Ташкенте, виза закончилась 15 апреля 2020, нужен врач",
        {"nationality": "KG", "host": "UZ", "place": "city", "permit": "visa", "expires": "2020-04-15"},
    ),
    "kk": (
        "Мен Қазақстан азаматымын, Стамбулда қалып қойдым, визам 20 сәуірде бітті",
        {"nationality": "KZ", "host": "TR", "place": "city", "permit": "visa", "expires": "2020-04-20"},
    ),
    "ky": (
        "Мен Кыргызстан жаранымын, Стамбулда калып калдым, визам 20-апрелде бүттү",
        {"nationality": "KG", "host": "TR", "place": "city", "permit": "visa", "expires": "2020-04-20"},
    ),
    "hu": (
        "Magyar állampolgár vagyok, Taskentben ragadtam, a vízumom 2020. április 20-án lejárt",
        {"nationality": "HU", "host": "UZ", "place": "city", "permit": "visa", "expires": "2020-04-20"},
    ),
    "az": (
        "Mən Azərbaycan vətəndaşıyam, Daşkənddə qalmışam, vizam 20 aprel 2020 bitib, pulum yoxdur",
        {"nationality": "AZ", "permit": "visa", "expires": "2020-04-20"},
    ),
    "tk": (
        "Men Türkmenistanyň raýaty, Stambulda galdym, wizam 20-nji aprelde gutardy",
        {"nationality": "TM", "host": "TR", "place": "city", "permit": "visa", "expires": "2020-04-20"},
    ),
}
"""A first message in each language, and facts of the law that it says."""
HELP = "I am in Tashkent, we are 3 people with 2 children, I need a doctor, we need food"
NOTED = ["go:report", "consent:yes", "report.for_whom:self", "host:UZ", "nationality:TR", "report.place:city", "Nukus"]
NOTED += ["report.needs:legal", "report.needs:done", "report.people:1", "report.contact:-"]
REST = ["report.for_whom:self", "nationality:TR", "report.contact:-", "report.files:done"]


@pytest.mark.parametrize("tag", NAMES)
def test_what_a_person_tells_is_shown_and_then_not_asked(tag: str) -> None:
    """In each language: country, citizenship and a long date in its words; nothing is a fact before *Correct*."""
    text, said = TOLD[tag]
    d = speaker(tag, text)
    assert d.question == "own"
    assert d.known.facts == {}
    for fact, value in said.items():
        words = voice(tag).country(value) if fact in COUNTRY_FACTS else ""
        words = voice(tag).day(date.fromisoformat(value)) if fact == "expires" else words
        assert words in d.text
    correct(d)
    assert said.items() <= d.known.facts.items()
    assert d.question not in said


@pytest.mark.parametrize("tag", NAMES)
def test_words_before_a_language_are_heard_after_it(tag: str) -> None:
    """The language they are surely in is the first button; what is kept is told before anything else."""
    text, said = TOLD[tag]
    d = person(hint="fr").says(text)
    assert d.question == "language"
    assert d.tokens[0] == f"language:{tag}"
    d.presses(d.tokens[0])
    assert d.question == "own"
    assert d.text.startswith(spoken(voice(tag), KEPT))
    assert said.items() <= correct(d).known.facts.items()


@pytest.mark.parametrize(
    "greeting",
    [
        "Jó napot kívánok", "Assalomu alaykum!", "Саламатсызбы", "Сәлеметсіз бе", "Hello, good day", "Здравствуйте, добрый день",
        "Merhaba, iyi günler", "Salam əleyküm",
    ],
)  # fmt: skip
def test_a_greeting_tells_nothing(greeting: str) -> None:
    """It is answered as before, and does not open the officer's note."""
    assert person().says(greeting).known.own is None
    assert speaker("en", greeting).known.own is None


def test_several_messages_before_a_language_are_one_story() -> None:
    """All are kept, in order."""
    d = after(person(), "Я гражданин Кыргызстана", "я застрял в Ташкенте", "language:ru")
    assert {"nationality": "KG", "host": "UZ"}.items() <= correct(d).known.facts.items()
    assert d.known.own
    assert d.known.own.words == "Я гражданин Кыргызстана\nя застрял в Ташкенте"


def test_typing_yes_or_no_answers_the_reading() -> None:
    """In the person's language: evet takes it, hayır asks what is wrong."""
    d = speaker("tr", TOLD["tr"][0])
    assert d.copy().says("evet").known.facts["nationality"] == "UZ"
    assert d.says("hayır").question == "own.change"


def test_a_fact_read_wrongly_is_taken_out_and_asked() -> None:
    """The others are shown again; *Correct* takes those, and the interview asks for the one."""
    d = wrong(speaker("uz", TOLD["uz"][0])).presses("change:own.nationality")
    assert d.question == "own"
    assert voice("uz").country("UZ") not in d.text
    correct(d)
    assert "nationality" not in d.known.facts
    assert d.known.facts["host"] == "HU"
    assert d.question == "nationality"


def test_a_reading_can_be_given_up_whole() -> None:
    """Step by step then, from the first question; the words stay for the officer."""
    d = wrong(speaker("ru", TOLD["ru"][0])).presses("own:none")
    assert d.known.facts == {}
    assert d.question == "host"
    assert d.known.own
    assert d.known.own.words == TOLD["ru"][0]


def test_pressing_change_by_mistake_changes_nothing() -> None:
    """*None, go on* shows the reading again."""
    d = speaker("kk", TOLD["kk"][0])
    shown = d.text
    assert wrong(d).presses("own:show").text == shown


def test_an_old_correct_takes_nothing_that_it_did_not_show() -> None:
    """After a fact was taken out, the button of the first reading only shows what is left."""
    d = speaker("hu", TOLD["hu"][0])
    old = d.tokens[0]
    wrong(d).presses("change:own.expires").presses(old)
    assert d.question == "own"
    assert d.known.facts == {}
    assert correct(d).presses(old).question == d.question
    assert "expires" not in d.known.facts


def test_more_words_add_to_the_reading() -> None:
    """A person writes in pieces; each piece is shown with what was read before."""
    d = speaker("en", "I am from Kazakhstan and stuck", "I am in Tashkent now")
    assert d.question == "own"
    assert {"nationality": "KZ", "host": "UZ"}.items() <= correct(d).known.facts.items()


def test_what_is_already_known_is_not_overwritten_unseen() -> None:
    """Another country is shown before it counts; and nothing of the old stay outlives it."""
    d = speaker("en", "go:check", "host:UZ", "nationality:TR", "permit:visa", "20 May 2020")
    facts = d.known.facts
    d.says("Now I am in Budapest with my wife")
    assert d.question == "own"
    assert d.known.facts == facts
    assert "Hungary" in d.text
    correct(d)
    assert d.known.facts == {"nationality": "TR", "host": "HU", "place": "city"}
    assert d.question == "permit"


def test_another_permit_does_not_inherit_a_last_day() -> None:
    """The day on the old document says nothing of the new one."""
    d = speaker("en", "go:check", "host:UZ", "nationality:TR", "permit:registration", "expires:2020-05-20")
    assert d.known.facts["expires"] == "2020-05-20"
    correct(d.says("My visa has ended, I am sorry"))
    assert d.known.facts == {"host": "UZ", "nationality": "TR", "permit": "visa"}
    assert d.question == "expires"


def test_words_before_a_language_in_which_nothing_is_read_lead_to_the_first_question() -> None:
    """Kindly, with what is kept, and the words stay for the officer."""
    d = after(person(), "good people please help", "language:en")
    assert d.question == "start"
    assert d.text.startswith("Thank you.")
    assert spoken(voice("en"), KEPT) in d.text
    assert d.known.own
    assert d.known.own.words == "good people please help"


@pytest.mark.parametrize("token", ["own:yes@00000000", "own:no@", "own:none", "own:show", "own:"])
def test_a_button_of_a_reading_that_is_gone_takes_nothing(token: str) -> None:
    """It says so, and the question that stands is put again."""
    d = after(speaker("en", "go:check", "host:UZ"), token)
    assert d.known.facts == {"host": "UZ"}
    assert d.question == "nationality"


def test_more_words_that_say_nothing_keep_the_reading() -> None:
    """They are kept with the others; the reading is shown again."""
    d = speaker("en", HELP)
    d.says("please answer me quickly")
    assert d.question == "own"
    assert "Tashkent" in d.text
    assert d.known.own
    assert d.known.own.words.endswith("\nplease answer me quickly")


def test_when_every_fact_is_taken_out_the_questions_begin() -> None:
    """One by one."""
    d = wrong(speaker("en", "I am from Kazakhstan and stuck")).presses("change:own.nationality")
    assert d.question == "host"
    assert "step by step" in d.text


def test_what_is_known_already_is_not_asked_for_again() -> None:
    """A message that says nothing new goes on with the check."""
    d = speaker("en", "go:check", "host:UZ", "nationality:TR", "menu")
    assert d.says("I am a citizen of Turkey").question == "permit"


def test_a_need_is_heard_before_the_law() -> None:
    """Who needs a doctor and says nothing of a permit comes to the report, with consent as always."""
    d = correct(speaker("en", HELP))
    assert d.question == "consent"
    assert after(d, "consent:yes").question == "report.for_whom"


def test_a_report_begins_with_what_was_told() -> None:
    """Place, people, children, needs and the words are in it; each is shown at the end and can be changed."""
    d = after(correct(speaker("en", HELP)), "consent:yes", *REST)
    assert d.question == "report.review"
    assert HELP in d.text
    assert "Tashkent" in d.text
    assert {f"change:report.{name}" for name in ("place", "place_name", "people", "minors", "needs", "note")} <= set(
        d.presses("go:change").tokens
    )
    after(d, "change:report.note", "We only need a doctor.", "send:yes@1")
    case = filed(d)
    assert case.report["note"] == "We only need a doctor."
    assert (case.report["people"], case.report["minors"], case.report["needs"]) == ("3", "2", "medical,food")
    assert case.priority == "urgent"


def test_a_report_after_the_check_takes_the_words_too() -> None:
    """Turkish, from the first word to the case."""
    text = TOLD["tr"][0]
    d = correct(person().says(text).presses("language:tr"))
    while d.question != "answer":
        d.presses(next(t for t in d.tokens if t.endswith((":yes", ":unknown"))))
    after(d, "go:report", "consent:yes", "report.for_whom:self", "report.needs:legal", "report.needs:done", "1")
    after(d, "report.contact:-", "report.files:done", "send:yes@1")
    case = filed(d)
    assert case.report["note"] == text
    assert case.report["place_id"] == "IST"
    assert case.locale == "tr"


def test_words_in_which_nothing_was_read_are_kept_and_the_note_is_still_asked() -> None:
    """Both reach the officer."""
    d = speaker("en", "good people please help")
    assert d.question == "start"
    after(
        d, "go:report", "consent:yes", "report.for_whom:self", "host:UZ", "nationality:TR", "report.place:city", "Nukus"
    )
    after(d, "report.needs:legal", "report.needs:done", "1", "report.contact:-")
    assert d.question == "report.note"
    after(d, "The border is closed.", "report.files:done", "send:yes@1")
    assert filed(d).report["note"] == "good people please help\nThe border is closed."


def test_words_beside_a_report_that_was_begun_go_into_it() -> None:
    """Said at the menu, in the middle of a report: the note takes them, whatever stands in it; a dash at a line's head stays."""
    d = speaker(
        "en", *NOTED, "- we are hungry", "menu", "can you please hurry up", "can you please hurry up", "go:report"
    )
    assert d.draft.answers["note"] == "- we are hungry\ncan you please hurry up"
    d = speaker(
        "en", "good people please help", "go:report", "consent:yes", "menu", "can you please hurry up", "go:report"
    )
    assert d.draft.answers["note+"] == "good people please help\ncan you please hurry up"


def test_the_caption_of_a_file_joins_the_words() -> None:
    """None of them is lost."""
    d = speaker("en", "good people please help", "go:report", "consent:yes")
    d.sends(Media("photo", "file-1", "image/jpeg"), caption="my ticket")
    assert d.draft.answers["note"] == "good people please help\nmy ticket"


def test_where_nothing_is_read_the_answer_is_kind() -> None:
    """Step by step, and the first question again; the second time with the way to a person."""
    d = speaker("en", "what is the weather today")
    assert d.question == "start"
    assert "step by step" in d.text
    assert "did not understand" not in d.text
    assert "human" in d.says("can you hear me please").text


def test_nothing_is_kept_of_the_words_without_consent() -> None:
    """No consent: they are gone. No answer: they are gone after a day."""
    d = after(correct(speaker("en", HELP)), "consent:no")
    assert d.known.own is None
    d = speaker("en", HELP)
    assert d.last.keep == KEEP_CHECK
    d.clock += timedelta(days=1, minutes=1)
    assert d.says("menu").known.own is None


def test_the_words_are_shown_to_who_asks_for_their_data() -> None:
    """With what was read in them."""
    d = speaker("en", HELP)
    assert HELP in d.says("my data").text
    assert "Tashkent" in d.text


def test_on_a_case_a_message_is_a_message() -> None:
    """With a case open, words go to the officer and are not read."""
    d = after(correct(speaker("en", HELP)), "consent:yes", *REST, "send:yes@1")
    d.says("I am in Budapest now with my wife")
    assert d.known.own is None
    assert [e.body for e in d.effects if hasattr(e, "body")] == ["I am in Budapest now with my wife"]


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("en", "I am in Tashkent and I am in danger, please help"),
        ("ru", "Я в Ташкенте, мне угрожают, мне нужна помощь"),
        ("tr", "Taşkent'teyim, beni dövüyorlar, yardım edin"),
        ("uz", "Men Toshkentdaman, hayotim xavf ostida"),
        ("hu", "Taskentben vagyok, veszélyben van az életem"),
    ],
)
def test_danger_comes_first(tag: str, text: str) -> None:
    """Emergency numbers, and the question about danger; what was read waits until after it, and is not lost."""
    d = speaker(tag, text)
    assert "102" in d.text
    assert d.question == "start"
    first = person().says(text)
    assert "102" in first.text
    assert first.presses(f"language:{tag}").text.startswith(spoken(voice(tag), CALL))
    d.presses("go:danger")
    assert d.draft.urgent
    assert after(d, "consent:yes").question == "own"
    assert "host" not in correct(d).known.facts or d.known.facts["host"] == "UZ"
    assert d.draft.answers["note"] == text


@pytest.mark.parametrize(
    "text", ["yordam qil", "zorluk çekiyorum", "two kilometers away", "Korkut bey", "my visa ended"]
)
def test_other_words_are_no_alarm(text: str) -> None:
    """Words that only sound alike."""
    assert not in_danger(text)


def test_the_emergency_button_is_under_the_reading() -> None:
    """Who told first was never asked about danger."""
    assert "go:danger" in person().says(TOLD["az"][0]).presses("language:az").tokens


def test_an_edited_story_is_read_again() -> None:
    """Both versions stay; the new fact is shown before it counts."""
    d = speaker("en").says("I am from Kazakhstan and stuck", message="m1")
    correct(d)
    d.hear(d.event("text", "I am from Kazakhstan and stuck in Tashkent", edits="m1"))
    assert d.question == "own"
    assert "host" not in d.known.facts
    assert correct(d).known.facts == {"nationality": "KZ", "host": "UZ", "place": "city"}


def test_a_story_edited_later_follows_its_first_version() -> None:
    """Into the draft's note, then onto the case."""
    d = correct(speaker("en").says(HELP, message="m1"))
    after(d, "consent:yes").hear(d.event("text", "It is my heart", edits="m1"))
    assert d.draft.answers["note"] == f"{HELP}\nIt is my heart"
    after(d, "menu", "go:report", *REST, "send:yes@1").hear(d.event("text", "My heart and my leg", edits="m1"))
    assert [(e.what, e.body) for e in d.effects if isinstance(e, AddToCase)] == [("edit", "My heart and my leg")]


@pytest.mark.parametrize(
    ("tag", "text", "question"),
    [("en", "I need help", "consent"), ("en", "check if I may stay", "host"), ("en", "in danger", "consent")],
)
def test_the_first_buttons_may_be_written_without_their_yes_or_no(tag: str, text: str, question: str) -> None:
    """*I need help* is the button that says it."""
    assert speaker(tag, text).question == question


def test_start_says_that_own_words_are_welcome() -> None:
    """Nobody has to press buttons."""
    assert "in your own words" in speaker("en").text


def test_the_words_survive_the_store_and_are_never_printed() -> None:
    """As all that is known of a person; and a session from before there were own words is read."""
    d = speaker("en", HELP)
    assert round_trip(d.known) == d.known
    assert "Tashkent" not in repr(d.known)
    assert "doctor" not in repr((d.known.own, d.last))


def test_a_menu_word_leaves_the_reading_and_the_check_comes_back_to_it() -> None:
    """Nothing goes on over an open reading."""
    d = speaker("ru", TOLD["ru"][0], "меню")
    assert d.question == "menu"
    assert d.presses("go:check").question == "own"


def test_back_takes_the_last_fact_out() -> None:
    """As after any other answer."""
    d: Dialogue = correct(speaker("en", "I am from Kazakhstan, stuck in Tashkent"))
    assert d.question == "permit"
    assert d.says("back").question in ("nationality", "host", "place")
