"""Events get in line for webhooks as they are published: each once for each webhook that wants it, by a derived id."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Select, select

from storage.sql.among import among
from storage.sql.db import Db, insert_once
from storage.sql.engine import AsyncConnection
from storage.sql.ids import derive
from storage.sql.tables import events
from storage.sql.tables_machines import hook_deliveries, hooks


async def line_up(db: Db, connection: AsyncConnection, agency: str, ids: Sequence[str]) -> None:
    """Put these events in line for the agency's webhooks that want them. Doing it again does nothing."""
    mine = select(hooks.c.id, hooks.c.events).where(hooks.c.agency == agency, hooks.c.disabled.is_(None))
    wanted = [(row.id, msgspec.json.decode(row.events, type=set[str])) for row in await connection.execute(mine)]
    if not wanted:
        return
    kinds = {row.id: row.what for row in await connection.execute(_kinds(ids))}
    now = db.clock()
    for place, event in enumerate(ids):
        for hook in (hook for hook, words in wanted if not words or kinds.get(event) in words):
            await insert_once(
                connection,
                hook_deliveries,
                id=derive("delivery", hook, event),
                hook_id=hook,
                event_id=event,
                place=place,
                made=now,
                since=now,
                state="waiting",
                attempts=0,
                code=0,
                cause="",
                next_try=now,
            )


def _kinds(ids: Sequence[str]) -> Select[tuple[str, str]]:
    """What each of these events is."""
    return select(events.c.id, events.c.what).where(among(events.c.id, ids))
