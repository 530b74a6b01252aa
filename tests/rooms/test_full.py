"""Valkey's memory is full: the door is closed, and what is inside is finished, which makes room again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.channels.contract import Away
from storage.redis import Redis
from storage.seal import Seal
from tests.rooms import toy
from tests.rooms.life import EVERY, Life, letters, life, session_of, waiting


@pytest.fixture
async def one(store: Redis, seal: Seal, provider: toy.Toy, books: toy.Books) -> AsyncIterator[Life]:
    """A process that owns all lanes, with three messages waiting, on a server that is full from now on."""
    one = life(store, seal, provider, books)
    await one.owner.renew()
    await one.ear.hear([toy.event(n, body) for n, body in enumerate(["a", "report", "b"])])
    await store.call("CONFIG", "SET", "maxmemory", 1)
    yield one
    await store.call("CONFIG", "SET", "maxmemory", 0)


async def test_nothing_new_is_taken_and_nothing_is_half_taken(one: Life, store: Redis) -> None:
    """The provider is told to come again; when it does, there is room, and the message is no repetition."""
    with pytest.raises(Away):
        await one.ear.hear([toy.event(9, "late")])
    await store.call("CONFIG", "SET", "maxmemory", 0)
    await one.ear.hear([toy.event(9, "late")])
    await one.live()
    assert isinstance(one.sender._channels["toy"], toy.Toy)
    assert one.sender._channels["toy"].said()[-1] == "4 late"


async def test_what_is_inside_is_answered_said_and_filed(
    one: Life, seal: Seal, provider: toy.Toy, books: toy.Books
) -> None:
    """Leases are renewed, turns committed, replies sent, effects filed: the queues are empty in the end."""
    await one.owner.renew()
    assert len(one.owner.lanes("reader")) == len(EVERY)
    await one.live()
    assert provider.said() == ["1 a", "2 report", "3 b"]
    assert list(books.filed) == ["toy:1/1/case"]
    assert await waiting(one.lanes) == 0
    assert await letters(one.lanes) == []
    session = await session_of(one.lanes, seal)
    assert session is not None
    assert session.version == 3
