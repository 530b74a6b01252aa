"""Turns a message id into a sentence: catalogues (.po, read as they are), long dates, country names, lists.

The English source text is the message id. A sentence that a catalogue lacks is said in English rather than not at all;
`complete()` tells, and an incomplete language is not offered to citizens.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, lru_cache
from gettext import c2py
from pathlib import Path
from typing import NamedTuple

from babel.dates import format_date
from babel.messages.pofile import read_po

from locales.cldr import locale as cldr

HERE = Path(__file__).parent

NAMES: Mapping[str, str] = {
    "az": "Azərbaycanca",
    "kk": "Қазақша",
    "ky": "Кыргызча",
    "tr": "Türkçe",
    "uz": "Oʻzbekcha",
    "uz_Cyrl": "Ўзбекча",
    "hu": "Magyar",
    "ru": "Русский",
    "en": "English",
    "tk": "Türkmençe",
}
"""Each language named in itself. CLDR's own names are bare adjectives or carry script notes (facts/language.md, 1)."""

_MONTHS: Mapping[str, tuple[str, ...]] = {
    "uz_Cyrl": tuple("январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()),
}
"""Where CLDR's names of the months are misspelt: its Cyrillic Uzbek lacks the soft sign."""

_COUNTRIES: Mapping[tuple[str, str], str] = {("ru", "KG"): "Кыргызстан", ("kk", "AZ"): "Әзербайжан"}
"""Where CLDR's name is not the state's own."""


class Voice:
    """One language. Everything a person reads passes through here."""

    def __init__(self, tag: str) -> None:
        """`tag` is a folder under locales/, or `en`, the source. Raises babel.UnknownLocaleError for a tag CLDR lacks."""
        self.tag = tag
        self.locale = cldr(tag)
        book = _read(tag)
        self._said = book.said
        self._forms: Callable[[int], int] = c2py(book.plural)
        self._day, self._country = lru_cache(1024)(self._days), lru_cache(512)(self._countries)

    def gettext(self, source: str) -> str:
        """The translation of `source`, or `source`."""
        found = self._said.get(source)
        return found[0] if found else source

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The translation that fits the count `n`."""
        found = self._said.get(one)
        if found:
            return found[min(self._forms(n), len(found) - 1)]
        return one if n == 1 else many

    def day(self, day: date) -> str:
        """The day with its month in words and its weekday: never a short form, which differs from state to state."""
        return self._day(day)

    def _days(self, day: date) -> str:
        """`day`, as CLDR says it."""
        return f"{self.written(day)}, {format_date(day, 'EEEE', locale=self.locale)}"

    def written(self, day: date) -> str:
        """The day in the language's own order, its month in words, without the weekday."""
        pattern = self.locale.date_formats["long"].pattern
        if self.tag in _MONTHS:
            pattern = pattern.replace("MMMM", f"'{_MONTHS[self.tag][day.month - 1]}'")
        return format_date(day, pattern, locale=self.locale).replace("\u202f", "\u00a0")  # old phones show it as a box

    def country(self, code: str) -> str:
        """The country's name; the code itself if CLDR has none."""
        return self._country(code)

    def _countries(self, code: str) -> str:
        """`country`, as CLDR says it."""
        return _COUNTRIES.get((self.tag, code)) or str(self.locale.territories.get(code, code))

    def listing(self, items: list[str]) -> str:
        """`A; B; C`. Labels begin with a capital and may hold a comma or an *or*, so that CLDR's `A, B and C` would mislead."""
        return "; ".join(items)


class _Book(NamedTuple):
    """A catalogue as it is needed to speak: the forms of each translated text, the plural rule, and whether it is complete."""

    said: Mapping[str, tuple[str, ...]] = {}
    plural: str = "(n != 1)"
    complete: bool = False


@cache
def _read(tag: str) -> _Book:
    """The catalogue of `tag`; nothing for English, which is the source. Babel's own objects take ten times the memory."""
    path = HERE / tag / "LC_MESSAGES" / "komek.po"
    if not path.exists():
        return _Book()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=tag)
    said: dict[str, tuple[str, ...]] = {}
    texts = 0
    for message in catalogue:
        if not message.id:
            continue
        texts += 1
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if not message.fuzzy and forms and all(forms):
            # interned: ten catalogues share their sources
            said[sys.intern(message.id if isinstance(message.id, str) else message.id[0])] = forms
    return _Book(said, catalogue.plural_expr, len(said) == texts)


@cache
def voice(tag: str) -> Voice:
    """The voice of a language, read once a process. An unknown or empty tag speaks English."""
    return Voice(tag if tag in NAMES else "en")


@cache
def offered() -> tuple[str, ...]:
    """The languages whose catalogue is complete, in the order of NAMES; English, the source, always."""
    return tuple(tag for tag in NAMES if tag == "en" or complete(tag))


def complete(tag: str) -> bool:
    """Whether `tag` has a catalogue in which every message is translated and none is fuzzy."""
    return _read(tag).complete
