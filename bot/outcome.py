"""What each outcome of a send leads to: another attempt after a wait, or an end and what it leaves behind.

| outcome   | next                                              | in the end                             |
|-----------|---------------------------------------------------|----------------------------------------|
| sent      |                                                   | done                                   |
| retry     | after a doubling wait, until the patience ends    | dead letter                            |
| slow_down | after the provider's wait, until the patience ends| dead letter                            |
| unknown   | once, where saying it twice is harmless           | dead letter: that is the list of them  |
| blocked   |                                                   | done, as is all that waits for the chat|
| refused   |                                                   | dead letter                            |
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from handlers.nouns import Delivered, Outbound, Receipt
from storage.queues import Entry, Follow, Lanes, add, bury

LONGEST_WAIT = 60.0
"""Seconds between two attempts at most; they double from the first."""

_encode = msgspec.json.Encoder().encode


class Attempts:
    """How often one message failed, and whether it was said again for want of an answer."""

    __slots__ = ("again", "failed", "first_wait", "resent")

    def __init__(self, again: bool, first_wait: float) -> None:
        """`again`: saying it twice is harmless. `first_wait`: seconds before the second attempt."""
        self.again = again
        self.first_wait = first_wait
        self.failed = 0
        self.resent = False

    def wait(self, receipt: Receipt, late: bool) -> float | None:
        """Seconds until the next attempt; None: there is none. `late`: the patience has ended."""
        match receipt.outcome:
            case "slow_down" if not late:
                return max(receipt.wait, self.first_wait)
            case "retry" if not late:
                self.failed += 1
                return max(receipt.wait, min(LONGEST_WAIT, self.first_wait * 2.0 ** (self.failed - 1)))
            case "unknown" if self.again and not self.resent:
                self.resent = True
                return self.first_wait
        return None


def follows(lanes: Lanes, entry: Entry, out: Outbound, receipt: Receipt, at: datetime) -> list[Follow]:
    """What an end leaves: a word at the desk if the message carried a case event, a dead letter if it failed."""
    left: list[Follow] = []
    if out.about:
        word = Delivered(f"{out.id}:{receipt.outcome}", out.about, at, receipt.outcome, receipt.cause)
        left.append(add("effects", entry.ref, lanes.seal(entry.lane, "effects", _encode(word))))
    if receipt.outcome not in ("sent", "blocked"):
        left.append(bury(entry.queue, entry.sealed, f"{receipt.outcome}: {receipt.cause}"))
    return left
