"""The people of the benchmark are real enough to be answered, and what they report arrives; nothing is measured here."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from benchmarks.people import DIALOGUE, Crowd
from benchmarks.provider import Telegram
from benchmarks.stage import Cores, Stores, Valkey, ours
from benchmarks.stored import FIRST, chats, fill, left
from handlers.nouns import Session
from tests.servers import folder
from tests.waiting import wait_until

PEOPLE = 4


async def test_everybody_is_answered_and_has_one_case(
    empty_valkey: str, postgres_database: str, tmp_path: Path
) -> None:
    """Four people, two at once, from the first word to the report; then three at once for a moment."""
    async with Telegram() as telegram:
        with ours(Stores(empty_valkey, postgres_database), telegram.url, tmp_path, Cores()) as programs:
            await wait_until(
                lambda: telegram.ready.is_set() or programs[""].ended != "", 120, "the service to be ready"
            )
            assert programs[""].ended == ""
            crowd = Crowd(telegram, first=1_000)
            waits = await crowd.whole(PEOPLE, at_once=2)
            assert len(waits) == crowd.turns == PEOPLE * len(DIALOGUE)
            assert sorted(crowd.finished) == [*range(1_000, 1_000 + PEOPLE)]
            assert sorted(crowd.replies) == [*range(len(DIALOGUE))]
            window = await crowd.steady(3, 0.3, lambda: crowd.turns)
            assert window.after - window.before == len(window.waits) > 0
            line = await asyncpg.connect(postgres_database)

            async def filed() -> bool:
                return bool(await line.fetchval("SELECT count(*) FROM cases") == len(crowd.finished))

            await wait_until(filed, 60, "a case for everybody")
            assert await line.fetchval("SELECT count(DISTINCT chat_ref) FROM cases") == len(crowd.finished)
            await line.close()
            assert (crowd.surplus, dict(telegram.refused)) == (0, {})


async def test_stored_sessions_are_ones_that_the_service_reads() -> None:
    """Sessions that fill a Valkey lie where the service looks for them, each its person's own, and have an end."""
    session = Session("telegram:1", chats().ref("telegram:1"), locale="en", facts={"host": "UZ"})
    with folder("kv-") as place:
        valkey = Valkey(place)
        try:
            memory, disk = await fill(valkey, [session], 1_500, 86_400)
            found, seconds, size = left(valkey, [FIRST, FIRST + 1_499])
        finally:
            valkey.kill()
    assert [one.chat for one in found] == [f"telegram:{FIRST}", f"telegram:{FIRST + 1_499}"]
    assert {(one.locale, one.facts["host"]) for one in found} == {("en", "UZ")}
    assert 86_000 < seconds <= 86_400
    assert min(memory, disk, size) > 100
