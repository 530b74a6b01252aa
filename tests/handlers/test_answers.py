"""What people type is understood, or asked about, and never guessed in silence."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import press
from handlers.answers import NOTHING, Reading, read_choice, read_country, read_date, read_number, read_several
from handlers.text import LONG, fold, norm
from handlers.words import MENU, SMALL
from locales.say import NAMES, voice

TODAY = date(2020, 5, 8)
OFFERED = (
    ("permit:visa", "Visa"),
    ("permit:visa_free", "Without a visa (visa-free)"),
    ("permit:unknown", "I do not know"),
)


@pytest.mark.parametrize(
    ("text", "locale", "iso"),
    [
        ("2020-04-05", "en", "2020-04-05"),
        ("05.04.2020", "tr", "2020-04-05"),
        ("5.4.20", "ru", "2020-04-05"),
        ("15 Mart 2020", "tr", "2020-03-15"),
        ("15 мая 2020 г.", "ru", "2020-05-15"),
        ("15 май 2020", "ru", "2020-05-15"),
        ("March 15, 2020", "tr", "2020-03-15"),
        ("١٥.٠٣.٢٠٢٠", "tr", "2020-03-15"),
        ("bugün", "tr", "2020-05-08"),
        ("вчера", "ru", "2020-05-07"),
        ("31.02.2020", "tr", ""),
        ("15 15 2020", "en", ""),
    ],
)
def test_a_clear_date_is_read(text: str, locale: str, iso: str) -> None:
    """Absolute and relative days in the conversation's language; days that do not exist are nothing."""
    assert read_date(text, locale, TODAY, "near") == Reading(iso)


def test_an_open_order_or_year_is_offered() -> None:
    """4/5 in English may be April or May; a day without a year may be this year's or another's."""
    assert read_date("4/5/2020", "en", TODAY, "near").options == ("2020-05-04", "2020-04-05")
    assert read_date("20 марта", "ru", TODAY, "near").options == ("2020-03-20", "2021-03-20")
    assert read_date("20 Eylül", "tr", TODAY, "past").value == "2019-09-20"


@pytest.mark.parametrize("text", ["2020", "May 2020", "last week", "15"])
def test_half_a_date_is_known_as_half(text: str) -> None:
    """A year, a month or a week alone names no day, and nothing is put in its place."""
    assert read_date(text, "en", TODAY, "near") == Reading(vague=True)


@given(st.sampled_from(("en", "tr", "ru")), st.dates(date(1990, 1, 1), date(2050, 1, 1)))
def test_what_we_write_we_read(locale: str, day: date) -> None:
    """The long form in which a date is told is understood when it is typed back, weekday and all."""
    long_form = voice(locale).day(day)
    assert read_date(long_form, locale, TODAY, "near") == Reading(day.isoformat())


@given(st.text(max_size=40), st.sampled_from(sorted(NAMES)))
def test_any_text_is_read_without_error(text: str, locale: str) -> None:
    """No input breaks a reader, and every date it returns exists."""
    for reading in (read_date(text, locale, TODAY, "past"), read_country(text, locale), read_number(text, 50)):
        assert isinstance(reading, Reading)
    found = read_date(text, locale, TODAY, "near")
    for iso in filter(None, (found.value, *found.options)):
        date.fromisoformat(iso)


def test_a_choice_is_picked_by_number_label_or_beginning() -> None:
    """Numbers work where a channel has no buttons; keycaps and other scripts' digits too."""
    assert read_choice("2", OFFERED).value == "permit:visa_free"
    assert read_choice("2️⃣", OFFERED).value == "permit:visa_free"
    assert read_choice("VISA", OFFERED).value == "permit:visa"
    assert read_choice("without", OFFERED).value == "permit:visa_free"
    assert read_choice("не знаю", OFFERED).value == "permit:unknown"
    assert read_choice("4", OFFERED) == NOTHING
    assert read_choice("vi", OFFERED) == NOTHING


@pytest.mark.parametrize("text", ["1" * 5000, "²" * 9])
def test_figures_that_are_no_number_of_a_choice_are_none(text: str) -> None:
    """Longer than anybody counts, or than Python reads at all."""
    assert read_choice(text, OFFERED) == NOTHING
    assert read_date(text, "en", TODAY, "near") == NOTHING
    assert read_number(text, 50) == NOTHING
    assert not press._is_count(text)


def test_several_choices_in_one_message() -> None:
    """`1, 3` and `1 3`; one unclear part makes all unclear."""
    assert read_several("1, 3", OFFERED) == ("permit:visa", "permit:unknown")
    assert read_several("1 3", OFFERED) == ("permit:visa", "permit:unknown")
    assert read_several("1, banana", OFFERED) == ()


def test_countries_in_the_language_of_the_conversation() -> None:
    """By name in that language, English or Russian; an open beginning is offered."""
    assert read_country("Özbekistan", "tr").value == "UZ"
    assert read_country("TURKEY", "en").value == "TR"
    assert read_country("Киргизия", "ru").value == "KG"
    assert set(read_country("turk", "en").options) >= {"TR", "TM"}


def test_no_word_means_two_things() -> None:
    """One table serves all languages only as long as no folded word has two meanings."""
    assert not MENU.keys() & SMALL.keys()


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    """`fold` and `norm` are keys: stable."""
    assert fold(fold(text)) == fold(text)
    assert norm(norm(text)) == norm(text)


def test_dotless_i_and_apostrophes() -> None:
    """İSTANBUL, HAYIR and Oʻzbekcha in every spelling have one key."""
    assert fold("İSTANBUL") == fold("istanbul") == fold("Istanbul")
    assert fold("HAYIR") == fold("hayır") == fold("hayir")
    assert fold("Oʻzbekcha") == fold("O'zbekcha") == fold("O‘zbekcha") == fold("ozbekcha")


def test_words_are_remembered_and_of_long_texts_the_last_few() -> None:
    """Thousands of long messages in memory would be hundreds of megabytes, and somebody's words longer than needed."""
    word, text = fold("Şymkent"), fold("Ş" * 4000)
    for n in range(LONG):
        fold(f"{n} " + "ş" * 150)
    assert fold("Şymkent") is word
    assert fold("Ş" * 4000) == text
    assert fold("Ş" * 4000) is not text
