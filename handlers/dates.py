"""A day as people write it, in the conversation's language, Russian or English. Three results: the day, days to choose
from, or nothing; never a silent guess. After facts/language.md, section 2.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import msgspec

from handlers.daynumbers import Toward, around, chosen, in_figures, offer, on
from handlers.dayparts import Part, letters_in, misspelt, parts
from handlers.reading import NOTHING, Reading
from handlers.text import key, norm

VAGUE = Reading(vague=True)


class Seen(msgspec.Struct, frozen=True):
    """A message cut up, and what it is asked for."""

    parts: list[Part]
    locale: str
    today: date
    toward: Toward

    def has(self, kind: str) -> bool:
        """Whether any word can mean this."""
        return any(kind in part.means for part in self.parts)

    def first(self, kind: str) -> int | None:
        """The first value of a kind."""
        return next((n for part in self.parts if (n := part.number(kind)) is not None), None)


def read_date(text: str, locale: str, today: date, toward: Toward) -> Reading:
    """A day in `locale`'s words, Russian or English, as an ISO date.

    A day without a year is the latest one (`past`), the next one (`future`), or both are offered (`near`). An open order
    of day and month, a hedge (*about*, *after*), or *next Friday* come back as options; a year or month alone is vague.
    """
    figures = in_figures(norm(text), locale, today, toward)
    if figures is not None:
        return _hedged(figures, Seen(parts(text, locale), locale, today, toward)) if letters_in(text) else figures
    for tag in _tried(text, locale):
        found = _in_words(Seen(parts(text, tag), tag, today, toward))
        if found is not None:
            return found
    return NOTHING


def _tried(text: str, locale: str) -> tuple[str, ...]:
    """The languages to read in: the conversation's, then Russian or English by the script."""
    cyrillic = any("Ѐ" <= c <= "ӿ" for c in text)
    return tuple(dict.fromkeys((locale, "ru" if cyrillic else "en")))


def _in_words(seen: Seen) -> Reading | None:
    """The first way of saying a day that fits; None if the words say none."""
    for way in _WAYS:
        found = way(seen)
        if found is not None:
            return _hedged(found, seen)
    return None


def _hedged(found: Reading, seen: Seen) -> Reading:
    """Beside *about*, *after*, *not* or *or* a day is only offered."""
    if found.value and seen.has("hedge"):
        return Reading(options=(found.value,), vague=True)
    return found


def _absolute(seen: Seen) -> Reading | None:
    """`15 mart 2020`, `March 15`, `2020 жылғы 5 мамыр`, `avqustun 3-ü`, `20 Mayıs 2020, Çarşamba`."""
    dated = [(at, month) for at in range(len(seen.parts)) if (month := _month(seen, at))]
    if not dated:
        return None
    years = {n for part in seen.parts if part.digits and 1900 <= (n := part.number("number") or 0) <= 2100}
    days = {(day, month) for at, month in dated for day in _days_beside(seen, at)}
    if not days or len(years) > 1:
        return VAGUE if _exact(seen) else None
    if len(days) > 1:
        found = [d for day, month in sorted(days) for d in _on(day, month, years, seen)]
        return offer(found)
    if any(part.digits and 31 < (part.number("number") or 0) < 1900 for part in seen.parts):
        return VAGUE
    return _one(*days.pop(), years, seen)


def _one(day: int, month: int, years: set[int], seen: Seen) -> Reading:
    """One day and month; a weekday beside it must be its own."""
    found = _on(day, month, years, seen)
    weekday = seen.first("weekday")
    if not found:
        return NOTHING
    if weekday is not None and all(d.weekday() != weekday for d in found):
        return offer(found)
    short = _short_year(seen)
    if short and not years:
        return offer([d for d in (on(short, month, day),) if d] + list(found))
    if not years and _counts_after(seen):
        return offer(found)
    return Reading(found[0].isoformat()) if years else chosen(found, seen.toward)


def _on(day: int, month: int, years: set[int], seen: Seen) -> tuple[date, ...]:
    """The days meant by a day, a month and perhaps a year."""
    if years:
        return tuple(d for year in years if (d := on(year, month, day)))
    return around(day, month, seen.today, seen.toward)


def _exact(seen: Seen) -> bool:
    """Whether a month stands there letter for letter: one that was only guessed says nothing alone."""
    return seen.has("month")


def _month(seen: Seen, at: int) -> int | None:
    """The month named at a place; one with a typing error only where no other month is named and a number stands beside."""
    part = seen.parts[at]
    if month := part.number("month"):
        return month
    if seen.has("month") or part.means or not _days_beside(seen, at):
        return None
    return misspelt(part.word, seen.locale)


def _days_beside(seen: Seen, at: int) -> set[int]:
    """The day numbers before or after the word at a place, with nothing between but endings, a year and *of*."""
    before, after = _run(seen, reversed(range(at))), _run(seen, range(at + 1, len(seen.parts)))
    figures = {n for part in (*before, *after) if part.digits for n in _day(part)}
    if figures:
        return figures
    return {n for part in before[:1] for n in _day(part)}


def _day(part: Part) -> list[int]:
    """A day of a month."""
    number = part.number("number")
    return [number] if number is not None and 1 <= number <= 31 else []


def _run(seen: Seen, places: Iterable[int]) -> list[Part]:
    """The numbers met from a word outward, until another word ends the run."""
    found: list[Part] = []
    for at in places:
        part = seen.parts[at]
        number = part.number("number")
        if number is not None and (part.digits or not found):
            if not _is_year(part):
                found.append(part)
        elif not (part.unit() == "year" or part.word in _ENDINGS or "of_month" in part.means or _glued_end(seen, at)):
            break
    return found


def _is_year(part: Part) -> bool:
    """Four figures that are a year."""
    return part.digits and 1900 <= (part.number("number") or 0) <= 2100


def _glued_end(seen: Seen, at: int) -> bool:
    """An ending of the number before it: `15-nji`, `5-én`, `2020-ci`."""
    part = seen.parts[at]
    return part.glued and not part.means and len(part.word) <= 5 and at > 0 and seen.parts[at - 1].digits


_ENDINGS = frozenset(
    "ci cu inci uncu nci ncu nji ji iji unji j ge g gg of the st nd rd th go oe e njii iil a an en jan jen".split()
)


def _short_year(seen: Seen) -> int | None:
    """`15 mart 20`: two figures after the month that may be a year."""
    for one, two in pairwise(seen.parts):
        if "month" in one.means and two.digits and len(two.word) == 2 and _number_before(seen, one):
            return 2000 + int(two.word)
    return None


def _counts_after(seen: Seen) -> bool:
    """Whether number words follow a date in figures: `5 mayıs iki bin yirmi` says a year that is not read."""
    return any(
        "month" in one.means and "number" in two.means and not two.digits for one, two in pairwise(seen.parts)
    ) and any(part.digits for part in seen.parts)


def _number_before(seen: Seen, month: Part) -> bool:
    """Whether a day already stands before the month."""
    return any(part.digits for part in seen.parts[: seen.parts.index(month)])


def _relative(seen: Seen) -> Reading | None:
    """`dün`, `позавчера`, `the day after tomorrow`."""
    days = {n for part in seen.parts if (n := part.number("relative")) is not None}
    if not days:
        return None
    return _days_from(seen, days)


def _days_from(seen: Seen, days: set[int]) -> Reading:
    """One day from today, or several to choose from; with a number beside it, it is not sure."""
    found = [seen.today + timedelta(days=n) for n in sorted(days)]
    if len(found) > 1 or any(part.digits for part in seen.parts):
        return offer(found)
    return Reading(found[0].isoformat())


def _counted(seen: Seen) -> Reading | None:
    """`3 gün önce`, `через неделю`, `három hete`, `10 күннөн кийин`."""
    at = _unit_at(seen)
    if at is None or seen.has("of_month") or (seen.has("weekday") and seen.parts[at].unit() == "day"):
        return None
    ago, later = _direction(seen, at)
    number = _number_of(seen, at)
    if ago == later or number is None:
        return VAGUE if seen.has("past") or seen.has("next") or ago or later else None
    used = {part.number("number") for part in seen.parts if part.digits}
    if len(used) > 1 or len([p for p in seen.parts if p.unit() and p.number("number") is None]) > 1:
        return VAGUE
    unit = seen.parts[at].unit("since") or seen.parts[at].unit()
    day = moved(seen.today, unit, -number if ago else number)
    return Reading(day.isoformat()) if day else NOTHING


def _unit_at(seen: Seen) -> int | None:
    """Where the unit of time stands; the last one, for Hungarian `hét nap` is seven days."""
    found = [at for at, part in enumerate(seen.parts) if part.unit()]
    return found[-1] if found else None


def _direction(seen: Seen, at: int) -> tuple[bool, bool]:
    """Whether the words point back, and whether they point forward."""
    others = [
        part for n, part in enumerate(seen.parts) if n != at and not (n < at and part.number("number") is not None)
    ]
    ago = any("ago" in part.means for part in others)
    since = bool(seen.parts[at].unit("since"))
    later = any("later" in part.means for part in others)
    return ago or (since and not later), later


def _number_of(seen: Seen, at: int) -> int | None:
    """How many units: the number right before, two number words (`on beş`) together, or one where none is needed."""
    before = [part.number("number") for part in seen.parts[:at]]
    if before and before[-1] is not None:
        tens = before[-2] if len(before) > 1 else None
        return before[-1] + (tens if tens in (10, 20, 30) and before[-1] < 10 else 0)
    alone = not any(n is not None for n in before) and seen.locale == "ru"
    return 1 if alone else None


def moved(day: date, unit: str, by: int) -> date | None:
    """A day moved by days, weeks, months or years; the end of a shorter month where it has no such day. None beyond 1900-2100."""
    if abs(by) > 40000:
        return None
    if unit in ("day", "week"):
        step = timedelta(days=by * (7 if unit == "week" else 1))
        return day + step if abs(step.days) < 40000 else None
    months = day.year * 12 + day.month - 1 + by * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    if not 1900 <= year <= 2100:
        return None
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _of_week(seen: Seen) -> Reading | None:
    """`Salı`, `в прошлую пятницу`; *next Friday* and a week of two meanings are offered."""
    weekday = seen.first("weekday")
    if weekday is None or any(part.digits for part in seen.parts):
        return None
    today, week = seen.today, _week_beside(seen)
    last = today - timedelta(days=(today.weekday() - weekday) % 7 or 7)
    coming = today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
    if seen.has("next"):
        return offer((coming, coming + timedelta(days=7)))
    if seen.has("past"):
        this_week = last.isocalendar()[:2] == today.isocalendar()[:2]
        earlier = last - timedelta(days=7)
        if week:
            return Reading((earlier if this_week else last).isoformat())
        return offer((last, earlier)) if this_week or _double(seen) else Reading(last.isoformat())
    if _double(seen) or weekday == today.weekday() or (seen.has("this") and seen.toward != "future"):
        return offer((last, coming) if weekday != today.weekday() else (today, last, coming))
    return chosen({"past": (last,), "future": (coming,)}.get(seen.toward, (last, coming)), seen.toward)


def _week_beside(seen: Seen) -> bool:
    """Whether the word *week* itself is said: `geçen hafta cuma`."""
    return any(part.unit() == "week" and "weekday" not in part.means for part in seen.parts)


def _double(seen: Seen) -> bool:
    """Kyrgyz `жума` is a week or Friday, unless the word *day* stands with it."""
    doubled = any(part.unit() == "week" and "weekday" in part.means for part in seen.parts)
    return doubled and not any(part.unit() == "day" for part in seen.parts)


def _of_month(seen: Seen) -> Reading | None:
    """`ayın 15i`, `15-го`, `on the 15th`, `geçen ayın 15'i`."""
    numbers = [part.number("number") for part in seen.parts if part.digits]
    marked = seen.has("of_month") or _ordinal(seen)
    if len(numbers) != 1 or not marked or numbers[0] is None or not 1 <= numbers[0] <= 31:
        return None
    if any(part.unit() not in ("", "month", "day") for part in seen.parts):
        return None
    day, today = numbers[0], seen.today
    months = [moved(today.replace(day=1), "month", n) for n in range(-4, 5)]
    days = [d for first in months if first and (d := on(first.year, first.month, day))]
    if aim := next((n for kind, n in _MONTHS_OFF.items() if seen.has(kind)), None):
        month = moved(today.replace(day=1), "month", aim - 2)
        named = on(month.year, month.month, day) if month else None
        return Reading(named.isoformat()) if named else NOTHING
    past, future = [d for d in days if d <= today][-1:], [d for d in days if d >= today][:1]
    likely = {"past": past, "future": future}.get(seen.toward, [*past, *future])
    return chosen(tuple(dict.fromkeys(likely)), seen.toward)


_MONTHS_OFF = {"past": 1, "this": 2, "next": 3}
"""Last, this and next month, counted so that none is zero."""


def _ordinal(seen: Seen) -> bool:
    """Whether the one number carries the ending of a day: 15-го, 15th, 15-én."""
    ends = _ordinal_ends(seen.locale)
    return any(one.digits and two.glued and two.word in ends for one, two in pairwise(seen.parts))


@cache
def _ordinal_ends(locale: str) -> frozenset[str]:
    """The endings of days."""
    from handlers.daywords import ORDINAL

    return frozenset(key(end) for end in ORDINAL.get(locale, "").split(",") if end)


def _incomplete(seen: Seen) -> Reading | None:
    """A year, a month, a week, or a lone number: something of a date, but no day."""
    number = next((part for part in seen.parts if part.digits), None)
    lone = number is not None and len(seen.parts) == 1
    period = any(part.unit() for part in seen.parts) and (seen.has("past") or seen.has("next") or seen.has("this"))
    year = any(_is_year(part) for part in seen.parts)
    if lone and not year and number is not None and not 1 <= (number.number("number") or 0) <= 31:
        return None
    return VAGUE if lone or period or year else None


Way = Callable[[Seen], Reading | None]
_WAYS: tuple[Way, ...] = (_absolute, _relative, _counted, _of_month, _of_week, _incomplete)
"""Ways of saying a day, in the order in which they are tried."""
