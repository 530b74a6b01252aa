"""Serving: one port, said in one line if it cannot be had, and a stop that loses nothing."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.settings import Settings, SettingsError

GRACE_SECONDS = 3
"""How long open requests may take to end at a stop."""


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


def listen(settings: Settings) -> socket.socket:
    """The listening socket. Raises SettingsError with one line if the address or port cannot be had."""
    line = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        line.bind((settings.host, settings.port))
        line.listen(2048)
    except OSError as fault:
        line.close()
        reason = fault.strerror or type(fault).__name__
        raise SettingsError(
            f"KOMEK_PORT: {settings.host}:{settings.port}: {reason}. Stop the other program or set another KOMEK_PORT"
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


async def serve(app: ASGIApp, line: socket.socket, stop: asyncio.Event, ending: Callable[[], Awaitable[None]]) -> None:
    """Answer requests until `stop`; then `ending` ends the open pages' lines, and requests in hand are finished."""
    config = uvicorn.Config(
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
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[line]))
    await asyncio.wait([serving, asyncio.ensure_future(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
    await ending()
    server.should_exit = True
    await serving
