"""Our client on a cluster: every lane at its server, and whatever happens to one of them, the others are served."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from storage.cluster import Cluster
from storage.keys import LANES, key, tag
from storage.queues import Arrival, Lanes
from storage.redis import LAG, Answer, Lost, Redis, answers, each, some
from storage.seal import Seal
from storage.slots import slot_of
from storage.store import Store, connect
from tests.cluster import LiveCluster
from tests.servers import LiveValkey
from tests.waiting import WaitUntil, wait_until

LANE = 7


@pytest.fixture
async def several(valkey_cluster: LiveCluster) -> AsyncIterator[Store]:
    """An open connection of ours to the cluster."""
    store = await connect(valkey_cluster.url)
    yield store
    await store.close()


async def _at_last(store: Store, *parts: str) -> Answer:
    """The answer, asked again while it is Lost."""
    found: list[Answer] = []

    async def answered() -> bool:
        try:
            found.append(await store.call(*parts))
        except Lost:
            return False
        return True

    await wait_until(answered, 30, "an answer")
    return found[0]


@pytest.mark.parametrize(
    "url",
    ["redis://secret@host:port/0", "redis://a:1,secret:x", "redis://secret:99999", "secret:6379", "http://secret"],
)
async def test_what_is_no_address_is_one_line(url: str) -> None:
    """For an operator, and without what may be a password."""
    with pytest.raises(Lost, match=r"written like redis://host:6379/0") as fault:
        await connect(url)
    assert "secret" not in str(fault.value)


async def test_what_a_server_is_it_says_itself(valkey_cluster: LiveCluster, empty_valkey: str, free_port: int) -> None:
    """One address of a cluster is enough, a dead one among several does no harm; of what is no cluster only one is taken."""
    for url, kind in (
        (empty_valkey, Redis),
        (valkey_cluster.nodes[2].url, Cluster),
        (f"redis://127.0.0.1:{free_port},127.0.0.1:{valkey_cluster.nodes[1].port}", Cluster),
    ):
        store = await connect(url)
        assert isinstance(store, kind)
        assert await store.call("PING") == b"PONG"
        await store.close()
    alone = empty_valkey.removeprefix("redis://").removesuffix("/0")
    with pytest.raises(Lost, match=f"Redis at {alone} is not of a cluster"):
        await connect(f"redis://{alone},{alone}")
    with pytest.raises(Lost, match=f"Redis at 127.0.0.1:{free_port} is away"):
        await connect(f"redis://127.0.0.1:{free_port},127.0.0.1:{free_port}")


async def test_each_lane_is_asked_at_its_own_server(several: Store, valkey_cluster: LiveCluster) -> None:
    """Commands and scripts, without one redirection."""
    await answers([several.call("SET", key(lane, "n"), lane) for lane in range(LANES)])
    assert await answers([several.run(LAG, [tag(lane)], "inbox") for lane in range(LANES)]) == [[[0, None]]] * LANES
    for node in valkey_cluster.nodes:
        mine = valkey_cluster.lanes(node)
        assert 16 <= len(mine) <= 26
        assert [node.ask("GET", key(lane, "n")) for lane in mine] == [str(lane).encode() for lane in mine]


async def test_what_is_published_at_any_server_is_heard_at_all(several: Store, valkey_cluster: LiveCluster) -> None:
    """Also after the server that a listener sat at has died: it sits down at another, and says that there was a gap."""
    heard: set[bytes] = set()
    gaps: list[int] = []
    ears = [several.listener("bell", heard.add, lambda: gaps.append(1)) for _ in valkey_cluster.nodes]
    for ear in ears:
        await ear.open()
    for word in (b"a", b"b", b"c"):
        several.tell("PUBLISH", "bell", word)
    await wait_until(lambda: heard == {b"a", b"b", b"c"})
    valkey_cluster.nodes[0].kill()
    await wait_until(lambda: len(gaps) > len(ears))
    later: set[bytes] = set()
    more = several.listener("bell", later.add)
    await more.open()

    def told() -> bool:
        several.tell("PUBLISH", "bell", "d")
        return {b"d"} == later and b"d" in heard

    await wait_until(told)
    for ear in (*ears, more):
        await ear.close()


async def test_a_listener_leaves_a_server_that_is_silent(valkey_cluster: LiveCluster) -> None:
    """One that stands still would be listened to for ever."""
    store = await connect(valkey_cluster.url, patience=0.3)
    gaps: list[int] = []
    ears = [store.listener("bell", lambda word: None, lambda: gaps.append(1)) for _ in valkey_cluster.nodes]
    for ear in ears:
        await ear.open()
    valkey_cluster.nodes[1].pause()
    try:
        await wait_until(lambda: len(gaps) > len(ears))
    finally:
        valkey_cluster.nodes[1].resume()
    for ear in ears:
        await ear.close()
    await store.close()


async def test_one_server_killed_stops_its_own_lanes_only(
    several: Store, valkey_cluster: LiveCluster, caplog: pytest.LogCaptureFixture
) -> None:
    """The others answer while it is away; its own do when it is back, with what they had. An operator reads both."""
    home = valkey_cluster.at(tag(LANE))
    lost = valkey_cluster.lanes(home)
    await answers([several.call("SET", key(lane, "n"), "before") for lane in range(LANES)])
    with caplog.at_level(logging.WARNING):
        home.kill()
        await wait_until(lambda: not several.up(tag(LANE)))
        said = await each([several.call("GET", key(lane, "n")) for lane in range(LANES)])
        assert [lane for lane, answer in enumerate(said) if isinstance(answer, Lost)] == lost
        assert {answer for answer in said if not isinstance(answer, Lost)} == {b"before"}
        with pytest.raises(Lost):
            await some([several.call("GET", key(lane, "n")) for lane in lost])
        await several.back()
        where = f"Redis at 127.0.0.1:{home.port} is"
        await wait_until(lambda: f"{where} away: its lanes wait" in caplog.messages)
        await asyncio.to_thread(valkey_cluster.start)
        await several.back(tag(LANE))
        assert await _at_last(several, "GET", key(LANE, "n")) == b"before"
        await wait_until(lambda: f"{where} there again, or has no lanes any more" in caplog.messages)


async def test_a_server_that_stands_still_is_given_up(several: Store, valkey_cluster: LiveCluster) -> None:
    """Whoever asks it is told within the patience, and whoever asks another does not wait at all."""
    home = valkey_cluster.at(tag(LANE))
    neighbour = next(lane for lane in range(LANES) if lane not in valkey_cluster.lanes(home))
    home.pause()
    try:
        hangs = several.call("GET", key(LANE, "n"))
        assert await several.call("GET", key(neighbour, "n")) is None
        with pytest.raises(Lost):
            await asyncio.wait_for(hangs, 10)
    finally:
        home.resume()
    assert await _at_last(several, "GET", key(LANE, "n")) is None


async def test_everything_away_is_lost_and_found_again(several: Store, valkey_cluster: LiveCluster) -> None:
    """The servers of the setting are asked when none of those that were learned is there."""
    valkey_cluster.kill()
    await wait_until(lambda: not several.up())
    with pytest.raises(Lost):
        await several.call("PING")
    several.tell("PUBLISH", "bell", "nobody")
    await asyncio.to_thread(valkey_cluster.start)
    assert await _at_last(several, "GET", key(LANE, "n")) is None


async def test_lost_scripts_are_loaded_again(several: Store, valkey_cluster: LiveCluster) -> None:
    """On the one server that forgot them."""
    valkey_cluster.at(tag(LANE)).ask("SCRIPT", "FLUSH")
    with pytest.raises(Lost, match="NOSCRIPT"):
        await several.run(LAG, [tag(LANE)], "inbox")

    async def again() -> bool:
        return not isinstance((await each([several.run(LAG, [tag(LANE)], "inbox")]))[0], Lost)

    await wait_until(again)


async def test_a_slot_moves_at_one_blow_while_we_count(several: Store, valkey_cluster: LiveCluster) -> None:
    """Nothing hangs, what was answered was done, and every lane is found where it is now."""
    to = valkey_cluster.other(valkey_cluster.at(tag(LANE)))
    moving = asyncio.create_task(asyncio.to_thread(valkey_cluster.move, LANE, to))
    done = doubtful = 0
    while not moving.done():
        (answer,) = await each([several.call("INCR", key(LANE, "n"))])
        done, doubtful = done + (not isinstance(answer, Lost)), doubtful + isinstance(answer, Lost)
    await moving
    counted = await _at_last(several, "GET", key(LANE, "n"))
    assert isinstance(counted, bytes)
    assert done <= int(counted) <= done + doubtful
    assert to.ask("GET", key(LANE, "n")) == counted


async def test_a_lane_that_is_moving_key_by_key_rests(
    several: Store, valkey_cluster: LiveCluster, seal: Seal, wait_until: WaitUntil
) -> None:
    """A script would find half a lane on either side: it is not run on any, until the whole lane is on one."""
    lanes = Lanes(several, seal)
    lane = next(lane for lane in range(LANES) if slot_of(tag(lane)) != slot_of(tag(LANE)))
    home = valkey_cluster.at(tag(lane))
    to = valkey_cluster.other(home)
    await lanes.admit({lane: [Arrival("a", "ref", b"first")], LANE: [Arrival("a", "ref", b"first")]})
    await several.call("SET", key(lane, "chat", "ref"), "session")
    await asyncio.to_thread(valkey_cluster.open_move, lane, to)
    await asyncio.to_thread(valkey_cluster.move_keys, lane, to, 2)
    entries, _ = await lanes.take("inbox", {lane: "-", LANE: "-"}, 10, sessions=True)
    assert [entry.lane for entry in entries] == [LANE]
    assert list(
        await lanes.admit({lane: [Arrival("b", "ref", b"second")], LANE: [Arrival("b", "ref", b"second")]})
    ) == [LANE]
    with pytest.raises(Lost, match="ASK"):
        await lanes.take("inbox", {lane: "-"}, 10)
    await asyncio.to_thread(valkey_cluster.move_keys, lane, to)
    await asyncio.to_thread(valkey_cluster.close_move, lane, to)

    async def whole() -> bool:
        return not isinstance((await each([several.run(LAG, [tag(lane)], "inbox")]))[0], Lost)

    await wait_until(whole)
    await lanes.admit({lane: [Arrival("b", "ref", b"second")]})
    entries, _ = await lanes.take("inbox", {lane: "-"}, 10, sessions=True)
    assert [(entry.sealed, entry.tries, entry.session) for entry in entries] == [
        (b"first", 1, b"session"),
        (b"second", 1, None),
    ]


async def test_a_cluster_of_passwords(valkey_cluster: LiveCluster) -> None:
    """The user and password of the setting are said to every server."""
    for node in valkey_cluster.nodes:
        node.ask("ACL", "SETUSER", "komek", "on", ">p@ss", "allkeys", "allchannels", "allcommands")
    store = await connect(valkey_cluster.url.replace("redis://", "redis://komek:p%40ss@"), patience=1.0)
    assert await answers([store.call("SET", key(lane, "n"), 1) for lane in range(LANES)]) == [b"OK"] * LANES
    await store.close()
    with pytest.raises(Lost, match="WRONGPASS") as caught:
        await connect(valkey_cluster.url.replace("redis://", "redis://komek:wrong@"))
    assert "wrong" not in str(caught.value).partition(": ")[0]
    for node in valkey_cluster.nodes:
        node.ask("ACL", "DELUSER", "komek")


def test_one_server_is_what_it_was(valkey_server: LiveValkey) -> None:
    """A setting of one server gives the client of one server, with nothing between a call and its line."""

    async def look() -> type:
        store = await connect(valkey_server.url)
        await store.close()
        return type(store)

    assert asyncio.run(look()) is Redis
