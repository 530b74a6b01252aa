"""Is it alive, is it ready, what does it count: /health/live, /health/ready, /metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot import metrics
from bot.owner import Owner
from storage.cases import Cases
from storage.migrate import Behind
from storage.redis import Lost
from storage.store import Store

PATIENCE = 2.0
"""Seconds a store may take to answer before we say that we are not ready."""
BEATEN_SECONDS = 10.0
"""How long a process may fail to renew its leases: after three seconds others work its lanes, and it is of no use."""

Ask = Callable[[], Awaitable[str]]
"""A question whose answer is what is away, or nothing."""


class Health:
    """Whether this process can do its work now. `leaving`: it was told to stop, and wants nothing new."""

    def __init__(self, *asks: Ask) -> None:
        """`asks` are asked all at once, whenever somebody wants to know."""
        self._asks = asks
        self.leaving = False

    async def away(self) -> list[str]:
        """What keeps it from being ready: `redis`, `sql`, `tables` (older than this version needs), `leases`, `stopping`."""
        found = await asyncio.gather(*(ask() for ask in self._asks))
        return [*filter(None, found), *["stopping"] * self.leaving]

    def routes(self, *, counts: bool) -> Sequence[BaseRoute]:
        """Its pages. `live` is true while the process answers at all; `counts`: with /metrics."""
        pages = [Route("/health/live", _live, methods=["GET"]), Route("/health/ready", self._ready, methods=["GET"])]
        return [*pages, Route("/metrics", self._metrics, methods=["GET"])] if counts else pages

    async def _ready(self, request: Request) -> Response:
        """GET /health/ready: 200, or 503 naming what is away."""
        away = await self.away()
        return JSONResponse({"ready": not away, "away": away}, 503 if away else 200)

    async def _metrics(self, request: Request) -> Response:
        """GET /metrics: counts without a word about a person."""
        metrics.READY.set(not await self.away())
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def health(redis: Store, cases: Cases, owner: Owner) -> Health:
    """That of an open installation."""

    async def ask_redis() -> str:
        try:
            async with asyncio.timeout(PATIENCE):
                await redis.call("PING")
        except (Lost, TimeoutError):
            return "redis"
        return ""

    async def ask_sql() -> str:
        try:
            async with asyncio.timeout(PATIENCE):
                await cases.ready()
        except Behind:
            return "tables"
        except (SQLAlchemyError, OSError, TimeoutError):
            return "sql"
        return ""

    async def ask_leases() -> str:
        return "leases" if owner.silent() > BEATEN_SECONDS else ""

    return Health(ask_redis, ask_sql, ask_leases)


def waiting(what: str) -> Health:
    """That of a process which is alive and waits for `what` before it begins."""

    async def ask() -> str:
        return what

    return Health(ask)


async def _live(request: Request) -> Response:
    """GET /health/live."""
    return JSONResponse({"live": True})
