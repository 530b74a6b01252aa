"""What goes wrong. Each fault is done, lasts a while, and is over when its function returns."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

import psutil

from storage.chats import Chats
from storage.keys import key, lane_of
from storage.redis import each
from storage.seal import Seal
from tests.chaos.house import KEYS, ROLES, SECRET, Town, queues
from tests.fakes import telegram_rules, twilio_rules
from tests.fakes.telegram import Fault

PATIENT = 5.0
"""Seconds longer than any lease (3 s): whoever stood still so long has been replaced."""
FULL = 2**20
"""Bytes above which no file can grow while the clerk's disk is full."""

Act = Callable[[Town, random.Random], Awaitable[None]]


class Kind(NamedTuple):
    """A kind of fault. `twice`: the provider's answer can be lost by it, so that something may be said again. `inside`: it
    befalls our processes, and only one such happens at a time.
    """

    act: Act
    twice: bool = False
    inside: bool = False


async def _lasts(chance: random.Random, least: float = 0.5, most: float = 3.0) -> None:
    """A while."""
    await asyncio.sleep(chance.uniform(least, most))


def kill(role: str) -> Act:
    """kill -9, and a moment later it is started again."""

    async def act(town: Town, chance: random.Random) -> None:
        await town.house.kill(role)
        await _lasts(chance, 0.0, 1.0)
        await town.house.start(role)

    return act


def freeze(*roles: str) -> Act:
    """Stand still for longer than a lease lasts, and go on as if nothing had been."""

    async def act(town: Town, chance: random.Random) -> None:
        for role in roles:
            town.house.now[role].pause()
        await _lasts(chance, PATIENT, PATIENT + 2)
        for role in roles:
            town.house.now[role].resume()

    return act


async def kill_valkey(town: Town, chance: random.Random) -> None:
    """kill -9 of the queues, of a cluster one server."""
    valkey = chance.choice(town.valkeys)
    await asyncio.to_thread(valkey.kill)
    await _lasts(chance)
    await asyncio.to_thread(valkey.start)


async def kill_postgres(town: Town, chance: random.Random) -> None:
    """The books crash."""
    await asyncio.to_thread(town.postgres.kill)
    await _lasts(chance)
    await asyncio.to_thread(town.postgres.start)


async def cut(town: Town, chance: random.Random) -> None:
    """Every line breaks, several times, in the middle of whatever it carries."""
    for _ in range(chance.randint(2, 6)):
        for line in town.lines:
            if chance.random() < 0.6:
                line.cut()
        await _lasts(chance, 0.05, 0.5)


async def slow(town: Town, chance: random.Random) -> None:
    """Packets are late."""
    for line in town.lines:
        line.delay = chance.uniform(0.0, 0.15)
    await _lasts(chance, 2.0, 4.0)
    for line in town.lines:
        line.delay = 0.0


async def hold(town: Town, chance: random.Random) -> None:
    """The stores' lines stand and carry nothing, for longer than we wait for an answer."""
    stores = (*town.redis_lines, town.sql_line)
    lines = chance.sample(stores, chance.randint(1, len(stores)))
    for line in lines:
        line.hold()
    await _lasts(chance, PATIENT + 1, PATIENT + 3)
    for line in lines:
        line.release()


async def full_valkey(town: Town, chance: random.Random) -> None:
    """No memory is left for anything new (`maxmemory`, `noeviction`): writes are answered with OOM."""
    await _bound_memory(town, 1)
    await _lasts(chance, PATIENT, PATIENT + 3)
    await _bound_memory(town, 0)


async def _bound_memory(town: Town, most: int) -> None:
    """Tell every server, however often another fault is quicker."""
    for valkey in town.valkeys:
        while True:
            try:
                await asyncio.to_thread(valkey.ask, "CONFIG", "SET", "maxmemory", most)
                break
            except OSError:
                await asyncio.sleep(0.2)


async def full_disk(town: Town, chance: random.Random) -> None:
    """No attachment can be written: the clerk's files may not grow (EFBIG, an OSError like ENOSPC)."""
    clerk = psutil.Process(town.house.now["clerk"].process.pid)
    _, most = clerk.rlimit(psutil.RLIMIT_FSIZE)
    clerk.rlimit(psutil.RLIMIT_FSIZE, (FULL, most))
    await _lasts(chance, 2.0, 5.0)
    clerk.rlimit(psutil.RLIMIT_FSIZE, (most, most))


async def deploy(town: Town, chance: random.Random) -> None:
    """A new process for each role, one after another; SIGTERM for the old one."""
    for role in ROLES:
        await town.house.deploy(role)


async def turn_clocks(town: Town, chance: random.Random) -> None:
    """The machines' clocks jump, each to another wrong time, and back."""
    for role in ROLES:
        town.house.turn_clock(role, chance.uniform(-3600, 3600))
    await _lasts(chance, 2.0, 5.0)
    for role in ROLES:
        town.house.turn_clock(role, 0.0)


async def other_code(town: Town, chance: random.Random) -> None:
    """Sessions become what another version of the code wrote: a field that this one does not know, one missing."""
    seal = Seal(KEYS)
    refs = [Chats(seal, SECRET).ref(chat) for chat in list(town.memory.sent)]
    async with queues(town.valkeys) as redis:
        found = await each([redis.call("GET", key(lane_of(ref), "chat", ref)) for ref in refs])
        changes = []
        for ref, stored in zip(refs, found, strict=True):
            if not isinstance(stored, bytes):
                continue  # none, or another fault was quicker
            about = f"chat:{ref}".encode()
            session = json.loads(seal.open(stored[8:], about))
            session.pop("said", None)
            session |= {"tomorrow": {"a": [1, None]}}
            new = stored[:8] + seal.seal(json.dumps(session).encode(), about)
            changes.append(redis.call("SET", key(lane_of(ref), "chat", ref), new, "IFEQ", stored, "KEEPTTL"))
        await each(changes)


async def providers(town: Town, chance: random.Random) -> None:
    """Providers misbehave in every way they are known to: 429, 5xx, answers lost before and after, garbage. So does an agency."""
    slow_down = Fault(429, "Too Many Requests: retry after 1", retry_after=1)
    ways = (slow_down, telegram_rules.BROKEN, telegram_rules.DROPPED_BEFORE, telegram_rules.DROPPED_AFTER)
    town.telegram.fails(*chance.choices((*ways, telegram_rules.GARBAGE), k=8))
    busy = twilio_rules.Fault(429, 20429, retry_after=1)
    others = (busy, twilio_rules.BROKEN, twilio_rules.DROPPED_BEFORE, twilio_rules.DROPPED_AFTER)
    town.twilio.fails(*chance.choices((*others, twilio_rules.GARBAGE), k=4))
    town.receiver.fails("broken", "unheard")
    await _lasts(chance)


KINDS: Mapping[str, Kind] = {
    "kill web": Kind(kill("web"), inside=True),
    "kill a reader": Kind(kill("reader-1"), inside=True),
    "kill the sender": Kind(kill("sender"), twice=True, inside=True),
    "kill the clerk": Kind(kill("clerk"), inside=True),
    "kill Valkey": Kind(kill_valkey, twice=True),
    "kill PostgreSQL": Kind(kill_postgres),
    "freeze web and a reader": Kind(freeze("web", "reader-2"), inside=True),
    "freeze sender and clerk": Kind(freeze("sender", "clerk"), twice=True, inside=True),
    "cut lines": Kind(cut, twice=True),
    "slow lines": Kind(slow),
    "dead lines": Kind(hold, twice=True),
    "Valkey full": Kind(full_valkey, twice=True),
    "disk full": Kind(full_disk, inside=True),
    "rolling deploy": Kind(deploy, twice=True, inside=True),
    "clocks jump": Kind(turn_clocks, inside=True),
    "sessions of other code": Kind(other_code),
    "providers misbehave": Kind(providers, twice=True),
}
"""All faults by name."""
