"""A short run of the laboratory for every day: each kind of fault once, several at a time; it ends by work done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.books import printed
from tests.chaos.faults import KINDS
from tests.chaos.laboratory import Plan, run
from tests.servers import LivePostgres, LiveValkey

PROGRAMME = (
    ("kill a reader", "kill web", "kill Valkey"),
    ("kill the sender", "kill the clerk", "kill PostgreSQL"),
    ("freeze web and a reader", "sessions of other code", "slow lines"),
    ("cut lines", "disk full", "providers misbehave"),
    ("freeze sender and clerk", "Valkey full", "clocks jump"),
    ("rolling deploy", "dead lines"),
)


def test_every_kind_of_fault_is_in_the_programme() -> None:
    """Whoever adds one is reminded."""
    assert {name for names in PROGRAMME for name in names} == set(KINDS)


@pytest.mark.timeout(1200)
async def test_the_books_are_even_after_every_kind_of_fault(
    valkey_server: LiveValkey, postgres_server: LivePostgres, postgres_database: str, tmp_path: Path
) -> None:
    """Nothing lost, nothing twice, everybody in order, nobody unanswered."""
    plan = Plan(seed=20200508, people=6, patience=300, faults=PROGRAMME, moves=10)
    lines = await run(plan, [valkey_server], postgres_server, postgres_database, tmp_path)
    assert all(line.even for line in lines), "\n" + printed(lines)
