"""Fetching attachments: what cannot be had or kept now comes again later, and stops no other."""

from __future__ import annotations

import errno
import logging
from collections.abc import Sequence

import pytest

from bot.channels.contract import Away, Gone
from bot.fetcher import AT_ONCE, fetch
from handlers.nouns import Media
from storage.files import Unreachable
from storage.records import Fetch
from tests.rooms.toy import Toy

DISK_FULL = OSError(errno.ENOSPC, "secret path")


class Shelf:
    """Files that wait, and what became of each."""

    def __init__(self, *ids: str) -> None:
        """None was fetched."""
        self.wait = list(ids)
        self.ends: dict[str, str] = {}
        self.full = False
        self.away = False

    async def pending_media(self, limit: int, /) -> Sequence[Fetch]:
        """Those without an end."""
        return [Fetch(id, "toy", Media("photo", id), 0) for id in self.wait if id not in self.ends][:limit]

    async def reachable(self) -> None:
        """Unless it is away."""
        if self.away:
            raise Unreachable("no answer")

    async def stored(self, id: str, content: bytes, mime: str, /) -> bool:
        """Kept, if there is room."""
        if self.full:
            raise DISK_FULL
        self.ends[id] = "stored"
        return True

    async def gone(self, id: str, cause: str, /) -> None:
        """Never to be had."""
        self.ends[id] = "gone"

    async def later(self, id: str, /) -> object:
        """Not now."""
        self.ends[id] = "later"
        return None


class Source(Toy):
    """A channel whose files are as their names say."""

    async def fetch(self, media: Media) -> tuple[bytes, str]:
        """The handle as a file, or what is wrong with it."""
        faults = {"away": Away("down"), "gone": Gone("old"), "broken": ValueError("secret words")}
        if media.handle in faults:
            raise faults[media.handle]
        return await super().fetch(media)


async def test_each_file_has_its_own_end(caplog: pytest.LogCaptureFixture) -> None:
    """One that is gone, away or breaks its channel stops no other, and nothing of it is logged."""
    shelf = Shelf("one", "away", "gone", "broken", "two")
    assert await fetch(shelf, {"toy": Source()}) == 5
    assert shelf.ends == {"one": "stored", "two": "stored", "away": "later", "gone": "gone", "broken": "later"}
    assert "secret" not in caplog.text


async def test_a_full_disk_puts_files_off_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """They are not fetched again and again from the provider while nothing can be written."""
    shelf = Shelf("one", "two")
    shelf.full = True
    await fetch(shelf, {"toy": Source()})
    assert shelf.ends == {"one": "later", "two": "later"}
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert "secret" not in caplog.text


async def test_nothing_is_fetched_for_a_store_that_is_away() -> None:
    """A provider is not asked for what cannot be kept (it might give it only once); nobody's turn is lost."""
    shelf = Shelf("one", "gone")
    shelf.away = True
    with pytest.raises(Unreachable):
        await fetch(shelf, {"toy": Source()})
    assert shelf.ends == {}
    shelf.away = False
    await fetch(shelf, {"toy": Source()})
    assert shelf.ends == {"one": "stored", "gone": "gone"}


async def test_a_channel_that_is_switched_off_keeps_its_files_waiting() -> None:
    """Its settings may come back."""
    shelf = Shelf("one")
    await fetch(shelf, {})
    assert shelf.ends == {"one": "later"}


async def test_only_so_many_are_in_memory_at_once() -> None:
    """Each may be twenty megabytes."""
    shelf = Shelf(*(str(n) for n in range(2 * AT_ONCE + 1)))
    counts = [await fetch(shelf, {"toy": Source()}) for _ in range(4)]
    assert counts == [AT_ONCE, AT_ONCE, 1, 0]
