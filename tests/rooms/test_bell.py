"""The bell: who is told that there is work, and how often."""

from __future__ import annotations

from bot.bell import CHANNEL, Bell
from storage.queues import Entry
from storage.store import Store
from tests.waiting import WaitUntil


async def test_a_batch_rings_once_for_each_room_and_lane(store: Store, wait_until: WaitUntil) -> None:
    """However many entries it put there; and what we work ourselves never leaves the process."""
    heard: list[bytes] = []
    ear = store.listener(CHANNEL, heard.append)
    await ear.open()

    def every_server_is_heard() -> bool:
        """The servers of a cluster that is just made may not know each other yet, and a ring may be lost by right."""
        store.tell("PUBLISH", CHANNEL, "first")
        return heard.count(b"first") > 8

    await wait_until(every_server_is_heard)
    bell = Bell(store, lambda room, lane: room == "reader")
    for _ in range(100):
        bell.ring("sender", 7)
        bell.ring("clerk", 7)
        bell.ring("reader", 7)
    assert await bell.wait("reader") == {7}
    await wait_until(lambda: {b"clerk 7", b"sender 7"} <= {*heard})
    store.tell("PUBLISH", CHANNEL, "the last")
    await wait_until(lambda: b"the last" in heard)
    assert sorted(ring for ring in heard if ring != b"first") == [b"clerk 7", b"sender 7", b"the last"]
    await ear.close()


async def test_what_is_brought_is_not_looked_for(store: Store) -> None:
    """It wakes the room without a lane, so that nothing is asked of Redis. A ring for its lane lets it go: a look finds it."""
    bell = Bell(store, lambda room, lane: True)
    one, two = (Entry(7, "inbox", id, "ref", b"", 1) for id in (b"1-0", b"2-0"))
    bell.bring("reader", 7, [one])
    bell.bring("reader", 7, [two])
    assert await bell.wait("reader") == set()
    assert bell.brought("reader") == {7: [one, two]}
    assert bell.brought("reader") == {}
    bell.bring("reader", 7, [one])
    bell.ring("reader", 7)
    bell.bring("reader", 7, [two])
    assert await bell.wait("reader") == {7}
    assert bell.brought("reader") == {}
    bell.rouse()
    assert await bell.wait("reader") is None
    assert await bell.wait("reader", 0.01) is None
