"""The language is switched by its name at any time, and offered, never switched, where a message is in another one."""

from __future__ import annotations

import msgspec
import pytest

from handlers.languages import read_language
from handlers.nouns import Session
from handlers.words import MENU, SMALL
from locales.say import NAMES, voice
from tests.dialogue import Dialogue
from tests.handlers.speaking import after, person, speaker

WRITTEN = {
    "az": "Salam, mən üç aydır burada qalmışam və evə qayıda bilmirəm",
    "kk": "Сәлем, мен үш айдан бері осында тұрып қалдым, үйге қайта алмай жүрмін",
    "tr": "Merhaba, üç aydır burada kaldım ve evime dönemiyorum",
    "uz": "Salom, men uch oydan beri shu yerda qolib ketdim, uyga qaytolmayapman",
    "hu": "Jó napot, három hónapja itt ragadtam, és nem tudok hazamenni",
    "ru": "Здравствуйте, я уже три месяца не могу вернуться домой",
    "tk": "Salam, men üç aý bäri şu ýerde galdym we öýüme gaýdyp bilemok",
}
NOTE = ["go:report", "consent:yes", "report.for_whom:self", "host:UZ", "nationality:TR", "report.place:city", "Nukus"]
NOTE += ["report.needs:legal", "report.needs:done", "report.people:1", "report.contact:-"]
AT_PERMIT = ["go:check", "host:UZ", "nationality:TR"]


@pytest.mark.parametrize(
    ("typed", "tag"), [*((name, tag) for tag, name in NAMES.items()), ("по-турецки", "tr"), ("rusça", "ru")]
)
def test_a_language_is_switched_by_its_name_with_the_answers_kept(typed: str, tag: str) -> None:
    """In the middle of a check: the same question, in the new language."""
    d = speaker("en", *AT_PERMIT, typed)
    assert d.known.locale == tag
    assert d.known.facts == {"host": "UZ", "nationality": "TR"}
    assert d.question == "permit"


def test_a_code_counts_only_where_no_country_and_no_free_words_are_asked() -> None:
    """`kk` at a closed question switches; `tr` where a country is asked is Türkiye; in a note or a place it is what it is."""
    assert speaker("en", *AT_PERMIT, "kk").known.locale == "kk"
    assert person().says("hu").known.locale == "hu"
    d = speaker("en", "go:check", "tr")
    assert (d.known.locale, d.known.facts) == ("en", {"host": "TR"})
    d = speaker("en", *NOTE, "uz")
    assert (d.known.locale, d.draft.answers["note"]) == ("en", "uz")


@pytest.mark.parametrize("typed", ["Turkish", "uzbek", "rus dili", "Kazakh", "török"])
def test_where_a_country_is_asked_a_peoples_name_is_asked_back(typed: str) -> None:
    """*Turkish* may be the citizenship or the language: two buttons, nothing is guessed."""
    tag = read_language(typed)
    d = speaker("en", "go:check", "host:HU", typed)
    assert d.known.locale == "en"
    assert "nationality" not in d.known.facts
    assert d.tokens[0].startswith("nationality:")
    assert d.tokens[1] == f"language:{tag}"
    assert d.copy().presses(d.tokens[1]).known.locale == tag
    assert d.presses(d.tokens[0]).question == "permit"
    d = speaker("en", "go:check", "host:HU", WRITTEN["ru" if tag != "ru" else "hu"], typed)
    assert d.tokens[0].startswith("nationality:")


def test_a_countrys_name_is_never_a_language() -> None:
    """`Azərbaycan` is the name of both in some of our languages."""
    for name in ("Azərbaycan", "Ozarbayjon", "Türkiye", "Magyarország"):
        d = speaker("en", "go:check", name)
        assert d.known.locale == "en"
        assert d.known.facts["host"] in ("AZ", "TR", "HU")
    d = speaker("en", *NOTE[:6], "Qazax")
    assert (d.known.locale, d.draft.answers["place_name"]) == ("en", "Qazax")


def test_no_menu_word_is_a_language() -> None:
    """Each means one thing."""
    assert not [word for word in (*MENU, *SMALL) if read_language(word)]


@pytest.mark.parametrize(("tag", "text"), WRITTEN.items())
def test_a_message_in_another_language_offers_it_and_never_switches(tag: str, text: str) -> None:
    """Not understood at a question: one button for the language, one to stay; said in both languages; once."""
    d = speaker("en", *AT_PERMIT, text)
    assert d.known.locale == "en"
    assert d.question == "switch"
    assert d.tokens[-2:] == [f"language:{tag}", "go:stay"]
    assert NAMES[tag] in d.text
    stayed, switched = d.copy().presses("go:stay"), d.copy().presses(f"language:{tag}")
    assert (stayed.known.locale, stayed.question) == ("en", "permit")
    assert (switched.known.locale, switched.question) == (tag, "permit")
    assert voice(tag).gettext("On what ground do you stay there?") in switched.text
    assert stayed.says(text).question == "permit"
    assert stayed.known.facts == switched.known.facts == {"host": "UZ", "nationality": "TR"}


@pytest.mark.parametrize(
    ("stored", "tag"), [("tr", "ru"), ("ru", "uz"), ("hu", "kk"), ("kk", "hu"), ("az", "tr"), ("uz", "az")]
)
def test_a_note_in_another_language_is_stored_and_then_the_language_offered(stored: str, tag: str) -> None:
    """The words are kept as written; the offer comes with the next question."""
    d = speaker(stored, *NOTE, WRITTEN[tag])
    assert d.draft.answers["note"] == WRITTEN[tag]
    assert d.tokens == ["report.files:done", f"language:{tag}", "go:stay"]
    switched = d.copy().presses(f"language:{tag}")
    assert (switched.known.locale, switched.question) == (tag, "report.files")
    assert d.presses("go:stay").question == "report.files"


def test_the_question_before_an_offer_can_simply_be_answered() -> None:
    """By its button, by its label, or by *yes* and *no* to the offer itself."""
    d = speaker("en", *AT_PERMIT, WRITTEN["hu"])
    assert d.copy().presses("permit:visa").known.facts["permit"] == "visa"
    assert d.copy().says("Visa").known.facts["permit"] == "visa"
    assert d.copy().says("igen").known.locale == "hu"
    assert d.copy().says("no").known.locale == "en"
    assert d.copy().says("no").question == "permit"
    assert d.says("menu").question == "menu"


def test_an_offer_leads_back_to_where_one_was() -> None:
    """From the first question, the menu, and a question beside the interview too."""
    for moves, question in (([], "start"), (["menu"], "menu"), (["stop"], "stop"), (["delete"], "delete")):
        d = after(speaker("en", *moves), "Скажите, пожалуйста, сколько теперь времени и когда будет хорошая погода")
        assert d.question == "switch"
        assert d.copy().presses("go:stay").question == question
        assert d.presses("language:ru").question == question


def test_own_words_in_another_language_are_read_and_the_language_offered() -> None:
    """The reading stands, and is shown again in the language that is chosen."""
    d = speaker("en", "Я гражданин Кыргызстана, застрял в Ташкенте, виза закончилась 15 апреля 2020, нужен врач")
    assert d.question == "switch"
    assert "Kyrgyzstan" in d.text
    d.presses("language:ru")
    assert d.question == "own"
    assert "Кыргызстан" in d.text
    assert d.known.facts == {}


def test_a_message_on_a_case_is_added_and_then_the_language_offered() -> None:
    """The officer sees it in any case."""
    d = speaker("en", *NOTE, "Words.", "report.files:done", "send:yes@1").says(WRITTEN["tr"])
    assert [e.body for e in d.effects if hasattr(e, "body")] == [WRITTEN["tr"]]
    assert d.tokens[-2:] == ["language:tr", "go:stay"]
    d.says("one more thing")
    assert [e.body for e in d.effects if hasattr(e, "body")] == ["one more thing"]


def test_a_session_from_before_these_fields_is_read() -> None:
    """During a rolling deploy, old sessions meet new readers and new ones old readers."""
    asking = '{"question":"host","offered":[["host:UZ","a"]],"short":[],"tries":1}'
    old = f'{{"chat":"web:1","ref":"r","locale":"tr","facts":{{"host":"UZ"}},"asking":{asking}}}'
    session = msgspec.json.decode(old, type=Session)
    assert session.own is None
    assert session.proposed == ()
    assert session.asking
    assert session.asking.before is None
    d = Dialogue()
    d.session = session
    assert d.says("menu").question == "menu"
