"""A new version's tables come while the old version works, and the old one starts again beside the new."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from storage.migrate import migrate
from tests.storage_sql.steps import with_next
from tests.waiting import WaitUntil
from tests.whole.conftest import opened
from tests.whole.crowd import Crowd, filed
from tests.whole.service import answers

pytestmark = pytest.mark.timeout(600)
PEOPLE = 30


async def test_tables_change_in_the_middle_of_dialogues(
    empty_valkey: str, database_url: str, tmp_path: Path, wait_until: WaitUntil
) -> None:
    """Nobody's word is lost or put aside, each case is there once; a restart of the old version finds newer tables and works."""
    await migrate(database_url, to="0004")
    (tmp_path / "steps").mkdir()
    async with opened(empty_valkey, database_url, tmp_path) as whole:
        crowd = Crowd(PEOPLE, whole)
        talking = asyncio.create_task(crowd.talk())
        await crowd.reached(PEOPLE * 4)
        await migrate(database_url, steps=with_next(tmp_path / "steps"))
        assert await asyncio.to_thread(answers, f"{whole.service.url}/health/ready")
        await crowd.reached(PEOPLE * 8)
        assert whole.service.terminate() == 0
        await whole.service.start_beside()
        await talking
        refs = Counter(player.ref for player in crowd.players)
        found = await wait_until(lambda: filed(whole, PEOPLE), 60, "every case in the queue")
        assert Counter(found) == refs
        assert len(refs) == PEOPLE
        assert whole.service.tells("dead", "list").startswith("0 dead letters")
