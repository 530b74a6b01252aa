"""Conditions and days of a measure in words, for lawyers: the generated pages say what the files say."""

from __future__ import annotations

from collections.abc import Iterator

from relief.law import Test, Tests, When

PROMISES = {
    "covered": "covered: nothing to do until the last day",
    "covered_if": "covered once the listed duty is done",
    "no_penalty": "no extension, but no penalty if gone by the last day",
    "unclear": "unclear: an officer must confirm",
    "none": "a notice, no relief",
}
"""What a measure gives, in words."""


def conditions(tests: Tests) -> Iterator[str]:
    """One line a condition."""
    for fact, test in tests.items():
        yield f"`{fact}`: {'; '.join(_parts(test))}"


def _parts(test: Test) -> Iterator[str]:
    """What a test asks for."""
    if test.is_:
        yield " or ".join(test.is_)
    if test.not_:
        yield "not " + ", nor ".join(test.not_)
    if test.first:
        yield f"from {day(test.first)}" + (" (earlier: unclear)" if test.before == "unclear" else "")
    if test.last:
        yield f"to {day(test.last)}" + (" (later: unclear)" if test.after == "unclear" else "")
    if test.unclear:
        yield f"unclear for {', '.join(test.unclear)}"
    if test.others == "unclear":
        yield "unclear for all others"


def day(when: When | None) -> str:
    """A day in words. None: an officer sets it for each person."""
    if when is None:
        return "set by an officer for each person"
    if when.date:
        return when.date.isoformat()
    if when.open:
        return "no fixed last day"
    if when.unclear:
        return "no day published"
    if when.nationality:
        each = [f"{state}: {day(one)}" for state, one in when.nationality.items()]
        return ", ".join([*each, f"others: {day(when.otherwise)}"])
    start = "the day of asking" if when.asked else f"`{when.fact}`" if when.fact else f"event `{when.event}`"
    return start + _count(when.months, "month") + _count(when.days, "day")


def _count(number: int, unit: str) -> str:
    """So many days or months more or less."""
    if not number:
        return ""
    return f" {'plus' if number > 0 else 'minus'} {abs(number)} {unit}{'' if abs(number) == 1 else 's'}"
