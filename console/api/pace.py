"""How many calls a key may make: a bucket of tokens a key, in this process. Every call takes one; they come back steadily."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import ceil

BURST = 10
"""A full bucket holds as many tokens as come back in so many seconds."""


class Pace:
    """The buckets."""

    def __init__(self, rate: float, clock: Callable[[], datetime]) -> None:
        """`rate`: tokens a second; 0: no limit."""
        self._rate = rate
        self._clock = clock
        self._left: dict[str, tuple[float, datetime]] = {}

    def take(self, key: str) -> int:
        """Take a token. 0, or, if there is none, the seconds until there is one."""
        if not self._rate:
            return 0
        now, full = self._clock(), max(1.0, self._rate * BURST)
        left, since = self._left.get(key, (full, now))
        left = min(full, left + max(0.0, (now - since).total_seconds()) * self._rate)
        if left < 1:
            self._left[key] = (left, now)
            return ceil((1 - left) / self._rate)
        self._left[key] = (left - 1, now)
        return 0
