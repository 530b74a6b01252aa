"""Redis, Valkey: one connection on which everything in flight shares one write, and typed answers.

What is asked in the same turn of the event loop leaves in one packet and is answered in order, so a batch is simply many
calls made before the first is awaited. docs/decisions/0001 tells why not redis-py on this path, with figures.

One rule for every fault: hang up, start again. A line that breaks, an answer that does not come, a server that is loading
or lost its scripts: all that waited fails with `Lost`, and the connection is dialled anew. Every operation built on this
may be repeated without harm, so `Lost` always means: it may or may not have been done, ask again.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from hashlib import sha1
from importlib.resources import files
from typing import NamedTuple, TypeAlias
from urllib.parse import ParseResult, parse_qs, unquote, urlparse

from storage.wire import Answer, Lost, Part, Wire

__all__ = [
    "Answer",
    "Ask",
    "Lost",
    "Part",
    "Redis",
    "Script",
    "answers",
    "as_bytes",
    "as_int",
    "as_list",
    "each",
    "some",
]

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that a server may be silent while we wait for its answer."""

Ask: TypeAlias = "asyncio.Future[Answer]"
"""A question that has left. Await it, or the one after it: questions are answered in order."""


class Script(NamedTuple):
    """A Lua script, by its source and the name Redis gives it."""

    source: bytes
    sha: bytes


def _script(name: str) -> Script:
    """The script of this name in storage/lua."""
    source = (files("storage") / "lua" / f"{name}.lua").read_bytes()
    return Script(source, sha1(source, usedforsecurity=False).hexdigest().encode())


INTAKE, TAKE, COMMIT, TICK = (_script(name) for name in ("intake", "take", "commit", "tick"))
LEASE, RELEASE, BEAT, PUBLISH, LAG = (_script(name) for name in ("lease", "release", "beat", "publish", "lag"))
WEB_APPEND, WEB_PUT, MEMORY, COPY = (_script(name) for name in ("web_append", "web_put", "memory", "copy"))
_SCRIPTS = (WEB_APPEND, WEB_PUT, INTAKE, TAKE, COMMIT, TICK, LEASE, RELEASE, BEAT, PUBLISH, LAG, MEMORY, COPY)


class Redis:
    """One server. Dials in the background for ever; `back` waits until it is there."""

    def __init__(
        self,
        url: str | Callable[[], str],
        patience: float = PATIENCE,
        channel: str = "",
        heard: Callable[[bytes], None] | None = None,
        dialled: Callable[[], None] | None = None,
        refused: Callable[[str], None] | None = None,
    ) -> None:
        """`url`: redis://, rediss:// or unix://, with user, password and db as usual, or what tells it before each dial.
        `patience`: seconds a connection may be silent while we wait. With `channel`, this connection only listens there
        and gives each message to `heard`. `dialled` is called whenever a connection stands: what was told meanwhile has
        been missed. `refused` is told the first word of each error reply.
        """
        self._address = url
        self._url = urlparse(url if isinstance(url, str) else url())
        self._patience = patience
        self._channel = channel
        self._heard = heard
        self._dialled = dialled
        self._refused = refused
        self._wire: Wire | None = None
        self._up = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect. Raises Lost with one line that names the cause if the server cannot be had now."""
        try:
            await self._dial()
        except (OSError, Lost) as fault:
            raise Lost(f"Redis at {self.where} is away: {str(fault) or type(fault).__name__}") from None
        self.start()

    def start(self) -> None:
        """Connect in the background, now or whenever the server can be had."""
        self._keeper = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Hang up for good. What still waits fails with Lost."""
        if self._keeper:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        if self._wire:
            await self._wire.close()
        self._wire = None

    def up(self, key: Part = "") -> bool:
        """Whether the server, of a cluster the one that has `key`, can be asked now."""
        return self._up.is_set()

    @property
    def where(self) -> str:
        """The server's address without its password."""
        return self._url.path if self._url.scheme == "unix" else f"{self._url.hostname}:{self._url.port or 6379}"

    def listener(
        self, channel: str, heard: Callable[[bytes], None], dialled: Callable[[], None] | None = None
    ) -> Redis:
        """Another connection to the same server, not yet open, that listens to `channel`."""
        return Redis(self._address, self._patience, channel, heard, dialled)

    def servers(self) -> Sequence[Redis]:
        """Each server that holds a part of the keys: of one server, itself."""
        return [self]

    def call(self, *parts: Part) -> Ask:
        """Ask one command. `parts[1]`, the key, decides the server. The answer raises Lost."""
        wire = self._wire
        return lost() if wire is None else wire.ask(parts)

    def run(self, script: Script, keys: Sequence[Part], *args: Part) -> Ask:
        """Ask one script. All its keys are of one lane; `keys[0]` decides the server."""
        return self.call(b"EVALSHA", script.sha, len(keys), *keys, *args)

    def tell(self, *parts: Part) -> None:
        """A command whose answer nobody waits for, and which may be lost."""
        self.call(*parts).add_done_callback(forget)

    async def back(self, key: Part = "") -> None:
        """Wait until the server is there; of a cluster the one that has `key`, without one any of them."""
        await self._up.wait()

    async def _keep(self) -> None:
        """Dial again whenever the line breaks, sooner at first than later."""
        while True:
            if self._wire:
                await self._ended(self._wire)
            self._wire = None
            self._up.clear()
            wait = 0.02
            while self._wire is None:
                try:
                    await self._dial()
                except (OSError, Lost) as fault:
                    log.debug("Redis at %s: %s", self.where, type(fault).__name__)
                    await asyncio.sleep(wait)
                    wait = min(wait * 2, 1.0)

    async def _ended(self, wire: Wire) -> None:
        """Wait until the line has ended. Who only listens asks now and then whether anybody is there, or it would wait for
        the word of a dead server for ever.
        """
        if not self._channel:
            await wire.lost.wait()
        while not wire.lost.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(wire.lost.wait(), self._patience)
            wire.ask(("PING",)).add_done_callback(forget)

    async def _dial(self) -> None:
        """A new connection with its database chosen and its scripts loaded."""
        if not isinstance(self._address, str):
            self._url = urlparse(self._address())
        async with asyncio.timeout(self._patience):
            wire = await self._connect()
            try:
                await answers([wire.ask(parts) for parts in self._greeting()])
            except BaseException:
                await wire.close()
                raise
        self._wire = wire
        self._up.set()
        if self._dialled:
            self._dialled()

    async def _connect(self) -> Wire:
        """The bare connection."""
        loop = asyncio.get_running_loop()
        make = partial(Wire, self._patience, self._heard, self._refused)
        if self._url.scheme == "unix":
            return (await loop.create_unix_connection(make, self._url.path))[1]
        secure = ssl.create_default_context() if self._url.scheme == "rediss" else None
        host, port = self._url.hostname or "127.0.0.1", self._url.port or 6379
        return (await loop.create_connection(make, host, port, ssl=secure))[1]

    def _greeting(self) -> Iterable[tuple[Part, ...]]:
        """What every new connection says first."""
        if self._url.password is not None:
            user = (unquote(self._url.username),) if self._url.username else ()
            yield ("AUTH", *user, unquote(self._url.password))
        if db := _database(self._url):
            yield ("SELECT", db)
        if self._channel:
            yield ("SUBSCRIBE", self._channel)
            return
        for script in _SCRIPTS:
            yield ("SCRIPT", "LOAD", script.source)


def _database(url: ParseResult) -> str:
    """The database's number: the path's, or `?db=` on a Unix socket."""
    return parse_qs(url.query).get("db", [""])[0] if url.scheme == "unix" else url.path.strip("/")


def lost() -> Ask:
    """A question that nobody can be asked now."""
    ask: Ask = asyncio.get_running_loop().create_future()
    ask.set_exception(Lost("away"))
    return ask


def forget(ask: Ask) -> None:
    """Look at the fault, if any, so that nobody complains that nobody did."""
    if not ask.cancelled():
        ask.exception()


async def answers(asks: Sequence[Ask]) -> list[Answer]:
    """The answers, in order. Raises the first fault, after the last has been answered."""
    faults: list[BaseException] = []
    out: list[Answer] = []
    for ask in asks:
        try:
            out.append(await ask)
        except Lost as fault:
            faults.append(fault)
    if faults:
        raise faults[0]
    return out


async def each(asks: Iterable[Ask]) -> list[Answer | Lost]:
    """The answers, in order; in the place of one that could not be had, why."""
    out: list[Answer | Lost] = []
    for ask in asks:
        try:
            out.append(await ask)
        except Lost as fault:
            out.append(fault)
    return out


async def some(asks: Sequence[Ask]) -> list[Answer | Lost]:
    """`each`, where it helps to have some of them: of a cluster one server may be away. Raises Lost if none could be had."""
    out = await each(asks)
    faults = [answer for answer in out if isinstance(answer, Lost)]
    if faults and len(faults) == len(out):
        raise faults[0]
    return out


def as_list(answer: Answer | Lost) -> list[Answer]:
    """The answer, which must be a list."""
    if not isinstance(answer, list):
        raise Lost("an answer of another shape")
    return answer


def as_bytes(answer: Answer | Lost) -> bytes:
    """The answer, which must be a string."""
    if not isinstance(answer, bytes):
        raise Lost("an answer of another shape")
    return answer


def as_int(answer: Answer | Lost) -> int:
    """The answer, which must be a number."""
    if not isinstance(answer, int):
        raise Lost("an answer of another shape")
    return answer
