"""One person's flood: taken bit by bit, in order and whole, and nobody else waits for it."""

from __future__ import annotations

from collections import deque

import msgspec
import pytest

from bot.channels.contract import Away
from handlers.nouns import Inbound
from storage.keys import key
from storage.queues import CHAT_BOUND
from storage.redis import Redis
from storage.seal import Seal
from tests.rooms import toy
from tests.rooms.life import Life, lane, life, outbox, session_of

FLOOD = 2000


@pytest.fixture
async def one(store: Redis, seal: Seal, provider: toy.Toy, books: toy.Books) -> Life:
    """A process that owns all lanes."""
    one = life(store, seal, provider, books)
    await one.owner.renew()
    return one


def neighbour() -> str:
    """Another chat of the same lane: who would wait longest."""
    return next(f"toy:{n}" for n in range(2, 10_000) if lane(f"toy:{n}") == lane())


async def _brings(one: Life, queue: deque[Inbound]) -> None:
    """A provider brings one chat's messages in order, until it is told to come again."""
    try:
        while queue:
            await one.ear.hear([queue[0]])
            queue.popleft()
    except Away:
        pass


@pytest.mark.timeout(240)
async def test_a_flood_of_one_person_does_not_delay_another(one: Life, seal: Seal, provider: toy.Toy) -> None:
    """Whoever speaks behind two thousand messages is answered in the next batch; and all two thousand are, once, in order."""
    flood = deque(toy.event(n, str(n)) for n in range(FLOOD))
    await _brings(one, flood)
    assert len(flood) == FLOOD - CHAT_BOUND
    await one.ear.hear([toy.event(1, "hello", neighbour())])
    await one.reader.work([lane()])
    assert [out.text for out in await outbox(one.lanes) if out.chat == neighbour()] == ["1 hello"]
    while flood:
        await _brings(one, flood)
        await one.reader.work([lane()])
        await one.sender.work([lane()])
        await one.sender.landed()
    wrong = [n for n, text in enumerate(provider.said()) if text != f"{n + 1} {n}"]
    assert (len(provider.said()), wrong[:3]) == (FLOOD, [])
    session = await session_of(one.lanes, seal)
    assert session is not None
    assert session.version == FLOOD


async def test_replies_that_wait_count_too(one: Life, store: Redis) -> None:
    """While our replies cannot be sent, whoever has many of them waiting is told to come again; sent, there is room."""
    flood = deque(toy.event(n) for n in range(2 * CHAT_BOUND))
    for _ in range(3):
        await _brings(one, flood)
        await one.reader.work([lane()])
    assert len(flood) == CHAT_BOUND
    await one.sender.work([lane()])
    await one.sender.landed()
    await _brings(one, flood)
    assert not flood
    await one.live()
    assert not await store.call("EXISTS", key(lane(), "waits"))


async def test_the_others_of_a_batch_are_taken(one: Life) -> None:
    """One chat is held back; what came beside it is kept, and once when it comes again."""
    await _brings(one, deque(toy.event(n) for n in range(CHAT_BOUND)))
    both = [toy.event(99), toy.event(1, "hello", neighbour())]
    for _ in range(2):
        with pytest.raises(Away):
            await one.ear.hear(both)
    await one.reader.work([lane()])
    assert [out.text for out in await outbox(one.lanes) if out.chat == neighbour()] == ["1 hello"]


@pytest.mark.parametrize("kind", ["news", "tick"])
async def test_our_own_words_are_never_held_back(one: Life, kind: str, seal: Seal) -> None:
    """An officer's answer reaches whoever floods us, too, and the desk's news do not stop at one chat."""
    await _brings(one, deque(toy.event(n) for n in range(CHAT_BOUND)))
    await one.ear.hear([msgspec.structs.replace(toy.event(99), kind=kind)])
    await one.reader.work([lane()])
    session = await session_of(one.lanes, seal)
    assert session is not None
    assert session.version == CHAT_BOUND + 1


async def test_where_a_provider_cannot_hold_one_chat_back_all_is_taken(one: Life, seal: Seal) -> None:
    """Polled updates come in batches of all chats: refusing one would stop everybody."""
    await one.ear.hear([toy.event(n) for n in range(2 * CHAT_BOUND)], insist=True)
    await one.reader.work([lane()])
    session = await session_of(one.lanes, seal)
    assert session is not None
    assert session.version == 2 * CHAT_BOUND
