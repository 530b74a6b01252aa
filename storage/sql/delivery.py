"""What became of a reply on its way to the citizen. It only moves forward, whatever order the reports come in."""

from __future__ import annotations

import logging

from sqlalchemy import or_, update

from handlers.nouns import Delivered
from storage.sql.engine import AsyncConnection
from storage.sql.ids import plain
from storage.sql.tables import events

log = logging.getLogger(__name__)

RANK = {
    "parked": 1,
    "slow_down": 2,
    "retry": 3,
    "unknown": 4,
    "sent": 5,
    "failed": 10,
    "undelivered": 11,
    "refused": 12,
    "blocked": 13,
    "delivered": 20,
    "read": 21,
}
"""A failure outlives *sent*; that it was delivered after all outlives a failure. Words not listed (queued …) say nothing new.
`parked`: it waits until the person writes, because the channel lets us send nothing but a template."""


async def advance(connection: AsyncConnection, effect: Delivered) -> None:
    """Note a later state of the message that carried the event; an earlier one is ignored."""
    rank = RANK.get(effect.outcome, 0)
    if not rank:
        return
    earlier = [word for word, place in RANK.items() if place < rank]
    mark = (
        update(events)
        .where(events.c.id == effect.about, or_(events.c.delivery == "", events.c.delivery.in_(earlier)))
        .values(delivery=effect.outcome, cause=plain(effect.cause, 200), delivered_at=effect.at)
        .returning(events.c.id)
    )
    if (await connection.execute(mark)).first() is None:
        log.debug("a delivery report came late or for no event of ours")
