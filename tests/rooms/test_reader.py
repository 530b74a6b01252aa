"""The reader: whatever happens to a turn, the entry is settled once and the chat lives on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.nouns import Inbound, Session
from storage.chats import Chats
from storage.keys import key
from storage.queues import APART, Arrival, Change, Entry, Follow, Lanes
from storage.redis import Ask, Lost
from storage.seal import Seal
from storage.store import Store
from tests.rooms import toy
from tests.rooms.life import EVERY, Life, lane, letters, life, outbox, session_of
from tests.rooms.race import race


@pytest.fixture
async def one(store: Store, seal: Seal, provider: toy.Toy, books: toy.Books) -> Life:
    """A process that owns all lanes."""
    one = life(store, seal, provider, books)
    await one.owner.renew()
    return one


async def _tell(one: Life, *bodies: str) -> None:
    """Say these and let the reader work once."""
    await one.ear.hear([toy.event(n, body) for n, body in enumerate(bodies)])
    await one.reader.work([lane()])


async def test_several_messages_of_a_chat_chain_in_one_batch(one: Life, seal: Seal) -> None:
    """Each is thought from the session that the one before it left, and each is a version of its own."""
    await _tell(one, *"abcde")
    session = await session_of(one.lanes, seal)
    assert session is not None
    assert (session.drafts, session.version, session.facts["heard"]) == (5, 5, "a b c d e")
    assert [out.text for out in await outbox(one.lanes)] == [f"{n + 1} {word}" for n, word in enumerate("abcde")]


async def test_more_than_a_batch_is_all_handled(one: Life, seal: Seal) -> None:
    """A lane with more than a batch rings again by itself."""
    await one.ear.hear([toy.event(n) for n in range(1000)], insist=True)
    while (rung := await one.reader._bell.wait("reader", 0.01)) is not None:
        await one.reader.work(rung)
    session = await session_of(one.lanes, seal)
    assert session is not None
    assert session.drafts == 1000


@pytest.mark.parametrize("word", ["boom", "unrenderable"])
async def test_a_poison_message_is_put_aside_and_the_person_told(
    one: Life, seal: Seal, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The others of the chat are answered, the session is as if it had not been said, and no word is logged."""
    await _tell(one, "a", word, "b")
    session = await session_of(one.lanes, seal)
    assert session is not None
    assert session.facts["heard"] == "a b"
    assert [out.text for out in await outbox(one.lanes)] == ["1 a", "sorry", "2 b"]
    [letter] = await letters(one.lanes)
    assert letter.queue == "inbox"
    assert letter.cause.startswith("Boom at rooms/toy.py:")
    assert "secret" not in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_our_own_news_that_fail_tell_the_person_nothing(one: Life) -> None:
    """Somebody who said nothing is not told that we did not understand."""
    await one.ear.hear([msgspec.structs.replace(toy.event(1, "boom"), kind="news")])
    await one.reader.work(EVERY)
    assert await outbox(one.lanes) == []
    assert len(await letters(one.lanes)) == 1


async def test_a_forgotten_chat_begins_anew(one: Life, seal: Seal) -> None:
    """After *forget* nothing is left, and the same batch may begin again."""
    await _tell(one, "a", "forget", "b")
    session = await session_of(one.lanes, seal)
    assert session is not None
    assert (session.drafts, session.facts["heard"]) == (1, "b")


async def test_an_event_nobody_can_open_is_put_aside(one: Life, seal: Seal) -> None:
    """Its key is gone: kept for the operator, and the next event is handled."""
    stranger = Lanes(one.lanes.redis, Seal({"lost": b"l" * 32}))
    body = msgspec.json.encode(toy.event(1))
    ref = one.chats.ref("toy:1")
    await one.lanes.admit({lane(): [Arrival("x", ref, stranger.seal(lane(), "inbox", body))]})
    await _tell(one, "a")
    assert [out.text for out in await outbox(one.lanes)] == ["1 a"]
    assert [letter.cause.split(" ")[0] for letter in await letters(one.lanes)] == ["Sealed"]


@pytest.mark.parametrize("stored", [b"", b"\0" * 7 + b"\5" + b"rubbish", b"other"])
async def test_a_session_nobody_can_read_is_kept_and_begun_anew(one: Life, seal: Seal, stored: bytes) -> None:
    """The person is served; what was stored is a dead letter."""
    ref = one.chats.ref("toy:1")
    stored = stored if stored != b"other" else bytes(8) + seal.seal(b'{"chat": 5}', f"chat:{ref}".encode())
    await one.lanes.redis.call("SET", key(lane(), "chat", ref), stored)
    await _tell(one, "a", "b")
    session = await session_of(one.lanes, seal)
    assert session is not None
    assert session.drafts == 2
    assert [(letter.queue, letter.sealed) for letter in await letters(one.lanes)] == [("session", stored)]


async def test_a_moved_session_is_thought_again(one: Life, seal: Seal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's turn came between the load and the commit: ours follows from it."""
    ref = one.chats.ref("toy:1")
    await one.ear.hear([toy.event(1, "ours")])
    entries, _ = await one.lanes.take("inbox", {lane(): "-"}, 10, sessions=True)
    theirs = Session("toy:1", ref, drafts=41, facts={"heard": "theirs"})
    change, _ = one.chats.write(ref, b"", theirs, 60)
    await one.lanes.redis.call("SET", key(lane(), "chat", ref), change.session)
    await one.reader.settle(entries)
    session = await session_of(one.lanes, seal)
    assert session is not None
    assert (session.drafts, session.facts["heard"]) == (42, "theirs ours")
    assert [out.text for out in await outbox(one.lanes)] == ["42 ours"]


async def test_what_kills_its_readers_is_put_aside_and_its_neighbours_are_not(one: Life) -> None:
    """Taken again and again without an end, an entry is a dead letter; whoever stood beside it is answered."""
    await one.ear.hear([toy.event(1, "killer"), toy.event(2, "neighbour"), toy.event(3, "other", "toy:2")])
    places = dict.fromkeys(EVERY, "-")
    for _ in range(2):
        await one.lanes.take("inbox", places, 32, sessions=True, wary=2)  # and here the reader dies
    for _ in range(3):
        await one.lanes.take("inbox", {lane(): "-"}, 1, sessions=True, wary=2, alone=True)  # and here
    for _ in range(3):
        await one.reader.work(EVERY)
    texts = {out.text for out in await outbox(one.lanes)}
    assert texts == {"sorry", "1 neighbour", "1 other"}
    assert [letter.cause for letter in await letters(one.lanes)] == ["taken 5 times and never finished"]


async def test_redis_away_is_not_the_events_fault(one: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often Redis was lost over them, events are answered in the end, not put aside."""
    await one.ear.hear([toy.event(1, "a"), toy.event(2, "b")])
    commit = one.lanes.commit

    def lost(entry: Entry, follows: Iterable[Follow] = (), change: Change = APART, *, take: bool = False) -> Ask:
        ask: Ask = asyncio.get_running_loop().create_future()
        ask.set_exception(Lost("away"))
        return ask

    monkeypatch.setattr(one.lanes, "commit", lost)
    for _ in range(8):
        with pytest.raises(Lost):
            await one.reader.work(EVERY)
    monkeypatch.setattr(one.lanes, "commit", commit)
    for _ in range(3):
        await one.reader.work(EVERY)
    assert [out.text for out in await outbox(one.lanes)] == ["1 a", "2 b"]
    assert await letters(one.lanes) == []


async def test_a_lane_of_somebody_else_is_left_alone(one: Life, store: Store, seal: Seal) -> None:
    """Without the lease nothing is taken."""
    other = life(store, seal, toy.Toy(), toy.Books(), "elsewhere:1:1.0")
    await other.owner.renew()
    await one.ear.hear([toy.event(1)])
    await other.reader.work(EVERY)
    assert await outbox(one.lanes) == []


@settings(max_examples=60, deadline=None)
@given(
    picks=st.lists(st.sampled_from("AB"), max_size=60),
    story=st.lists(st.sampled_from(["a", "b", "forget", "boom"]), max_size=6),
)
def test_two_owners_in_any_interleaving_give_one_result(
    valkey_url: str, seal: Seal, picks: list[str], story: list[str]
) -> None:
    """Both believe that they own the lane. Whatever command of whichever comes first, each event counts once, in order."""
    one, alone = asyncio.run(race(valkey_url, seal, picks, story)), asyncio.run(race(valkey_url, seal, [], story))
    assert one == alone


def test_the_change_of_a_forgotten_session_is_a_deletion(seal: Seal) -> None:
    """And the version that was read stands in it."""
    assert Chats(seal, "k" * 32).write("ref", b"12345678", None, 5) == (Change("del", b"12345678"), None)


def test_an_event_shows_nothing_of_its_words() -> None:
    """What reaches a log by accident shows only its kind."""
    assert repr(toy.event(1, "secret")) == "Inbound(kind='text')"
    assert isinstance(toy.event(1), Inbound)
