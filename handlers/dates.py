"""A day as people write it, in the conversation's language, Russian or English. Three results: the day, days to choose
from, or nothing; never a silent guess. After facts/language.md, section 2.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

from handlers.daynumbers import Toward, chosen, in_figures, offer, on
from handlers.dayparts import letters_in, parts
from handlers.monthdays import OFF, VAGUE, Seen, is_year, of_named_month
from handlers.reading import NOTHING, Reading
from handlers.text import key, norm

LONGEST = 300
"""Characters of an answer that can be a day: a longer one tells a story."""


def read_date(text: str, locale: str, today: date, toward: Toward) -> Reading:
    """A day in `locale`'s words, Russian or English, as an ISO date.

    A day without a year is the latest one (`past`), the next one (`future`), or both are offered (`near`). An open order
    of day and month, a hedge (*about*, *after*), or *next Friday* come back as options; a year or month alone is vague.
    """
    if len(text) > LONGEST:
        return NOTHING
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
    """Beside *about*, *after*, *not* or *or*, and beside another day's weekday, a day is only offered."""
    unsure = seen.has("hedge") or (seen.toward != "future" and _until(seen))
    if found.value and (unsure or _other_weekday(date.fromisoformat(found.value), seen)):
        return Reading(options=(found.value,), vague=True)
    return found


def _until(seen: Seen) -> bool:
    """Whether *until* stands right before something of a date (`до 5 мая`, not *by bus on 5 May*), or after: `5 maya qədər`."""
    pairs = pairwise(seen.parts) if seen.locale in ("en", "ru") else pairwise(reversed(seen.parts))
    return any("until" in one.means and _DATED & two.means.keys() for one, two in pairs)


_DATED = frozenset({"number", "ordinal", "month", "relative", "weekday"})


def _other_weekday(day: date, seen: Seen) -> bool:
    """Whether a weekday is named that is not the day's own; what may also be a week says nothing."""
    named = {part.number("weekday") for part in seen.parts if "weekday" in part.means and not part.unit()}
    return bool(named) and day.weekday() not in named


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
    if at is None or seen.has("of_month") or _ordinal(seen) or _beside_weekday(seen, at):
        return None
    ago, later = _direction(seen, at)
    number = _number_of(seen, at)
    if ago == later or number is None:
        said = number is not None or ago or later or seen.has("past") or seen.has("next")
        return VAGUE if said else None
    used = {part.number("number") for part in seen.parts if part.digits}
    if len(used) > 1 or len([p for p in seen.parts if p.unit() and p.number("number") is None]) > 1:
        return VAGUE
    unit = seen.parts[at].unit("since") or seen.parts[at].unit()
    day = moved(seen.today, unit, -number if ago else number)
    return Reading(day.isoformat()) if day else NOTHING


def _beside_weekday(seen: Seen, at: int) -> bool:
    """Whether the unit only goes with a weekday: `cuma günü`, `geçen hafta cuma`."""
    week = seen.parts[at].unit() == "week" and _number_of(seen, at) is None and "weekday" not in seen.parts[at].means
    return any("weekday" in part.means for n, part in enumerate(seen.parts) if n != at) and (
        week or seen.parts[at].unit() == "day"
    )


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
    alone = not any(n is not None for n in before) and "one" in seen.parts[at].means
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
    """`ayın 15i`, `15-го`, `on the 15th`, `geçen ayın 15'i`, `пятого числа`, `ayın beşinde`."""
    figures = [n for part in seen.parts if part.digits and (n := part.number("number")) is not None]
    said = [n for part in seen.parts if (n := part.number("ordinal") or part.number("theirs"))]
    numbers = figures or (said if seen.has("of_month") else [])
    if len(numbers) != 1 or not (seen.has("of_month") or _ordinal(seen)) or not 1 <= numbers[0] <= 31:
        return None
    if any(part.unit() not in ("", "month", "day") for part in seen.parts):
        return None
    day, today = numbers[0], seen.today
    months = [moved(today.replace(day=1), "month", n) for n in range(-4, 5)]
    days = [d for first in months if first and (d := on(first.year, first.month, day))]
    if aim := next((n for kind, n in OFF.items() if seen.has(kind)), None):
        month = moved(today.replace(day=1), "month", aim - 2)
        named = on(month.year, month.month, day) if month else None
        return Reading(named.isoformat()) if named else NOTHING
    past, future = [d for d in days if d <= today][-1:], [d for d in days if d >= today][:1]
    likely = {"past": past, "future": future}.get(seen.toward, [*past, *future])
    return chosen(tuple(dict.fromkeys(likely)), seen.toward)


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
    year = seen.has("last_year") or any(is_year(part) for part in seen.parts)
    if lone and not year and number is not None and not 1 <= (number.number("number") or 0) <= 31:
        return None
    return VAGUE if lone or period or year else None


Way = Callable[[Seen], Reading | None]
_WAYS: tuple[Way, ...] = (of_named_month, _relative, _counted, _of_month, _of_week, _incomplete)
"""Ways of saying a day, in the order in which they are tried."""
