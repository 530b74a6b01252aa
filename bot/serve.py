"""Serving: ports, each said in one line if it cannot be had, and a stop that loses nothing."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.settings import Settings, SettingsError

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


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP. Who sends several requests at once and hangs up, or something broken after them, costs no stack trace."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: somebody calls."""
        super().connection_made(cast("asyncio.Transport", _Line(transport)))


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
