"""A real Valkey and a plan of rooms with the toy conversation."""

from __future__ import annotations

import pytest

from bot.rooms import Plan
from storage.queues import Lanes
from storage.seal import Seal
from storage.store import Store
from tests.rooms import toy
from tests.rooms.life import SECRET


@pytest.fixture
def lanes(store: Store, seal: Seal) -> Lanes:
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
def plan(store: Store, seal: Seal, provider: toy.Toy, books: toy.Books) -> Plan:
    """All rooms with the toy conversation, provider and books."""
    return Plan(store, seal, SECRET, toy.think, toy.render, toy.sorry, {"toy": provider}, books)
