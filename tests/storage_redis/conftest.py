"""An open connection of ours to the worker's Valkey, and its queues."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.queues import Lanes
from storage.redis import Redis
from storage.seal import Seal


@pytest.fixture
async def store(empty_valkey: str) -> AsyncIterator[Redis]:
    """An open connection to the empty Valkey."""
    store = Redis(empty_valkey, patience=1.0)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def lanes(store: Redis, seal: Seal) -> Lanes:
    """The queues, with room for three in an inbox."""
    return Lanes(store, seal, bound=3)
