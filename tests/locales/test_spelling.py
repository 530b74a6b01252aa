"""Spelling is checked of words, not of what stands between them; and no word is accepted that no text has."""

from __future__ import annotations

from pathlib import Path

import pytest

from locales import catalogues
from tests.workshop import spelling


@pytest.mark.parametrize(
    ("source", "translation", "found"),
    [
        ("until {day}", "{day}-ig, 30-án", []),
        (
            "Apply at EnterHungary",
            "EnterHungaryn vagy az EnterHungary oldalon",
            ["EnterHungaryn", "vagy", "az", "oldalon"],
        ),
        ("From 2022", "Ocak 2022'de Ankara'daki", ["Ocak", "Ankara"]),
        ("online service", "онлайн-сервис, МВД", ["онлайн", "сервис"]),
        ("write to a@b.hu or https://b.hu/ok", "a@b.hu vagy https://b.hu/ok", ["vagy"]),
        ("{n} files", "{n} файлов", ["файлов"]),
        ("to {day}, {n} days", "{day}гача, 30-кунгача, {n} кунга", ["кунга"]),
    ],
)
def test_only_words_are_judged(source: str, translation: str, found: list[str]) -> None:
    """No suffix after a number, a name or a placeholder, no address, no abbreviation, no word of the source."""
    assert list(spelling.words(source, translation)) == found


@pytest.mark.parametrize("tag", spelling.DICTIONARIES)
def test_a_planted_misspelling_is_told(tag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dictionary that knows all of today's words does not know the new one; an accepted word is not asked for."""
    asked: set[str] = set()

    def knows_all(words: list[str]) -> set[str]:
        asked.update(words)
        return set()

    assert spelling.misspelt(tag, knows_all) == []
    assert asked
    assert not asked & spelling.accepted(tag)
    catalogue = catalogues.path_of(tag).read_text("utf-8")
    planted = catalogue.replace('msgid "Menu"\nmsgstr "', 'msgid "Menu"\nmsgstr "abcdé ')
    monkeypatch.setattr(catalogues, "HERE", tmp_path)
    catalogues.path_of(tag).parent.mkdir(parents=True)
    catalogues.path_of(tag).write_text(planted, "utf-8")
    assert spelling.misspelt(tag, lambda words: set(words) - asked) == [f'{tag}: abcdé, in "Menu"']


@pytest.mark.parametrize("tag", spelling.DICTIONARIES)
def test_every_accepted_word_stands_in_a_text(tag: str) -> None:
    """A list that only grows would at last accept everything."""
    text = catalogues.path_of(tag).read_text("utf-8")
    assert [word for word in spelling.accepted(tag) if word not in text] == []
