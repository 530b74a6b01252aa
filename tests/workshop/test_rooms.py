"""The contracts between rooms are not only kept: they would catch the one who breaks them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "console", "storage", "handlers", "relief", "locales")


def _lint(top: Path) -> subprocess.CompletedProcess[str]:
    """import-linter's judgement of the rooms under `top`."""
    line = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(line, cwd=top, env={"PYTHONPATH": str(top)}, check=False, capture_output=True, text=True)


@pytest.fixture
def rooms(tmp_path: Path) -> Path:
    """The contracts of this project over six empty rooms."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for room in ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text('"""A room."""\n')
    return tmp_path


def test_the_rooms_keep_their_contracts() -> None:
    """No room of ours imports what stands to its left, and the pure ones import nothing impure."""
    judged = _lint(ROOT)
    assert judged.returncode == 0, judged.stdout


def test_empty_rooms_break_nothing(rooms: Path) -> None:
    """The planted faults below are found for what they are, not for how they are looked for."""
    judged = _lint(rooms)
    assert judged.returncode == 0, judged.stdout


@pytest.mark.parametrize(
    ("room", "line", "contract"),
    [
        ("handlers", "import storage", "A room imports only"),
        ("relief", "import locales", "A room imports only"),
        ("locales", "from relief import nouns", "A room imports only"),
        ("console", "def late() -> None:\n    import bot", "A room imports only"),
        ("handlers", "import asyncio", "know no network"),
        ("handlers", "from random import choice", "know no network"),
        ("handlers", "import time", "know no network"),
        ("relief", "from sqlalchemy import text", "know no network"),
        ("relief", "import http.client", "know no network"),
        ("relief", "import redis.asyncio", "know no network"),
        ("bot", "from telegram import Update", "What only the tests are installed with"),
        ("console", "def late() -> None:\n    import httpx", "What only the tests are installed with"),
    ],
)
def test_a_planted_fault_is_found(rooms: Path, room: str, line: str, contract: str) -> None:
    """An import to the left, or an impure one in a pure room, fails the check and names the contract."""
    (rooms / "relief" / "nouns.py").write_text('"""A module."""\n')
    (rooms / room / "planted.py").write_text(f'"""A fault."""\n{line}\n')
    judged = _lint(rooms)
    assert judged.returncode != 0
    assert any(contract in text and text.endswith("BROKEN") for text in _verdicts(judged.stdout)), judged.stdout


def _verdicts(shown: str) -> list[str]:
    """import-linter's lines, its wrapped names put together again."""
    return [
        " ".join(part.split()) for part in shown.replace("KEPT", "KEPT\0").replace("BROKEN", "BROKEN\0").split("\0")
    ]
