"""Public holidays and moved working days of states, as the library `holidays` knows them, read in a process of its own.

The library imports the calendars of the whole world: 13 MB that would stay in ours for a few hundred dates.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import NamedTuple, TypeAlias

import msgspec

SECONDS = 60.0
"""How long the reading may take: half a second where nothing else is to be done."""


class Days(NamedTuple):
    """A state's holidays, and days of the weekend that were made working days."""

    free: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()


_Book: TypeAlias = dict[str, Days]


class HolidayBook:
    """The holidays of some states, ten years at a time. Asked for a day of a decade that was not read yet, it reads it."""

    def __init__(self, states: Iterable[str] = ()) -> None:
        """`states`: ISO 3166 alpha-2. One that the library does not know has no holidays."""
        self._states = tuple(sorted({state for state in states if state}))

    def read(self, day: date) -> None:
        """Read the decade of this day now, so that nobody waits for it later. Blocks; raises OSError or SubprocessError."""
        _decade(self._states, day.year // 10 * 10)

    def days(self, state: str, day: date) -> Days:
        """The state's days of the decade of `day`. Raises OSError or SubprocessError."""
        return _decade(self._states, day.year // 10 * 10).get(state, Days())


@cache
def _decade(states: tuple[str, ...], first: int) -> _Book:
    """Ten years from `first` on."""
    if not states:
        return {}
    # -P: the folder of this file is no place to import from, it would hide modules of the same names
    command = [sys.executable, "-P", __file__, str(first), *states]
    told = subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)  # noqa: S603 - our own file
    return msgspec.json.decode(told.stdout, type=_Book)


def _known(states: Iterable[str], first: int) -> _Book:
    """What the library knows of these states and ten years."""
    import holidays

    known = holidays.list_supported_countries(include_aliases=False)
    found = {
        state: holidays.country_holidays(state, years=range(first, first + 10)) for state in states if state in known
    }
    return {state: Days(frozenset(book), frozenset(book.weekend_workdays)) for state, book in found.items()}


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(_known(sys.argv[2:], int(sys.argv[1]))))
