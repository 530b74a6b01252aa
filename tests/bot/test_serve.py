"""What the server promises beside uvicorn."""

from __future__ import annotations

import asyncio
import logging
import socket

import pytest
import uvloop
from starlette.types import Receive, Scope, Send

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
