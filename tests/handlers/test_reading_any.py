"""Answers of every kind that were written down without a look at the reader: all right now, and none may get lost."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.answers import read_choice, read_date, read_number
from handlers.assent import read_yes_no
from handlers.freely import read_freely
from handlers.languages import sure_language
from handlers.places import read_place
from handlers.reading import Reading
from locales.say import NAMES, voice
from relief.pack import load

HERE = Path(__file__).parent / "reading"
CATALOGUES = Path(__file__).parents[2] / "locales"
TODAY = date(2026, 11, 23)
PACK = load("turkic-2020")
ODD = "1. 1/ 5- ' ʻ . , ( -- may März в\u00a0 \u0301 \u200d 👍🏽 ٣ ⑤ İ ß ﷺ 12 3️⃣ yes on Ankara şəhəri önce 1may".split(
    " "
)
NOT_PLACES = 0.0006
"""The share of the catalogues' ordinary words that may be read as a place: 12 of 22,256 are, three of them names of states."""


def rows(name: str) -> Iterator[list[str]]:
    """Language, message, what it says."""
    for line in (HERE / f"{name}.tsv").read_text().splitlines():
        if not line.startswith("#"):
            yield line.split("\t")


def told(reading: Reading) -> str:
    """The value, AMBIGUOUS or NONE."""
    return reading.value or {"ambiguous": "AMBIGUOUS", "unknown": "NONE"}[reading.status]


@pytest.mark.parametrize(("locale", "text", "said"), list(rows("places")))
def test_a_place_is_known_in_every_language(locale: str, text: str, said: str) -> None:
    """With endings, by old and foreign names, as an airport; an ordinary word is none."""
    assert told(read_place(text)) == said


@pytest.mark.parametrize(("locale", "text", "said"), list(rows("yes_no")))
def test_yes_and_no_are_known_in_every_language(locale: str, text: str, said: str) -> None:
    """With a please or an emoji; what says both or may be another word says neither."""
    assert told(read_yes_no(text)) == said


@pytest.mark.parametrize(("locale", "text", "said"), list(rows("numbers")))
def test_a_count_is_known_in_every_language(locale: str, text: str, said: str) -> None:
    """In figures, in words, with people; two numbers, a fraction and a guess are none."""
    assert told(read_number(text, 500, locale)) == said


def test_no_message_is_taken_for_another_language() -> None:
    """Nine of ten are known, none is wrong."""
    found = [(tag, sure_language(text)) for tag, text in rows("languages")]
    assert all(got in (None, tag) for tag, got in found)
    assert sum(got == tag for tag, got in found) >= 0.9 * len(found)


def test_a_button_is_pressed_by_saying_yes_politely() -> None:
    """Where yes and no are offered, and nowhere else."""
    offered = (("share:yes", "Share"), ("share:no", "Keep"))
    assert read_choice("да, пожалуйста", offered).value == "share:yes"
    assert read_choice("yox, sağ olun", offered).value == "share:no"
    assert read_choice("Rahmat", offered) == Reading()
    assert read_choice("əlbəttə", (("permit:visa", "Visa"),)) == Reading()


def test_ordinary_words_are_no_places() -> None:
    """Every word that our own sentences write small, in ten languages."""
    small: set[str] = set()
    for path in CATALOGUES.glob("*/LC_MESSAGES/komek.po"):
        told_ = re.findall(r'^(?:msg\w+(?:\[\d\])? )?"(.*)"$', path.read_text(), re.MULTILINE)
        small |= {w for line in told_ for w in re.findall(r"[^\W\d_]+", re.sub(r"{\w*}|\\n|https?:\S+", " ", line))}
    found = {word for word in small if word.islower() and read_place(word).value}
    assert len(small) > 5000
    assert len(found) <= NOT_PLACES * len(small), sorted(found)


@given(st.sampled_from(sorted(NAMES)), st.sampled_from(("TR", "UZ", "KZ", "KG", "AZ", "HU", "TM", "RU")))
def test_our_own_names_of_countries_are_read(locale: str, code: str) -> None:
    """As we write them, in capitals and in small letters."""
    name = voice(locale).country(code)
    assert {read_place(form).value for form in (name, name.upper(), name.lower())} == {code}


@given(
    st.sampled_from(sorted(NAMES)),
    st.lists(st.one_of(st.sampled_from(ODD), st.text(min_size=1, max_size=4)), min_size=1, max_size=4).map("".join),
)
def test_long_odd_messages_are_read_too(locale: str, piece: str) -> None:
    """Three thousand characters of one piece: no day, no count, no fact, and no expression that never ends."""
    text = (piece * 3000)[:3000]
    assert not read_date(text, locale, TODAY, "past").value
    assert not read_place(text).value or len(read_place(text).value) > 1
    assert not read_number(text, 500, locale).value
    assert sure_language(text) in (None, *NAMES)
    assert read_freely(text, locale, TODAY, PACK) == {}
