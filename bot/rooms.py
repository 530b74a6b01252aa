"""The rooms of one process, opened and closed together: what `komek demo` and `komek run` start.

async with rooms(Plan(…)) as house:
house.ear          # for the channels' routes
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence, Set
from contextlib import asynccontextmanager, suppress
from typing import Literal, NamedTuple, TypeAlias

from bot import fetcher, metrics
from bot.bell import CHANNEL, FALLBACK, Bell
from bot.channels.contract import Away, Channel
from bot.clerk import Cases, Clerk
from bot.counting import counting
from bot.ear import StreamEar, utc_now
from bot.faults import away, report
from bot.fetcher import Attachments
from bot.owner import Owner, Room
from bot.poster import Poster
from bot.reader import Reader, Render, Sorry, Think, nobody
from bot.sender import Sender
from storage import timers
from storage.chats import Chats
from storage.keys import LANES
from storage.queues import Lanes
from storage.redis import Lost
from storage.seal import Seal
from storage.sql.totals import Totals
from storage.store import Store

log = logging.getLogger(__name__)

Part = Literal["web", "reader", "sender", "clerk", "timers"]
ALL: frozenset[Part] = frozenset({"web", "reader", "sender", "clerk", "timers"})

TICK_SECONDS = 1.0
GATHER = 0.1
"""Seconds between two rounds of the clerk: reports that come together are one transaction. Whoever sent one was answered."""
LAG_SECONDS = 5.0
Loop: TypeAlias = "Callable[[asyncio.Event], Coroutine[None, None, None]]"

STOP_SECONDS = 5.0
"""How long a stop waits for what is in hand."""


class Plan(NamedTuple):
    """What the rooms are made of. `cases` is needed for the clerk, `books` for attachments (both may be one object), `poster`
    for webhooks, `totals` for what /metrics tells of cases.
    """

    redis: Store
    seal: Seal
    secret: str
    think: Think
    render: Render
    sorry: Sorry
    channels: Mapping[str, Channel] = {}
    cases: Cases | None = None
    books: Attachments | None = None
    poster: Poster | None = None
    rates: Mapping[str, float] = {}
    totals: Callable[[], Awaitable[Totals]] | None = None
    parts: Set[Part] = ALL
    name: str = ""

    def __repr__(self) -> str:
        """Nothing of it: it holds the secret."""
        return "Plan(…)"


class House(NamedTuple):
    """The open rooms. `ear` is where channels put what they hear; the others are for commands, pages and tests."""

    ear: StreamEar
    lanes: Lanes
    chats: Chats
    owner: Owner
    bell: Bell


@asynccontextmanager
async def rooms(plan: Plan) -> AsyncIterator[House]:
    """The rooms of `plan.parts`, at work until the block ends; then the batches in hand are finished and leases given back.

    `plan.redis` must be open and stays so. Redis or SQL going away stops nothing: the rooms wait and go on.
    """
    house, loops, sender = _furnish(plan)
    listener = plan.redis.listener(CHANNEL, house.bell.heard)
    stop, leave = asyncio.Event(), asyncio.Event()
    await listener.open()
    with suppress(Lost):
        await house.owner.renew()
    owning = asyncio.create_task(house.owner.run(leave))
    tasks = [asyncio.create_task(loop(stop)) for loop in loops]
    try:
        yield house
    finally:
        stop.set()
        house.bell.rouse()
        await _end(tasks, STOP_SECONDS)
        if sender:
            await sender.close(STOP_SECONDS)
        leave.set()  # only now: what was in the air needed its leases
        await _end([owning], 1.0)
        with suppress(Lost, TimeoutError):
            await asyncio.wait_for(house.owner.close(), 1.0)
        await listener.close()


async def _end(tasks: Sequence[asyncio.Task[None]], seconds: float) -> None:
    """Wait for these to end; cut off whoever has not within so many seconds."""
    _, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _furnish(plan: Plan) -> tuple[House, list[Loop], Sender | None]:
    """Everything made and joined together, nothing started."""
    lanes, chats = Lanes(plan.redis, plan.seal), Chats(plan.seal, plan.secret)
    begins: dict[str, Callable[[int], None]] = {}
    drains: dict[Room, Callable[[int], Awaitable[None]]] = {}

    def gained(room: Room, lane: int) -> None:
        begins.get(room, _nothing)(lane)
        bell.wake(room, lane)

    names: list[Room] = [room for room in ("reader", "sender", "clerk") if room in plan.parts]
    owner = Owner(plan.redis, names, gained, drains, plan.name)
    bell = Bell(plan.redis, owner.holds)
    ear = StreamEar(lanes, chats, bell)
    house = House(ear, lanes, chats, owner, bell)
    loops: list[Loop] = [_every(house, "lag", LAG_SECONDS, _lag(house))]
    sender: Sender | None = None
    if "sender" in plan.parts:
        sender = Sender(lanes, owner, bell, ear, plan.channels, plan.rates)
        begins["sender"], drains["sender"] = sender.begin, sender.drain
        loops.append(_rung(house, "sender", sender.work, sender.begin))
    if "reader" in plan.parts:
        say = sender.say if sender else nobody
        reader = Reader(lanes, chats, owner, bell, plan.think, plan.render, plan.sorry, say)
        loops.append(_rung(house, "reader", reader.work))
    if "clerk" in plan.parts and plan.cases:
        loops.append(_rung(house, "clerk", Clerk(lanes, owner, bell, ear, plan.cases).work, rest=GATHER))
        if plan.books:
            loops.append(_every(house, "attachments", FALLBACK, _fetch(house, plan.books, plan.channels)))
        if plan.poster:
            loops.append(_every(house, "webhooks", TICK_SECONDS, _post(house, plan.poster)))
        if plan.totals:
            loops.append(_every(house, "counting", TICK_SECONDS, counting(plan.redis, owner, plan.totals)))
    if "timers" in plan.parts:
        loops.append(_every(house, "timers", TICK_SECONDS, _tick(house)))
    return house, loops, sender


def _rung(
    house: House,
    room: Room,
    work: Callable[[Sequence[int]], Awaitable[None]],
    begin: Callable[[int], None] | None = None,
    rest: float = 0.0,
) -> Loop:
    """A room's loop: sleep until rung, work those lanes; now and then, however much it is rung, look at all of them. It rests
    so many seconds after each work: what comes meanwhile is worked together.
    """
    looked = 0.0

    async def turn() -> None:
        nonlocal looked
        rung = await house.bell.wait(room)
        now = time.monotonic()
        if rung is None or now - looked > FALLBACK:
            looked = now
            rung = set(house.owner.lanes(room))
        await work(sorted(rung))
        if rest:
            await asyncio.sleep(rest)

    def again() -> None:
        for lane in house.owner.lanes(room):
            (begin or _nothing)(lane)
            house.bell.wake(room, lane)

    return lambda stop: _keep(house, room, turn, stop, again)


def _every(house: House, name: str, seconds: float, work: Callable[[], Awaitable[None]]) -> Loop:
    """A loop that works every so many seconds."""

    async def run(stop: asyncio.Event) -> None:
        async def turn() -> None:
            await work()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), seconds)

        await _keep(house, name, turn, stop)

    return run


async def _keep(
    house: House,
    name: str,
    turn: Callable[[], Awaitable[None]],
    stop: asyncio.Event,
    again: Callable[[], None] | None = None,
) -> None:
    """Turn after turn until `stop`, whatever happens. A store that is away costs one line in the log, and a wait."""
    away_since = 0.0
    while not stop.is_set():
        try:
            await turn()
        except (Lost, Away) as fault:
            if not away_since:
                away_since = time.monotonic()
                log.warning("%s waits: %s", name, fault)
            await _pause(stop, 0.1 if isinstance(fault, Lost) else 0.5)
            await _either(house.lanes.redis.back(), stop)
        except Exception as fault:  # noqa: BLE001 - a room outlives whatever happens in it
            report(log, name, fault)
            await _pause(stop, 1.0)
        else:
            if away_since:
                log.warning("%s goes on after %.1f s", name, time.monotonic() - away_since)
                away_since = 0.0
            continue
        if again:
            again()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but not through a stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _either(wait: Awaitable[None], stop: asyncio.Event) -> None:
    """Wait for it, or for the stop."""
    tasks = [asyncio.ensure_future(wait), asyncio.ensure_future(stop.wait())]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


def _tick(house: House) -> Callable[[], Awaitable[None]]:
    """Move timers that have run down. Any number of processes may: the script is atomic."""

    async def work() -> None:
        for lane in await timers.ring(house.lanes, range(LANES), utc_now()):
            house.bell.ring("reader", lane)

    return work


def _lag(house: House) -> Callable[[], Awaitable[None]]:
    """Show how much waits, which lanes are ours, and how full Redis is."""

    async def work() -> None:
        for room in house.owner.rooms:
            metrics.LANES.labels(room).set(len(house.owner.lanes(room)))
        metrics.show_lag(await house.lanes.lag(range(LANES)))
        metrics.show_memory(*await house.lanes.memory())

    return work


def _fetch(house: House, books: Attachments, channels: Mapping[str, Channel]) -> Callable[[], Awaitable[None]]:
    """Fetch attachments, in one process only."""

    async def work() -> None:
        try:
            while house.owner.leads("clerk") and await fetcher.fetch(books, channels) == fetcher.AT_ONCE:
                continue
        except Exception as fault:  # noqa: BLE001 - sorted by `away`, and raised again in any case
            raise away(fault) or fault from None

    return work


def _post(house: House, poster: Poster) -> Callable[[], Awaitable[None]]:
    """Send what waits for webhooks, in one process only."""

    async def work() -> None:
        try:
            while house.owner.leads("clerk") and await poster.work():
                continue
        except Exception as fault:  # noqa: BLE001 - sorted by `away`, and raised again in any case
            raise away(fault) or fault from None

    return work


def _nothing(lane: int) -> None:
    """A room that need not be told."""
