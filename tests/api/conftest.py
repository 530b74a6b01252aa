"""A desk with the API beside it, over a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.migrate import migrate
from storage.seal import Seal
from tests.api.programs import Bureau


@pytest.fixture
async def bureau(sqlite_url: str, seal: Seal, tmp_path: Path) -> AsyncIterator[Bureau]:
    """With one case. What differs between the databases is tested at the store."""
    await migrate(sqlite_url)
    bureau = Bureau(sqlite_url, seal, tmp_path / "attachments")
    await bureau.open()
    yield bureau
    await bureau.close()
