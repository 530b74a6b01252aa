"""Pace: how fast one channel may be spoken to. Replies go before broadcasts; a provider's *slow down* is obeyed.

Telegram allows about 30 messages a second to all chats together, and to one chat about one a second with short bursts
(facts: core.telegram.org/bots/faq, grammy.dev/advanced/flood, PTB wiki "Avoiding flood limits"). One chat's 429 holds that
chat only. When several chats are told to slow down within seconds of each other, it is the bot that is too fast, and
everything waits.
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
NEARLY = 0.97
"""The part of the rate that is used: what is sent evenly arrives less evenly, and must stay under the limit all the same."""
LATE = 0.3
"""Seconds of delay in ourselves that are made up for, so that a busy machine still reaches the rate."""
CHAT_EVERY = 1.0
"""Seconds between two messages to one chat, in the long run."""
CHAT_BURST = 5
"""Messages that may go to a chat at once, after it was quiet for as many times `CHAT_EVERY`."""


class Pace:
    """One channel's turns. `rate` messages a second, spread evenly, and a bound for each chat; 0: no limit of either kind."""

    def __init__(self, rate: float, share: Callable[[], int] = lambda: 1) -> None:
        """`share`: among how many processes the rate is divided."""
        self._rate = rate * NEARLY
        self._share = share
        self._next = 0.0
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._slowed: deque[tuple[float, str]] = deque()
        self._paused = 0.0
        self._chats = ChatPace()

    async def turn(self, chat: str, broadcast: bool = False) -> None:
        """Wait for one message's turn: first the chat's, then the channel's."""
        loop = asyncio.get_running_loop()
        if self._rate and (wait := self._chats.place(chat, loop.time())):
            await asyncio.sleep(wait)
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
        if now < self._next:
            return False
        # Whoever stood in line was due at `_next`: a little lateness of ours is made up for. An idle channel saves nothing.
        due = self._next if self._waiting and now - self._next < LATE else now
        self._next = due + self._share() / self._rate
        return True

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        """Come back when the next may leave."""
        if self._waiting and self._timer is None:
            self._timer = loop.call_at(max(self._paused, self._next), self._release, loop)

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


class ChatPace:
    """When each chat may be spoken to again. A chat that has been quiet long enough is forgotten."""

    def __init__(self) -> None:
        """All are quiet."""
        self._even: dict[str, float] = {}
        self._look_at = 1024

    def place(self, chat: str, now: float) -> float:
        """Take this chat's next place. Seconds until it comes; 0: the chat may be spoken to now."""
        even = max(self._even.get(chat, 0.0), now)  # when the chat's messages would all have gone at an even pace
        self._even[chat] = even + CHAT_EVERY
        if len(self._even) >= self._look_at:
            self._even = {chat: even for chat, even in self._even.items() if even > now}
            self._look_at = max(1024, 2 * len(self._even))
        return max(0.0, even - (CHAT_BURST - 1) * CHAT_EVERY - now)
