"""Replies become messages that their channel can carry, and nothing of them is lost on the way."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.contract import Limits
from bot.render import render, split, units
from handlers.nouns import Choice, Day, Raw, Reply, Say, Session
from locales.say import NAMES, voice

SESSION = Session("web:demo", "ref", locale="en")
WIDE = Limits(text=4000, buttons=10, button=40, items=0, item=0)
NARROW = Limits(text=200, buttons=0, button=0, items=0, item=0, window=timedelta(hours=24))
WHATSAPP = Limits(text=1024, buttons=3, button=20, items=10, item=24)
YES_NO = (Choice("sure:yes", Say("Yes")), Choice("sure:no", Say("No")))


@given(st.text(min_size=1), st.integers(10, 200))
def test_splitting_loses_nothing_but_white_space(text: str, most: int) -> None:
    """Every part fits; joined they are the text, but for the white space at the cuts."""
    parts = list(split(text, most))
    assert all(units(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_text_is_cut_between_paragraphs_where_it_can_be() -> None:
    """Then between lines, then between words."""
    assert list(split("one two\n\nthree four", 12)) == ["one two", "three four"]
    assert list(split("one two three", 8)) == ["one two", "three"]


def test_buttons_stand_on_the_last_part_only() -> None:
    """Who reads to the end can press."""
    parts = render(SESSION, Reply((Raw("x " * 3000),), YES_NO), "e/0", WIDE)
    assert [bool(part.choices) for part in parts] == [False, True]
    assert [part.id for part in parts] == ["e/0", "e/0.1"]


def test_where_there_are_no_buttons_the_choices_have_numbers() -> None:
    """And the text says what to do with them."""
    (out,) = render(SESSION, Reply((Raw("Sure?"),), YES_NO), "e/0", NARROW)
    assert out.numbered
    assert out.text == "Sure?\n\n1. Yes\n2. No\nReply with the number."


def test_numbers_themselves_are_not_numbered() -> None:
    """`1. 0` would mislead: the number is simply typed."""
    numbers = tuple(Choice(f"n:{n}", Raw(str(n))) for n in range(3))
    (out,) = render(SESSION, Reply((Raw("How many?"),), numbers), "e/0", NARROW)
    assert out.text == "How many?"


def test_a_label_that_does_not_fit_has_a_short_form() -> None:
    """Cut with an ellipsis only where nobody wrote one."""
    limits = Limits(text=1000, buttons=3, button=10, items=0, item=0)
    long = Say("A label that is far too long")
    (out,) = render(
        SESSION, Reply((Raw("?"),), (Choice("a:1", long, Say("Short")), Choice("a:2", long))), "e/0", limits
    )
    assert [button.text for button in out.choices] == ["Short", "A label t…"]


@pytest.mark.parametrize("tag", NAMES)
def test_a_day_on_a_narrow_button_loses_its_weekday_and_nothing_else(tag: str) -> None:
    """Every day of a leap year fits whole; where there is room its weekday stands with it."""
    session, said = Session("whatsapp:+1", "ref", locale=tag), voice(tag)
    for day in (date(2020, 1, 1) + timedelta(days=n) for n in range(366)):
        reply = Reply((Raw("?"),), (Choice("expires:x", Day(day)),))
        for limits, label in ((WHATSAPP, said.written(day)), (WIDE, said.day(day))):
            ((button,),) = (out.choices for out in render(session, reply, "e/0", limits))
            assert button.text in (label, said.day(day))


def test_what_was_chosen_keeps_its_place_with_a_mark() -> None:
    """On buttons and in a numbered list; a label that fits only without the mark stands without it."""
    choices = (Choice("n:a", Say("Money"), chosen=True), Choice("n:b", Say("Documents and more"), chosen=True))
    (numbered,) = render(SESSION, Reply((Raw("?"),), (*choices, YES_NO[0])), "e/0", NARROW)
    assert "1. ✓ Money\n2. ✓ Documents and more\n3. Yes" in numbered.text
    tight = Limits(text=1000, buttons=3, button=18, items=0, item=0)
    (pressed,) = render(SESSION, Reply((Raw("?"),), choices), "e/0", tight)
    assert [button.text for button in pressed.choices] == ["✓ Money", "Documents and more"]


def test_words_of_a_person_are_never_read_as_a_template() -> None:
    """Braces in a note or in an officer's answer stay braces."""
    (out,) = render(SESSION, Reply((Say("{field}: {value}", {"field": "Note", "value": "{ref} {0}"}),)), "e/0", WIDE)
    assert out.text == "Note: {ref} {0}"
