"""Each gate catches the fault it is for, and lets a right translation pass."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from locales import catalogues, forms, glossary, limits
from locales.gates import ALPHABETS, faults
from locales.limits import Room
from locales.say import NAMES, voice

TAGS = tuple(ALPHABETS)
FINE = {
    "az": "Cəriməni 10 gün ərzində ödəyin.",
    "kk": "Айыппұлды 10 күн ішінде төлеңіз.",
    "ky": "Айыпты 10 күн ичинде төлөңүз.",
    "tr": "Cezayı 10 gün içinde ödeyin.",
    "uz": "Jarimani 10 kun ichida toʻlang.",
    "uz_Cyrl": "Жаримани 10 кун ичида тўланг.",
    "hu": "A bírságot 10 napon belül fizesse meg.",
    "ru": "Уплатите штраф в течение 10 дней.",
    "tk": "Jerimäni 10 günde töläň.",
}
"""One right translation a language of `Pay the fine within 10 days.`, into which the tests plant faults."""


@cache
def source() -> Catalog:
    """Every text of ours, collected once."""
    return catalogues.collect()


def english_texts() -> list[str]:
    """The same, each as one string."""
    return [m.id if isinstance(m.id, str) else m.id[0] for m in source() if m.id]


@pytest.mark.parametrize(
    ("tag", "source", "translation", "fault"),
    [
        ("tr", "Your stay", "Kalışınıз", "letters"),
        ("ru", "Your stay", "Baш срок", "letters"),
        ("az", "A day", "Bir gun wə", "letters"),
        ("kk", "Help", "Көмeк", "letters"),
        ("uz", "No", "Yo'q", "oʻ or gʻ"),
        ("tr", "Write here what happened", "Write here what happened", "same as the source"),
        ("hu", "How many people?", "Hány ember ember?", "stands twice"),
        ("tr", "Country: {country}", "{country}da", "glued"),
        ("ru", "Day: {day}", "до{day}", "glued"),
        ("hu", "A day", "Nape\u0301", "NFC"),
        ("tr", "Are you in danger now?", "Şu anda tehlikedesiniz.", "does not end"),
        ("tr", "One.\nTwo.", "Bir. İki.", "lines"),
        ("ru", "A citizen of Kyrgyzstan", "Гражданин Киргизии", "not a word"),
        ("kk", "Azerbaijan", "Әзірбайжан", "not a word"),
        ("ky", "Kazakhstan", "Казахстан", "not a word"),
        ("uz", "No", "Yo‘q", "not a word"),
        ("uz_Cyrl", "5 September 2020", "2020 йил 5 сентябр", "not a word"),
    ],
)
def test_a_planted_fault_is_caught(tag: str, source: str, translation: str, fault: str) -> None:
    """One of each kind."""
    assert any(fault in found for found in faults(tag, source, translation))


@pytest.mark.parametrize(
    ("tag", "source", "translation"),
    [
        ("tr", "Send it in parts.", "Parça parça gönderin."),
        ("ru", "Telegram: {value}", "Telegram: {value}"),
        ("uz", "No", "Yoʻq"),
        ("az", "Help", "Kömək"),
        ("kk", "Are you in danger now?", "Қазір сізге қауіп төніп тұр ма?"),
        ("uz_Cyrl", "from 5 September 2020", "2020 йил 5 сентябрдан"),
        ("ru", "border officers", "пограничники"),
    ],
)
def test_a_right_translation_passes(tag: str, source: str, translation: str) -> None:
    """Names of the source, reduplication, the language's own letters."""
    assert list(faults(tag, source, translation)) == []


def test_every_language_has_its_alphabet() -> None:
    """But English, which is the source."""
    assert {*ALPHABETS, "en"} == set(NAMES)


@pytest.mark.parametrize("tag", TAGS)
def test_a_right_sentence_passes_every_gate(tag: str) -> None:
    """The same from which the next tests start."""
    assert list(faults(tag, "Pay the fine within 10 days.", FINE[tag])) == []


@pytest.mark.parametrize("tag", TAGS)
def test_a_wrong_number_is_caught_in_every_language(tag: str) -> None:
    """Ten days told as eleven, or not told."""
    for wrong in (FINE[tag].replace("10", "11"), FINE[tag].replace("10 ", "")):
        assert any("other numbers" in found for found in faults(tag, "Pay the fine within 10 days.", wrong))


@pytest.mark.parametrize("tag", TAGS)
def test_a_look_alike_of_another_script_is_caught_in_every_language(tag: str) -> None:
    """One letter that looks the same on every screen."""
    alike = (("a", "а"), ("e", "е"), ("o", "о"), ("ə", "ә"), ("а", "a"), ("е", "e"), ("о", "o"))
    pairs = [pair for pair in alike if pair[0] in FINE[tag]]
    assert pairs
    for right, wrong in pairs:
        assert any(
            "letters" in f for f in faults(tag, "Pay the fine within 10 days.", FINE[tag].replace(right, wrong, 1))
        )


@pytest.mark.parametrize(
    ("tag", "word"),
    [
        ("az", "wə"),
        ("tr", "günə"),
        ("uz", "oş"),
        ("hu", "dağ"),
        ("tk", "gın"),
        ("kk", "ўн"),
        ("ky", "бақ"),
        ("ru", "күн"),
        ("uz_Cyrl", "кең"),
    ],
)
def test_a_neighbours_letter_is_caught(tag: str, word: str) -> None:
    """Of the same script, from the language next door."""
    assert any("letters" in f for f in faults(tag, "A day", word))


@pytest.mark.parametrize("tag", TAGS)
def test_the_source_left_standing_is_caught_in_every_language(tag: str) -> None:
    """A sentence; a name may be the same."""
    assert any("same as the source" in f for f in faults(tag, "Pay it in ten days", "Pay it in ten days"))


@pytest.mark.parametrize("tag", TAGS)
def test_each_term_is_wanted_in_every_language(tag: str) -> None:
    """Each way that the glossary has passes, capital or inflected; a sentence without any does not. Each stands in a text."""
    for term, ways in glossary.terms():
        for way in ways[tag]:
            assert glossary.says(ways[tag], " ".join(stem.capitalize() + "la" for stem in way))
        english = next(text for text in english_texts() if term.search(text))
        assert "is not said as the glossary has it" in glossary.missing(
            tag, english, FINE["hu" if tag == "tk" else "tk"]
        )


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("format_date(day, 'LLLL', locale=tag)", "stand-alone letter"),
        ("dates.format_date(day, format='d LLL y')", "stand-alone letter"),
        ("format_datetime(now, 'ccc d')", "stand-alone letter"),
        ("format_date(day, 'qqq')", "stand-alone letter"),
        ("format_date(day, 'short')", "short form"),
        ("format_date(day)", "medium form"),
        ("locale.months['stand-alone']['wide']", "stand-alone names"),
        ("get_month_names('wide', 'stand-alone')", "stand-alone names"),
        ("get_month_names(context='stand-alone')", "stand-alone names"),
        ("format_timedelta(left, granularity='day')", "1 week"),
        ("format_unit(5, 'duration-day')", "no words for days"),
        ("format_date(day, 'long')", ""),
        ("format_date(day, 'EEEE', locale=tag)", ""),
        ("format_date(day, \"d 'local' MMMM\")", ""),
        ("format_timedelta(left, granularity='day', threshold=99)", ""),
        ("locale.months['format']['wide']", ""),
        ("'LLLL'", ""),
    ],
)
def test_forms_of_cldr_that_tell_a_wrong_day_are_caught(tmp_path: Path, code: str, fault: str) -> None:
    """In a call; the right forms pass, and so do letters within quotes."""
    (tmp_path / "a.py").write_text(f"\n{code}\n", "utf-8")
    found = forms.faults([tmp_path / "a.py"], tmp_path)
    assert [line.startswith("a.py:2: ") and fault in line for line in found] == [True] * bool(fault)


@pytest.mark.parametrize(
    ("code", "rooms"),
    [
        ("choices = (Choice('a', Say('Yes')), Choice('b', Say('No')))", [Room("Yes", 20), Room("No", 20)]),
        (
            "return Choice('a', Say('Talk to a person'), Say('To a person'))",
            [Room("Talk to a person", 20, "To a person")],
        ),
        ("M = (Choice('a', Say('A')), *(choice('b', 'c', Say('B')),), f(), g(), h())", [Room("A", 24), Room("B", 20)]),
        ("T = {'a': (Say('A'), None), 'b': (Say('Bee'), Say('B'))}", [Room("A", 20), Room("Bee", 20, "B")]),
        ("T = {1: (Say('A'), None), 2: 0, 3: 0, 4: 0}", [Room("A", 24)]),
        ("x = choice('a', 'b', Say('A') if c else Say('B'))", [Room("A", 20), Room("B", 20)]),
        ("x = Choice('a', Raw('A')), Choice('b', Say('{n} days'))", []),
        ("NAME = N_('Kömek', 64)", [Room("Kömek", 64)]),
        ("NAME = N_('Kömek')", []),
    ],
)
def test_the_room_of_a_text_is_read_from_the_code(tmp_path: Path, code: str, rooms: list[Room]) -> None:
    """Up to three choices are buttons, more a list; a mark names its own number."""
    (tmp_path / "a.py").write_text(f"def f(): {code}" if "return" in code else code, "utf-8")
    assert set(limits.rooms([tmp_path / "a.py"])) == set(rooms)


def test_a_label_that_is_cut_is_caught_unless_its_short_form_fits() -> None:
    """In characters; a text of just so many fits."""
    german = {"Ask": "a" * 21, "For": "b" * 20}
    assert limits.too_long(Room("Ask", 20), german.__getitem__) == f"{'a' * 21}: 20 characters fit"
    assert not limits.too_long(Room("Ask", 21), german.__getitem__)
    assert not limits.too_long(Room("Ask", 20, "For"), german.__getitem__)
    assert limits.too_long(Room("Ask", 19, "For"), german.__getitem__) == f"{'b' * 20}: 19 characters fit"


@pytest.mark.parametrize("tag", TAGS)
def test_the_command_tells_a_label_that_is_cut(tag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A button's label made too long in one catalogue."""
    assert catalogues.check(tag, source()) == []
    catalogue = catalogues.path_of(tag).read_text("utf-8")
    short = voice(tag).gettext("Remind me")
    long = f"{short} ({short.lower()})"
    planted = catalogue.replace(f'msgid "Remind me"\nmsgstr "{short}"', f'msgid "Remind me"\nmsgstr "{long}"')
    monkeypatch.setattr(catalogues, "HERE", tmp_path)
    catalogues.path_of(tag).parent.mkdir(parents=True)
    catalogues.path_of(tag).write_text(planted, "utf-8")
    assert catalogues.check(tag, source()) == [f'{tag}: "Remind me": too long, {long}: 20 characters fit']


def test_our_own_code_and_english_pass() -> None:
    """Forms of CLDR, and labels in the language they are written in."""
    assert catalogues.check_code() == []
