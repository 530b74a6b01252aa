"""`python -m tests.fuzz`: so many inputs as wanted. Ends with 0 if every line of the sheet is even."""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Callable
from pathlib import Path

import click
import uvloop

from tests.chaos.books import Line, printed
from tests.fuzz.driver import Run
from tests.fuzz.house import house
from tests.fuzz.judge import Judge
from tests.fuzz.providers import Providers
from tests.fuzz.sheet import sheet, told
from tests.fuzz.world import World
from tests.servers import folder


async def fuzz(
    inputs: int, seed: int, place: Path, tell: Callable[[str], None], minutes: float = math.inf
) -> tuple[list[Line], list[str]]:
    """The sheet of a run with its files in `place`, and what explains it. `tell` hears how far it is."""
    world, judge = World(seed), Judge()
    async with Providers(world, judge) as providers, house(place, providers.url) as service:
        run = Run(service, world, judge, providers, inputs)
        await run.go(tell, minutes)
        return await sheet(run), list(told(run))


def main() -> int:
    """Read the wishes, run, print."""
    wishes = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    wishes.add_argument("--inputs", type=int, default=1_000_000, help="how many (default: a million)")
    wishes.add_argument("--seed", type=int, default=None, help="the seed of an earlier run, to repeat its inputs")
    wishes.add_argument(
        "--minutes", type=float, default=math.inf, help="end after so many, with what was sent until then"
    )
    asked = wishes.parse_args()
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(1_000_000)
    click.echo(f"seed {seed}")
    with folder("fuzz-") as place:
        lines, explained = uvloop.run(fuzz(asked.inputs, seed, place, click.echo, asked.minutes))
    click.echo("\n".join([*explained, printed(lines)]))
    return 0 if all(line.even for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
