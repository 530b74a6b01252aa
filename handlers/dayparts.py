"""Cuts a message into the parts of a date: numbers, months, weekdays, units of time, words of direction.

A word may be several things at once (`hét` is seven and a week, Kyrgyz `жума` a week and Friday): a part keeps all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import pairwise

import msgspec

from handlers import daywords, numbers
from handlers.ordinals import ordinals, theirs
from handlers.strokes import strokes
from handlers.text import fold, key, norm
from locales.cldr import locale as cldr

Meanings = dict[str, int | str]
"""What a word can be: `relative`, `weekday`, `month`, `abroad` (a short name of a month in another language), `number`,
`ordinal`, `theirs` (all int), `unit` and `since` (day, week, month, year), and, with value 1: `ago`, `later`, `past`, `next`,
`this`, `hedge`, `of_month`, `last_year`, `until`, `one`."""

_CLOCK = re.compile(r"\b\d{1,2}[:h]\d{2}\b")
_WORD = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*")
_DOUBLED = re.compile(r"(.)\1")
_LONGEST = 4
"""Words in the longest phrase of the tables."""
_FIGURES = 18
"""More figures are no number of anything here, and from 4,300 on Python reads none."""


class Part(msgspec.Struct, frozen=True):
    """One word or phrase. `digits`: written as a number. `glued`: nothing but a hyphen or apostrophe before it."""

    word: str
    means: Meanings
    digits: bool = False
    glued: bool = False

    def number(self, kind: str) -> int | None:
        """The value of a meaning that is a number."""
        value = self.means.get(kind)
        return value if isinstance(value, int) else None

    def unit(self, kind: str = "unit") -> str:
        """The unit of time, or nothing."""
        value = self.means.get(kind)
        return value if isinstance(value, str) else ""


def parts(text: str, locale: str) -> list[Part]:
    """The parts of a message, in order; words that are no part of a date keep their place with no meaning."""
    plain = _CLOCK.sub(" ", norm(text))
    found = list(_WORD.finditer(plain))
    words = [(key(m[0]), fold(m[0])) for m in found]
    gaps = [plain[a.end() : b.start()] for a, b in pairwise(found)]
    glued = [False, *(gap in ("", "-", "'", "–", ".-") for gap in gaps)]
    known = lexicon(locale)
    return [_cleared(part, typed) for part, typed in _joined([w for w in words if w[0]], glued, known)]


def _cleared(part: Part, typed: str) -> Part:
    """A doubled letter must not make a short month of a word: `қаан` is a slip of қазан, and not қаң."""
    if "month" not in part.means or len(part.word) > 3 or not _DOUBLED.search(typed):
        return part
    return msgspec.structs.replace(part, means={kind: n for kind, n in part.means.items() if kind != "month"})


def _joined(
    words: list[tuple[str, str]], glued: list[bool], known: Mapping[str, Meanings]
) -> Iterator[tuple[Part, str]]:
    """Parts and how they were typed, the longest phrase first."""
    keys = [word for word, _ in words]
    at = 0
    while at < len(keys):
        size = next(
            (n for n in range(_LONGEST, 1, -1) if " ".join(keys[at : at + n]) in known and at + n <= len(keys)), 1
        )
        phrase = " ".join(keys[at : at + size])
        typed = " ".join(word for _, word in words[at : at + size])
        digits = phrase.isdecimal()
        means: Meanings = (
            {"number": int(phrase)} if digits and len(phrase) <= _FIGURES else known.get(typed, known.get(phrase, {}))
        )
        yield Part(phrase, means, digits, glued[at]), typed
        at += size


@cache
def lexicon(locale: str) -> Mapping[str, Meanings]:
    """Everything a word or phrase can mean in a language's dates, by its key. Own words go before Russian and English ones."""
    out: dict[str, Meanings] = {}
    for kind, entries in _said(locale):
        for word, value in entries:
            out.setdefault(word, {}).setdefault(kind, value)
    return out


def _said(locale: str) -> Iterator[tuple[str, Iterable[tuple[str, int | str]]]]:
    """Every kind of meaning, with its words and values; of two values of one word, the first counts."""
    for kind, table in _FLAGS.items():
        yield kind, ((phrase, 1) for phrase in _phrases(table.get(locale, "")))
    for days, text in daywords.RELATIVE[locale].items():
        yield "relative", ((phrase, days) for phrase in _phrases(text))
    yield "number", numbers.words(locale).items()
    yield "ordinal", ordinals(locale).items()
    yield "theirs", theirs(locale).items()
    yield "unit", _units(locale)
    yield "since", daywords.HUNGARIAN_SINCE.items() if locale == "hu" else ()
    yield "weekday", _weekdays(locale)
    yield "month", months(locale).items()
    yield "abroad", _abroad(locale)


_FLAGS: Mapping[str, Mapping[str, str]] = {
    "ago": daywords.AGO,
    "later": daywords.LATER,
    "past": daywords.PAST,
    "next": daywords.NEXT,
    "this": daywords.THIS,
    "hedge": daywords.HEDGES,
    "of_month": daywords.OF_MONTH,
    "last_year": daywords.LAST_YEAR,
    "until": daywords.UNTIL,
    "one": daywords.ONE,
}


def _phrases(text: str) -> list[str]:
    """The keys of a table's entry."""
    return [key(phrase) for phrase in re.split("[,/]", text) if key(phrase)]


def endings(locale: str) -> list[str]:
    """The endings a word may carry in a language."""
    return daywords.SUFFIXES[locale if locale in daywords.SUFFIXES else "turkic"].split()


def _inflected(stem: str, locale: str) -> Iterator[str]:
    """A word and its forms."""
    yield stem
    yield from (key(stem + ending) for ending in endings(locale))


def _units(locale: str) -> Iterator[tuple[str, str]]:
    """Units of time in all forms."""
    for unit, text in daywords.UNITS[locale].items():
        for stem in _phrases(text):
            for form in _inflected(stem, locale):
                yield form, unit


def _weekdays(locale: str) -> Iterator[tuple[str, int]]:
    """Weekdays in all forms, Monday 0. Plain names first, so that no form of one hides another."""
    days = [(stem, n) for n, text in enumerate(daywords.WEEKDAYS[locale].split(",")) for stem in _phrases(text)]
    yield from days
    for stem, number in days:
        for form in _inflected(stem, locale) if len(stem) > 3 or locale != "en" else ():
            yield form, number


@cache
def months(locale: str) -> Mapping[str, int]:
    """Month names in all forms: the language's own, then Russian, then English.

    Never CLDR's stand-alone names: they are corrupted across locales (python-babel #1234).
    """
    out: dict[str, int] = {}
    for tag in dict.fromkeys((locale, "ru", "en")):
        for name, month in names(tag).items():
            if tag == locale or len(name) > _SHORT or name in _WHOLE:
                out.setdefault(name, month)
    for tag in dict.fromkeys((locale, "ru", "en")):
        for name, month in names(tag).items():
            for form in (
                (*_inflected(name, locale), *_inflected(name, tag)) if len(name) > _SHORT or name in _WHOLE else ()
            ):
                out.setdefault(form, month)
    return out


_SHORT = 3
"""Letters up to which a month's name may be another word in another language: `sen`, `már`, `жан`."""
_WHOLE = ("mai", "iun", "iul")
"""Months whose whole name is no longer."""


def _abroad(locale: str) -> Iterator[tuple[str, int]]:
    """Short Russian and English names, which only count between a day and a year: `15 Jan 2020`."""
    for tag in ("ru", "en"):
        yield from (pair for pair in names(tag).items() if pair[0] not in months(locale))


@cache
def names(locale: str) -> Mapping[str, int]:
    """Keys of one language's month names, wide and short."""
    out: dict[str, int] = {}
    for width in ("wide", "abbreviated"):
        for number, name in cldr(locale).months["format"][width].items():
            out.setdefault(key(name), number)
    for number, text in daywords.MONTHS[locale].items():
        for name in _phrases(text):
            out.setdefault(name, number)
    return {name: number for name, number in out.items() if len(name) > 2}


@lru_cache(maxsize=1024)
def misspelt(word: str, locale: str) -> int | None:
    """The month that a word with a typing error can only mean: one edit, two in 7 letters and more, alone in its reach.

    Never June or July where their names are that near (facts/language.md, 2).
    """
    if len(word) < 4:
        return None
    reach = 2 if len(word) >= 7 else 1
    near = {month for name, month in _long_names(locale) if strokes(word, name, reach) <= reach}
    if len(near) != 1:
        return None
    month = near.pop()
    return None if month in (6, 7) and _twins(locale) else month


@cache
def _long_names(locale: str) -> tuple[tuple[str, int], ...]:
    """Names that a typing error may be measured against, in the forms people use."""
    plain = [
        (name, m) for tag in dict.fromkeys((locale, "ru", "en")) for name, m in names(tag).items() if len(name) > 3
    ]
    formed = [(form, m) for name, m in names(locale).items() if len(name) > 4 for form in _inflected(name, locale)]
    return tuple(dict.fromkeys((*plain, *formed)))


@cache
def _twins(locale: str) -> bool:
    """Whether June and July can be told apart only by a letter or two in any of the names read."""
    by_month = [[n for n, m in _long_names(locale) if m == month] for month in (6, 7)]
    return any(strokes(a, b) <= 3 for a in by_month[0] for b in by_month[1])


def letters_in(text: str) -> bool:
    """Whether there are words at all."""
    return any(c.isalpha() for c in fold(text))
