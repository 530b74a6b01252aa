"""Each outcome leads to one thing."""

from __future__ import annotations

import pytest

from bot.outcome import LONGEST_WAIT, Attempts
from handlers.nouns import Outcome, Receipt


def _waits(outcome: Outcome, count: int, again: bool, late: bool = False, wait: float = 0.0) -> list[float | None]:
    """The waits after so many of the same outcome."""
    attempts = Attempts(again, 1.0)
    return [attempts.wait(Receipt(outcome, wait=wait), late) for _ in range(count)]


@pytest.mark.parametrize("outcome", ["sent", "blocked", "refused"])
def test_some_end_at_once(outcome: Outcome) -> None:
    """There is nothing to try again."""
    assert _waits(outcome, 1, again=True) == [None]


def test_a_retry_waits_longer_each_time() -> None:
    """Doubling up to a minute, and never less than the provider asks."""
    assert _waits("retry", 8, again=False) == [1, 2, 4, 8, 16, 32, LONGEST_WAIT, LONGEST_WAIT]
    assert _waits("retry", 2, again=False, wait=7.5) == [7.5, 7.5]


def test_a_slow_down_waits_as_told() -> None:
    """Whatever the number of times: it is the provider's pace."""
    assert _waits("slow_down", 3, again=False, wait=3) == [3, 3, 3]


@pytest.mark.parametrize("outcome", ["retry", "slow_down"])
def test_the_patience_ends(outcome: Outcome) -> None:
    """A message that was never taken for so long is put aside."""
    assert _waits(outcome, 1, again=True, late=True, wait=1) == [None]


@pytest.mark.parametrize(("again", "waits"), [(True, [1.0, None]), (False, [None, None])])
def test_the_unknown_is_repeated_once_at_most(again: bool, waits: list[float | None]) -> None:
    """And only where saying it twice is harmless."""
    assert _waits("unknown", 2, again=again) == waits
