"""The bell: who is told that there is work, and how often."""

from __future__ import annotations

from bot.bell import CHANNEL, Bell
from storage.store import Store
from tests.waiting import WaitUntil


async def test_a_batch_rings_once_for_each_room_and_lane(store: Store, wait_until: WaitUntil) -> None:
    """However many entries it put there; and what we work ourselves never leaves the process."""
    heard: list[bytes] = []
    ear = store.listener(CHANNEL, heard.append)
    await ear.open()
    bell = Bell(store, lambda room, lane: room == "reader")
    for _ in range(100):
        bell.ring("sender", 7)
        bell.ring("clerk", 7)
        bell.ring("reader", 7)
    assert await bell.wait("reader") == {7}
    await wait_until(lambda: sorted(heard) == [b"clerk 7", b"sender 7"])
    store.tell("PUBLISH", CHANNEL, "the last")
    await wait_until(lambda: b"the last" in heard)
    assert len(heard) == 3
    await ear.close()
