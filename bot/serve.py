"""Serving: ports, each said in one line if it cannot be had, and a stop that loses nothing."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from bot.channels.door import FAILED, LIMIT, TOO_LONG, Front, Hook
from bot.faults import report
from bot.settings import Settings, SettingsError

log = logging.getLogger(__name__)

GRACE_SECONDS = 3
"""How long open requests may take to end at a stop."""

Door = Literal["port", "metrics_port"]
"""A setting that names a port: of the pages, and of /health and /metrics."""


class _Line:
    """A transport to which nothing is written once it is closing: uvloop raises where asyncio only drops it."""

    def __init__(self, transport: asyncio.BaseTransport) -> None:
        """All but writing is the transport's own."""
        self._transport = cast("asyncio.Transport", transport)

    def write(self, data: bytes) -> None:
        """Write, if anybody can still hear it."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def __getattr__(self, name: str) -> object:
        return getattr(self._transport, name)


class _Call:
    """A webhook's call that goes straight to its hook. To uvicorn it looks like any other cycle, so that what comes behind it on
    its line waits for its answer.
    """

    __slots__ = ("body", "disconnected", "hook", "keep_alive", "message_event", "more_body", "response_complete")

    def __init__(self, hook: Hook) -> None:
        """Nothing of the body has come."""
        self.hook = hook
        self.body = bytearray()
        self.message_event = asyncio.Event()
        self.disconnected = self.response_complete = False
        self.keep_alive = self.more_body = True


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP. Who sends several requests at once and hangs up, or something broken after them, costs no stack trace.

    A webhook's plain call goes straight to its hook (`door.Hook.admits`): no scope, no ASGI, a third less for the door. It is
    uvicorn's own state that tells what is plain, and every other request is uvicorn's.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: somebody calls."""
        super().connection_made(cast("asyncio.Transport", _Line(transport)))

    def on_headers_complete(self) -> None:
        """httptools: all headers are here."""
        hook = self._hook()
        if hook is None:
            super().on_headers_complete()
        else:
            self.cycle = cast("RequestResponseCycle", _Call(hook))

    def on_body(self, body: bytes) -> None:
        """httptools: a part of the body. Of more than a webhook may send, the rest is let go."""
        if not isinstance(self.cycle, _Call):
            super().on_body(body)
        elif len(self.cycle.body) <= LIMIT:
            self.cycle.body += body

    def on_message_complete(self) -> None:
        """httptools: the whole body is here."""
        if not isinstance(self.cycle, _Call):
            super().on_message_complete()
            return
        task = self.loop.create_task(self._answer(self.cycle))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def _hook(self) -> Hook | None:
        """The hook of a plain call: it may speak, and nothing is before it on this line."""
        hook = self.app.direct.get(self.url) if isinstance(self.app, Front) else None
        if (
            hook is None
            or self.parser.get_method() != b"POST"
            or self.parser.get_http_version() != "1.1"
            or self.parser.should_upgrade()
            or not self.parser.should_keep_alive()
            or self.expect_100_continue
            or self._busy()
        ):
            return None
        return hook if hook.admits(self.headers) else None

    def _busy(self) -> bool:
        """Whether an earlier request of this line is still to be answered. Before the first there is no cycle at all."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is not None and not cycle.response_complete

    async def _answer(self, call: _Call) -> None:
        """Give it to its hook, and its answer back."""
        try:
            said = await call.hook.take(bytes(call.body)) if len(call.body) <= LIMIT else TOO_LONG
        except Exception as fault:  # noqa: BLE001 - the provider comes again, and the line goes on
            report(log, "a webhook", fault)
            said = FAILED
        head = [STATUS_LINE[said.status]]
        for name, value in (*self.server_state.default_headers, *said.headers):
            head += (name, b": ", value, b"\r\n")
        head.append(b"\r\n" if call.keep_alive else b"connection: close\r\n\r\n")
        self.transport.write(b"".join((*head, said.body)))
        call.response_complete = True
        if not call.keep_alive:
            self.transport.close()
        self.on_response_complete()


class Server(uvicorn.Server):
    """uvicorn without its own signal handling: the installation is stopped as a whole."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to us."""
        yield


def listen(settings: Settings, door: Door = "port") -> socket.socket:
    """The listening socket. Raises SettingsError with one line if the address or port cannot be had."""
    line = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    port: int = getattr(settings, door)
    try:
        line.bind((settings.host, port))
        line.listen(2048)
    except OSError as fault:
        line.close()
        reason, name = fault.strerror or type(fault).__name__, f"KOMEK_{door.upper()}"
        raise SettingsError(
            f"{name}: {settings.host}:{port}: {reason}. Stop the other program or set another {name}"
        ) from None
    line.settimeout(0)
    return line


def stop_signal() -> asyncio.Event:
    """Set by the first Ctrl-C or SIGTERM; a second one ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def heard(number: signal.Signals) -> None:
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, heard, number)
    return stop


class Serving:
    """Applications that answer on their lines, from the first `begin` to `end`."""

    def __init__(self, pages: Mapping[socket.socket, ASGIApp]) -> None:
        """Nothing is answered yet. The lines are closed at the end."""
        self._servers = {line: Server(_config(app)) for line, app in pages.items()}
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Answer."""
        self._tasks = [asyncio.create_task(server.serve(sockets=[line])) for line, server in self._servers.items()]

    async def until(self, stop: asyncio.Event) -> None:
        """Until the stop, or until a server ends by itself."""
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait([*self._tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()

    async def end(self) -> None:
        """Take no more requests; return when those in hand are finished."""
        for server in self._servers.values():
            server.should_exit = True
        await asyncio.gather(*self._tasks)


def _config(app: ASGIApp) -> uvicorn.Config:
    """uvicorn for one application."""
    return uvicorn.Config(
        app,
        loop="none",
        http=Protocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
