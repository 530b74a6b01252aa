"""A process with reader, sender, clerk and timers, for tests that kill it: `python -m tests.rooms.process REDIS_URL FOLDER`.

What it says is appended to FOLDER/said, what it files to FOLDER/filed, one line each, as a provider and a database would
know it: what was written before the kill was done.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.rooms import ALL, Part, Plan, rooms
from handlers.nouns import Effect, Outbound, Receipt
from storage.seal import Seal
from storage.store import connect
from tests.rooms import toy
from tests.rooms.life import SECRET

KEYS = {"a": b"a" * 32}


class Ledger(toy.Books):
    """Books that outlive us."""

    def __init__(self, file: Path) -> None:
        """One line an effect."""
        super().__init__()
        self._file = file

    async def file(self, effects: Sequence[Effect], /) -> None:
        """Its id, which may come again."""
        _append(self._file, *(effect.id for effect in effects))


def _append(file: Path, *lines: str) -> None:
    """All of them in one write."""
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(handle, "".join(f"{line}\n" for line in lines).encode())
    os.close(handle)


async def work(url: str, folder: Path) -> None:
    """Work until killed."""

    def say(out: Outbound, before: int) -> Receipt:
        _append(folder / "said", f"{out.chat}|{out.text}")
        return Receipt("sent")

    redis = await connect(url)
    channels = {"toy": toy.Toy(say)}
    parts: frozenset[Part] = ALL - {"web"}
    plan = Plan(redis, Seal(KEYS), SECRET, toy.think, toy.render, toy.sorry, channels, Ledger(folder / "filed"))
    async with rooms(plan._replace(parts=parts)):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2])))
