"""A line between two programs that can be slowed, held and cut, and whose far end can be moved."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from tests.servers import free_port


class Proxy:
    """Listens on `port` and carries bytes to `target`, a port of this machine, and back."""

    def __init__(self, target: int) -> None:
        """Not listening yet."""
        self.port = free_port()
        self.target = target
        self.delay = 0.0
        """Seconds that each packet is late, either way."""
        self._flows = asyncio.Event()
        self._flows.set()
        self._open: set[asyncio.StreamWriter] = set()
        self._joins: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Proxy:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *fault: object) -> None:
        """Hang up everywhere."""
        self._server.close()
        for join in self._joins:
            join.cancel()
        await asyncio.gather(*self._joins, return_exceptions=True)
        await self._server.wait_closed()

    def cut(self) -> None:
        """Break every connection that stands, in the middle of whatever it carries."""
        for line in list(self._open):
            line.transport.abort()

    def hold(self) -> None:
        """Let nothing through until `release`; connections stand."""
        self._flows.clear()

    def release(self) -> None:
        """Let it flow again."""
        self._flows.set()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Somebody calls."""
        join = asyncio.get_running_loop().create_task(self._join(reader, writer))
        self._joins.add(join)
        join.add_done_callback(self._joins.discard)

    async def _join(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Both directions, until one of them ends."""
        ends = [back]
        ways: list[asyncio.Task[None]] = []
        try:
            with suppress(OSError):
                far, forth = await asyncio.open_connection("127.0.0.1", self.target)
                ends.append(forth)
                self._open.update(ends)
                ways += map(asyncio.create_task, (self._carry(near, forth), self._carry(far, back)))
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for end in ends:
                end.transport.abort()
                self._open.discard(end)
            await asyncio.gather(*ways, *map(_closed, ends), return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One direction."""
        with suppress(OSError):
            while data := await reader.read(65_536):
                await asyncio.sleep(self.delay)
                await self._flows.wait()
                writer.write(data)
                await writer.drain()


async def _closed(end: asyncio.StreamWriter) -> None:
    """Wait until this end of a line is given back."""
    with suppress(OSError):
        await end.wait_closed()
