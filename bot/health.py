"""Is it alive, is it ready, what does it count: /health/live, /health/ready, /metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from storage.cases import Cases
from storage.redis import Lost
from storage.store import Store

PATIENCE = 2.0
"""Seconds a store may take to answer before we say that we are not ready."""


def routes(redis: Store, cases: Cases) -> Sequence[BaseRoute]:
    """The three pages. `live` is true while the process answers at all; `ready` while both stores do."""

    async def live(request: Request) -> Response:
        """GET /health/live."""
        return JSONResponse({"live": True})

    async def ready(request: Request) -> Response:
        """GET /health/ready: 200, or 503 naming the store that is away."""
        away = [name for name, ask in (("redis", _redis), ("sql", _sql)) if not await ask()]
        return JSONResponse({"ready": not away, "away": away}, 503 if away else 200)

    async def _redis() -> bool:
        """Whether Redis answers, of a cluster any server: without one of them the others' lanes are still worked."""
        try:
            async with asyncio.timeout(PATIENCE):
                await redis.call("PING")
        except (Lost, TimeoutError):
            return False
        return True

    async def _sql() -> bool:
        """Whether the database answers."""
        try:
            async with asyncio.timeout(PATIENCE):
                await cases.ready()
        except (SQLAlchemyError, OSError, TimeoutError):
            return False
        return True

    async def metrics(request: Request) -> Response:
        """GET /metrics: counts without a word about a person."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/health/live", live, methods=["GET"]),
        Route("/health/ready", ready, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]
