"""The call that is made for every message: a JSON POST to one provider over kept connections (HTTP/1.1, parsed by httptools).

A general client builds some forty objects for each call, which costs more than thinking a turn does; it still fetches
files and speaks with Twilio (`http.Line`). The failures are the same three, and say whether the provider may have heard us.
docs/decisions/0011. RFC 9112.
"""

from __future__ import annotations

import asyncio
import ssl
from asyncio import CancelledError, Future
from typing import cast
from urllib.parse import urlsplit

import httptools

from bot.channels.answer import Answer, Lost, TooLarge, Unreached

CAP = 1_048_576
"""Bytes of an answer's body, if the caller does not say otherwise."""
IDLE = 10.0
"""Seconds a connection is kept without a call: well under what a provider waits, so that we do not speak into a closing one."""


class PostLine:
    """Connections to one server. `connect` and `total` are seconds: until a connection stands, and for a whole call."""

    def __init__(self, root: str, *, connect: float = 5.0, total: float = 20.0, pool: int = 100) -> None:
        """`root`: the address that every path is appended to, http or https. `pool` bounds the connections."""
        parts = urlsplit(root)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._path = parts.path
        head = (
            f"Host: {parts.netloc.rpartition('@')[2]}\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
        )
        self._head = head.encode("ascii", "strict")
        self._connect = connect
        self._total = total
        self._free: list[_Connection] = []
        self._open: set[_Connection] = set()
        self._room = asyncio.Semaphore(pool)

    async def post(self, path: str, body: bytes, *, total: float | None = None, cap: int = CAP) -> Answer:
        """One call, never repeated. Raises Unreached, Lost or TooLarge, whose texts hold neither address nor word.

        `total` overrides the line's limit; `cap` bounds the answer's body in bytes.
        """
        async with self._room:
            connection = await self._connection()
            request = b"POST %b HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b"
            line = (self._path + path).encode("ascii", "strict")
            asked = request % (line, self._head, len(body), body)
            answer = await connection.call(asked, self._total if total is None else total, cap)
            if connection.kept:
                self._free.append(connection)
            else:
                connection.hang_up()
            return answer

    async def close(self) -> None:
        """Hang up. A later call connects again."""
        for connection in list(self._open):
            connection.hang_up()
        self._free.clear()

    async def _connection(self) -> _Connection:
        """The one that was used last, if it still stands; else a new one. Raises Unreached."""
        now = asyncio.get_running_loop().time()
        while self._free:
            connection = self._free.pop()
            if connection.stands and now - connection.used < IDLE:
                return connection
            connection.hang_up()
        return await self._dial()

    async def _dial(self) -> _Connection:
        """A new connection. Raises Unreached."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._open), self._host, self._port, ssl=self._tls
                )
        except (OSError, TimeoutError, UnicodeError) as fault:  # ssl.SSLError is an OSError
            raise Unreached(type(fault).__name__) from None
        return connection


class _Connection(asyncio.Protocol):
    """One connection and the call it carries. httptools calls the `on_…` methods."""

    def __init__(self, all_open: set[_Connection]) -> None:
        """`all_open`: where it is listed while it stands."""
        self._loop = asyncio.get_running_loop()
        self._all = all_open
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: Future[Answer] | None = None
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._size = 0
        self._cap = CAP
        self.kept = False
        self.used = 0.0

    @property
    def stands(self) -> bool:
        """Whether a call can be made on it."""
        return self._transport is not None and not self._transport.is_closing()

    async def call(self, request: bytes, total: float, cap: int) -> Answer:
        """Speak, and wait for the answer. Raises Lost or TooLarge; the connection is not used again then."""
        if self._transport is None:
            raise Lost("closed")
        self.kept = False
        self._headers, self._body, self._size, self._cap = {}, [], 0, cap
        answer: Future[Answer] = self._loop.create_future()
        self._answer = answer
        late = self._loop.call_later(total, self._fail, Lost("TimeoutError"))
        self._transport.write(request)
        try:
            return await answer
        except CancelledError:
            self.hang_up()
            raise
        finally:
            late.cancel()
            self._answer = None

    def hang_up(self) -> None:
        """End it, whatever it carries."""
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the line is there."""
        self._transport = cast("asyncio.Transport", transport)
        self._all.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the line has ended."""
        self._transport = None
        self._all.discard(self)
        self._fail(Lost(type(exc).__name__ if exc else "closed"))

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes came."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as fault:
            self._fail(Lost(type(fault).__name__))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._size += len(body)
        if self._size > self._cap:
            self._fail(TooLarge("the answer holds more than is taken"))
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        """The answer is whole. An interim one (100-199) is not it."""
        status = self._parser.get_status_code()
        if status < 200 or self._answer is None or self._answer.done():
            return
        self.kept = self._parser.should_keep_alive()
        self.used = self._loop.time()
        self._answer.set_result(Answer(status, self._headers, b"".join(self._body)))

    def _fail(self, fault: Exception) -> None:
        """The call has failed, and the connection cannot be trusted with another."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(fault)
        self.hang_up()
