"""One connection to Redis: commands asked together leave together and are answered in order (RESP2, parsed by hiredis).

https://valkey.io/topics/protocol/ - pipelining is a property of the protocol, not a mode.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TypeAlias, cast

import hiredis

Part: TypeAlias = "str | bytes | int | float"
Answer: TypeAlias = "bytes | int | list[Answer] | None"

_UNFINISHED = object()


class Lost(Exception):
    """Redis cannot be asked now, or did not answer: what was asked may or may not have been done. Ask again later.

    Holds the cause's first word (`OOM`, `READONLY`, `away`), never a key or a value.
    """


class Refusal(Lost):
    """Redis answered with an error: this command was not done."""


class Wire(asyncio.Protocol):
    """The connection. `lost` is set when it has ended."""

    def __init__(
        self,
        patience: float,
        heard: Callable[[bytes], None] | None = None,
        refused: Callable[[str], None] | None = None,
    ) -> None:
        """`patience`: seconds of silence while an answer is due, after which the line counts as dead. `heard` gets each
        message of a subscription, `refused` the first word of each error reply.
        """
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(notEnoughData=_UNFINISHED)
        self._waiting: deque[asyncio.Future[Answer]] = deque()
        self._unsent: list[bytes] = []
        self._patience = patience
        self._heard = heard
        self._refused = refused
        self._watch: asyncio.TimerHandle | None = None
        self._answered = 0
        self._transport: asyncio.Transport | None = None
        self.lost = asyncio.Event()

    def ask(self, parts: tuple[Part, ...]) -> asyncio.Future[Answer]:
        """Send a command with whatever else is asked in this turn of the loop."""
        answer: asyncio.Future[Answer] = self._loop.create_future()
        if self.lost.is_set():
            answer.set_exception(Lost("away"))
            return answer
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(cast("bytes", hiredis.pack_command(parts)))  # type: ignore[arg-type]  # its stub allows one part
        self._waiting.append(answer)
        return answer

    async def close(self) -> None:
        """Hang up, and wait until it is done."""
        if self._transport:
            self._transport.abort()
            await self.lost.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the line is there."""
        self._transport = cast("asyncio.Transport", transport)
        self._watch = self._loop.call_later(self._patience / 2, self._look, 0)

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes came. Give each answer to whoever waits longest."""
        self._reader.feed(data)
        while (answer := self._reader.gets()) is not _UNFINISHED:
            if self._heard and isinstance(answer, list) and answer[:1] == [b"message"]:
                self._heard(answer[2])
                continue
            waiting = self._waiting.popleft()
            self._answered += 1
            if waiting.done():
                continue  # who asked was cancelled
            if isinstance(answer, hiredis.ReplyError):
                self._refuse(waiting, str(answer).split(" ", 1)[0])
            else:
                waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the line has ended. Everybody who waits is told."""
        if self._watch:
            self._watch.cancel()
        self.lost.set()
        while self._waiting:
            if not (waiting := self._waiting.popleft()).done():
                waiting.set_exception(Lost("the line broke"))
                waiting.exception()  # whoever gave up waiting need not know: no complaint that nobody looked

    def _send(self) -> None:
        """One write for all that was asked."""
        packet, self._unsent = b"".join(self._unsent), []
        if self._transport and not self.lost.is_set():
            self._transport.write(packet)

    def _look(self, answered: int) -> None:
        """Twice within the patience: is anybody waiting, and has nothing come since the last look?"""
        if self._waiting and answered == self._answered and self._transport:
            self._transport.abort()
            return
        self._watch = self._loop.call_later(self._patience / 2, self._look, self._answered if self._waiting else -1)

    def _refuse(self, waiting: asyncio.Future[Answer], word: str) -> None:
        """An error reply. Where the server itself is not the one we dialled for (`_HANG_UP`), dial again."""
        waiting.set_exception(Refusal(word))
        if self._refused:
            self._refused(word)
        if word in _HANG_UP and self._transport:
            self._transport.abort()


_HANG_UP = frozenset({"NOSCRIPT", "READONLY", "LOADING", "MASTERDOWN", "NOAUTH"})
"""Scripts flushed, a replica after a failover, a server still loading its file."""
