"""Wakes open pages when their chat has news: one Redis subscription a process, however many pages are open."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator

from redis.asyncio import Redis
from redis.exceptions import RedisError

from storage.webchat import NEWS

log = logging.getLogger(__name__)

_PAUSE = 1.0
"""Seconds between two tries to subscribe while Redis is away."""


class Bell:
    """Rings for the chats that are listened to. A ring may be missed while Redis is away: listeners also look by the clock."""

    def __init__(self, redis: Redis) -> None:
        """Nothing is subscribed before `open`."""
        self._redis = redis
        self._listeners: dict[str, set[asyncio.Event]] = {}
        self._task: asyncio.Task[None] | None = None
        self.closed = False

    async def open(self) -> None:
        """Start to listen, in the background; Redis may come later."""
        self.closed = False
        self._task = asyncio.create_task(self._listen(), name="webchat bell")

    async def close(self) -> None:
        """Stop, and ring everybody so that open pages see that we are closing."""
        self.closed = True
        self.ring_all()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    @contextlib.contextmanager
    def listening(self, ref: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the chat with this reference has news."""
        event = asyncio.Event()
        self._listeners.setdefault(ref, set()).add(event)
        try:
            yield event
        finally:
            self._listeners[ref].discard(event)
            if not self._listeners[ref]:
                del self._listeners[ref]

    @property
    def listeners(self) -> int:
        """How many pages listen."""
        return sum(map(len, self._listeners.values()))

    def ring(self, ref: str) -> None:
        """Wake the listeners of one chat."""
        for event in self._listeners.get(ref, ()):
            event.set()

    def ring_all(self) -> None:
        """Wake everybody: after a gap nobody knows who has news."""
        for ref in self._listeners:
            self.ring(ref)

    async def _listen(self) -> None:
        """Subscribe, ring, and subscribe again when the line breaks."""
        while True:
            try:
                await self._rings()
            except (RedisError, OSError) as fault:
                log.warning("web chat pages are not woken: Redis is away (%s)", type(fault).__name__)
            await asyncio.sleep(_PAUSE)

    async def _rings(self) -> None:
        """Ring for each reference told, until the line breaks."""
        async with self._redis.pubsub(ignore_subscribe_messages=True) as line:
            await line.subscribe(NEWS)
            self.ring_all()
            while True:
                told = await line.get_message(timeout=30.0)
                if told is not None:
                    self.ring(told["data"].decode())


async def rung(event: asyncio.Event, seconds: float) -> bool:
    """Wait until `event` is set, and clear it; False if `seconds` pass first."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    event.clear()
    return True
