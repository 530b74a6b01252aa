"""The whole dialogue in ten languages, over Telegram's and WhatsApp's messages: from the first word to the officer's answer."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from handlers.advice import weigh
from handlers.nouns import Raw, Reply, Say
from locales.say import NAMES
from relief.pack import load
from tests.handlers.test_stories import case_is
from tests.tongues import FOLDER, Person, Turn, Way, english, story


@pytest.mark.parametrize(("tag", "way"), list(product(NAMES, get_args(Way))))
def test_the_whole_dialogue(tag: str, way: Way) -> None:
    """Every turn ends as the story says, nothing is said in another language, and every message fits its channel."""
    person = Person(story(tag), way)
    for n, turn in enumerate(person.plays(), 1):
        where = f"turn {n} in {tag}: {person.text}"
        assert person.d.question == turn.question, where
        assert [words for words in (*turn.sees, turn.sent) if words not in person.text] == [], where
        law_is(person, turn, where)
        if turn.case:
            case_is(person.d, turn.case, where)
        if turn.officer:
            assert turn.officer in person.text, where
            assert person.ref in person.text, where
        assert person.added == ([turn.says] if turn.added else []), where
    assert person.d.known.locale == tag


def law_is(person: Person, turn: Turn, where: str) -> None:
    """The outcome and the last day of the measure that the story names."""
    if turn.answer is None:
        return
    found = weigh(person.d.known, person.d.world)
    assert (found.outcome, found.until) == (turn.answer.outcome, turn.answer.until), where
    assert turn.answer.measure in [because.measure for because in found.because], where


def test_every_language_has_its_story_and_every_host_a_person() -> None:
    """A language that is added gets a story; the stories together visit all states whose law is known."""
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(NAMES)
    stories = [story(tag) for tag in NAMES]
    assert [s.language for s in stories] == list(NAMES)
    pack = load("turkic-2020")
    assert {pack.agencies[s.agency].state for s in stories} == {m.host for m in pack.measures if m.side == "host"}


def test_english_is_noticed() -> None:
    """In another language: a sentence that no catalogue has, also within another one, and raw words of ours."""
    new, raw = Say("No catalogue has this sentence."), Raw("Nor would it have this one.")
    assert english(Reply((Say("Where: {place}", {"place": new}), raw)), "tr", story("tr")) == [new.text, raw.text]
    assert english(Reply((new, raw)), "en", story("en")) == []
