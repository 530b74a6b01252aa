"""Cues of a first message in a person's own words, in ten languages: handlers/data/cues.tsv, compiled once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from handlers.text import key

_CUES = Path(__file__).parent / "data" / "cues.tsv"
_NEVER = re.compile(r"(?!)")

TOGETHER = frozenset(
    key(w) for w in "bilan bilen menen ile ilə билан менен birge birga birlikte birlikdə бірге бирге".split()
)
"""After a name of somebody else: they are with the writer."""


@cache
def _table() -> Mapping[tuple[str, str], str]:
    """Phrases by cue and language."""
    rows = (line.split("\t") for line in _CUES.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {(name, locale): phrases for name, locale, phrases in rows}


@cache
def cue(name: str, locale: str) -> re.Pattern[str]:
    """One expression for a cue in a language, to be searched in a key; it never matches where the table has no entry."""
    phrases = _table().get((name, locale), "")
    ways = [_phrase(phrase) for phrase in phrases.split(", ") if phrase]
    return re.compile(rf"(?<!\S)(?:{'|'.join(ways)})(?!\S)") if ways else _NEVER


@cache
def values(fact: str) -> tuple[str, ...]:
    """The values of a fact that have cues of their own: `visa` for `permit`."""
    return tuple(dict.fromkeys(name.partition(":")[2] for name, _ in _table() if name.startswith(f"{fact}:")))


def _phrase(phrase: str) -> str:
    """One phrase as an expression: `..` is up to three words, `*` any ending, `#` a number."""
    out = ""
    for word in phrase.split():
        if word == "..":
            out += r"(?: \S+){0,3}"
        elif word == "#":
            out += r" (\S+)"
        else:
            out += " " + re.escape(key(word)) + (r"\S*" if word.endswith("*") else "")
    return out.removeprefix(" ")
