"""Two hundred first messages that somebody wrote without a look at the reader: what is filled is right, the rest is asked.

The reader has been mended on the rows with odd numbers. Nobody has looked at the even ones: only they measure it.
"""

import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from handlers.freely import read_freely
from handlers.text import fold
from relief.pack import load

MESSAGES = Path(__file__).parents[1] / "firstwords" / "messages.tsv"
PACK = load("turkic-2020")
RIGHT = 0.98
"""The least share of what is filled that must be right."""
Facts = set[tuple[str, str]]


def annotated(text: str) -> Facts:
    """`key=value` pairs; each need by itself, and `_` for a space in a place's name."""
    pairs = (pair.partition("=") for pair in text.split())
    return {
        (name, part.replace("_", " ") if name == "place_name" else part)
        for name, _, v in pairs
        for part in v.split(",")
    }


def filled(row: dict[str, str]) -> Facts:
    """What the reader fills, each need by itself."""
    facts = read_freely(row["text"].replace("⏎", "\n"), row["locale"], date.fromisoformat(row["on"]), PACK)
    return {
        (name, part) for name, value in facts.items() for part in (value.split(",") if name == "needs" else [value])
    }


def among(fact: tuple[str, str], facts: Facts) -> bool:
    """Whether a fact is one of these; a place's name counts by what it means (`Istanbul Airport (IST)` is `IST`)."""
    if fact in facts or fact[0] != "place_name":
        return fact in facts
    ours = fold(fact[1])
    names = [fold(value) for name, value in facts if name == "place_name"]
    return any(ours == name or ours in name.split() or name in ours.split() for name in names)


def measured() -> Iterator[tuple[str, Facts, Facts, Facts, Facts]]:
    """For each message its language, what was filled, what of it is wrong, what is said, and what of that was found."""
    with MESSAGES.open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            said, may, got = annotated(row["facts"]), annotated(row["may"]), filled(row)
            wrong = {fact for fact in got if not among(fact, said | may)}
            yield row["locale"], got, wrong, said, {fact for fact in said if among(fact, got)}


def test_what_is_filled_is_right(record_property: Callable[[str, object], None]) -> None:
    """At least 98 of 100 facts that are filled. How many of those said are filled is told with `-s`."""
    count: Counter[tuple[str, str]] = Counter()
    for locale, got, wrong, said, found in measured():
        for name, facts in (("filled", got), ("wrong", wrong), ("said", said), ("found", found)):
            count[locale, name] += len(facts)
            count["all", name] += len(facts)
    lines = [
        f"{locale}: precision {1 - count[locale, 'wrong'] / count[locale, 'filled']:.3f}, "
        f"recall {count[locale, 'found'] / count[locale, 'said']:.3f}"
        for locale in dict.fromkeys(locale for locale, _ in count)
    ]
    for line in lines:
        record_property("first words", line)
    sys.stdout.write("\n".join(["", *lines, ""]))
    assert count["all", "said"] > 600
    assert count["all", "filled"] > 200
    assert 1 - count["all", "wrong"] / count["all", "filled"] >= RIGHT
