"""One `norm`, one `fold` and one `key` for everything a person types. Never str.lower() on its own: `İ` and `ı`.

After facts/language.md, sections 4 and 5. All three are stable: applying one twice changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar, cast

T = TypeVar("T")

WORD = 100
"""Characters up to which a text is like a word and comes again and again."""
LONG = 32
"""Longer texts remembered: those of the turns in hand. Thousands of them, each up to 16 KB, would be hundreds of MB."""

_APOSTROPHES = dict.fromkeys(map(ord, "'`´‘’ʻʼ′＇"), None)
_STRAIGHT = dict.fromkeys(map(ord, "'`´‘’ʻʼ′＇"), "'")
_DOTLESS = str.maketrans("İIıi", "iiii")
_ENCLOSING = dict.fromkeys((0xFE0F, 0x20E3))
_SPECIAL = str.maketrans({"ə": "e", "ß": "ss", "ø": "o", "đ": "d", "ł": "l"})

_LATIN_LOOK = "aceopxyihə"
_CYRILLIC_LOOK = "асеорхуіһә"
_TO_CYRILLIC = str.maketrans(_LATIN_LOOK + "ǝ", _CYRILLIC_LOOK + "ә")
_TO_LATIN = str.maketrans(_CYRILLIC_LOOK + "ǝ", _LATIN_LOOK + "ə")
_CYRILLIC = re.compile("[Ѐ-ԯ]")
_LATIN = re.compile("[a-zà-ɏəǝ]")
_MIXED = re.compile(r"[^\W\d_]+")

_LETTERS = str.maketrans(
    dict(zip("абвгдежзийклмнопрстуфхцчшщыэёәғқңөұүһҳўі", "abvgdejziiklmnoprstufhccssieeagknouuhhoi", strict=True))
    | {"ю": "iu", "я": "ia", "ь": "", "ъ": "", "ђ": "d", "ї": "i", "є": "e", "ґ": "g"}
)
_SPELLINGS = (
    ("dzs", "j"), ("zs", "j"), ("zh", "j"), ("sz", "s"), ("sh", "s"), ("ch", "c"), ("kh", "h"), ("gh", "g"),
    ("x", "h"), ("q", "k"), ("w", "v"), ("y", "i"),
)  # fmt: skip
_DOUBLED = re.compile(r"([^\W\d_])\1+")


def remembered(most: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """A function of a text that remembers its last results: `most` of words, `LONG` of long texts."""

    def decorate(work: Callable[[str], T]) -> Callable[[str], T]:
        of_words, of_texts = lru_cache(most)(work), lru_cache(LONG)(work)

        def find(text: str) -> T:
            return (of_words if len(text) <= WORD else of_texts)(text)

        return cast("Callable[[str], T]", wraps(work)(find))

    return decorate


def norm(text: str) -> str:
    """NFKC, one space between words, digits of every script and keycaps as 0-9. Case and letters stay."""
    text = text.replace("🔟", "10").translate(_ENCLOSING).translate(_STRAIGHT)
    digits = "".join(str(unicodedata.digit(c, c)) if not c.isascii() else c for c in text)
    return " ".join(unicodedata.normalize("NFKC", digits).split())


@remembered(1024)
def fold(text: str) -> str:
    """The key two spellings of a word share: small letters, no diacritics on Latin letters, no apostrophes or punctuation."""
    small = norm(text).translate(_APOSTROPHES).translate(_DOTLESS).lower()
    bare = _MIXED.sub(_one_script, "".join(_bare(c) for c in small)).translate(_SPECIAL)
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


@remembered(1024)
def key(text: str) -> str:
    """The Latin key a word shares in both scripts and in careless spelling: `Шымкент` and `Shymkent` are `simkent`."""
    out, before = fold(text).translate(_LETTERS), ""
    while out != before:
        before, out = out, _merged(out)
    return out


def _merged(text: str) -> str:
    """One round of merging spellings; a merge can bring two letters together that merge again."""
    for spelling, letter in _SPELLINGS:
        text = text.replace(spelling, letter)
    return " ".join(_DOUBLED.sub(r"\1", text).split())


def _one_script(word: re.Match[str]) -> str:
    """A word whose look-alikes belong to the script of its other letters: `бүгiн` is typed with a Latin i."""
    text = word[0]
    cyrillic, latin = len(_CYRILLIC.findall(text)), len(_LATIN.findall(text))
    if cyrillic and latin:
        return text.translate(_TO_CYRILLIC if cyrillic >= latin else _TO_LATIN)
    return text.translate(_TO_LATIN) if latin else text


def _bare(letter: str) -> str:
    """A Latin letter without its marks; Cyrillic й and ў are letters of their own and stay."""
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else letter
