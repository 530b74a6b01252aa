"""The rooms on a cluster: a server that dies, a lane that moves and a replica that takes over cost a wait and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial

import pytest

from bot.owner import Owner
from bot.rooms import House, Plan, rooms
from handlers.nouns import Inbound
from storage.keys import LANES, tag
from storage.leases import MEMBERS
from storage.queues import Lanes
from storage.redis import as_list
from storage.seal import Seal
from storage.store import Store, connect
from tests.cluster import LiveCluster, cluster
from tests.rooms import toy
from tests.rooms.life import eventually, lane, life, waiting
from tests.waiting import WaitUntil

CHATS = [f"toy:{n}" for n in range(60)]


@pytest.fixture
async def store(valkey_cluster: LiveCluster) -> AsyncIterator[Store]:
    """Our client on the cluster: here everything happens there."""
    store = await connect(valkey_cluster.url)
    yield store
    await store.close()


def _apart(live: LiveCluster, lanes: Sequence[int]) -> tuple[list[str], list[str]]:
    """The chats of these lanes, and the others."""
    return [c for c in CHATS if lane(c) in lanes], [c for c in CHATS if lane(c) not in lanes]


async def _bring(house: House, n: int, chats: Sequence[str]) -> None:
    """The nth message of each chat, brought until it is taken."""
    await asyncio.gather(*(eventually(partial(toy.heard, house.ear, toy.event(n, f"m{n}", c)), 60) for c in chats))


async def _empty(lanes: Lanes) -> bool:
    """Whether nothing waits."""
    return await waiting(lanes) == 0


@pytest.mark.timeout(120)
async def test_a_dead_server_stops_its_own_lanes_only(
    plan: Plan, provider: toy.Toy, valkey_cluster: LiveCluster, wait_until: WaitUntil
) -> None:
    """It is the one that knows the members. The others' chats are answered while it is away, and after every lease has been
    renewed without it; its own when it is back; everybody once and in order.
    """
    home = valkey_cluster.at(MEMBERS)
    lost = valkey_cluster.lanes(home)
    stopped, served = _apart(valkey_cluster, lost)
    assert stopped
    async with rooms(plan) as house:
        await _bring(house, 0, CHATS)
        await wait_until(lambda: len(provider.sent) == len(CHATS))
        await eventually(partial(_empty, house.lanes))
        home.kill()
        assert not await toy.heard(house.ear, toy.event(1, "m1", stopped[0]))
        await _bring(house, 1, served)
        await wait_until(lambda: len(provider.sent) == len(CHATS) + len(served))
        alive = [one for one in range(LANES) if one not in lost]
        await wait_until(lambda: house.owner.lanes("reader") == house.owner.lanes("sender") == alive)
        await _bring(house, 2, served)
        await wait_until(lambda: len(provider.sent) == len(CHATS) + 2 * len(served))
        bringing = asyncio.gather(_bring(house, 1, stopped))
        await asyncio.to_thread(valkey_cluster.start)
        await bringing
        await wait_until(lambda: len(provider.sent) == 2 * len(CHATS) + len(served))
        await eventually(partial(_empty, house.lanes))
    assert all(provider.said(chat) == ["1 m0", "2 m1", "3 m2"] for chat in served)
    assert all(provider.said(chat) == ["1 m0", "2 m1"] for chat in stopped)


async def test_a_dead_members_lanes_are_taken_though_nobody_knows_the_members(
    store: Store, valkey_cluster: LiveCluster, wait_until: WaitUntil
) -> None:
    """Two faults at once: the server that counts the processes, and one of these."""
    names = ("elsewhere:1:1.0", "elsewhere:2:1.0")
    one, two = (Owner(store, ["reader"], lambda room, lane: None, {}, name, 600) for name in names)
    for _ in range(2):
        await one.renew()
        await two.renew()
        await one.given()
    assert len(two.lanes("reader")) == LANES / 2
    home = valkey_cluster.at(MEMBERS)
    lost = valkey_cluster.lanes(home)
    home.kill()

    async def taken() -> bool:
        await one.renew()
        return one.lanes("reader") == [lane for lane in range(LANES) if lane not in lost]

    await wait_until(taken)
    assert one.peers("reader") == 2, "the pace is still that of two: perhaps the other speaks"
    await asyncio.to_thread(valkey_cluster.start)

    async def all_taken() -> bool:
        await one.renew()
        return one.lanes("reader") == list(range(LANES)) and one.peers("reader") == 1

    await wait_until(all_taken, 30)


async def test_the_desk_is_heard_though_the_first_lane_is_away(
    store: Store, seal: Seal, valkey_cluster: LiveCluster, provider: toy.Toy, books: toy.Books, wait_until: WaitUntil
) -> None:
    """News and case events go where there is a server. What waits for the other keeps nobody back, even if it is much."""
    one = life(store, seal, provider, books)
    home = valkey_cluster.at(tag(0))
    stopped, served = _apart(valkey_cluster, valkey_cluster.lanes(home))
    agencies = [f"agency-{n}" for n in range(20)]
    kept_back = [name for name in agencies if valkey_cluster.at(f"agency:{name}") is home]
    books.waiting = [_news(n, stopped[n % len(stopped)]) for n in range(450)] + [_news(0, chat) for chat in served]
    books.events = [(kept_back[0], f"e{n}", b"{}") for n in range(450)] + [(name, "e", b"{}") for name in agencies]
    home.kill()
    await wait_until(lambda: not store.up(tag(0)))
    await one.owner.renew()
    for _ in range(4):
        await one.clerk.look()
    assert {event.chat for event in books.waiting} == set(stopped)
    assert {name for name, _, _ in books.events} == set(kept_back)
    await asyncio.to_thread(valkey_cluster.start)
    await store.back(tag(0))
    await one.owner.renew()
    await one.clerk.look()
    assert not books.waiting
    assert not books.events
    entries, _ = await one.lanes.take("inbox", dict.fromkeys(range(LANES), "-"), 1000)
    mine = [seen.ref for seen in entries if seen.ref == one.chats.ref(stopped[0])]
    assert len(mine) == len([n for n in range(450) if n % len(stopped) == 0])
    assert len(as_list(await store.call("XRANGE", f"agency:{kept_back[0]}", "-", "+"))) == 451


def _news(n: int, chat: str) -> Inbound:
    """The nth word from the desk for a chat."""
    return Inbound(f"news:{chat}:{n}", chat, toy.NOON, "news", "hello")


async def test_who_waits_for_a_dead_server_is_not_in_the_air(
    store: Store,
    seal: Seal,
    valkey_cluster: LiveCluster,
    provider: toy.Toy,
    books: toy.Books,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There is room for one: whose mark cannot be set leaves it to those whose server is there."""
    monkeypatch.setattr("bot.sender.AT_ONCE", 1)
    one = life(store, seal, provider, books)
    await one.owner.renew()
    home = valkey_cluster.at(tag(0))
    stopped, served = _apart(valkey_cluster, valkey_cluster.lanes(home))
    provider.gate.clear()
    for chat in (served[0], stopped[0], served[1]):
        await one.ear.hear([toy.event(0, "once", chat)])
        await one.reader.work([lane(chat)])
        await one.sender.work([lane(chat)])
        await wait_until(lambda: provider.given)
    home.kill()
    await wait_until(lambda: not store.up(tag(0)))
    provider.gate.set()
    await wait_until(lambda: [out.chat for out in provider.sent] == [served[0], served[1]])
    await asyncio.to_thread(valkey_cluster.start)
    await wait_until(lambda: provider.said(stopped[0]) == ["1 once"], 30)
    await one.sender.landed()


@pytest.mark.timeout(120)
async def test_lanes_move_while_people_talk(
    plan: Plan, provider: toy.Toy, valkey_cluster: LiveCluster, wait_until: WaitUntil
) -> None:
    """One at a blow, one key by key: everybody is answered, once, in order, from one session."""
    talks = 12
    first, second = dict.fromkeys(lane(chat) for chat in CHATS[:2])
    async with rooms(plan) as house:
        talking = asyncio.gather(*(_talk(house, chat, talks) for chat in CHATS))
        await wait_until(lambda: len(provider.sent) > len(CHATS))
        await asyncio.to_thread(valkey_cluster.move, first, valkey_cluster.other(valkey_cluster.at(tag(first))))
        to = valkey_cluster.other(valkey_cluster.at(tag(second)))
        for step in (valkey_cluster.open_move, valkey_cluster.move_keys, valkey_cluster.close_move):
            await asyncio.to_thread(step, second, to)
        await talking
        await wait_until(lambda: len(provider.sent) >= len(CHATS) * talks, 30)
        await eventually(partial(_empty, house.lanes))
    assert all(provider.said(chat) == [f"{n + 1} m{n}" for n in range(talks)] for chat in CHATS)


async def _talk(house: House, chat: str, talks: int) -> None:
    """One person's messages, one after the other."""
    for n in range(talks):
        await _bring(house, n, [chat])


@pytest.mark.timeout(120)
async def test_a_replica_takes_over(plan: Plan, provider: toy.Toy, wait_until: WaitUntil) -> None:
    """Its lanes go on there with what it had copied; the old master, back as a replica, is asked nothing."""
    with cluster() as live:
        home = live.at(tag(lane(CHATS[0])))
        copy = await asyncio.to_thread(live.replica_of, home)
        store = await connect(live.url)
        async with rooms(plan._replace(redis=store)) as house:
            await _bring(house, 0, CHATS)
            await wait_until(lambda: len(provider.sent) == len(CHATS))
            await eventually(partial(_empty, house.lanes))
            await asyncio.to_thread(home.ask, "WAIT", 1, 10_000)
            home.kill()
            bringing = asyncio.gather(_bring(house, 1, CHATS))
            copy.ask("CLUSTER", "FAILOVER", "TAKEOVER")
            await bringing
            await wait_until(lambda: len(provider.sent) == 2 * len(CHATS), 30)
            await asyncio.to_thread(live.start)
            await _bring(house, 2, CHATS)
            await wait_until(lambda: len(provider.sent) == 3 * len(CHATS), 30)
        await store.close()
        assert lane(CHATS[0]) in live.lanes(copy)
    assert all(provider.said(chat) == ["1 m0", "2 m1", "3 m2"] for chat in CHATS)
