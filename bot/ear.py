"""The ear: where every channel puts what it heard. When a call returns, it is durable; when it raises Away, nothing counts
as heard and the provider must come again. docs/decisions/0002.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import msgspec

from bot import metrics
from bot.bell import Bell
from bot.channels.contract import Away
from handlers.nouns import Delivered, Inbound
from storage.chats import Chats
from storage.keys import digest, lane_of, lane_of_outbound
from storage.queues import Arrival, Entry, Lanes, News
from storage.redis import Lost

_encode = msgspec.json.Encoder().encode


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class StreamEar:
    """Keeps events in their lanes' inboxes. An `Ear` (bot.channels.contract)."""

    def __init__(self, lanes: Lanes, chats: Chats, bell: Bell, clock: Callable[[], datetime] = utc_now) -> None:
        """`clock` dates providers' reports."""
        self._lanes = lanes
        self._chats = chats
        self._bell = bell
        self._clock = clock

    async def hear(self, events: Sequence[Inbound], *, insist: bool = False) -> None:
        """Keep these events, each once; a repeated one is dropped. Raises Away: come again with all of them.

        Without `insist`, what a person of whom too much waits says is not kept (storage.queues.CHAT_BOUND), and Away is
        raised when all others are. Our own news and timers are always kept.
        """
        by_lane: dict[int, list[Inbound]] = {}
        for event in events:
            by_lane.setdefault(lane_of(self._chats.ref(event.chat)), []).append(event)
        try:
            new = await self._lanes.admit(
                {lane: [self._arrival(lane, event, insist) for event in many] for lane, many in by_lane.items()},
                partial(self._bell.here, "reader"),
            )
        except Lost as fault:
            metrics.STORE.inc()
            raise Away(f"Redis: {fault}") from None
        for lane, news in new.items():
            self._count(by_lane[lane], news or [])
            self._hand_on(lane, news or [])
        if len(new) < len(by_lane):
            raise Away("Redis: a server of the cluster is away")
        if None in new.values():
            metrics.FULL.inc()
            raise Away("an inbox is full")
        if any(None in news for news in new.values() if news):
            metrics.HELD_BACK.inc()
            raise Away("too much of a chat waits")

    async def bury(self, channel: str, raw: bytes, cause: str) -> None:
        """Keep a payload that cannot be read as a dead letter."""
        try:
            await self._lanes.bury_raw(raw, f"{channel}: {cause}")
        except Lost as fault:
            raise Away(f"Redis: {fault}") from None
        metrics.DEAD.labels("raw").inc()

    async def receipt(self, outbound: str, status: str, cause: str = "") -> None:
        """File a provider's later word, if the message carried a case event; others are of no interest to anybody."""
        lane = lane_of_outbound(outbound)
        if lane is None:
            return
        try:
            about = await self._lanes.carried(lane, outbound)
            if about is None:
                return
            word = Delivered(f"{outbound}:{status}", about, self._clock(), status, cause)
            await self._lanes.push(lane, "effects", "", _encode(word))
        except Lost as fault:
            raise Away(f"Redis: {fault}") from None
        self._bell.ring("clerk", lane)

    def _arrival(self, lane: int, event: Inbound, insist: bool) -> Arrival:
        """An event as it lies in the inbox."""
        sealed = self._lanes.seal(lane, "inbox", _encode(event))
        hold = not insist and event.kind not in ("news", "tick")
        return Arrival(digest(event.id), self._chats.ref(event.chat), sealed, hold)

    def _hand_on(self, lane: int, news: Sequence[News]) -> None:
        """Bring the reader what came, or tell it to look."""
        entries = [new for new in news if isinstance(new, Entry)]
        if entries and len(entries) == len(news):
            self._bell.bring("reader", lane, entries)
        else:
            self._bell.ring("reader", lane)

    def _count(self, events: Sequence[Inbound], news: Sequence[News]) -> None:
        """What came, and what came again."""
        for event, new in zip(events, news, strict=False):
            if new is None:
                continue
            metrics.one(metrics.HEARD if new else metrics.DUPLICATES, metrics.channel_of(event.chat)).inc()
