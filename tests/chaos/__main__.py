"""`python -m tests.chaos`: the laboratory for as long as wanted. Ends with 0 if the books are even."""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click

from tests.chaos.books import printed
from tests.chaos.faults import KINDS
from tests.chaos.laboratory import Plan, run
from tests.cluster import LiveCluster
from tests.servers import LivePostgres, LiveValkey, folder


def faults(seconds: float, chance: random.Random) -> Iterator[tuple[str, ...]]:
    """Faults until the time is over, all kinds about equally often; every third with one from outside beside it."""
    end = time.monotonic() + seconds
    outside = sorted(name for name, kind in KINDS.items() if not kind.inside)
    while True:
        for name in chance.sample(sorted(KINDS), len(KINDS)):
            if time.monotonic() > end:
                return
            other = chance.choice(outside)
            yield (name, other) if chance.random() < 1 / 3 and other != name else (name,)


def main() -> int:
    """Read the wishes, run, print."""
    wishes = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    wishes.add_argument("--seconds", type=float, default=3600, help="how long faults happen (default: an hour)")
    wishes.add_argument("--seed", type=int, default=None, help="the seed of an earlier run, to repeat its faults")
    wishes.add_argument("--people", type=int, default=40, help="how many talk at any time")
    wishes.add_argument("--patience", type=float, default=600, help="seconds that one of them waits for an answer")
    wishes.add_argument("--lost", type=float, default=0.02, help="share of some webhooks that Twilio loses for good")
    wishes.add_argument("--cluster", action="store_true", help="on a Valkey Cluster of three servers")
    wishes.add_argument("--only", nargs="*", choices=sorted(KINDS), help="these faults, once each, and no others")
    asked = wishes.parse_args()
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(1_000_000)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", stream=sys.stderr)
    groups = [(name,) for name in asked.only] if asked.only else faults(asked.seconds, random.Random(seed))
    plan = Plan(seed, asked.people, asked.patience, groups, lost=asked.lost)
    click.echo(f"seed {seed}")
    with folder("kv-") as one, folder("pg-") as two, folder("komek-") as three:
        valkey, postgres = LiveCluster(one) if asked.cluster else LiveValkey(one), LivePostgres(two)
        try:
            valkey.start()
            postgres.start()
            postgres.sql("CREATE DATABASE chaos")
            servers = valkey.nodes if isinstance(valkey, LiveCluster) else [valkey]
            lines = asyncio.run(run(plan, servers, postgres, postgres.url("chaos"), Path(three)))
        finally:
            valkey.kill()
            postgres.kill()
    click.echo(printed(lines))
    return 0 if all(line.even for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
