"""A copy of Redis is one from which everything goes on, whatever is at work while it is made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from storage import backups, leases
from storage.keys import key
from storage.queues import Arrival, Change, Lanes, add
from storage.redis import Redis, as_bytes, as_list
from storage.seal import Seal
from tests.servers import LiveValkey
from tests.waiting import WaitUntil


@pytest.fixture
async def other(valkey_server: LiveValkey) -> AsyncIterator[Redis]:
    """An empty place to put a copy back: another database of the same server."""
    redis = Redis(valkey_server.url.removesuffix("0") + "1")
    await redis.open()
    await redis.call("FLUSHDB")
    yield redis
    await redis.close()


async def _moved(store: Redis, other: Redis) -> int:
    """Copy and put back; how many keys."""
    count = 0
    async for some in backups.copied(store):
        await backups.put(other, some)
        count += len(some)
    return count


async def test_what_is_ours_is_copied_with_its_time_and_what_is_of_the_moment_is_not(
    store: Redis, other: Redis, lanes: Lanes
) -> None:
    """Sessions, queues, marks, web chats and agencies' streams; no leases, no members, nothing of other programs."""
    await lanes.admit({7: [Arrival("a", "ref", lanes.seal(7, "inbox", b"word"))]})
    kept = (key(7, "chat", "ref"), key(7, "web", "ref"), key(7, "web", "ref", "ids"), key(7, "web", "ref", "file", "x"))
    for name in (*kept, "agency:uz-mfa", "seen:{agency:uz-mfa}:e", "others"):
        await store.call("SET", name, name, "EX", 5000)
    await leases.beat(store, "owner", ["reader"])
    await leases.hold(store, "owner", {7: ["reader"]}, (), 60_000)
    await backups.note(store, 1.5)
    assert await _moved(store, other) == len(kept) + 2 + 3
    found = {as_bytes(name).decode() for name in as_list(await other.call("KEYS", "*"))}
    assert found == {*kept, "agency:uz-mfa", "seen:{agency:uz-mfa}:e", "{07}:inbox", "{07}:waits", "{07}:seen:a"}
    for name in (kept[0], "agency:uz-mfa", "{07}:seen:a"):
        assert await other.call("PEXPIRETIME", name) == await store.call("PEXPIRETIME", name)
    assert (await Lanes(other, lanes._seal).take("inbox", {7: "-"}, 10))[0][0].ref == "ref"
    assert (await backups.last(store), await backups.last(other)) == (1.5, 0.0)


async def test_only_an_empty_place_takes_a_copy(store: Redis, lanes: Lanes) -> None:
    """What other programs keep there does not matter; a process at work does, and so does anything of ours."""
    assert await backups.empty(store)
    await store.call("SET", "others", "1")
    assert await backups.empty(store)
    await leases.beat(store, "owner", ["reader"])
    assert not await backups.empty(store)
    await leases.leave(store, "owner", ["reader"])
    await lanes.admit({7: [Arrival("a", "ref", lanes.seal(7, "inbox", b"word"))]})
    assert not await backups.empty(store)


async def test_a_message_is_in_a_copy_as_waiting_or_as_answered_and_never_both_or_neither(
    store: Redis, other: Redis, lanes: Lanes, seal: Seal, wait_until: WaitUntil
) -> None:
    """While messages come, are answered and their sessions move on: the session in the copy is the one of those answers."""
    heard, stop = 0, asyncio.Event()

    async def work() -> None:
        nonlocal heard
        while not stop.is_set():
            await lanes.admit({7: [Arrival(str(heard), "ref", lanes.seal(7, "inbox", b"%d" % heard))]})
            heard += 1
            entries, _ = await lanes.take("inbox", {7: "-"}, 1, sessions=True)
            read = (entries[0].session or b"")[:8]
            number = int.from_bytes(read, "big") + 1
            change = Change("set", read, number.to_bytes(8, "big") + b"session", 3600)
            await lanes.commit(entries[0], [add("outbox", "ref", lanes.seal(7, "outbox", b"x"))], change)

    working = asyncio.create_task(work())
    await wait_until(lambda: heard > 1, 30, "the first session")
    for _ in range(20):
        before = heard
        await other.call("FLUSHDB")
        await _moved(store, other)
        copy = Lanes(other, seal)
        waiting, _ = await copy.take("inbox", {7: "-"}, 10_000)
        said = await other.call("XLEN", key(7, "outbox"))
        session = await other.call("GETRANGE", key(7, "chat", "ref"), 0, 7)
        assert isinstance(said, int)
        assert len(waiting) + said >= before
        assert len(as_list(await other.call("KEYS", "{07}:seen:*"))) >= before
        assert isinstance(session, bytes)
        assert int.from_bytes(session, "big") == said
    stop.set()
    await working
    assert heard > 20
