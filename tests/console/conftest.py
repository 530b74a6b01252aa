"""A desk over a real store, on both databases, and browsers at it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from storage.migrate import migrate
from storage.seal import Seal
from tests.console.office import OIDC, Office


@pytest.fixture
async def office(sqlite_url: str, seal: Seal, tmp_path: Path) -> AsyncIterator[Office]:
    """A desk reached by https, with one case, and one agency with a provider of its own, so that there are those ways too.

    What differs between the databases is tested at the store.
    """
    await migrate(sqlite_url)
    office = Office(sqlite_url, seal, tmp_path / "attachments", oidc=OIDC)
    await office.open()
    yield office
    await office.close()


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that take a moment instead of a tenth of a second: here nobody guesses them by the million."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr("storage.people.passwords._hasher", quick)
