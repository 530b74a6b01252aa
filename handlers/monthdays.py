"""A day of a month that is named: `15 mart 2020`, `March 15`, `2020 жылғы 5 мамыр`, `avqustun 3-ü`."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import msgspec

from handlers.daynumbers import Toward, around, chosen, offer, on
from handlers.dayparts import Part, misspelt
from handlers.reading import NOTHING, Reading

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


def of_named_month(seen: Seen) -> Reading | None:
    """`15 mart 2020`, `March 15`, `2020 жылғы 5 мамыр`, `avqustun 3-ü`, `20 Mayıs 2020, Çarşamba`."""
    dated = [(at, month) for at in range(len(seen.parts)) if (month := _month(seen, at))]
    if not dated:
        return None
    years = _years(seen)
    days = {(day, month) for at, month in dated for day in _days_beside(seen, at)}
    if not days or len(years) > 1 or _undated(seen, dated):
        return VAGUE if _exact(seen) else None
    if len(days) > 1:
        return offer(d for day, month in sorted(days) for d in _on(day, month, years, seen))
    if any(part.digits and 31 < (part.number("number") or 0) < 1900 for part in seen.parts):
        return VAGUE
    found = _one(*days.pop(), years, seen)
    return Reading(options=(found.value,), vague=True) if found.value and _moved(seen) else found


def _moved(seen: Seen) -> bool:
    """Whether *before* or *after* stands with the day: `5 Mayıs'tan sonra`. English *in May* moves nothing."""
    return any(("ago" in part.means or "later" in part.means) and part.word != "in" for part in seen.parts)


def _years(seen: Seen) -> set[int]:
    """The years written out, or else last, this or next year."""
    written = {n for part in seen.parts if is_year(part) and (n := part.number("number"))}
    told = {
        seen.today.year + aim - 2
        for one, two in pairwise(seen.parts)
        for kind, aim in OFF.items()
        if kind in one.means and two.unit() == "year"
    }
    return written or told | ({seen.today.year - 1} if seen.has("last_year") else set())


def _undated(seen: Seen, dated: list[tuple[int, int]]) -> bool:
    """Whether another month stands there without a day: `from March to 5 May`. English *may* is a verb as well."""
    bare = {month for at, month in dated if not _days_beside(seen, at) and seen.parts[at].word != "mai"}
    return bool(bare - {month for at, month in dated if _days_beside(seen, at)})


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
    if (month := part.number("abroad")) and _enclosed(seen, at):
        return month
    if seen.has("month") or part.means or not _days_beside(seen, at):
        return None
    return misspelt(part.word, seen.locale)


def _enclosed(seen: Seen, at: int) -> bool:
    """Whether figures stand on both sides, a year among them: `15 Jan 2020`."""
    around = [seen.parts[n] for n in (at - 1, at + 1) if 0 <= n < len(seen.parts)]
    return len(around) == 2 and all(p.digits for p in around) and any(is_year(p) for p in around)


def _days_beside(seen: Seen, at: int) -> set[int]:
    """The days before or after the word at a place, with nothing between but endings, a year and *of*."""
    before, after = _run(seen, range(at - 1, -1, -1)), _run(seen, range(at + 1, len(seen.parts)))
    figures = {n for part in (*before, *after) if part.digits and (n := _day(part, "number"))}
    if figures:
        return figures
    owned = "theirs" if seen.parts[at].word.endswith("n") else "ordinal"
    words = {n for part in (*before[:1], *after[:1]) if (n := _day(part, "ordinal"))}
    return words or {
        n
        for part, kind in (*((p, "number") for p in before[:1]), *((p, owned) for p in after[:1]))
        if (n := _day(part, kind))
    }


def _day(part: Part, kind: str) -> int:
    """A day of a month, or 0."""
    number = part.number(kind) or 0
    return number if number <= 31 else 0


def _run(seen: Seen, places: range) -> list[Part]:
    """The days met from a word outward, until another word ends the run."""
    found: list[Part] = []
    for at in places:
        part = seen.parts[at]
        numbered = any(kind in part.means for kind in ("number", "ordinal", "theirs"))
        if numbered and (part.digits or not found):
            if not is_year(part):
                found.append(part)
        elif not (_between(seen, at) or (found and _to(seen, at, at + places.step))):
            break
    return found


def _between(seen: Seen, at: int) -> bool:
    """Whether a word may stand between a day and its month: an ending, *of*, *year*, and *month* right after the name."""
    part = seen.parts[at]
    after_name = part.unit() == "month" and at > 0 and "month" in seen.parts[at - 1].means
    return (
        part.unit() == "year" or after_name or part.word in _ENDINGS or "of_month" in part.means or _glued_end(seen, at)
    )


def _to(seen: Seen, at: int, beyond: int) -> bool:
    """Whether a short word may make a span of two days: `с 3 по 10 мая`."""
    return (
        0 <= beyond < len(seen.parts)
        and len(seen.parts[at].word) <= _SHORT
        and seen.parts[beyond].digits
        and bool(_day(seen.parts[beyond], "number"))
    )


_SHORT = 4
"""Letters of the longest word of a span: `3 ilə 10 may`."""


def is_year(part: Part) -> bool:
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


OFF = {"past": 1, "this": 2, "next": 3}
"""Last, this and next month or year, counted so that none is zero."""
