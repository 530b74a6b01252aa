"""kill -9 of the running process in the middle of 200 dialogues: no message lost, no case doubled."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from tests.waiting import WaitUntil
from tests.whole.conftest import Whole
from tests.whole.crowd import AGENCY, Crowd, filed

pytestmark = pytest.mark.timeout(300)
PEOPLE = 200


async def test_two_kills_in_the_middle_of_two_hundred_dialogues(whole: Whole, wait_until: WaitUntil) -> None:
    """Everybody gets their number, and the books hold each case once, whole."""
    crowd = Crowd(PEOPLE, whole)
    talking = asyncio.create_task(crowd.talk())
    for moves in (PEOPLE * 5, PEOPLE * 12):
        await crowd.reached(moves)
        await asyncio.to_thread(whole.service.kill)
        await whole.service.start_beside()
    await talking
    await whole.telegram.settled(30)
    refs = Counter(player.ref for player in crowd.players)
    assert len(refs) == PEOPLE
    found = await wait_until(lambda: filed(whole, PEOPLE), 60, "every case in the queue")
    assert Counter(found) == refs
    for ref in found[:20]:
        case = await whole.cases.case(AGENCY, ref)
        assert case.report["note"] == "We are at gate 12."
        assert [event.what for event in case.events] == ["opened"]
    assert "Traceback" not in whole.service.log
