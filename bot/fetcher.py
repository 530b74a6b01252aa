"""Attachments: fetches the files that citizens sent from their providers, while they can still be had."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from bot import metrics
from bot.channels.contract import Away, Channel, Gone
from bot.faults import report
from storage.files import Unreachable
from storage.records import Fetch

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Files fetched at once: each may be 20 MB in memory."""


class Attachments(Protocol):
    """The books' side of attachments."""

    async def pending_media(self, limit: int, /) -> Sequence[Fetch]:
        """Files whose time to be fetched has come."""

    async def reachable(self) -> None:
        """Return if the store would take a file. Raises Unreachable."""

    async def stored(self, id: str, content: bytes, mime: str, /) -> bool:
        """Keep a fetched file, unless it is not wanted any more."""

    async def gone(self, id: str, cause: str, /) -> None:
        """It can never be had."""

    async def later(self, id: str, /) -> object:
        """It could not be had now: it comes again after a growing wait."""


async def fetch(books: Attachments, channels: Mapping[str, Channel]) -> int:
    """Fetch the files that wait. How many were tried. Doing it again does no harm: a file is kept under its id.

    Raises Unreachable before anything is asked of a provider, if the store could not keep it.
    """
    waiting = await books.pending_media(AT_ONCE)
    if waiting:
        await books.reachable()
    await asyncio.gather(*(_one(books, channels, file) for file in waiting))
    return len(waiting)


async def _one(books: Attachments, channels: Mapping[str, Channel], file: Fetch) -> None:
    """One file, and what became of it."""
    channel = channels.get(file.channel)
    if channel is None:
        await books.later(file.id)
        return
    try:
        content, mime = await channel.fetch(file.media)
    except Gone as fault:
        await books.gone(file.id, str(fault) or "gone")
    except Away:
        metrics.PROVIDER.labels(file.channel, "fetch").inc()
        await books.later(file.id)
    except Exception as fault:  # noqa: BLE001 - a channel that breaks its word must not stop the others
        report(log, f"attachment {file.id} not fetched", fault)
        await books.later(file.id)
    else:
        await _keep(books, file.id, content, mime)


async def _keep(books: Attachments, id: str, content: bytes, mime: str) -> None:
    """Keep it. Where there is no room, it comes again after a growing wait: not fetched anew twice a second meanwhile."""
    try:
        await books.stored(id, content, mime)
    except Unreachable as fault:
        log.warning("attachment %s not kept: %s", id, fault)
        await books.later(id)
    except OSError as fault:
        report(log, f"attachment {id} not kept", fault)
        await books.later(id)
