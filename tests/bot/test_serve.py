"""What the server promises beside uvicorn."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvloop
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels.door import LIMIT, Front, Hook, Said, read, taken
from bot.serve import Serving


def test_a_line_that_was_closed_before_the_answer_leaves_no_stack_trace(caplog: pytest.LogCaptureFixture) -> None:
    """Two requests at once and nonsense after them: the line is closed, the answers go nowhere, and nothing is told."""
    caplog.set_level(logging.INFO)
    uvloop.run(_broken())
    assert "Exception" not in caplog.text


async def _broken() -> None:
    """Ask twice, break the line, and only then be answered."""
    asked, broken, answered = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asked.set()
        await broken.wait()
        try:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})
        finally:
            answered.set()

    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        line.listen()
        line.settimeout(0)
        serving = Serving({line: app})
        serving.begin()
        _, writer = await asyncio.open_connection(*line.getsockname())
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 2 + b"nonsense\r\n\r\n")
        await asked.wait()
        writer.close()
        broken.set()
        await answered.wait()
        await serving.end()


def test_a_webhooks_plain_call_goes_straight_to_its_hook() -> None:
    """Whole or in pieces, one after another or at once with other requests behind it; each is answered, in its turn."""
    uvloop.run(_hooked())


async def _hooked() -> None:
    """A line to a server with one hook, that admits who says so."""
    async with _served() as (heard, reader, writer):
        writer.write(_post(b"one"))
        assert await _answer(reader) == (200, b"one")
        for piece in (_post(b"two")[:50], _post(b"two")[50:-2], b"wo"):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        assert await _answer(reader) == (200, b"two")
        writer.write(_post(b"slow") + b"GET /hook HTTP/1.1\r\nHost: x\r\n\r\n" + _post(b"three") + _post(b"four"))
        assert [await _answer(reader) for _ in range(4)] == [
            (200, b"slow"),
            (404, b"page"),
            (200, b"three"),
            (200, b"four"),
        ]
        assert (heard[:3], set(heard[3:])) == ([b"one", b"two", b"slow"], {b"asked", b"three", b"four"})
        writer.write(_post(b"x", b"nobody"))
        assert await _answer(reader) == (403, b"")
        writer.write(_post(b"y" * (LIMIT + 1)))
        assert await _answer(reader) == (413, b"")
        writer.write(_post(b"last", more=b"Connection: close\r\n"))
        assert await _answer(reader) == (200, b"last")
        assert await reader.read() == b""


def test_a_fault_of_ours_is_told_to_the_provider_and_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """The provider comes again; the line goes on; who hangs up before the answer costs nothing."""
    caplog.set_level(logging.INFO)

    async def run() -> None:
        async with _served() as (_, reader, writer):
            writer.write(_post(b"fault"))
            assert await _answer(reader) == (500, b"")
            writer.write(_post(b"slow"))
            await writer.drain()
            writer.close()

    uvloop.run(run())
    (line,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert line.startswith("a webhook: LookupError at ")
    assert "secret words" not in caplog.text


def _post(body: bytes, who: bytes = b"provider", more: bytes = b"") -> bytes:
    """A call of the hook."""
    return b"POST /hook HTTP/1.1\r\nHost: x\r\nWho: %s\r\nContent-Length: %d\r\n%s\r\n%s" % (who, len(body), more, body)


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The next answer's status and body."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return int(head.split()[1]), await reader.readexactly(length)


@asynccontextmanager
async def _served() -> AsyncIterator[tuple[list[bytes], asyncio.StreamReader, asyncio.StreamWriter]]:
    """What the hook was given, and a line to its server."""
    heard: list[bytes] = []

    async def take(body: bytes) -> Said:
        if body == b"fault":
            raise LookupError("secret words")
        if body == b"slow":
            await asyncio.sleep(0.01)
        heard.append(body)
        return taken(body)

    async def hear(request: Request) -> ASGIApp:
        if request.headers["who"] != "provider":
            return Response(status_code=403)
        heard.append(b"asked")
        body = await read(request)
        return await take(body) if body is not None else Response(status_code=413)

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await Response("page", 404)(scope, receive, send)

    hook = Hook(hear, lambda headers: (b"who", b"provider") in headers, take)
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        line.listen()
        line.settimeout(0)
        serving = Serving({line: Front(page, {"/hook": hook})})
        serving.begin()
        reader, writer = await asyncio.open_connection(*line.getsockname())
        try:
            yield heard, reader, writer
        finally:
            writer.close()
            await serving.end()
