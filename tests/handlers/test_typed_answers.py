"""Typed answers to questions: counts, days, countries, places and phone numbers, as people write them in each language."""

from __future__ import annotations

import pytest

from tests.dialogue import Dialogue
from tests.handlers.speaking import after, filed, speaker

AT_PLACE = ["go:report", "consent:yes", "report.for_whom:self", "host:KG", "nationality:TR"]
AT_NEEDS = [*AT_PLACE, "report.place:city", "Osh"]
AT_PEOPLE = [*AT_NEEDS, "report.needs:legal", "report.needs:done"]
AT_CONTACT = [*AT_PEOPLE, "report.people:1"]
AT_EXPIRES = ["go:check", "host:UZ", "nationality:TR", "permit:visa"]


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("tr", "üç kişi", "3"), ("az", "dörd nəfər", "4"), ("kk", "үшеуміз", "3"), ("ky", "экөөбүз", "2"), ("uz", "beshta", "5"),
        ("uz_Cyrl", "учта", "3"), ("hu", "hárman", "3"), ("ru", "нас двое", "2"), ("en", "three people", "3"),
        ("tk", "iki adam", "2"),
        ("en", "3️⃣", "3"), ("ru", "🔟", "10"), ("uz", "٤", "4"),
    ],
)  # fmt: skip
def test_a_count_is_read_in_the_conversations_language(tag: str, text: str, value: str) -> None:
    """Words, keycaps, digits of any script."""
    assert speaker(tag, *AT_PEOPLE, text).draft.answers["people"] == value


def test_an_unsure_count_is_offered() -> None:
    """*4-5* as either, and a word of another language as a question."""
    d = speaker("en", *AT_PEOPLE, "4-5")
    assert d.tokens == ["report.people:4", "report.people:5"]
    assert speaker("en", *AT_PEOPLE, "üç").tokens == ["report.people:3"]


@pytest.mark.parametrize(
    ("tag", "text"), [("en", "in May"), ("en", "May 2020"), ("tr", "mayısta"), ("ru", "в мае"), ("hu", "2020")]
)
def test_half_a_date_is_told_what_is_missing(tag: str, text: str) -> None:
    """Day, month and year; nothing is guessed."""
    d = speaker(tag, *AT_EXPIRES, text)
    assert d.question == "expires"
    assert "expires" not in d.known.facts
    en = speaker("en", *AT_EXPIRES, "in May")
    assert "the day, the month and the year" in en.text


@pytest.mark.parametrize(
    ("tag", "text", "host"),
    [
        ("az", "Özbəkistandayam", "UZ"), ("az", "Узбекистан", "UZ"), ("az", "Türkiyədə", "TR"), ("az", "Özbəkstan", "UZ"),
        ("kk", "Өзбекстандамын", "UZ"), ("kk", "Ozbekstan", "UZ"), ("kk", "Қазақстн", "KZ"),
        ("ky", "Кыргызстанда", "KG"), ("ky", "Turkiyada", "TR"), ("ky", "Казакстн", "KZ"),
        ("tr", "Özbekistan'dayım", "UZ"), ("tr", "Узбекистан", "UZ"), ("tr", "Macaristanda", "HU"), ("tr", "Kazakstan", "KZ"),
        ("uz", "Turkiyadaman", "TR"), ("uz", "Ўзбекистон", "UZ"), ("uz", "Qozogistonda", "KZ"),
        ("uz_Cyrl", "Туркияда", "TR"), ("uz_Cyrl", "Oʻzbekiston", "UZ"), ("uz_Cyrl", "Қозогистон", "KZ"),
        ("hu", "Törökországban vagyok", "TR"), ("hu", "Узбекистан", "UZ"), ("hu", "Kazahsztan", "KZ"),
        ("ru", "в Узбекистане", "UZ"), ("ru", "Uzbekistan", "UZ"), ("ru", "Узбикистан", "UZ"),
        ("en", "in Uzbekistan", "UZ"), ("en", "Узбекистан", "UZ"), ("en", "Uzbekstan", "UZ"),
        ("tk", "Özbegistanda", "UZ"), ("tk", "Узбекистан", "UZ"), ("tk", "Ozbegistan", "UZ"),
    ],
)  # fmt: skip
def test_a_country_is_known_by_ending_error_and_script(tag: str, text: str, host: str) -> None:
    """In each language, with the case's ending, a typing error, or in the other script."""
    assert speaker(tag, "go:check", text).known.facts == {"host": host}


@pytest.mark.parametrize(
    ("tag", "text"), [("tr", "İstanbul"), ("ru", "Ташкент"), ("hu", "Isztambulban"), ("uz", "Budapeshtda")]
)
def test_a_city_for_a_country_is_offered(tag: str, text: str) -> None:
    """Who is in Istanbul is in Türkiye: one press says so; another country stays open."""
    d = speaker(tag, "go:check", text)
    assert d.known.facts == {}
    assert d.tokens[0].startswith("host:")
    assert d.tokens[-1] == "host:other"


def test_a_known_airport_is_recognised_and_the_words_stay() -> None:
    """By city, in another script, with more words beside it; the officer sees both."""
    d = speaker("ru", *AT_PLACE, "report.place:airport_zone", "аэропорт Бишкека, выход 5")
    assert d.draft.answers["place_id"] == "BSZ"
    assert d.draft.answers["place_name"] == "аэропорт Бишкека, выход 5 (Manas International Airport)"
    after(d, "report.needs:legal", "report.needs:done", "1", "report.contact:-", "report.note:-", "report.files:done")
    assert "аэропорт Бишкека, выход 5\n" in f"{d.text}\n"
    assert d.presses("send:yes@1").effects


def test_a_border_point_is_recognised_without_its_marks() -> None:
    """Röszke is Roszke."""
    d = speaker("hu", *AT_PLACE[:3], "host:HU", "nationality:TR", "report.place:border_point", "Roszke")
    assert d.draft.answers["place_id"] == "hu-roszke"


def test_what_may_be_a_place_is_offered_and_the_words_can_stay() -> None:
    """Manas is an airport and a town."""
    d = speaker("en", *AT_PLACE, "report.place:airport_zone", "Manas")
    assert d.tokens == ["report.place_name:=BSZ", "report.place_name:+"]
    kept = d.copy().presses("report.place_name:+").draft.answers
    chosen = d.presses("report.place_name:=BSZ").draft.answers
    assert kept["place_name"] == "Manas"
    assert "place_id" not in kept
    assert (chosen["place_id"], chosen["place_name"]) == ("BSZ", "Manas (Manas International Airport)")


@pytest.mark.parametrize("text", ["the hostel behind the station", "IST airport", "Chuy prospekti 5"])
def test_other_words_for_a_place_are_kept(text: str) -> None:
    """Unknown ones, and places of another country than the one the person is in."""
    d = speaker("en", *AT_PLACE, "report.place:airport_zone", text)
    assert d.draft.answers["place_name"] == text
    assert "place_id" not in d.draft.answers


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("0555 123 456", "0555 123 456 (+996 555 123 456)"),
        ("+996555123456", "+996 555 123 456"),
        ("my brother Ali 0555 123 456, evenings", "my brother Ali 0555 123 456, evenings (+996 555 123 456)"),
        ("٠٥٥٥١٢٣٤٥٦", "٠٥٥٥١٢٣٤٥٦ (+996 555 123 456)"),
        ("0532 123 45 67", "0532 123 45 67 (+90 532 123 45 67)"),
        ("ali1990@example.org", "ali1990@example.org"),
        ("ask at room 12", "ask at room 12"),
        ("12345", "12345"),
    ],
)
def test_a_contact_is_never_lost(text: str, kept: str) -> None:
    """A phone number by the host's or the own state's form, beside the words; all else as written."""
    d = speaker("en", *AT_CONTACT, text)
    assert d.draft.answers["contact"] == kept
    assert (f"How to reach you: {kept}" in d.text) == (kept != text)
    after(d, "report.note:-", "report.files:done", "send:yes@1")
    assert filed(d).report["contact"] == kept


def test_a_changed_place_changes_what_the_law_is_asked() -> None:
    """The kind of place of a check and of its report are one fact."""
    d: Dialogue = speaker("en", "I am stuck at Tashkent airport")
    after(d, d.tokens[0], "go:report", "consent:yes", "menu", "go:report", "report.place:city")
    assert d.known.facts["place"] == "city"
