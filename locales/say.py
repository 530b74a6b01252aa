"""Turns a message id into a sentence: catalogues (.po, read as they are), long dates, country names, lists.

The English source text is the message id. A sentence that a catalogue lacks is said in English rather than not at all;
`complete()` tells, and an incomplete language is not offered to citizens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from gettext import c2py
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

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

_COUNTRIES: Mapping[tuple[str, str], str] = {("ru", "KG"): "Кыргызстан", ("kk", "AZ"): "Әзербайжан"}
"""Where CLDR's name is not the state's own."""


class Voice:
    """One language. Everything a person reads passes through here."""

    def __init__(self, tag: str) -> None:
        """`tag` is a folder under locales/, or `en`, the source. Raises babel.UnknownLocaleError for a tag CLDR lacks."""
        self.tag = tag
        self.locale = Locale.parse(tag)
        self._catalogue = _read(tag)
        self._forms: Callable[[int], int] = _plural_rule(self._catalogue)

    def gettext(self, source: str) -> str:
        """The translation of `source`, or `source`."""
        message = self._catalogue.get(source) if self._catalogue else None
        found = message.string if message and not message.fuzzy else ""
        if isinstance(found, tuple | list):
            found = found[0]
        return found or source

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The translation that fits the count `n`."""
        message = self._catalogue.get(one) if self._catalogue else None
        forms = message.string if message and not message.fuzzy else ()
        if isinstance(forms, tuple | list) and any(forms):
            return str(forms[min(self._forms(n), len(forms) - 1)])
        return one if n == 1 else many

    def day(self, day: date) -> str:
        """The day with its month in words and its weekday: never a short form, which differs from state to state."""
        return f"{self.written(day)}, {format_date(day, 'EEEE', locale=self.locale)}"

    def written(self, day: date) -> str:
        """The day in the language's own order, its month in words, without the weekday."""
        long = format_date(day, "long", locale=self.locale)
        return long.replace("\u202f", "\u00a0")  # old phones show it as a box

    def country(self, code: str) -> str:
        """The country's name; the code itself if CLDR has none."""
        return _COUNTRIES.get((self.tag, code)) or str(self.locale.territories.get(code, code))

    def listing(self, items: list[str]) -> str:
        """`A, B and C`. Kazakh and Cyrillic Uzbek have no usable pattern in CLDR: commas."""
        return ", ".join(items) if self.tag in ("kk", "uz_Cyrl") else format_list(items, locale=self.locale)


def _read(tag: str) -> Catalog | None:
    """The catalogue of `tag`; None for English, which is the source."""
    path = HERE / tag / "LC_MESSAGES" / "komek.po"
    if not path.exists():
        return None
    with path.open("rb") as file:
        return read_po(file, locale=tag)


def _plural_rule(catalogue: Catalog | None) -> Callable[[int], int]:
    """The catalogue's own Plural-Forms expression as a function; English's where there is no catalogue."""
    return c2py(catalogue.plural_expr if catalogue else "(n != 1)")


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
    catalogue = _read(tag)
    return catalogue is not None and all(
        not m.fuzzy and (all(m.string) if isinstance(m.string, tuple | list) else m.string) for m in catalogue if m.id
    )
