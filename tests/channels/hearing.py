"""An ear for tests that keeps the contract in memory, and a real HTTP server for a channel's webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.channels.contract import Away
from handlers.nouns import Inbound
from tests.waiting import wait_until


class MemoryEar:
    """Keeps every event once by its id. While `away`, nothing is kept and Away is raised."""

    def __init__(self) -> None:
        self.events: list[Inbound] = []
        self.buried: list[tuple[str, bytes, str]] = []
        self.receipts: list[tuple[str, str, str]] = []
        self.away = False
        self.refused = 0

    async def hear(self, events: Sequence[Inbound], *, insist: bool = False) -> None:
        """contract.Ear.hear"""
        self._check()
        known = {event.id for event in self.events}
        self.events += [event for event in events if event.id not in known]

    async def bury(self, channel: str, raw: bytes, cause: str) -> None:
        """contract.Ear.bury"""
        self._check()
        self.buried.append((channel, raw, cause))

    async def receipt(self, outbound: str, status: str, cause: str = "") -> None:
        """contract.Ear.receipt"""
        self._check()
        self.receipts.append((outbound, status, cause))

    @property
    def empty(self) -> bool:
        """Whether nothing at all was kept."""
        return not (self.events or self.buried or self.receipts)

    def _check(self) -> None:
        """The store is there."""
        if self.away:
            self.refused += 1
            raise Away("the store is away")


class _Server(uvicorn.Server):
    """uvicorn, but it stops when told and not at its next tenth of a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.told = asyncio.Event()
        self.force_exit = True

    async def main_loop(self) -> None:
        """Serve until told to stop."""
        await self.on_tick(0)
        await self.told.wait()


@asynccontextmanager
async def serving(routes: Sequence[BaseRoute], port: int) -> AsyncIterator[str]:
    """These routes on a real server at 127.0.0.1:port; yields the address."""
    app = Starlette(routes=list(routes))
    server = _Server(uvicorn.Config(app, port=port, log_level="critical", lifespan="off", http="httptools"))
    task = asyncio.get_running_loop().create_task(server.serve())
    await wait_until(lambda: server.started, what="the webhook server")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.told.set()
        await task
