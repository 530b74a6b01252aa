"""What CLDR tells of a language, by way of Babel, without the two thirds of it that nobody here asks for.

Babel keeps all of a locale's data in memory for good: measures, currencies, time zones. For ten languages that is 9 MB.
"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from babel import Locale, localedata
from babel.core import get_global

_UNASKED = (
    "compact_currency_formats",
    "compact_decimal_formats",
    "compound_unit_patterns",
    "currency_names",
    "currency_names_plural",
    "currency_symbols",
    "datetime_skeletons",
    "interval_formats",
    "meta_zones",
    "scripts",
    "time_zones",
    "unit_display_names",
    "variants",
)


@cache
def locale(tag: str) -> Locale:
    """The locale of a tag as our folders have it (`uz_Cyrl`). Raises babel.UnknownLocaleError."""
    found = Locale.parse(tag)
    _let_go()
    for name in ("root", str(found)):
        data = localedata.load(name)  # Babel's own copy, which it hands to every Locale
        for unasked in _UNASKED:
            data.pop(unasked, None)
        units = data["unit_patterns"]
        data["unit_patterns"] = {unit: units[unit] for unit in units if unit.startswith("duration-")}
    return found


@cache
def _let_go() -> None:
    """What Babel keeps of no language: the currencies, clocks and languages of regions."""
    for table in (
        get_global("meta_zones"),
        get_global("territory_currencies"),
        get_global("territory_languages"),
        get_global("territory_zones"),
        get_global("zone_territories"),
    ):
        cast("dict[str, Any]", table).clear()
