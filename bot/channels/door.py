"""What every provider's webhook shares: who is refused, how much is read, how the provider is asked to come again."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from handlers.nouns import Inbound

LIMIT = 1_048_576
"""Bytes of a webhook's body. The longest real one is some kilobytes."""

COME_AGAIN = 5
"""Seconds a provider is asked to wait while our store is away."""

refused = Counter("komek_webhook_refused_total", "Webhook calls that proved nothing and were not kept", ["channel"])

_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


class Unreadable(Exception):
    """A payload that is not what the provider documents. The text names the fault, never the content."""


def refuse(channel: str, status: int = 403) -> Response:
    """Turn a caller away: no body, no log line, one count."""
    refused.labels(channel).inc()
    return Response(status_code=status)


def away() -> Response:
    """The store cannot keep it now: 503, which both providers repeat."""
    return Response(status_code=503, headers={"Retry-After": str(COME_AGAIN)})


def media_type(request: Request) -> str:
    """The Content-Type without its parameters, lower-case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read(request: Request) -> bytes | None:
    """The body; None as soon as it exceeds LIMIT, or if the caller hangs up in the middle."""
    body: bytes = b""
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            return None
        chunk: bytes = message.get("body", b"")
        body += chunk
        if len(body) > LIMIT:
            return None
        if not message.get("more_body"):
            return body


def likely(at: datetime) -> bool:
    """Whether something can have been said then. Days are added to it later, which the last ones of 9999 do not bear."""
    return 1970 <= at.year < 2100


def checked(event: Inbound) -> Inbound:
    """`event` if every field has the type it promises; else Unreadable. A provider's field may hold anything."""
    try:
        event = msgspec.json.decode(msgspec.json.encode(event), type=Inbound)
    except (msgspec.MsgspecError, UnicodeError, TypeError) as fault:
        raise Unreadable(f"a field of a wrong type ({type(fault).__name__})") from None
    if not likely(event.at):
        raise Unreadable("a time that cannot be")
    return event


def point(latitude: object, longitude: object) -> dict[str, str]:
    """`lat` and `lon` in degrees as extras. Raises Unreadable for anything that is no place on Earth."""
    try:
        lat, lon = float(str(latitude)), float(str(longitude))
    except ValueError:
        raise Unreadable("coordinates that are no numbers") from None
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        raise Unreadable("coordinates off the Earth")
    return {"lat": str(lat), "lon": str(lon)}


def clean(text: str) -> str:
    """`text` without NUL (PostgreSQL takes none) and lone surrogates (UTF-8 has none)."""
    return _UNKEEPABLE.sub("", text)


@dataclass(frozen=True, slots=True)
class Said:
    """A webhook's short answer. Also an ASGI application that says it."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


def taken(body: bytes = b"") -> Said:
    """200, with a JSON body where there is something to say."""
    length = (b"content-length", b"%d" % len(body))
    return Said(200, (length, (b"content-type", b"application/json")), body) if body else TAKEN


_NOTHING = (b"content-length", b"0")
TAKEN = Said(200, (_NOTHING,))
"""Taken, and nothing is to be said about it."""
AWAY = Said(503, (_NOTHING, (b"retry-after", b"%d" % COME_AGAIN)))
"""The store cannot keep it now: both providers come again."""
FAILED = Said(500, (_NOTHING,))
"""A fault of ours: both providers come again."""
TOO_LONG = Said(413, (_NOTHING,))
"""More than LIMIT bytes."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A provider's webhook. As an ASGI application it answers any request that comes by its path; most calls never become one:
    where `admits` says so of a call's headers (their names in small letters), the server gives the body straight to `take`.
    """

    hear: Callable[[Request], Awaitable[ASGIApp]]
    admits: Callable[[Sequence[tuple[bytes, bytes]]], bool]
    take: Callable[[bytes], Awaitable[Said]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        answer = await self.hear(Request(scope, receive))
        await answer(scope, receive, send)


class Front:
    """All pages, with the webhooks that are called for every message in front of them."""

    def __init__(self, app: ASGIApp, hooks: Mapping[str, Hook]) -> None:
        """`hooks` by path; they are `app`'s routes too, which answers every other method."""
        self._app = app
        self._hooks = hooks
        self.direct: Mapping[bytes, Hook] = {path.encode(): hook for path, hook in hooks.items()}
        """The same for the server (bot/serve.py), by the bytes of a request's target."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        hook = self._hooks.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        await (hook or self._app)(scope, receive, send)
