"""What every provider's webhook shares: who is refused, how much is read, how the provider is asked to come again."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
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


class Taken:
    """The answer 200 of a webhook, whose few bytes are put together once or by hand: it is given for every message."""

    def __init__(self, body: bytes = b"", kind: bytes = b"application/json") -> None:
        """`body` is of the media type `kind`; without one there is none."""
        length = (b"content-length", b"%d" % len(body))
        self._start = {
            "type": "http.response.start",
            "status": 200,
            "headers": [length, (b"content-type", kind)] if body else [length],
        }
        self._body = {"type": "http.response.body", "body": body}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await send(self._start)
        await send(self._body)


TAKEN = Taken()
"""Taken, and nothing is to be said about it."""


class Hook:
    """A provider's webhook as an ASGI application of its own: `Front` finds it without asking every route."""

    def __init__(self, hear: Callable[[Request], Awaitable[ASGIApp]]) -> None:
        """`hear` answers a request."""
        self._hear = hear

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        answer = await self._hear(Request(scope, receive))
        await answer(scope, receive, send)


class Front:
    """All pages, with the webhooks that are called for every message in front of them."""

    def __init__(self, app: ASGIApp, hooks: Mapping[str, Hook]) -> None:
        """`hooks` by path; they are `app`'s routes too, which answers every other method."""
        self._app = app
        self._hooks = hooks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        hook = self._hooks.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        await (hook or self._app)(scope, receive, send)
