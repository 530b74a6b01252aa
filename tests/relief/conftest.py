"""The pack for the tests of the law, and a copy of it to be damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from relief.pack import PACKS, Pack, load


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The pack as it is shipped."""
    return load("turkic-2020")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped pack, to be damaged."""
    return Path(shutil.copytree(PACKS / "turkic-2020", tmp_path / "pack"))
