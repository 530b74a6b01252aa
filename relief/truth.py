"""Three-valued logic after Kleene, with one value more: the law itself may be in doubt.

Of all that must hold, a single `no` settles the matter whatever else is missing. Without one, a missing fact leaves it
unknown, since it may still turn out a `no`; with every fact known, a doubt of the sources leaves it unclear.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import IntEnum

import msgspec

from relief.days import OPEN, Missing, Reading, day_of
from relief.law import Test, Tests, When
from relief.reasons import Side, doubt, refusal, side_of


class Truth(IntEnum):
    """What can be said of a condition, from worst to best."""

    NO = 0
    UNKNOWN = 1
    UNCLEAR = 2
    YES = 3


NO, UNKNOWN, UNCLEAR, YES = Truth


class Tested(msgspec.Struct, eq=False):
    """What was found while testing: the facts that are missing, the first doubt, and the first refusal, in words.

    `mild`: missing facts that can raise a doubt but never a refusal, so that they do not matter to who is in doubt anyway.
    """

    missing: list[str]
    mild: list[str]
    doubt: str = ""
    refusal: str = ""

    @property
    def truth(self) -> Truth:
        """All tests together."""
        if self.refusal:
            return NO
        if self.missing or self.mild:
            return UNKNOWN
        return UNCLEAR if self.doubt else YES


def all_of(tests: Tests, reading: Reading) -> Tested:
    """Whether all of these hold for the person, and why not."""
    found = Tested([], [])
    for fact, test in tests.items():
        if fact not in reading.facts and never_refuses(test):
            found.mild.append(fact)
            continue
        truth, side = holds(fact, test, reading, found.missing)
        if truth is NO:
            found.refusal = refusal(fact, side)
            break
        if truth is UNCLEAR:
            found.doubt = found.doubt or doubt(fact, side)
    return found


def never_refuses(test: Test) -> bool:
    """Whether a window can at most leave a day in doubt."""
    windowed = test.first is not None or test.last is not None
    shut = (test.first and test.before == "no") or (test.last and test.after == "no")
    return windowed and not shut


def holds(fact: str, test: Test, reading: Reading, missing: list[str]) -> tuple[Truth, Side]:
    """Whether the person's `fact` passes the test, and how it misses. A fact needed to tell is added to `missing`."""
    value = reading.facts.get(fact)
    if value is None:
        missing.append(fact)
        return UNKNOWN, "other"
    if isinstance(value, date):
        return _within(value, test, reading, missing)
    if value in test.unclear:
        return UNCLEAR, "other"
    if value in test.is_ if test.is_ else value not in test.not_:
        return YES, "other"
    return UNCLEAR if test.is_ and test.others == "unclear" else NO, "other"


def _within(day: date, test: Test, reading: Reading, missing: list[str]) -> tuple[Truth, Side]:
    """Whether a day lies in the test's window."""
    if test.unclear and day.isoformat() in test.unclear:
        return UNCLEAR, "other"
    edges = [*_edge(test.first, date.min, reading, missing), *_edge(test.last, OPEN, reading, missing)]
    if len(edges) < 2:
        return UNKNOWN, "other"
    first, last = edges
    if first is None or last is None:
        return UNCLEAR, "other"
    side = side_of(day, first, last)
    allowed = test.before if side == "before" else test.after
    return YES if side == "other" else UNCLEAR if allowed == "unclear" else NO, side


def _edge(when: When | None, none: date, reading: Reading, missing: list[str]) -> Iterator[date | None]:
    """A window's edge: its day, `none` without a rule, None if doubtful; nothing if a fact is missing for it."""
    day = day_of(when, reading) if when else none
    if isinstance(day, Missing):
        missing.append(day.fact)
    else:
        yield day if isinstance(day, date) else None
