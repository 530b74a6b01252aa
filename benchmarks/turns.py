"""What a turn of the conversation costs, beside the same dialogue in aiogram: `make bench`, or `make bench QUICK=1`.

The service is one process on one processor; people, Bot API, Valkey (append-only file synced every second) and PostgreSQL
(fsync on) share another. All figures are medians of interleaved rounds: single ones differ by up to a quarter on a virtual
machine, so less than 1.15 between two figures says nothing. Ends with 1 if anybody was not answered or a report is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click
import uvloop

from benchmarks.figures import BUSY, Cost, Figures, levels_table, machine, stored_table
from benchmarks.people import DIALOGUE, Crowd, Reply, Stuck
from benchmarks.provider import TOKEN, Telegram
from benchmarks.stage import ROOT, Cores, Postgres, Program, Stores, Valkey, ours, peer, stay, version
from benchmarks.stored import fill, left
from handlers.nouns import Session
from storage.migrate import migrate
from tests.servers import folder, free_port

OURS, PEER, TUNED = "Kömek", "aiogram", "aiogram, tuned"
PARTS = ("web", "reader", "sender", "clerk", "timers")
DOES: Mapping[str, str] = {
    "web": "read, verify, keep in the inbox, answer",
    "reader": "take, open, think, render, seal, commit",
    "sender": "take, open, pace, post, settle",
    "clerk": "file the report: one turn in twenty",
    "timers": "look once a second",
}
READY_SECONDS = 120.0
FILED_SECONDS = 60.0
CROWD = 64
"""People at once where only one number of people is measured."""


class Plan(NamedTuple):
    """How much is measured: people at once and for how many seconds, rounds, sessions stored."""

    levels: Mapping[int, float]
    rounds: int
    stored: Sequence[int]
    repeated: int
    """Rounds of those: a few percent are looked for there."""
    dialogues: int
    """Dialogues played to see what one leaves behind."""


FULL = Plan({1: 3.0, 8: 3.0, 64: 5.0, 256: 5.0, 512: 6.0}, 3, (10_000, 100_000, 1_000_000), 5, 300)
QUICK = Plan({1: 1.0, 64: 2.0, 256: 2.0}, 1, (10_000, 100_000), 1, 100)


class Bench:
    """The stage, and whose turn it is. `finished`: dialogues played to their end with us, each of which is a case."""

    def __init__(self, telegram: Telegram, postgres: Postgres, cores: Cores, place: Path) -> None:
        """`place`: a folder for logs."""
        self.telegram = telegram
        self.postgres = postgres
        self.cores = cores
        self.place = place
        self.finished = 0
        self.replies: Mapping[int, Reply] = {}
        self._first = 1_000_000

    @contextmanager
    def komek(self, valkey: Valkey, parts: Sequence[str] = ("",)) -> Iterator[dict[str, Program]]:
        """Our service on this Valkey, in one process or each of these parts in one of its own."""
        stores = Stores(valkey.url, self.postgres.url("ours"))
        with ours(stores, self.telegram.url, self.place, self.cores, parts) as programs:
            yield programs
            self.telegram.forget()

    @contextmanager
    def aiogram(self, valkey: Valkey, python: Path, *, tuned: bool) -> Iterator[dict[str, Program]]:
        """The peer, which says what we said."""
        options = {
            "tuned": tuned,
            "token": TOKEN,
            "api": self.telegram.url,
            "redis": valkey.url,
            "database": self.postgres.url("peer"),
            "port": free_port(),
            "steps": [step.verb for step in DIALOGUE],
            "replies": [self.replies[n] for n in range(len(DIALOGUE))],
        }
        path = self.place / "peer.json"
        path.write_text(json.dumps(options), "utf-8")
        with peer(python, path, self.place, self.cores) as program:
            yield {"": program}
            self.telegram.forget()

    async def crowd(self, programs: Mapping[str, Program]) -> Crowd:
        """People for these programs once they are ready, and everything warm. Raises Stuck."""
        end = time.monotonic() + READY_SECONDS
        while not self.telegram.ready.is_set():
            if fault := next((program.ended for program in programs.values() if program.ended), ""):
                raise Stuck(fault)
            if time.monotonic() > end:
                raise Stuck("a bot never said where it wants to be called")
            await asyncio.sleep(0.05)
        crowd = Crowd(self.telegram, self._first)
        self._first += 1_000_000
        await crowd.whole(16, 8)
        return crowd

    async def levels(
        self, valkey: Valkey, programs: Mapping[str, Program], plan: Mapping[int, float], *, mine: bool = True
    ) -> dict[int, Figures]:
        """So many people at once, for so many seconds each. Raises Stuck. `mine`: it is our service."""
        crowd = await self.crowd(programs)
        trees = [program.tree for program in programs.values()]

        def look() -> Cost:
            return Cost(sum(tree.seconds() for tree in trees), valkey.tree.seconds(), self.postgres.tree.seconds())

        found = {}
        for level, seconds in plan.items():
            window = await crowd.steady(level, seconds, look)
            memory = sum(tree.megabytes() for tree in trees)
            cuts, costs = (window.cut(0.5), window.cut(0.99)), (window.before, window.after)
            found[level] = Figures.of(len(window.waits), window.seconds, cuts, costs, memory)
        await self.books(crowd, mine=mine)
        return found

    async def books(self, crowd: Crowd, *, mine: bool = True) -> None:
        """Every dialogue has become one case (the peer's: one row), and nobody was told anything twice. Raises Stuck."""
        wanted = len(crowd.finished)
        if mine:
            self.replies = crowd.replies
            self.finished += wanted
            wanted = self.finished
        where, table = ("ours", "cases") if mine else ("peer", "reports")
        rows, end = -1, time.monotonic() + FILED_SECONDS
        while rows < wanted and time.monotonic() < end:
            rows = int(self.postgres.sql(f"SELECT count(*) FROM {table}", where))  # noqa: S608 - one of two names
            await asyncio.sleep(0.1)
        if rows != wanted or crowd.surplus:
            raise Stuck(f"{wanted} dialogues, {rows} {table}, {crowd.surplus} messages that nobody waited for")


async def contest(bench: Bench, valkey: Valkey, plan: Plan, python: Path | None) -> list[str]:
    """Everybody in turn, round after round; the peer as its documentation shows it at every level, tuned at one."""
    found: dict[str, dict[int, list[Figures]]] = {}

    def note(name: str, levels: Mapping[int, Figures]) -> None:
        for level, figures in levels.items():
            found.setdefault(name, {}).setdefault(level, []).append(figures)

    peers = {PEER: plan.levels, TUNED: {CROWD: plan.levels[CROWD]}}
    for number in range(plan.rounds):
        with bench.komek(valkey) as programs:
            note(OURS, await bench.levels(valkey, programs, plan.levels))
        valkey.empty()
        for name, levels in peers.items():
            if python is None:
                break
            bench.postgres.sql("DROP TABLE IF EXISTS reports", "peer")
            with bench.aiogram(valkey, python, tuned=name == TUNED) as programs:
                note(name, await bench.levels(valkey, programs, levels, mine=False))
            valkey.empty()
        click.echo(f"round {number + 1} of {plan.rounds} done", err=True)
    return levels_table(found, OURS, PEER)


async def parts(bench: Bench, valkey: Valkey, plan: Plan) -> list[str]:
    """Each part of the service in a process of its own, all of them on one processor."""
    with bench.komek(valkey, PARTS) as programs:
        crowd = await bench.crowd(programs)

        def look() -> dict[str, float]:
            return {part: program.tree.seconds() for part, program in programs.items()}

        window = await crowd.steady(CROWD, 2 * plan.levels[CROWD], look)
        memory = {part: program.tree.megabytes() for part, program in programs.items()}
        await bench.books(crowd)
    valkey.empty()
    used = {part: 1e6 * (window.after[part] - window.before[part]) / len(window.waits) for part in PARTS}
    lines = [f"{part:8} {used[part]:6,.0f} us a turn {memory[part]:6.0f} MB   {DOES[part]}" for part in PARTS]
    return [*lines, f"together {sum(used.values()):6,.0f} us a turn {sum(memory.values()):6.0f} MB"]


async def remains(bench: Bench, valkey: Valkey, dialogues: int) -> tuple[list[str], list[Session], int]:
    """What a dialogue leaves in Valkey: told, and sessions as they are left with the seconds until one lapses."""
    with bench.komek(valkey) as programs:
        crowd = await bench.crowd(programs)
        used, written, turns = valkey.used, valkey.info("persistence")["aof_current_size"], crowd.turns
        await crowd.whole(dialogues, CROWD)
        await bench.books(crowd)
        used, written = valkey.used - used, valkey.info("persistence")["aof_current_size"] - written
        sessions, seconds, size = left(valkey, crowd.finished[-dialogues:])
        turns = crowd.turns - turns
    valkey.empty()
    each = used / dialogues
    lines = [
        f"A dialogue of {len(DIALOGUE)} turns leaves {each:,.0f} bytes in Valkey's memory: its session, {size:,.0f} bytes",
        f"for {seconds / 86_400:.0f} days, and marks against doubles for 48 hours.",
        f"A turn adds {written / turns:,.0f} bytes to the append-only file until it is rewritten.",
    ]
    return lines, sessions, seconds


async def stored(bench: Bench, valkeys: Sequence[Valkey], plan: Plan) -> list[str]:
    """A turn beside ever more sessions, in interleaved rounds."""
    lines, sessions, seconds = await remains(bench, valkeys[0], plan.dialogues)
    each = {}
    for valkey, number in zip(valkeys, plan.stored, strict=True):
        began = time.monotonic()
        stay(bench.cores.service | bench.cores.rest)
        each[number] = await fill(valkey, sessions, number, seconds)
        stay(bench.cores.rest)
        click.echo(f"{number:,} sessions stored in {time.monotonic() - began:.0f} s", err=True)
    found: dict[int, list[Figures]] = {number: [] for number in plan.stored}
    for number, valkey in [*zip(plan.stored, valkeys, strict=True)] * plan.repeated:
        with bench.komek(valkey) as programs:
            figures = await bench.levels(valkey, programs, {CROWD: plan.levels[CROWD]})
        found[number].append(figures[CROWD])
    return [*stored_table(found, each), "", *lines]


def cases(bench: Bench, empty: Counter[str]) -> str:
    """What a case takes in PostgreSQL."""
    grown = bench.postgres.sizes("ours") - empty
    most = ", ".join(f"{name} {size / bench.finished:,.0f}" for name, size in grown.most_common(4))
    whole = grown.total() / bench.finished
    return f"A case takes {whole:,.0f} bytes in PostgreSQL with its indexes ({most}), measured over {bench.finished:,} cases."


async def run(plan: Plan, python: Path | None, place: Path, only: str) -> None:
    """Everything, printed as it comes. Raises Stuck."""
    cores = Cores.here()
    stay(cores.rest)
    postgres = Postgres(place)
    valkeys: list[Valkey] = []
    try:
        await migrate(postgres.url("ours"))
        empty = postgres.sizes("ours")
        async with Telegram() as telegram:
            bench = Bench(telegram, postgres, cores, place)
            valkeys.extend(Valkey(place / f"valkey{n}") for n in range(len(plan.stored)))
            if only in {"", "contest"}:
                tell(
                    f"How many turns, beside {version(python) if python else 'nobody'}",
                    await contest(bench, valkeys[0], plan, python),
                )
            if only in {"", "parts"}:
                tell(
                    f"Where they go, {CROWD} people at once, each part a process of its own",
                    await parts(bench, valkeys[0], plan),
                )
            if only in {"", "stored"}:
                tell(f"How they grow, {CROWD} people at once", await stored(bench, valkeys, plan))
            click.echo(cases(bench, empty))
            if telegram.refused:
                click.echo(f"Webhook calls without a 2xx: {dict(telegram.refused)}")
    finally:
        for valkey in valkeys:
            valkey.kill()
        postgres.kill()


def tell(title: str, lines: Sequence[str]) -> None:
    """A part of the result."""
    click.echo("\n".join(("", title, "", *lines)))


def main() -> None:
    """Read the wishes, measure."""
    wishes = argparse.ArgumentParser(
        prog="python -m benchmarks.turns", description=(__doc__ or "").partition("\n\n")[0]
    )
    wishes.add_argument(
        "--quick", action="store_true", help="one round of less: for a first look, not for a figure to quote"
    )
    wishes.add_argument("--only", choices=("contest", "parts", "stored"), default="", help="one of the three parts")
    wishes.add_argument(
        "--python", type=Path, default=ROOT / ".venv-bench/bin/python", help="the Python that has aiogram"
    )
    asked = wishes.parse_args()
    python = asked.python if asked.python.exists() else None
    line, busy = machine()
    click.echo(line)
    if busy > BUSY:
        click.echo(
            "WARNING: this machine is not idle. Read no figure below as anybody's; ratios are less wrong than the rest."
        )
    if python is None:
        click.echo("No aiogram here (make bench brings it): measured without the peer.")
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))  # servers are stopped in either case
    began = time.monotonic()
    with folder("bench-") as place:
        try:
            uvloop.run(run(QUICK if asked.quick else FULL, python, place, asked.only))
        except Stuck as fault:
            sys.exit(f"NOT IN ORDER: {fault}")
        except KeyboardInterrupt:
            sys.exit("Stopped.")
    click.echo(f"\nAll in {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    main()
