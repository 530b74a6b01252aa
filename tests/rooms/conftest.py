"""A real Valkey and a plan of rooms with the toy conversation."""

from __future__ import annotations

import pytest

from bot.rooms import Plan
from storage.queues import Lanes
from storage.redis import Redis
from storage.seal import Seal
from tests.rooms import toy
from tests.rooms.life import SECRET


@pytest.fixture
def lanes(store: Redis, seal: Seal) -> Lanes:
    """The queues."""
    return Lanes(store, seal)


@pytest.fixture
def provider() -> toy.Toy:
    """A provider that takes everything."""
    return toy.Toy()


@pytest.fixture
def books() -> toy.Books:
    """Empty books."""
    return toy.Books()


@pytest.fixture
def plan(empty_valkey: str, store: Redis, seal: Seal, provider: toy.Toy, books: toy.Books) -> Plan:
    """All rooms with the toy conversation, provider and books."""
    return Plan(store, empty_valkey, seal, SECRET, toy.think, toy.render, toy.sorry, {"toy": provider}, books)
