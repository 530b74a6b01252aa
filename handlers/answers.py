"""Reading what people type: choices by number or label, dates, numbers, countries. Never a silent wrong guess.

A reading has a value, or options to offer as buttons when it is uncertain, or neither.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers.assent import read_yes_no
from handlers.dates import read_date
from handlers.numbers import read_number
from handlers.places import read_country
from handlers.reading import NOTHING, Reading
from handlers.text import fold, norm
from handlers.words import SMALL

__all__ = ["NOTHING", "Labels", "Reading", "read_choice", "read_country", "read_date", "read_number", "read_several"]

Labels = Sequence[tuple[str, str]]
"""Choices as (token, label), in the order shown."""


def read_choice(text: str, offered: Labels, short: Labels = ()) -> Reading:
    """One of `offered`: by number, label (or short label), yes/no/done/I do not know, or the only label that begins so."""
    key = fold(text)
    if key.isdecimal() and len(key) < 4 and 1 <= int(key) <= len(offered):
        return Reading(offered[int(key) - 1][0])
    exact = [token for token, label in (*offered, *short) if fold(label) == key]
    if exact:
        return Reading(exact[0])
    small = SMALL.get(key) or read_yes_no(text).value
    meant = [token for token, _ in offered if small and _meaning(token) == small]
    if meant:
        return Reading(meant[0])
    begins = tuple(dict.fromkeys(token for token, label in offered if len(key) >= 3 and fold(label).startswith(key)))
    return Reading(begins[0]) if len(begins) == 1 else NOTHING


def _meaning(token: str) -> str:
    """What a token says in one word: `send:yes@3` is yes, `report.note:-` is skip."""
    word = token.partition(":")[2].partition("@")[0]
    return {"-": "skip", "done": "skip"}.get(word, word)


def read_several(text: str, offered: Labels) -> tuple[str, ...]:
    """Several of `offered`, separated by commas, semicolons, line ends or (numbers only) spaces. Empty if any is unclear."""
    parts = [p for p in re.split(r"[,;\n]+", text) if p.strip()]
    if len(parts) == 1 and re.fullmatch(r"[\d\s]+", norm(text)):
        parts = norm(text).split()
    found = [read_choice(part, offered).value for part in parts]
    return tuple(dict.fromkeys(found)) if found and all(found) else ()
