"""Timers: a Remind lies beside its chat until its time, and then is an event in the inbox, moved there by one script."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from handlers.nouns import Inbound, Remind
from storage.keys import digest, tag
from storage.queues import Follow, Lanes
from storage.redis import TICK, Lost, as_int, some


def follow(lanes: Lanes, lane: int, ref: str, remind: Remind) -> Follow:
    """Set, replace or cancel this timer, as part of a commit. The tick's id is derived from the timer's and its time."""
    timer = f"{ref}:{digest(remind.id)}"
    if remind.at is None:
        return Follow("cancel", timer)
    event = Inbound(f"tick:{remind.id}:{remind.at.isoformat()}", remind.chat, remind.at, "tick", remind.body)
    return Follow(
        "remind", timer, int(remind.at.timestamp() * 1000), lanes.seal(lane, "inbox", msgspec.json.encode(event))
    )


async def ring(lanes: Lanes, which: Iterable[int], now: datetime, limit: int = 100) -> list[int]:
    """Move the timers that have run down by `now` into their inboxes, each once. The lanes that got some."""
    looked = list(which)
    asks = [lanes.redis.run(TICK, [tag(lane)], int(now.timestamp() * 1000), limit) for lane in looked]
    moved = zip(looked, await some(asks), strict=True)
    return [lane for lane, answer in moved if not isinstance(answer, Lost) and as_int(answer)]
