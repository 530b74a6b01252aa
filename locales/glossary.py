"""The glossary: where the English has a term of the law or of the conversation, the translation says it with one of its stems."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("glossary.tsv")

_WORD = re.compile(r"[^\W\d_]+(?:[ʻʼ][^\W\d_]*)*")
_HOLE = re.compile(r"\{\w*\}")

Way = tuple[str, ...]
"""Stems that all begin a word of the translation."""


@cache
def terms() -> tuple[tuple[re.Pattern[str], Mapping[str, tuple[Way, ...]]], ...]:
    """Each term as it stands in English, and by language the ways to say it."""
    lines = [line for line in PATH.read_text("utf-8").splitlines() if not line.startswith("#")]
    _, *tags, _ = lines[0].split("\t")
    return tuple(_row(line.split("\t"), tags) for line in lines[1:])


def _row(cells: list[str], tags: list[str]) -> tuple[re.Pattern[str], Mapping[str, tuple[Way, ...]]]:
    """One line of the table."""
    ways = {
        tag: tuple(tuple(folded(way).split()) for way in cell.split("|"))
        for tag, cell in zip(tags, cells[1:-1], strict=True)
    }
    return re.compile(rf"\b(?:{cells[0]})\b", re.IGNORECASE), ways


def missing(tag: str, source: str, translation: str) -> str:
    """The first term of the source that the translation does not say; empty if all are said."""
    for term, ways in terms():
        found = term.search(source)
        if found and tag in ways and not says(ways[tag], translation):
            return f"the term “{found[0]}” is not said as the glossary has it"
    return ""


def says(ways: tuple[Way, ...], text: str) -> bool:
    """Whether a text says a term in one of these ways."""
    words = _WORD.findall(folded(_HOLE.sub(" ", text)))
    return any(all(any(word.startswith(stem) for word in words) for stem in way) for way in ways)


def folded(text: str) -> str:
    """Small letters, Turkic i and ı made one: stems begin words at the head of a sentence, too."""
    return text.replace("İ", "i").lower().replace("ı", "i").replace("\u0307", "")
