"""A message in clauses: the unit in which somebody says, asks, denies, or speaks of others."""

from __future__ import annotations

import re
from datetime import date

import msgspec

from handlers.dates import LONGEST, read_date
from handlers.dayparts import parts
from handlers.freewords import TOGETHER, cue
from handlers.places import Mention, cyrillic, keys_of, mentions
from handlers.text import norm

_CLAUSE = re.compile(r"[,;!\n:()–—]+|(?<!\d)\.(?=\s|$)|(?<=\?)")
_SENTENCE = re.compile(r"(?<=\d)\.\s+(?=\w)")
_AND = {
    "en": "and but", "ru": "и а но", "tr": "ve ama", "az": "və amma", "kk": "және бірақ", "ky": "жана бирок", "uz": "va lekin",
    "uz_Cyrl": "ва лекин", "hu": "és de", "tk": "we ýöne",
}  # fmt: skip
"""Words between two clauses."""


class Clause(msgspec.Struct, frozen=True):
    """A part of a message: as typed, as keys, and the places it names."""

    typed: str
    keys: tuple[str, ...]
    places: tuple[Mention, ...]
    locale: str

    @property
    def text(self) -> str:
        """The keys in a row."""
        return " ".join(self.keys)

    def has(self, name: str) -> bool:
        """Whether a cue stands here."""
        return bool(cue(name, self.locale).search(self.text))


def split(text: str, locale: str) -> list[str]:
    """The clauses. A point after a figure ends one only before a capital letter: `2020. április` goes on."""
    ended = _SENTENCE.sub(lambda m: "\n" if text[m.end()].isupper() else m[0], text)
    joined = "|".join(_AND[locale].split())
    typed = [part for clause in _CLAUSE.split(ended) for part in re.split(rf"(?i)(?<!\S)(?:{joined})(?!\S)", clause)]
    return [part for part in typed if part.strip()]


def norm_lines(text: str) -> str:
    """`norm`, with line ends kept as clause ends."""
    return "\n".join(norm(line) for line in text.splitlines())


def clause_of(typed: str, locale: str) -> Clause:
    """A clause with its places."""
    words = keys_of(typed)
    return Clause(typed, tuple(words), tuple(mentions(words, among=True, inflected=cyrillic(typed))), locale)


def of_others(clause: Clause) -> bool:
    """Whether somebody else is spoken of who is not with the writer."""
    found = cue("others", clause.locale).finditer(clause.text)
    return any(not _together(clause.text[: m.start()].split(), clause.text[m.end() :].split()) for m in found)


def _together(before: list[str], after: list[str]) -> bool:
    """Whether the words around somebody say that they are with the writer."""
    return before[-1:] == ["vith"] or (bool(after) and after[0] in TOGETHER)


def date_in(clause: Clause, today: date, toward: str) -> str:
    """The day written in a clause: with its month, in figures, or counted from today; a lone *20th* is not sure."""
    if len(clause.typed) > LONGEST:
        return ""
    named = any(
        "month" in part.means or "relative" in part.means or "ago" in part.means
        for part in parts(clause.typed, clause.locale)
    )
    if not named and not re.search(r"\d\s?[./-]\s?\d", clause.typed):
        return ""
    return read_date(clause.typed, clause.locale, today, toward).value
