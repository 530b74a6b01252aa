"""Pace: how fast one channel may be spoken to. Replies go before broadcasts; a provider's *slow down* is obeyed.

Telegram allows about 30 messages a second to all chats together and limits single chats on its own terms
(facts: grammy.dev/advanced/flood, PTB wiki "Avoiding flood limits"), so one chat's 429 holds that chat only. When several
chats are told to slow down within seconds of each other, it is the bot that is too fast, and everything waits.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable

SEVERAL = 3
"""So many chats told to slow down within `TOGETHER` seconds: the whole channel pauses."""
TOGETHER = 5.0


class Pace:
    """One channel's turns. `rate` messages a second, spread evenly after a burst of a tenth of a second's worth; 0: no limit."""

    def __init__(self, rate: float, share: Callable[[], int] = lambda: 1) -> None:
        """`share`: among how many processes the rate is divided."""
        self._rate = rate
        self._share = share
        self._next = 0.0
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._slowed: deque[tuple[float, str]] = deque()
        self._paused = 0.0

    async def turn(self, broadcast: bool = False) -> None:
        """Wait for one message's turn."""
        loop = asyncio.get_running_loop()
        if not self._waiting and self._ready(loop.time()):
            return
        mine: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._waiting, (broadcast, next(self._order), mine))
        self._arm(loop)
        await mine

    def slow_down(self, chat: str, wait: float) -> None:
        """This chat was told to wait. If several were, everybody does."""
        now = asyncio.get_running_loop().time()
        self._slowed.append((now, chat))
        while self._slowed[0][0] < now - TOGETHER:
            self._slowed.popleft()
        if len({chat for _, chat in self._slowed}) >= SEVERAL:
            self._paused = max(self._paused, now + wait)

    def _ready(self, now: float) -> bool:
        """Whether a message may leave now; if so, its place is taken."""
        if now < self._paused:
            return False
        if not self._rate:
            return True
        if now < self._next - 0.1:  # the burst: up to a tenth of a second ahead of the even spread
            return False
        self._next = max(self._next, now) + self._share() / self._rate
        return True

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        """Come back when the next may leave."""
        if self._waiting and self._timer is None:
            at = max(self._paused, self._next - 0.1)
            self._timer = loop.call_at(at, self._release, loop)

    def _release(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let go whoever may go, replies first."""
        self._timer = None
        while self._waiting:
            if self._waiting[0][2].done():
                heapq.heappop(self._waiting)  # who waited was cancelled
            elif self._ready(loop.time()):
                heapq.heappop(self._waiting)[2].set_result(None)
            else:
                break
        self._arm(loop)
