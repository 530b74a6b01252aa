"""What a second reader and a cluster bring: the report dialogue, one reader on one Valkey against two on three.

    python -m benchmarks.scale [--people 1500] [--rounds 3]

A machine with few cores cannot show it by the clock alone: readers, servers and whoever sends would share them. So the web
fills the inboxes first, with whole dialogues of real people's answers; then only readers (`komek run reader`) and servers
work, each on a core of its own as far as there are cores, until everything is answered. Measured between a quarter and three
quarters of the work: turns a second, and the processor time that a turn costs a reader and each server. From these follows
what the same processes do with a core each. Ends with 0 if two readers and a cluster do 1.7 times one reader and one Valkey.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

import click
import msgspec
import psutil

from bot.rooms import House, Plan, rooms
from handlers.nouns import Inbound
from storage import leases
from storage.keys import LANES, key
from storage.leases import MEMBERS
from storage.redis import answers, as_int
from storage.seal import Seal
from storage.store import Store, connect
from tests.cluster import LiveCluster
from tests.dialogue import Dialogue
from tests.rooms import toy
from tests.servers import LiveValkey, folder
from tests.waiting import wait_until
from tests.whole.player import Player
from tests.whole.service import Service

WANTED = 1.7
SECRET = "k" * 40
KEY = bytes(range(32))
AT_ONCE = 500
"""Events brought in one call."""
PATIENCE = 600.0
"""Seconds that a quarter of the work may take."""
GATE = "elsewhere:1:1.0"
"""Who holds all lanes until the readers stand ready."""
KOMEK = (sys.executable, "-c", "from bot.cli import main; main()")
ROOT = str(Path(__file__).parents[1])
EVERYSEC = {"appendfsync": "everysec"}
"""What an installation uses (docs/decisions/0002)."""


class Layout(NamedTuple):
    """How many readers on how many servers."""

    readers: int
    servers: int

    def __str__(self) -> str:
        """For the table."""
        return f"{self.readers} reader{'s' * (self.readers > 1)}, {self.servers} Valkey"


LAYOUTS = (Layout(1, 1), Layout(2, 1), Layout(1, 3), Layout(2, 3))


class Cost(NamedTuple):
    """What was measured: turns a second by the clock; processor seconds a turn of all readers, all servers, the busiest one."""

    rate: float
    readers: float
    servers: float
    busiest: float

    def alone(self, layout: Layout) -> float:
        """Turns a second with a core for each process: what the readers can do, or the busiest server."""
        return min(layout.readers / self.readers, 1 / self.busiest)


class Mark(NamedTuple):
    """A moment: the time, what is left, each process's processor seconds."""

    at: float
    left: int
    used: tuple[float, ...]


def script() -> list[Inbound]:
    """One person's whole dialogue, to the case number."""
    talk, player = Dialogue("telegram:1"), Player()
    said = [talk.event("command", "start")]
    talk.hear(said[0])
    while move := player.move(talk.text, talk.tokens):
        said.append(talk.event("choice" if ":" in move else "text", move))
        talk.hear(said[-1])
    return said


def crowd(people: int) -> Iterator[Inbound]:
    """Everybody's dialogue, all at the same time: each one's first word, each one's second, and so on."""
    for n, event in enumerate(script()):
        for person in range(people):
            chat = f"telegram:{1000 + person}"
            yield msgspec.structs.replace(
                event, id=f"{chat}#{n}", chat=chat, at=event.at + timedelta(seconds=person % 20)
            )


@contextmanager
def servers(number: int) -> Iterator[tuple[str, list[LiveValkey]]]:
    """One Valkey, or a cluster: its address, and its servers."""
    with folder("kb-") as place:
        one, several = LiveValkey(place), LiveCluster(place)
        nodes: list[LiveValkey] = [one] if number == 1 else [*several.nodes]
        for node in nodes:
            node.options |= EVERYSEC
        try:
            (one if number == 1 else several).start()
            yield (one if number == 1 else several).url, nodes
        finally:
            for node in nodes:
                node.kill()


@asynccontextmanager
async def readers(url: str, number: int) -> AsyncIterator[list[int]]:
    """So many `komek run reader` on this store, ready but for the lanes: their process ids."""
    settings = {
        "REDIS_URL": url,
        "PUBLIC_URL": "https://komek.example",
        "SECRET_KEY": SECRET,
        "DATA_KEYS": f"k1:{base64.b64encode(KEY).decode()}",
        "TODAY": "2020-05-08",
        "TELEGRAM_TOKEN": "1:of-nobody",
        "TELEGRAM_SECRET": "x",
    }
    path = os.pathsep.join(filter(None, (ROOT, os.environ.get("PYTHONPATH", ""))))
    async with AsyncExitStack() as stack:
        started = []
        for _ in range(number):
            place = stack.enter_context(folder("kr-"))
            started.append(Service(place, ("run", "reader"), settings, program=KOMEK, env={"PYTHONPATH": path}))
            stack.callback(started[-1].kill)
        await asyncio.gather(*(service.start_beside() for service in started))
        yield [service.process.pid for service in started]


async def left(store: Store) -> int:
    """How many events wait."""
    return sum(map(as_int, await answers([store.call("XLEN", key(lane, "inbox")) for lane in range(LANES)])))


async def fill(store: Store, people: int) -> int:
    """The web's work: everybody's events into the inboxes. How many."""
    plan = Plan(store, Seal({"k1": KEY}), SECRET, toy.think, toy.render, toy.sorry, parts=frozenset({"web"}))
    events = list(crowd(people))
    async with rooms(plan) as house:
        for begin in range(0, len(events), AT_ONCE):
            await _bring(house, events[begin : begin + AT_ONCE])
    return len(events)


async def _bring(house: House, events: Sequence[Inbound]) -> None:
    """These, all of them, however much of each chat waits."""
    await house.ear.hear(events, insist=True)


def pin(processes: Sequence[psutil.Process]) -> None:
    """Each on a core of its own as far as there are any; then round again."""
    cores = sorted(os.sched_getaffinity(0))
    for n, process in enumerate(processes):
        process.cpu_affinity([cores[n % len(cores)]])


def used(processes: Sequence[psutil.Process]) -> tuple[float, ...]:
    """The processor seconds of each."""
    return tuple(times.user + times.system for times in (process.cpu_times() for process in processes))


async def measure(layout: Layout, people: int) -> Cost:
    """One round of one layout."""
    with servers(layout.servers) as (url, nodes):
        store = await connect(url)
        everything = {lane: ["reader"] for lane in range(LANES)}
        await leases.hold(store, GATE, everything, (), 3_600_000)
        events = await fill(store, people)
        async with readers(url, layout.readers) as pids:
            await wait_until(lambda: _ready(store, layout.readers), 30, "the readers to know each other")
            processes = [psutil.Process(pid) for pid in (*pids, *(node.pid for node in nodes))]
            pin(processes)
            await answers([leases.release(store, GATE, lane, ["reader"]) for lane in range(LANES)])
            begin, end = await _marks(store, processes, events)
        await store.close()
    return _cost(begin, end, layout.readers)


async def _ready(store: Store, number: int) -> bool:
    """Whether so many readers have said that they work."""
    return as_int(await store.call("ZCARD", MEMBERS)) == number


async def _marks(store: Store, processes: Sequence[psutil.Process], events: int) -> tuple[Mark, Mark]:
    """The moments at which a quarter, and three quarters, were done."""
    marks: list[Mark] = []

    async def fewer(than: float) -> bool:
        waits = await left(store)
        marks.append(Mark(time.perf_counter(), waits, used(processes)))
        return waits <= than

    await wait_until(lambda: fewer(events * 0.75), PATIENCE, "a quarter to be done")
    begin = marks[-1]
    await wait_until(lambda: fewer(events * 0.25), PATIENCE, "three quarters to be done")
    return begin, marks[-1]


def _cost(begin: Mark, end: Mark, number: int) -> Cost:
    """What the turns between two moments cost."""
    turns = begin.left - end.left
    each = [(after - before) / turns for before, after in zip(begin.used, end.used, strict=True)]
    return Cost(turns / (end.at - begin.at), sum(each[:number]), sum(each[number:]), max(each[number:]))


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(*(median(column) for column in zip(*costs, strict=True)))


def told(found: dict[Layout, Cost], people: int, turns: int) -> int:
    """Print the table, and judge."""
    base, best = found[LAYOUTS[0]], found[LAYOUTS[-1]]
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()
    click.echo(
        f"{people} people, {turns} turns each; {cores} cores; load when done {load[0]:.1f} {load[1]:.1f} {load[2]:.1f}"
    )
    click.echo(
        f"{'':20} {'turns/s':>8} {'x':>5} {'reader µs':>10} {'Valkeys µs':>11} {'busiest µs':>11} {'a core each':>12} {'x':>5}"
    )
    first = base.alone(LAYOUTS[0])
    for layout, cost in found.items():
        alone = cost.alone(layout)
        click.echo(
            f"{layout!s:20} {cost.rate:8.0f} {cost.rate / base.rate:5.2f} {cost.readers * 1e6:10.0f} {cost.servers * 1e6:11.0f}"
            f" {cost.busiest * 1e6:11.0f} {alone:12.0f} {alone / first:5.2f}"
        )
    by_clock, by_cost = best.rate / base.rate, best.alone(LAYOUTS[-1]) / first
    click.echo(
        f"two readers and a cluster: {by_clock:.2f} times one reader by the clock, {by_cost:.2f} with a core each"
    )
    if by_clock < WANTED:
        both, at_most = best.readers + best.servers, cores / (best.readers + best.servers)
        click.echo(
            f"by the clock less than {WANTED} because a turn takes {both * 1e6:.0f} µs of all its processes: "
            f"{cores} cores do at most {at_most:.0f} turns/s, {at_most / base.rate:.2f} times one reader"
        )
    return 0 if max(by_clock, by_cost) >= WANTED else 1


def main() -> int:
    """Read the wishes, measure in turn."""
    wishes = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wishes.add_argument("--people", type=int, default=1500)
    wishes.add_argument("--rounds", type=int, default=3)
    asked = wishes.parse_args()
    costs: dict[Layout, list[Cost]] = {layout: [] for layout in LAYOUTS}
    for n in range(asked.rounds):
        for layout in LAYOUTS:
            costs[layout].append(asyncio.run(measure(layout, asked.people)))
            click.echo(f"round {n + 1}, {layout}: {costs[layout][-1].rate:.0f} turns/s", err=True)
    return told({layout: middle(many) for layout, many in costs.items()}, asked.people, len(script()))


if __name__ == "__main__":
    sys.exit(main())
