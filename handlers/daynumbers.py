"""Dates written in figures alone: 05.04.2020, 2020-04-05, 5/4/20, 15.03."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from handlers.reading import NOTHING, Reading

Toward = str
"""`past`: the latest such day that has been; `future`: the next; `near`: the nearest of both are offered."""

_FULL = re.compile(r"(?<![\d.,/+-])(\d{1,4})\s?([./\-,\s])\s?(\d{1,2})\s?[./\-,\s]\s?(\d{1,4})(?![\d/]|[.,-]\d)")
_SHORT = re.compile(r"(?<![\d.,/+-])(\d{1,2})\s?([./\-])\s?(\d{1,2})\b\.?(?!\s?[\d/:])")
_CLOSED = re.compile(r"(?<!\d)(\d{8})(?!\d)")
_SPACED_WORD = re.compile(r"[^\W\d_]")


def in_figures(plain: str, locale: str, today: date, toward: Toward) -> Reading | None:
    """What the figures in a message say; None if they are no date in themselves."""
    plain = re.sub(r"\b\d{1,2}:\d{2}(:\d{2})?\b", " ", plain)
    full = list(_FULL.finditer(plain))
    if len(full) > 1:
        return offer(day for m in full for day in _orders(m, locale)[0])
    if full:
        return _one(full[0], locale)
    if closed := _CLOSED.search(plain):
        return _together(closed[1])
    short = [m for m in _SHORT.finditer(plain) if m[2] != "-" or not _SPACED_WORD.search(plain)]
    if len(short) != 1:
        return None if not short else Reading(vague=True)
    first, second = int(short[0][1]), int(short[0][3])
    if locale == "hu":
        first, second = second, first
    if locale == "en" and short[0][2] == "/" and first <= 12 and second <= 12 and first != second:
        return offer((*around(first, second, today, toward)[:1], *around(second, first, today, toward)[:1]))
    if locale == "en" and short[0][2] == "/" and second > 12:
        first, second = second, first
    days = around(first, second, today, toward)
    return chosen(days, toward)


def _one(found: re.Match[str], locale: str) -> Reading:
    """A whole date: taken, offered in both orders, or no day of the calendar."""
    days, sure = _orders(found, locale)
    if len(days) > 1 or (days and not sure):
        return offer(days)
    return Reading(days[0].isoformat()) if days else NOTHING


def _orders(found: re.Match[str], locale: str) -> tuple[list[date], bool]:
    """The days a full date may be. Hungarian puts the year first, so there (and with English slashes) the order is open."""
    first, mark, second, third = found[1], found[2], int(found[3]), found[4]
    if len(first) == 4:
        return _existing((int(first), second, int(third))), len(third) <= 2
    if len(first) > 2 or len(third) not in (2, 4):
        return [], False
    year = int(third) + (2000 if len(third) == 2 else 0)
    by_day, by_month = (year, second, int(first)), (year, int(first), second)
    if locale == "hu" and len(third) == 2:
        return _existing((2000 + int(first), second, int(third)), by_day), False
    if locale == "hu" or (locale == "en" and mark == "/"):
        return _existing(by_day, by_month), True
    return _existing(by_day), True


def _together(digits: str) -> Reading:
    """Eight figures: offered, for they may be a number of something."""
    year_first = (int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    day_first = (int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    return offer(_existing(year_first, day_first))


def _existing(*numbers: tuple[int, int, int]) -> list[date]:
    """Those that the calendar has, each once."""
    return list(dict.fromkeys(day for n in numbers if (day := on(*n))))


def on(year: int, month: int, day: int) -> date | None:
    """The day, if the calendar has it and it is of this age."""
    if not 1900 <= year <= 2100:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def around(day: int, month: int, today: date, toward: Toward) -> tuple[date, ...]:
    """The days without a year that a question may mean, likeliest first. 29 February looks as far as the next leap year."""
    found = [d for n in range(-8, 9) if (d := on(today.year + n, month, day))]
    past = [d for d in found if d <= today][-1:]
    future = [d for d in found if d >= today][:1]
    either = sorted({*past, *future}, key=lambda d: abs((d - today).days))
    return tuple({"past": past, "future": future}.get(toward, either))


def chosen(days: tuple[date, ...], toward: Toward) -> Reading:
    """Without a year: the question's direction decides, or the person does."""
    if len(days) == 1:
        return Reading(days[0].isoformat())
    return offer(days)


def offer(days: Iterable[date]) -> Reading:
    """Days to choose from."""
    found = tuple(dict.fromkeys(day.isoformat() for day in days))
    return Reading(options=found[:3], vague=bool(found))
