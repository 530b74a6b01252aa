"""The door, the taking and the one atom."""

from __future__ import annotations

import pytest

from storage.keys import key
from storage.queues import Arrival, Change, Entry, Follow, Lanes, News, add, bury, carry, ended, taken
from storage.seal import Sealed
from storage.store import Store

MINE = frozenset({7}).__contains__
V1, V2 = (bytes(7) + bytes([n]) for n in (1, 2))


def _arrival(lanes: Lanes, name: str, ref: str = "ref") -> Arrival:
    """An event at the door of lane 7."""
    return Arrival(name, ref, lanes.seal(7, "inbox", name.encode()))


async def _admit(lanes: Lanes, *names: str) -> list[News] | None:
    """Bring these to the door of lane 7."""
    return (await lanes.admit({7: [_arrival(lanes, name) for name in names]}))[7]


async def _take(lanes: Lanes, **more: bool) -> list[Entry]:
    """What waits in lane 7."""
    return (await lanes.take("inbox", {7: "-"}, 10, **more))[0]


async def test_the_door_drops_what_was_heard(lanes: Lanes) -> None:
    """Each event once, also within one delivery, also after it was handled."""
    assert await _admit(lanes, "a", "a", "b") == [True, False, True]
    for entry in await _take(lanes):
        assert ended(await lanes.commit(entry)) == "done"
    assert await _admit(lanes, "b", "c") == [False, True]
    assert [lanes.open(entry) for entry in await _take(lanes)] == [b"c"]


async def test_the_door_remembers_for_two_days(lanes: Lanes, store: Store) -> None:
    """The mark lapses; nothing is kept for ever."""
    await _admit(lanes, "a")
    ttl = await store.call("TTL", key(7, "seen", "a"))
    assert isinstance(ttl, int)
    assert 47 * 3600 < ttl <= 48 * 3600


async def test_a_full_inbox_takes_nothing_and_remembers_nothing(lanes: Lanes) -> None:
    """Refused events are new when they come again; another lane is not concerned."""
    assert await _admit(lanes, "a", "b", "c") == [True] * 3
    both = await lanes.admit({7: [_arrival(lanes, "d")], 8: [Arrival("e", "ref", lanes.seal(8, "inbox", b"e"))]})
    assert both == {7: None, 8: [True]}
    await lanes.commit((await _take(lanes))[0])
    assert await _admit(lanes, "d") == [True]


async def test_nobody_reads_what_lies_in_a_queue(lanes: Lanes, store: Store) -> None:
    """An entry holds no word, and cannot be moved to another queue."""
    await _admit(lanes, "word")
    assert b"word" not in repr(await store.call("XRANGE", "{07}:inbox", "-", "+")).encode()
    entry = (await _take(lanes))[0]
    assert lanes.open(entry) == b"word"
    with pytest.raises(Sealed):
        lanes.open(entry._replace(queue="outbox"))
    with pytest.raises(Sealed):
        lanes.open(entry._replace(lane=8))


async def test_each_taking_counts(lanes: Lanes) -> None:
    """The next owner learns that an entry was taken before."""
    await _admit(lanes, "a")
    assert [(await _take(lanes))[0].tries for _ in range(3)] == [1, 2, 3]


async def test_the_session_comes_with_a_chats_first_entry(lanes: Lanes) -> None:
    """One trip for both; the later entries of the chat follow from the first."""
    await _admit(lanes, "a", "b")
    first, second = await _take(lanes, sessions=True)
    assert (first.session, second.session) == (None, None)
    await lanes.commit(first, change=Change("set", b"", V1 + b"s", 60))
    assert [entry.session for entry in await _take(lanes, sessions=True)] == [V1 + b"s"]
    assert await lanes.sessions({"ref": 7, "other": 7}) == {"ref": V1 + b"s", "other": None}


async def test_what_the_door_hands_on_counts_as_taken(lanes: Lanes) -> None:
    """With its session, and only where nothing waits in front of it."""
    await _admit(lanes, "a")
    await lanes.commit((await _take(lanes))[0], change=Change("set", b"", V1 + b"s", 60))
    (told,) = (
        await lanes.admit({7: [_arrival(lanes, "b"), _arrival(lanes, "b"), _arrival(lanes, "c")]}, MINE)
    ).values()
    assert told is not None
    first, again, second = told
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    assert (first.session, again, second.session) == (V1 + b"s", False, None)
    assert await lanes.admit({7: [_arrival(lanes, "d")]}, MINE) == {7: [True]}
    found = await _take(lanes, sessions=True)
    assert [entry.tries for entry in found] == [2, 2, 1]
    assert [entry._replace(tries=1) for entry in found[:2]] == [first, second]


async def test_what_a_commit_says_counts_as_taken(lanes: Lanes) -> None:
    """In order, behind what was the last; another queue's entries are not told."""
    await _admit(lanes, "a", "b", "c")
    one, two, three = await _take(lanes)
    said = [
        add("outbox", "ref", b"1"),
        add("effects", "ref", b"x"),
        carry("07-x-0", "event"),
        add("outbox", "ref", b"2"),
    ]
    last, entries = taken(7, said, await lanes.commit(one, said, take=True))
    assert last == b"0-0"
    found, _ = await lanes.take("outbox", {7: "-"}, 10)
    assert [entry._replace(tries=1) for entry in found] == entries
    assert [entry.tries for entry in found] == [2, 2]
    last, _ = taken(7, said, await lanes.commit(two, said, take=True))
    assert last == entries[-1].id
    answer = await lanes.commit(three, [add("effects", "ref", b"x")], take=True)
    assert (ended(answer), taken(7, [], answer)) == ("done", (b"", []))
    again = await lanes.commit(two, said, take=True)
    assert (ended(again), taken(7, said, again)) == ("gone", (b"", []))


async def test_a_suspect_is_only_taken_alone(lanes: Lanes) -> None:
    """What was taken twice and is still there may be what kills its reader: it does not take its neighbours along."""
    await _admit(lanes, "poison", "good")
    for _ in range(2):
        await lanes.take("inbox", {7: "-"}, 1)
    found, suspects = await lanes.take("inbox", {7: "-"}, 10, wary=2)
    assert (found, suspects) == ([], [7])
    alone, _ = await lanes.take("inbox", {7: "-"}, 1, wary=2, alone=True)
    assert [(lanes.open(entry), entry.tries) for entry in alone] == [(b"poison", 3)]
    await lanes.commit(alone[0])
    after, suspects = await lanes.take("inbox", {7: "-"}, 10, wary=2)
    assert ([(lanes.open(entry), entry.tries) for entry in after], suspects) == ([(b"good", 1)], [])


async def test_an_entry_leaves_with_all_that_follows(lanes: Lanes, store: Store) -> None:
    """Session, replies, effects, timers and dead letters in; the entry and its attempts out."""
    await _admit(lanes, "a")
    entry = (await _take(lanes))[0]
    follows = [
        add("outbox", "ref", b"out"),
        add("effects", "ref", b"effect"),
        carry("07-x-0", "event"),
        Follow("remind", "ref:t", 5, b"tick"),
        bury("inbox", entry.sealed, "cause"),
    ]
    assert ended(await lanes.commit(entry, follows, Change("set", b"", V1 + b"s", 60))) == "done"
    assert {queue: length for queue, (length, _) in (await lanes.lag([7])).items()} == {
        "inbox": 0, "outbox": 1, "broadcast": 0, "effects": 1, "dead": 1,
    }  # fmt: skip
    assert await store.call("GET", "{07}:chat:ref") == V1 + b"s"
    assert await store.call("HGETALL", "{07}:tries:inbox") == []
    assert await lanes.carried(7, "07-x-0") == "event"
    assert await store.call("ZSCORE", "{07}:timers", "ref:t") == b"5"


async def test_a_commit_is_done_once(lanes: Lanes, store: Store) -> None:
    """Asked again, because its answer was lost or another owner was faster, it does nothing and says so."""
    await _admit(lanes, "a")
    entry = (await _take(lanes))[0]
    commit = (entry, [add("outbox", "ref", b"out")], Change("set", b"", V1, 60))
    assert [ended(await lanes.commit(*commit)) for _ in range(2)] == ["done", "gone"]
    assert await store.call("XLEN", "{07}:outbox") == 1


@pytest.mark.parametrize("read", [b"", V2])
@pytest.mark.parametrize("verb", ["set", "del", "leave"])
async def test_a_moved_session_stops_the_commit(lanes: Lanes, store: Store, read: bytes, verb: str) -> None:
    """Nothing at all happens if the session is not the one that was read, be it older, newer or gone."""
    await store.call("SET", "{07}:chat:ref", V1)
    await _admit(lanes, "a")
    entry = (await _take(lanes))[0]
    change = Change("set", read, V2, 60) if verb == "set" else Change("del" if verb == "del" else "leave", read)
    assert ended(await lanes.commit(entry, [add("outbox", "ref", b"out")], change)) == "moved"
    assert await store.call("GET", "{07}:chat:ref") == V1
    assert await store.call("EXISTS", "{07}:outbox") == 0
    assert len(await _take(lanes)) == 1


async def test_a_session_lapses(lanes: Lanes, store: Store) -> None:
    """It is kept for as many seconds as the turn said, and no longer."""
    await _admit(lanes, "a")
    await lanes.commit((await _take(lanes))[0], change=Change("set", b"", V1, 86_400))
    assert await store.call("TTL", "{07}:chat:ref") in (86_399, 86_400)


async def test_what_must_not_be_said_twice_is_marked_first(lanes: Lanes) -> None:
    """The second attempt learns of the first; taken back or ended, the mark is gone."""
    await _admit(lanes, "a")
    entry = (await _take(lanes))[0]
    assert [await lanes.begin(entry, attempt) for attempt in ("a", "b", "a")] == [True, False, True]
    await lanes.unsaid(entry)
    assert await lanes.begin(entry, "b")
    await lanes.commit(entry)
    assert await lanes.redis.call("EXISTS", "{07}:tries:inbox") == 0


async def test_the_oldest_entry_tells_the_lag(lanes: Lanes) -> None:
    """Over all lanes: how many, and since when."""
    await _admit(lanes, "a", "b")
    since = (await _take(lanes))[0].since
    assert (await lanes.lag(range(64)))["inbox"] == (2, since)
