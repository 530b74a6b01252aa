"""A first message in a person's own words fills what it surely says."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.freely import read_freely
from handlers.labels import values
from locales.say import NAMES
from relief.pack import load

ROWS = Path(__file__).parent / "reading" / "free.tsv"
TODAY = date(2020, 5, 8)
PACK = load("turkic-2020")
OPEN = {"host", "nationality", "expires", "entered", "people", "minors", "place_name"}


def rows() -> list[tuple[str, str, dict[str, str]]]:
    """Language, message, facts; `place_name` is looked at by itself."""
    lines = [line.split("\t") for line in ROWS.read_text().splitlines() if line and not line.startswith("#")]
    return [(locale, text, dict(pair.split("=", 1) for pair in said.split())) for locale, text, said in lines]


@pytest.mark.parametrize(("locale", "text", "said"), rows())
def test_nothing_is_filled_that_is_not_said(locale: str, text: str, said: dict[str, str]) -> None:
    """Every fact that is filled is the one meant."""
    filled = read_freely(text, locale, TODAY, PACK)
    filled.pop("place_name", None)
    assert filled.items() <= said.items()


def test_most_of_what_is_said_is_filled() -> None:
    """Nine facts of ten; the rest is asked."""
    found = sum(len(read_freely(text, locale, TODAY, PACK).items() & said.items()) for locale, text, said in rows())
    assert found >= 0.9 * sum(len(said) for *_, said in rows())


@pytest.mark.parametrize(
    ("locale", "text", "fact"),
    [
        ("en", "I was in Istanbul last year", "host"),
        ("en", "I am not stuck in Turkey", "host"),
        ("en", "I am in contact with the embassy in Ankara", "host"),
        ("en", "My visa has not expired", "permit"),
        ("en", "We are 20 minutes from the border", "people"),
        ("en", "The border is not closed?", "unable_to_leave"),
        ("ru", "Мы ждем рейс из Стамбула в Ташкент", "host"),
        ("ru", "Моему другу нужен врач", "needs"),
        ("ru", "Нас 3 дня держат в аэропорту", "people"),
        ("ru", "Не хочу домой", "wants"),
        ("tr", "Türkiye'ye gitmek istiyorum", "host"),
        ("uz", "Toshkentda yashovchi akam Turkiyada qolib ketdi", "host"),
        ("kk", "Астанадағы елшілік жауап бермейді", "host"),
        ("hu", "Nem vagyok török állampolgár", "nationality"),
    ],
)
def test_questions_denials_and_other_people_fill_nothing(locale: str, text: str, fact: str) -> None:
    """What is asked, denied, long past, planned or about somebody else is not the writer's fact."""
    assert fact not in read_freely(text, locale, TODAY, PACK)


def test_the_name_of_a_place_goes_with_its_kind() -> None:
    """A city by its name, an airport with its code or as the pack names it."""
    assert (
        read_freely("I am stuck at Tashkent airport", "en", TODAY, PACK)["place_name"]
        == "Tashkent International Airport"
    )
    assert read_freely("Ankara'dayım", "tr", TODAY, PACK)["place_name"] == "Ankara"


def test_a_message_in_another_language_is_read_in_it() -> None:
    """Whatever was chosen before."""
    text = "Здравствуйте, я застрял в Ташкенте, рейсы отменены, хочу вернуться домой"
    assert read_freely(text, "en", TODAY, PACK)["host"] == "UZ"


@given(st.text(max_size=200), st.sampled_from(sorted(NAMES)))
def test_any_text_gives_only_values_that_the_law_knows(text: str, locale: str) -> None:
    """No input breaks it, and every value is one that the questions allow."""
    for fact, value in read_freely(text, locale, TODAY, PACK).items():
        assert fact in OPEN or all(part in values(fact) for part in value.split(","))
