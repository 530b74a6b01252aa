"""A case store on an empty database, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from storage.cases import Cases
from storage.migrate import migrate
from storage.seal import Seal
from tests.storage_sql.sample import Clock


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is put forward."""
    return Clock()


@pytest.fixture
async def cases(database_url: str, seal: Seal, tmp_path: Path, clock: Clock) -> AsyncIterator[Cases]:
    """The store, with its tables."""
    await migrate(database_url)
    store = Cases(database_url, seal, tmp_path / "attachments", {"uz.mfa": "Demo Agency"}, clock, secret="k" * 32)
    yield store
    await store.close()


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that take a moment instead of a tenth of a second: here nobody guesses them by the million."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr("storage.people.passwords._hasher", quick)
