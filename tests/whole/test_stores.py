"""Redis away, SQL away, in the middle of dialogues: providers are told to come again, and everybody gets their answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.servers import LivePostgres, LiveValkey
from tests.waiting import WaitUntil
from tests.whole.conftest import Whole, opened
from tests.whole.crowd import Crowd, filed

pytestmark = pytest.mark.timeout(300)
PEOPLE = 40


@pytest.fixture
async def fragile(
    valkey_server: LiveValkey, postgres_server: LivePostgres, postgres_database: str, tmp_path: Path
) -> AsyncIterator[Whole]:
    """An installation whose stores the test can kill."""
    async with opened(valkey_server.url, postgres_database, tmp_path) as whole:
        yield whole


async def test_everybody_is_answered_although_both_stores_die(
    fragile: Whole, valkey_server: LiveValkey, postgres_server: LivePostgres, wait_until: WaitUntil
) -> None:
    """Valkey is killed and comes back, then PostgreSQL: no message is lost, no case doubled, no stack trace in the log."""
    crowd = Crowd(PEOPLE, fragile)
    talking = asyncio.create_task(crowd.talk())
    for moves, server in ((PEOPLE * 4, valkey_server), (PEOPLE * 10, postgres_server)):
        await crowd.reached(moves)
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(0.5)  # long enough for what is in hand to fail
        await asyncio.to_thread(server.start)
    await talking
    refs = Counter(player.ref for player in crowd.players)
    assert len(refs) == PEOPLE
    found = await wait_until(lambda: filed(fragile, PEOPLE), 60, "every case in the queue")
    assert Counter(found) == refs
    assert "Traceback" not in fragile.service.log
    assert 503 in fragile.telegram.refusals


async def test_everybody_is_answered_with_one_connection_to_the_database(
    empty_valkey: str, postgres_database: str, tmp_path: Path, wait_until: WaitUntil
) -> None:
    """A pool of one, which hardly waits, asked by everybody at once: questions fail, nothing is lost or put aside."""
    stores = (empty_valkey, postgres_database, tmp_path)
    async with opened(*stores, DATABASE_POOL="1", DATABASE_OVERFLOW="0", DATABASE_WAIT="0.005") as whole:
        crowd = Crowd(PEOPLE, whole)
        talking = asyncio.create_task(crowd.talk())
        await wait_until(lambda: refused(whole), 120, "a question that found no connection")
        await talking
        refs = Counter(player.ref for player in crowd.players)
        assert len(refs) == PEOPLE
        found = await wait_until(lambda: filed(whole, PEOPLE), 60, "every case in the queue")
        assert Counter(found) == refs
        assert "put aside" not in whole.service.log
        assert "Traceback" not in whole.service.log


async def refused(whole: Whole) -> bool:
    """Whether one of many who ask at once hears that the database cannot be had."""
    async with aiohttp.ClientSession() as line:

        async def asked() -> int:
            async with line.get(f"{whole.service.url}/health/ready") as answer:
                return answer.status

        return 503 in await asyncio.gather(*(asked() for _ in range(40)))
