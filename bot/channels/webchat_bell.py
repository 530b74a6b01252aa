"""Wakes open pages when their chat has news: one Redis subscription a process, however many pages are open."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator

from storage.redis import Lost
from storage.store import Store
from storage.webchat import NEWS

log = logging.getLogger(__name__)

_PAUSE = 1.0
"""Seconds between two tries to subscribe while Redis is away."""


class Bell:
    """Rings for the chats that are listened to. A ring may be missed while Redis is away: listeners also look by the clock."""

    def __init__(self, redis: Store) -> None:
        """Nothing is subscribed before `open`."""
        self._line = redis.listener(NEWS, self._told, self.ring_all)
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
        await self._line.close()

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

    def _told(self, ref: bytes) -> None:
        """A chat has news."""
        self.ring(ref.decode())

    async def _listen(self) -> None:
        """Subscribe as soon as Redis is there; from then on the line comes back by itself, and rings for the gap."""
        while True:
            try:
                return await self._line.open()
            except Lost as fault:
                log.warning("web chat pages are not woken: %s", fault)
            await asyncio.sleep(_PAUSE)


async def rung(event: asyncio.Event, seconds: float) -> bool:
    """Wait until `event` is set, and clear it; False if `seconds` pass first."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    event.clear()
    return True
