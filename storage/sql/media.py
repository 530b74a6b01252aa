"""The citizens' files: which are still at the provider, and what became of fetching them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.engine import RowMapping

from handlers.nouns import Media
from storage.records import Fetch
from storage.sql.db import Db
from storage.sql.forgetting import erase_files
from storage.sql.ids import plain
from storage.sql.tables import attachments

_WAITS = (1, 3, 10, 30, 120, 600, 3600)
"""Seconds before the next try. Twilio's media can answer 404 for seconds after its webhook; the last wait repeats."""


async def pending(db: Db, limit: int) -> Sequence[Fetch]:
    """Up to `limit` files whose time to be fetched has come, the longest waiting first."""
    await erase_files(db)
    due = (attachments.c.state == "pending", attachments.c.next_try <= db.clock())
    wanted = select(attachments).where(*due).order_by(attachments.c.next_try, attachments.c.id).limit(limit)
    async with db.read() as connection:
        rows = (await connection.execute(wanted)).mappings().all()
    return [_fetch(db, row) for row in rows]


def _fetch(db: Db, row: RowMapping) -> Fetch:
    """A row as what a channel needs."""
    id = str(row["id"])
    media = Media(
        kind=row["kind"],
        handle=db.vault.text(row["handle"], "attachments", id, "handle"),
        mime=row["mime"],
        name=db.vault.text(row["name"], "attachments", id, "name"),
        size=row["size"],
    )
    return Fetch(id=id, channel=row["channel"], media=media, tries=row["tries"])


async def stored(db: Db, id: str, content: bytes, mime: str) -> bool:
    """Keep a fetched file. False, and nothing is kept, if it is not wanted any more (forgotten meanwhile).

    The file is there before its row says so, and no transaction is open while it travels: a slow store holds up nobody. What
    was forgotten meanwhile is removed here; if we die before that, `erase_files` finds it.
    """
    if await _state(db, id) != "pending":
        return False
    await db.files.put(id, content)
    take = (
        update(attachments)
        .where(attachments.c.id == id, attachments.c.state == "pending")
        .values(state="stored", handle=None, mime=plain(mime, 100), size=len(content), cause="")
        .returning(attachments.c.id)
    )
    async with db.write() as connection:
        if (await connection.execute(take)).first():
            return True
    if await _state(db, id) != "stored":  # by another process that fetched the same file
        await db.files.remove(id)
    return False


async def _state(db: Db, id: str) -> str:
    """How the file stands; empty if there is none."""
    async with db.read() as connection:
        wanted = select(attachments.c.state).where(attachments.c.id == id)
        return (await connection.execute(wanted)).scalar_one_or_none() or ""


async def gone(db: Db, id: str, cause: str) -> None:
    """The provider will never give it: stop trying, and say so at the desk."""
    give_up = update(attachments).where(attachments.c.id == id, attachments.c.state == "pending")
    async with db.write() as connection:
        await connection.execute(give_up.values(state="gone", handle=None, cause=plain(cause, 200)))


async def later(db: Db, id: str) -> datetime:
    """It could not be had now: try again after a growing wait. Returns when."""
    async with db.write() as connection:
        wanted = select(attachments.c.tries).where(attachments.c.id == id).with_for_update()
        tries = (await connection.execute(wanted)).scalar_one_or_none() or 0
        at = db.clock() + timedelta(seconds=_WAITS[min(tries, len(_WAITS) - 1)])
        again = update(attachments).where(attachments.c.id == id, attachments.c.state == "pending")
        await connection.execute(again.values(tries=tries + 1, next_try=at))
    return at
