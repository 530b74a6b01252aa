"""An open connection of ours to the worker's Valkey, and its queues."""

from __future__ import annotations

import pytest

from storage.queues import Lanes
from storage.seal import Seal
from storage.store import Store


@pytest.fixture
def lanes(store: Store, seal: Seal) -> Lanes:
    """The queues, with room for three in an inbox."""
    return Lanes(store, seal, bound=3)
