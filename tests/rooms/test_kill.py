"""A real process, really killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from bot.rooms import Plan, rooms
from storage.queues import Lanes
from storage.seal import Seal
from tests.rooms import process, toy
from tests.rooms.life import eventually, waiting

CHATS, MESSAGES, KILLS = 20, 30, 4


def _start(url: str, folder: Path) -> subprocess.Popen[bytes]:
    """A process at work."""
    return subprocess.Popen([sys.executable, "-W", "ignore", "-m", "tests.rooms.process", url, str(folder)])


def _lines(file: Path) -> list[str]:
    """What was done."""
    return file.read_text().splitlines() if file.exists() else []


async def _grown(file: Path, before: int) -> bool:
    """Whether more was done."""
    return len(_lines(file)) > before


async def _done(lanes: Lanes) -> bool:
    """Whether nothing waits."""
    return await waiting(lanes) == 0


@pytest.mark.timeout(120)
async def test_killed_again_and_again_everybody_is_answered_in_order(
    plan: Plan, empty_valkey: str, tmp_path: Path
) -> None:
    """kill -9 in the middle of many dialogues: every message answered, in order, at most the one in the air twice; every case
    filed. The web part is a process of its own, and the two find each other by the bell.
    """
    web = plan._replace(seal=Seal(process.KEYS), parts=frozenset({"web"}), channels={}, cases=None)
    said, filed = tmp_path / "said", tmp_path / "filed"
    worker = _start(empty_valkey, tmp_path)
    try:
        async with rooms(web) as house:
            for n in range(MESSAGES):
                word = "report" if n == MESSAGES - 1 else f"m{n}"
                await house.ear.hear([toy.event(n, word, f"toy:{chat}") for chat in range(CHATS)])
                if n % (MESSAGES // KILLS) == 3:
                    before = len(_lines(said))
                    await eventually(partial(_grown, said, before))
                    worker.send_signal(signal.SIGKILL)
                    worker.wait()
                    worker = _start(empty_valkey, tmp_path)
            await eventually(partial(_done, house.lanes), 60)
    finally:
        worker.kill()
        worker.wait()
    for chat in range(CHATS):
        mine = [line.split("|")[1] for line in _lines(said) if line.startswith(f"toy:{chat}|")]
        assert list(dict.fromkeys(mine)) == [f"{n + 1} m{n}" for n in range(MESSAGES - 1)] + [f"{MESSAGES} report"]
        assert len(mine) <= MESSAGES + KILLS
    assert set(_lines(filed)) == {f"toy:{chat}/{MESSAGES - 1}/case" for chat in range(CHATS)}
