"""Lines to the service: kept ones that ask and read the answer, and rough ones that speak and hang up."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

from tests.fuzz.world import Input

PATIENCE = 60.0
"""Seconds until an answer must be there; a busy machine is slow."""
WAIT = 0.3
"""Seconds that a rough line waits for more of an answer."""
OPEN, CLOSED = 1, 0
"""What stands for a status where there is none."""
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")


class Line:
    """One kept connection, made anew where the service closed it."""

    def __init__(self, port: int) -> None:
        """Not connected."""
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, data: bytes) -> tuple[int, bytes]:
        """Status and whole answer. A line that was closed since the last answer is made anew once."""
        async with asyncio.timeout(PATIENCE):
            for _ in range(2):
                fresh = self._writer is None
                try:
                    return await self._ask(data)
                except (asyncio.IncompleteReadError, OSError):
                    self.close()
                    if fresh:
                        break
        return CLOSED, b""

    def close(self) -> None:
        """Hang up."""
        if self._writer:
            self._writer.close()
        self._reader = self._writer = None

    async def _ask(self, data: bytes) -> tuple[int, bytes]:
        """On the line that stands."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**24)
        self._writer.write(data)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, length = int(head[9:12]), _LENGTH.search(head)
        if length and not data.startswith(b"HEAD ") and status not in (204, 304):
            head += await self._reader.readexactly(int(length[1]))
        elif b"\r\ntransfer-encoding: chunked" in head.lower():
            head += await self._reader.readuntil(b"0\r\n\r\n")
        if b"\r\nconnection: close" in head.lower():
            self.close()
        return status, head


async def rough(port: int, one: Input, half_close: bool) -> tuple[int, bytes]:
    """Say it on a line of its own, listen a moment, hang up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    answer = b""
    try:
        with suppress(OSError, TimeoutError):
            writer.write(one.data)
            async with asyncio.timeout(PATIENCE):
                await writer.drain()
            if half_close:
                writer.write_eof()
            while True:
                async with asyncio.timeout(WAIT):
                    more = await reader.read(65_536)
                answer += more
                if not more:
                    return _worst(answer, CLOSED), answer
        return _worst(answer, OPEN), answer
    finally:
        writer.transport.abort()


def _worst(answer: bytes, otherwise: int) -> int:
    """The highest status among the answers, if there are any."""
    return max((int(status) for status in _STATUS.findall(answer) if status[:1] != b"1"), default=otherwise)
