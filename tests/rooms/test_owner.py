"""Ownership: every lane has an owner, fair shares, nothing held by the dead."""

from __future__ import annotations

import asyncio
import gc

import pytest

from bot.owner import Owner, Room
from storage.redis import Redis
from storage.store import Store
from tests.rooms.life import LEASE_MS, dead_name
from tests.waiting import WaitUntil

ROOMS: list[Room] = ["reader", "sender"]


def _owner(store: Store, name: str) -> Owner:
    """An owner that is told of nothing."""
    return Owner(store, ROOMS, lambda room, lane: None, {}, name, LEASE_MS)


async def test_one_owner_holds_everything(store: Store) -> None:
    """In each of its rooms, and in no other."""
    one = _owner(store, "a:1:1.0")
    await one.renew()
    assert (len(one.lanes("reader")), len(one.lanes("sender")), one.lanes("clerk")) == (64, 64, [])


async def test_newcomers_get_their_share_and_nobody_holds_anothers_lane(store: Store) -> None:
    """After two beats each, three owners hold all lanes between them, none more than its share."""
    owners = [_owner(store, f"{name}:1:1.0") for name in "abc"]
    for _ in range(3):
        for owner in owners:
            await owner.renew()
            await owner.given()
    held = [set(owner.lanes("reader")) for owner in owners]
    assert sum(map(len, held)) == 64
    assert set().union(*held) == set(range(64))
    assert max(map(len, held)) == 22


async def test_a_killed_owners_lanes_are_taken_at_once(store: Store) -> None:
    """One beat of the next process on the same host is enough."""
    killed = _owner(store, dead_name(1))
    await killed.renew()
    one = _owner(store, "")
    await one.renew()
    assert len(one.lanes("reader")) == 64


async def test_a_clean_leave_leaves_nothing(store: Store) -> None:
    """No lease and no member."""
    one, two = _owner(store, "a:1:1.0"), _owner(store, "b:1:1.0")
    await one.renew()
    await one.close()
    assert one.lanes("reader") == []
    await two.renew()
    assert len(two.lanes("reader")) == 64
    await two.close()
    assert await store.call("KEYS", "*") == []


async def test_an_owner_that_cannot_renew_stops_in_time(store: Store, wait_until: WaitUntil) -> None:
    """Before its lease lapses for the others, it has lapsed for itself."""
    one = Owner(store, ROOMS, lambda room, lane: None, {}, "a:1:1.0", lease_ms=500)
    await one.renew()
    assert one.holds("reader", 0)
    await wait_until(lambda: not one.holds("reader", 0))


async def test_giving_back_waits_for_what_is_in_the_air(store: Store) -> None:
    """The lease is held until the room says that it is done with the lane, and nothing new begins meanwhile."""
    landed = asyncio.Event()
    seen: list[bool] = []

    async def drain(lane: int) -> None:
        seen.append(one.holds("sender", lane))
        await landed.wait()

    one = Owner(store, ROOMS, lambda room, lane: None, {"sender": drain}, "a:1:1.0", LEASE_MS)
    await one.renew()
    two = _owner(store, "b:1:1.0")
    await two.renew()
    for _ in range(2):  # the lanes in the air are still ours, and renewed as such
        await one.renew()
        await two.renew()
        assert two.lanes("sender") == []
    landed.set()
    await one.given()
    await two.renew()
    assert len(two.lanes("sender")) == 32
    assert seen == [False] * 32


async def test_what_cannot_be_given_back_lapses_by_itself(
    empty_valkey: str, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Redis went away under it: no stack trace, and no lane that is neither ours nor let go."""
    line = Redis(empty_valkey)
    await line.open()
    landed = asyncio.Event()

    async def drain(lane: int) -> None:
        await landed.wait()

    one = Owner(line, ROOMS, lambda room, lane: None, {"sender": drain}, "a:1:1.0", LEASE_MS)
    await one.renew()
    await _owner(store, "b:1:1.0").renew()
    await one.renew()
    await line.close()
    landed.set()
    await one.given()
    gc.collect()
    assert len(one.lanes("sender")) == 32
    assert "never retrieved" not in caplog.text


async def test_an_owner_outlives_what_it_did_not_expect(
    store: Store, wait_until: WaitUntil, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault while renewing is reported, and at the next beat the lanes are held."""
    one, stop = _owner(store, "a:1:1.0"), asyncio.Event()
    renew, faults = one.renew, [ValueError("secret")]

    async def sometimes() -> None:
        if faults:
            raise faults.pop()
        await renew()

    monkeypatch.setattr(one, "renew", sometimes)
    running = asyncio.create_task(one.run(stop))
    await wait_until(lambda: len(one.lanes("reader")) == 64)
    stop.set()
    await running
    assert "leases not renewed: ValueError" in caplog.text
    assert "secret" not in caplog.text
