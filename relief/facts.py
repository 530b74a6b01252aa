"""A person's facts, read: known values typed, everything malformed or foreign left out, which makes it unknown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from relief.law import Question

Known = Mapping[str, str | date]
"""Facts that could be read: dates as dates, everything else as text."""

_YEARS = range(1900, 2200)


def read(questions: Mapping[str, Question], facts: Mapping[str, str]) -> dict[str, str | date]:
    """The facts that this pack knows and whose values can be read. Never raises."""
    typed: dict[str, str | date] = {}
    for name, value in facts.items():
        question = questions.get(name)
        found = value_of(question, value) if question else None
        if found is not None:
            typed[name] = found
    return typed


def value_of(question: Question, value: object) -> str | date | None:
    """One fact's value, or None if it is not among those allowed."""
    if not isinstance(value, str):
        return None
    if question.kind == "date":
        return iso_day(value)
    if question.kind == "choice":
        return value if value in question.values else None
    if question.kind == "country":
        return value if len(value) == 2 and value.isascii() and value.isalpha() and value.isupper() else None
    return value or None


def iso_day(value: str) -> date | None:
    """`2020-05-08` as a day; None for any other spelling, and for years in which nobody's permit runs out."""
    if len(value) != 10 or value[4] != "-" or value[7] != "-":
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if day.year in _YEARS else None
