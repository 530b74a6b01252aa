"""The people of the benchmark are real enough to be answered, and what they report arrives; nothing is measured here."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from benchmarks.people import DIALOGUE, Crowd
from benchmarks.provider import Telegram
from benchmarks.stage import Cores, Stores, ours
from tests.waiting import wait_until

PEOPLE = 4


async def test_everybody_is_answered_and_has_one_case(
    empty_valkey: str, postgres_database: str, tmp_path: Path
) -> None:
    """Four people, two at once, from the first word to the report."""
    stores = Stores(empty_valkey, postgres_database)
    async with Telegram() as telegram:
        with ours(stores, telegram.url, tmp_path, Cores()) as programs:
            await wait_until(
                lambda: telegram.ready.is_set() or programs[""].ended != "", 120, "the service to be ready"
            )
            assert programs[""].ended == ""
            crowd = Crowd(telegram, first=1_000)
            waits = await crowd.whole(PEOPLE, at_once=2)
            assert len(waits) == crowd.turns == PEOPLE * len(DIALOGUE)
            assert sorted(crowd.finished) == [*range(1_000, 1_000 + PEOPLE)]
            line = await asyncpg.connect(postgres_database)

            async def filed() -> bool:
                return bool(await line.fetchval("SELECT count(*) FROM cases") == PEOPLE)

            await wait_until(filed, 60, "a case for everybody")
            assert await line.fetchval("SELECT count(DISTINCT chat_ref) FROM cases") == PEOPLE
            await line.close()
            assert (crowd.surplus, dict(telegram.refused)) == (0, {})
