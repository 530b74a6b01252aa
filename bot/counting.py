"""Counting what there is, for /metrics: every minute, by one process, and never when somebody asks."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from bot import metrics
from bot.faults import away
from bot.owner import Owner
from storage import backups
from storage.sql.totals import Totals
from storage.store import Store

SECONDS = 60.0
"""How often it is counted at most."""
SHARE = 20
"""Counting takes at most one part in so many of the time."""


def counting(redis: Store, owner: Owner, totals: Callable[[], Awaitable[Totals]]) -> Callable[[], Awaitable[None]]:
    """What is to be called every second: it counts in the process that leads the clerks, when it is time."""
    next_at = 0.0

    async def work() -> None:
        nonlocal next_at
        if not owner.leads("clerk"):
            metrics.hide_totals()
            next_at = 0.0
            return
        start = time.monotonic()
        if start < next_at:
            return
        try:
            found = await totals()
        except Exception as fault:  # noqa: BLE001 - sorted by `away`, and raised again in any case
            raise away(fault) or fault from None
        metrics.show_totals(found, await backups.last(redis))
        next_at = time.monotonic() + max(SECONDS, SHARE * (time.monotonic() - start))

    return work
