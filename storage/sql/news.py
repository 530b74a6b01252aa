"""News for the chats: what staff did that the citizen has not been told yet."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping, select, update

from handlers.nouns import Inbound
from storage.sql.among import among
from storage.sql.db import Db
from storage.sql.tables import cases, events

_PREFIX = "news:"


async def news(db: Db, limit: int) -> Sequence[Inbound]:
    """Up to `limit` untold events, oldest first. The same event is the same Inbound every time."""
    due = (events.c.tell, events.c.told_at.is_(None), cases.c.chat.is_not(None))
    wanted = select(events, cases.c.chat, cases.c.ref, cases.c.agency.label("owner")).join(
        cases, cases.c.id == events.c.case_id
    )
    order = (events.c.at, events.c.case_id, events.c.seq)
    async with db.read() as connection:
        rows = (await connection.execute(wanted.where(*due).order_by(*order).limit(limit))).mappings().all()
    return [_tell(db, row) for row in rows]


def _tell(db: Db, row: RowMapping) -> Inbound:
    """An event as the conversation hears it. `agency`: who answers; for a case that moved, who has it now."""
    id, case = str(row["id"]), str(row["case_id"])
    about = {
        "case": case,
        "ref": row["ref"] or "",
        "event": id,
        "what": row["what"],
        "status": row["status"],
        "agency": row["owner"] if row["what"] == "agency" else row["agency"],
    }
    if row["what"].startswith("referral"):
        about |= db.vault.table(row["extras"], "events", id, "extras")
    return Inbound(
        id=_PREFIX + id,
        chat=db.vault.text(row["chat"], "cases", case, "chat"),
        at=row["at"],
        kind="news",
        body=db.vault.text(row["body"], "events", id, "body"),
        extras=about,
    )


async def told(db: Db, ids: Sequence[str]) -> None:
    """These events (or the Inbounds made of them) are safely in their chats' inbox. Saying it twice is harmless."""
    plain = [id.removeprefix(_PREFIX) for id in ids]
    mark = update(events).where(among(events.c.id, plain), events.c.told_at.is_(None))
    async with db.write() as connection:
        await connection.execute(mark.values(told_at=db.clock()))
