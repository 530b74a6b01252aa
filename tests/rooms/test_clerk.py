"""The clerk: what was decided is filed once, whatever breaks."""

from __future__ import annotations

import time

import msgspec
import pytest
from sqlalchemy.exc import OperationalError

from bot.channels.contract import Away
from handlers.nouns import AddToCase, Effect, Export, Inbound, Subscribe
from storage.queues import Lanes
from storage.redis import as_list
from storage.seal import Seal
from storage.store import Store
from tests.rooms import toy
from tests.rooms.life import EVERY, Life, lane, letters, life, waiting


@pytest.fixture
async def one(store: Store, seal: Seal, provider: toy.Toy, books: toy.Books) -> Life:
    """A process that owns all lanes."""
    one = life(store, seal, provider, books)
    await one.owner.renew()
    return one


def _effect(n: int) -> AddToCase:
    """The nth."""
    return AddToCase(f"e{n}", "case", toy.NOON, "message")


async def _put(lanes: Lanes, *effects: Effect) -> None:
    """Into the queue."""
    for effect in effects:
        await lanes.push(lane(), "effects", "ref", msgspec.json.encode(effect))


async def test_a_batch_is_filed_in_one_transaction(one: Life, books: toy.Books) -> None:
    """And leaves its queue after that."""
    await _put(one.lanes, *(_effect(n) for n in range(10)))
    await one.clerk.work([lane()])
    assert books.batches == [[f"e{n}" for n in range(10)]]
    assert await waiting(one.lanes) == 0


async def test_one_poison_effect_is_found_and_the_others_filed(
    one: Life, books: toy.Books, caplog: pytest.LogCaptureFixture
) -> None:
    """Halves tell which; it is a dead letter; its text is nowhere."""
    books.poison = {"e3", "e7"}
    await _put(one.lanes, *(_effect(n) for n in range(10)))
    await one.clerk.work([lane()])
    assert set(books.filed) == {f"e{n}" for n in range(10)} - books.poison
    assert [letter.queue for letter in await letters(one.lanes)] == ["effects", "effects"]
    assert "secret" not in caplog.text
    assert await waiting(one.lanes) == 0


@pytest.mark.parametrize("fault", [OperationalError("", {}, Exception()), ConnectionRefusedError(), Away("down")])
async def test_while_the_database_is_away_everything_waits(one: Life, books: toy.Books, fault: Exception) -> None:
    """Nothing is put aside, and all is filed when it returns."""
    await _put(one.lanes, *(_effect(n) for n in range(3)))
    books.away = fault
    for _ in range(8):
        with pytest.raises(Away):
            await one.clerk.work(EVERY)
    books.away = None
    await one.clerk.work(EVERY)
    assert set(books.filed) == {"e0", "e1", "e2"}
    assert await letters(one.lanes) == []


async def test_an_export_goes_back_to_its_chat_with_what_was_filed_before_it(one: Life, provider: toy.Toy) -> None:
    """As news, once, in the order of the queue."""
    await _put(one.lanes, _effect(0), Export("x", "toy:1", (), toy.NOON), _effect(1))
    await one.clerk.work(EVERY)
    await one.live()
    assert provider.said() == ["1 1 effects"]


async def test_an_effect_nobody_can_read_is_put_aside(one: Life, books: toy.Books) -> None:
    """Written by other code, or its key is gone."""
    await one.lanes.push(lane(), "effects", "ref", b'{"type": "Unheard"}')
    await _put(one.lanes, Subscribe("s", "toy:1", "UZ", True), _effect(1))  # noqa: FBT003 - the noun's own order
    await one.clerk.work(EVERY)
    assert set(books.filed) == {"e1"}
    assert len(await letters(one.lanes)) == 1
    assert await waiting(one.lanes) == 0


async def test_news_from_the_desk_reach_the_chat_once(one: Life, books: toy.Books, provider: toy.Toy) -> None:
    """Also if we died between the inbox and the mark that it was told."""
    news = Inbound("news:1", "toy:1", toy.NOON, "news", "your answer", {"what": "reply"})
    books.waiting = [news]
    await one.clerk.work(EVERY)
    assert books.waiting == []
    books.waiting = [news]
    await one.clerk.work(EVERY)
    await one.live()
    assert provider.said() == ["1 your answer"]


async def test_case_events_reach_their_agencys_stream_once(one: Life, books: toy.Books, store: Store) -> None:
    """In order, one JSON an entry, also if we died before the mark."""
    rows = [("uz-mfa", "e1", b'{"n":1}'), ("hu-idf", "e2", b'{"n":2}'), ("uz-mfa", "e3", b'{"n":3}')]
    for _ in range(2):
        books.events = list(rows)
        await one.clerk.work(EVERY)
        assert books.events == []
    found = await store.call("XRANGE", "agency:uz-mfa", "-", "+")
    assert isinstance(found, list)
    assert [entry[1] for entry in found if isinstance(entry, list)] == [[b"event", b'{"n":1}'], [b"event", b'{"n":3}']]
    assert await store.call("XLEN", "agency:hu-idf") == 1


async def test_a_stream_does_not_grow_for_ever(one: Life, books: toy.Books, store: Store) -> None:
    """What is older than thirty days goes, but for the rest of a node of the stream; what is younger stays."""
    now = int(time.time() * 1000)
    for n in range(1000):
        store.tell("XADD", "agency:uz-mfa", f"{now - 31 * 86_400_000}-{n + 1}", "event", "old")
    await store.call("XADD", "agency:uz-mfa", f"{now - 29 * 86_400_000}-1", "event", "young")
    books.events = [("uz-mfa", "e1", b"new")]
    await one.clerk.work(EVERY)
    left = [as_list(as_list(entry)[1])[1] for entry in as_list(await store.call("XRANGE", "agency:uz-mfa", "-", "+"))]
    assert left[-2:] == [b"young", b"new"]
    assert len(left) < 300


async def test_only_the_owner_of_the_first_lane_looks_at_the_desk(
    one: Life, store: Store, seal: Seal, books: toy.Books
) -> None:
    """Many clerks do not bring the same news."""
    other = life(store, seal, toy.Toy(), books, "elsewhere:1:1.0")
    await other.owner.renew()
    books.waiting = [Inbound("news:1", "toy:1", toy.NOON, "news", "x")]
    await other.clerk.work(EVERY)
    assert len(books.waiting) == 1
