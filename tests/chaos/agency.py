"""An agency's own program that is told of its cases by a webhook: now and then it fails, or its answer is lost."""

from __future__ import annotations

import json
from collections import Counter, deque
from typing import Literal, Self

from aiohttp import web

from bot.poster import signature
from storage.addresses import networks
from storage.cases import Cases

NETWORKS = "127.0.0.0/8"
Way = Literal["broken", "unheard"]


class Receiver:
    """`told` counts each event that arrived whole and genuine; `forged` those that did not. `async with` opens its door."""

    def __init__(self) -> None:
        """Knows no secret yet."""
        self.told: Counter[str] = Counter()
        self.forged = 0
        self._ways: deque[Way] = deque()
        self._secret = ""

    async def __aenter__(self) -> Self:
        """Listen."""
        app = web.Application()
        app.router.add_post("/events", self._hear)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/events"
        return self

    async def __aexit__(self, *fault: object) -> None:
        """Close the door."""
        await self._runner.cleanup()

    async def asks(self, cases: Cases, agency: str) -> None:
        """Have a webhook for everything that this agency may see."""
        _, self._secret = await cases.hooks.make(agency, self.url, [], networks(NETWORKS))

    def fails(self, *ways: Way) -> None:
        """The next events meet this, one each. What an earlier fault left is over: a webhook that fails rests longer each time,
        and would never recover from what gathers meanwhile.
        """
        self._ways = deque(ways)

    async def _hear(self, request: web.Request) -> web.Response:
        """One event."""
        body, way = await request.read(), self._ways.popleft() if self._ways else ""
        if way == "broken":
            return web.Response(status=503)
        signed = request.headers.get("Komek-Signature", "")
        seconds = signed.removeprefix("t=").partition(",")[0]
        if not seconds.isdigit() or signed != signature(self._secret, int(seconds), body):
            self.forged += 1
            return web.Response(status=403)
        self.told[json.loads(body)["event"]] += 1
        if way == "unheard" and request.transport:
            request.transport.abort()
        return web.Response(status=204)
