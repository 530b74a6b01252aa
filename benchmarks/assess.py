"""How many assessments a second one core makes: `python benchmarks/assess.py [N]`, 1,000,000 mixed persons without a number.

The persons are drawn once, with a fixed seed, from all host states, nationalities, permits and days of the crisis; a third of
them have told only some of their facts. Drawing them is not measured.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from datetime import date, timedelta

import click

from relief.assess import assess
from relief.pack import Pack, load

PERSONS = 20_000
"""Different persons; they are asked again until N is reached."""

Person = tuple[dict[str, str], date]


def main(number: int = 1_000_000) -> None:
    """Load the pack, assess, print how long each took."""
    begun = time.perf_counter()
    pack = load("turkic-2020")
    loaded = time.perf_counter() - begun
    people = persons(pack, min(PERSONS, number))
    begun = time.perf_counter()
    outcomes = Counter(assess(pack, *people[n % len(people)]).outcome for n in range(number))
    took = time.perf_counter() - begun
    click.echo(f"pack of {len(pack.measures)} measures read in {loaded:.2f} s")
    click.echo(f"{number:,} assessments of {len(people):,} persons in {took:.1f} s: {number / took:,.0f} a second")
    click.echo(", ".join(f"{outcome} {count / number:.0%}" for outcome, count in outcomes.most_common()))


def persons(pack: Pack, number: int) -> list[Person]:
    """So many persons, each with a day of asking."""
    chance = random.Random(20200507)  # noqa: S311 - the same persons each time
    return [_person(pack, chance) for _ in range(number)]


def _person(pack: Pack, chance: random.Random) -> Person:
    """One person: all facts, or some."""
    day = date(2020, 3, 1) + timedelta(chance.randrange(850))
    facts = {n: chance.choice(q.values) for n, q in pack.questions.items() if q.kind == "choice"}
    facts["nationality"] = chance.choice(pack.states)
    facts["permit"] = chance.choice(pack.permits(facts["host"]))
    facts["expires"] = (day + timedelta(chance.randrange(-200, 40))).isoformat()
    facts["entered"] = (date.fromisoformat(facts["expires"]) - timedelta(chance.choice([29, 59, 89]))).isoformat()
    if chance.random() < 1 / 3:
        facts = {n: v for n, v in facts.items() if n == "host" or chance.random() < 0.6}
    return facts, day


if __name__ == "__main__":
    main(*(int(word.replace(",", "").replace("_", "")) for word in sys.argv[1:2]))
