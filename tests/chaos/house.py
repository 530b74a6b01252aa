"""The service as several processes, each with a clock of its own, on stores and lines that a test may break."""

from __future__ import annotations

import asyncio
import base64
import os
import random
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import tests
from storage.redis import Lost
from storage.store import Store, connect
from tests.chaos.agency import NETWORKS, Receiver
from tests.chaos.providers import Memory, Telegram, Twilio
from tests.chaos.proxy import Proxy
from tests.servers import LivePostgres, LiveValkey, free_port
from tests.whole.service import Service

PUBLIC = "https://komek.example"
SECRET = "k" * 40
KEYS = {"k1": bytes(range(32))}
ROLES: Mapping[str, tuple[str, ...]] = {
    "web": ("web",),
    "reader-1": ("reader",),
    "reader-2": ("reader",),
    "sender": ("sender",),
    "clerk": ("clerk", "timers"),
}
"""The processes, and the parts of the service that each works."""

RISES = 20
"""How often a process that ends at its start is started again."""

_ROOT = Path(tests.__file__).parents[1]
_numbers = count()


class House:
    """The processes by role. What is started anew is a new process; its folder for files is everybody's."""

    def __init__(self, folder: Path, settings: Mapping[str, str], front: Proxy) -> None:
        """`front`: where the providers call; it leads to the web process of the moment."""
        self._folder, self._settings, self._front = folder, settings, front
        self.now: dict[str, Service] = {}
        self._all: list[Service] = []

    async def start(self, *roles: str) -> None:
        """Start these, all at once, and wait until each is ready."""
        new = {role: self._make(role) for role in roles}
        await asyncio.gather(*map(_rise, new.values()))
        self.now |= new
        self._front.target = self.now["web"].port

    async def kill(self, role: str) -> None:
        """kill -9."""
        await asyncio.to_thread(self.now[role].kill)

    async def deploy(self, role: str) -> None:
        """The new one first; then SIGTERM for the old one."""
        old = self.now[role]
        await self.start(role)
        await asyncio.to_thread(old.terminate, 300.0)

    def turn_clock(self, role: str, seconds: float) -> None:
        """This process's calendar clock is wrong by so much."""
        self._clock(self.now[role].port).write_text(str(seconds), "ascii")

    def end(self) -> None:
        """Kill all that run, those too that were still starting."""
        for service in self._all:
            service.kill()

    @property
    def logs(self) -> str:
        """All that any of them ever printed."""
        return "".join(path.read_text("utf-8") for path in sorted(self._folder.glob("*/service.log")))

    def _make(self, role: str) -> Service:
        """A process that is not started yet."""
        folder = self._folder / f"{next(_numbers):03d}-{role}"
        folder.mkdir()
        port = free_port()
        program = (sys.executable, "-m", "tests.chaos.skewed")
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
        env = {"CLOCK": str(self._clock(port)), "PYTHONPATH": path}
        self._all.append(Service(folder, ("run", *ROLES[role]), self._settings, port, program, env))
        return self._all[-1]

    def _clock(self, port: int) -> Path:
        """The file that tells how wrong the clock of the process on this port is."""
        return self._folder / f"clock-{port}"


async def _rise(service: Service) -> None:
    """Start it as a supervisor does: again, if a store is away just now."""
    for _ in range(RISES):
        try:
            return await service.start_beside()
        except AssertionError:
            service.kill()
            await asyncio.sleep(1.0)
    raise AssertionError(service.log)


@dataclass
class Town:
    """Everything there is: the service, its stores, its providers, and the lines between them."""

    house: House
    valkeys: Sequence[LiveValkey]
    postgres: LivePostgres
    database_url: str
    telegram: Telegram
    twilio: Twilio
    memory: Memory
    receiver: Receiver
    front: Proxy
    redis_lines: Sequence[Proxy]
    sql_line: Proxy
    api_line: Proxy

    @property
    def lines(self) -> Sequence[Proxy]:
        """All of them."""
        return (self.front, *self.redis_lines, self.sql_line, self.api_line)


@asynccontextmanager
async def town(
    valkeys: Sequence[LiveValkey],
    postgres: LivePostgres,
    database: str,
    folder: Path,
    chance: random.Random,
    lost: float,
) -> AsyncIterator[Town]:
    """The service at work on these stores, which must run: one Valkey, or all servers of a cluster. `database`: the address of
    an empty one. `lost`: of Twilio.
    """
    memory = Memory()
    async with AsyncExitStack() as stack:
        front = await stack.enter_async_context(Proxy(0))
        redis_lines = [await stack.enter_async_context(Proxy(valkey.port)) for valkey in valkeys]
        if len(valkeys) > 1:
            for valkey, line in zip(valkeys, redis_lines, strict=True):
                valkey.options["cluster-announce-port"] = str(line.port)
                valkey.ask("CONFIG", "SET", "cluster-announce-port", line.port)
        sql_line = await stack.enter_async_context(Proxy(postgres.port))
        reach = {PUBLIC: f"http://127.0.0.1:{front.port}"}
        telegram = await stack.enter_async_context(Telegram(reach, memory))
        api_line = await stack.enter_async_context(Proxy(urlsplit(telegram.url).port or 0))
        twilio = Twilio(f"{PUBLIC}/in/twilio", reach, memory, chance, lost)
        await stack.enter_async_context(twilio)
        receiver = await stack.enter_async_context(Receiver())
        settings = {
            "REDIS_URL": _url(redis_lines),
            "DATABASE_URL": database.replace(f":{postgres.port}/", f":{sql_line.port}/"),
            "PUBLIC_URL": PUBLIC,
            "SECRET_KEY": SECRET,
            "DATA_KEYS": ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in KEYS.items()),
            "TODAY": "2020-05-08",
            "TELEGRAM_SECRET": "Telegram-secret_1",
            "TELEGRAM_RATE": "0",
            "WHATSAPP_RATE": "0",
            "VAR_DIR": str(folder / "var"),
            "HOOK_NETWORKS": NETWORKS,
        }
        settings |= {name.removeprefix("KOMEK_"): value for name, value in (telegram.env | twilio.env).items()}
        settings["TELEGRAM_API"] = f"http://127.0.0.1:{api_line.port}"
        house = House(folder, settings, front)
        stack.callback(house.end)
        await house.start(*ROLES)
        lines = (front, redis_lines, sql_line, api_line)
        yield Town(house, valkeys, postgres, database, telegram, twilio, memory, receiver, *lines)


@asynccontextmanager
async def queues(valkeys: Sequence[LiveValkey]) -> AsyncIterator[Store]:
    """A connection to the queues, as soon as there can be one: beside the lines that break, but for those of a cluster, whose
    servers name no others.
    """
    redis = await _connected(_url(valkeys))
    try:
        yield redis
    finally:
        await redis.close()


async def _connected(url: str) -> Store:
    """A connection, however long it takes."""
    while True:
        try:
            return await connect(url)
        except Lost:
            await asyncio.sleep(0.2)


def _url(ends: Sequence[LiveValkey] | Sequence[Proxy]) -> str:
    """The queues, reached at these ports."""
    return f"redis://{','.join(f'127.0.0.1:{end.port}' for end in ends)}/0"
