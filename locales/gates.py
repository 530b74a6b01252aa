"""What a machine can see of a translation's faults: foreign letters, the source left standing, doubled or glued words,
lost numbers and terms.

Gates do not prove meaning: docs/review.md tells who must confirm what before a language is launched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from locales import glossary

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"

ALPHABETS: Mapping[str, frozenset[str]] = {
    "az": frozenset("abcçdeəfgğhxıijkqlmnoöprsştuüvyz"),
    "tr": frozenset("abcçdefgğhıijklmnoöprsştuüvyzâîû"),
    "uz": frozenset(_LATIN + "ʻʼ"),
    "hu": frozenset(_LATIN + "áéíóöőúüű"),
    "tk": frozenset("abçdeäfghijžklmnňoöprsştuüwyýz"),
    "kk": frozenset(_RUSSIAN + "әғқңөұүһі"),
    "ky": frozenset(_RUSSIAN + "ңөү"),
    "ru": frozenset(_RUSSIAN),
    "uz_Cyrl": frozenset(_RUSSIAN + "ўқғҳ"),
}
"""The small letters of each language. A word that also stands in the source text (a name, an address) may have others."""

FOREIGN = frozenset({"cookie", "ikamet", "izni"})
"""Words of another language that a translation shows on purpose: what stands on a form or a screen."""

FORBIDDEN: Mapping[str, re.Pattern[str]] = {
    tag: re.compile(pattern, re.IGNORECASE)
    for tag, pattern in {
        "kk": r"әзірбайжан",  # CLDR's name of the state; its own is Әзербайжан
        "ky": r"\bказахстан",  # Казакстан
        "ru": r"киргиз",  # Кыргызстан, кыргызский
        "uz": r"[‘’`´]",  # CLDR writes oʻ and gʻ with U+2018
        "uz_Cyrl": r"\b(?:январ|феврал|апрел|июн|июл|сентябр|октябр|ноябр|декабр)\b",  # CLDR's months lack ь
        "tk": r"\bsentyabr|\boktyabr",  # sentýabr, oktýabr
    }.items()
}
"""Words of CLDR or of a neighbour that a translation may not show (facts of our research: docs/credits.md)."""

_WORD = re.compile(r"[^\W\d_]+(?:[ʻʼ][^\W\d_]*)*")
_NUMBER = re.compile(r"\d+")
_HOLE = re.compile(r"\{\w*\}")
_DOUBLED = re.compile(r"\b(\w{3,}) \1\b", re.IGNORECASE)
_GLUED = re.compile(r"\{\w+\}[^\W\d_'’\"]|[^\W\d_]\{\w+\}")
_APOSTROPHE = re.compile(r"[oOgG]['`‘’´]")


def faults(tag: str, source: str, translation: str) -> Iterator[str]:
    """What is wrong with one translation, each in a few words."""
    for gate in _GATES:
        found = gate(tag, source, translation)
        if found:
            yield found


def _letters(tag: str, source: str, translation: str) -> str:
    """Letters of another alphabet, or a look-alike of another script."""
    if tag not in ALPHABETS:
        return "this language has no alphabet in locales/gates.py"
    alphabet, known = ALPHABETS[tag], FOREIGN.union(_WORD.findall(source))
    for word in _WORD.findall(_HOLE.sub(" ", translation)):
        if word not in known and not alphabet.issuperset(small(word)):
            return f"letters that are not of this alphabet: {word}"
    return ""


def small(word: str) -> str:
    """Small letters, the Turkic dotted and dotless i kept apart enough to be looked up."""
    return word.replace("İ", "i").replace("I", "i").lower()


def _untranslated(tag: str, source: str, translation: str) -> str:
    """The source itself, where it holds words to translate."""
    words = _WORD.findall(_HOLE.sub(" ", source))
    return "the same as the source" if source == translation and len(words) > 2 else ""


def _composed(tag: str, source: str, translation: str) -> str:
    """Letters written as base and mark, which search and old phones do not put together."""
    return "" if unicodedata.is_normalized("NFC", translation) else "not in composed form (NFC)"


def _doubled(tag: str, source: str, translation: str) -> str:
    """A word written twice, where the source does not. Turkic languages double words on purpose (parça parça)."""
    return (
        "a word stands twice"
        if tag in ("hu", "ru") and _DOUBLED.search(translation) and not _DOUBLED.search(source)
        else ""
    )


def _glued(tag: str, source: str, translation: str) -> str:
    """A suffix or prefix at a placeholder: vowel harmony makes it wrong for most of what can stand there."""
    return "a letter is glued to a placeholder" if _GLUED.search(translation) and not _GLUED.search(source) else ""


def _apostrophes(tag: str, source: str, translation: str) -> str:
    """Uzbek oʻ and gʻ have one sign of their own, U+02BB."""
    return "oʻ or gʻ with another sign than U+02BB" if tag == "uz" and _APOSTROPHE.search(translation) else ""


def _numbers(tag: str, source: str, translation: str) -> str:
    """A number that the source does not have, or one that is gone: days, sums and articles are the same in every language."""
    ours, theirs = (set(_NUMBER.findall(_HOLE.sub(" ", text))) for text in (translation, source))
    return f"other numbers than the source: {' '.join(sorted(ours ^ theirs))}" if ours != theirs else ""


def _forbidden(tag: str, source: str, translation: str) -> str:
    """A word that CLDR or a neighbouring language brought in."""
    found = FORBIDDEN[tag].search(translation) if tag in FORBIDDEN else None
    return f"not a word for our readers: {found[0]}" if found else ""


def _ends(tag: str, source: str, translation: str) -> str:
    """A sentence ends as the source does, and keeps its lines."""
    mark = source.rstrip()[-1:]
    if mark in "?:" and translation.rstrip()[-1:] not in "?:;؟…":
        return f"does not end with {mark}"
    return "" if source.count("\n") == translation.count("\n") else "has another number of lines"


_GATES: tuple[Callable[[str, str, str], str], ...] = (
    _letters,
    _untranslated,
    _composed,
    _doubled,
    _glued,
    _apostrophes,
    _ends,
    _numbers,
    _forbidden,
    glossary.missing,
)
