"""Notes that name a colleague by `@login`: that colleague finds them in a list until they open the case."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, func, select, update

from storage.records import Officer
from storage.records_work import Mention
from storage.sql.auditing import record
from storage.sql.db import Db, insert_once
from storage.sql.engine import AsyncConnection
from storage.sql.sight import sees_event, sees_officer
from storage.sql.tables import cases, events, officers
from storage.sql.tables_work import mentions


async def mention(connection: AsyncConnection, officer: Officer, case: str, event: str, text: str) -> None:
    """Note whom a note names: active colleagues of the same agency, and nobody else whatever is written."""
    if "@" not in text:
        return
    for id, login, _ in await connection.execute(_colleagues(officer)):
        if names(text, login):
            await insert_once(connection, mentions, event_id=event, officer_id=id, case_id=case, read_at=None)


def names(text: str, login: str) -> bool:
    """Whether `text` names this login: whole, in any case; `@ali` is not in `@ali.k` nor in an e-mail address."""
    return bool(re.search(rf"(?<![\w.+-])@{re.escape(login)}(?![\w@+-]|\.\w)", text, re.IGNORECASE))


def called(text: str) -> Sequence[str]:
    """What stands in `text` like `@login`, whether or not it is one's."""
    return re.findall(r"(?<![\w.+-])@(\w(?:[\w.+-]*\w)?)", text)


async def nameable(db: Db, officer: Officer) -> Sequence[tuple[str, str]]:
    """(login, name) of the colleagues whom the officer can name, by name."""
    async with db.read() as connection:
        rows = await connection.execute(_colleagues(officer).order_by(officers.c.name, officers.c.login))
        return [(row.login, row.name) for row in rows]


async def mentioned(db: Db, officer: Officer, limit: int = 100) -> Sequence[Mention]:
    """The notes that name the officer, on cases that their agency sees: the unread first, then the newest.

    Only the unread bring their words, which may tell of a person: the audit has it.
    """
    author = officers.alias("author")
    wanted = (
        select(events.c.id, events.c.at, events.c.body, cases.c.ref, cases.c.id.label("case"), mentions.c.read_at)
        .add_columns(author.c.name)
        .join(mentions, mentions.c.event_id == events.c.id)
        .join(cases, cases.c.id == events.c.case_id)
        .join(author, events.c.actor == "staff:" + author.c.id)
        .where(_mine(officer))
        .order_by(mentions.c.read_at.is_not(None), events.c.at.desc(), events.c.id)
        .limit(limit)
    )
    async with db.write() as connection:
        rows = (await connection.execute(wanted)).mappings().all()
        for row in rows:
            if row["read_at"] is None:
                await record(connection, officer, "note.read", row["case"], row["id"])
    return [
        Mention(
            key=row["ref"] or row["case"],
            at=row["at"],
            who=row["name"],
            text="" if row["read_at"] else db.vault.text(row["body"], "events", row["id"], "body"),
            read=row["read_at"] is not None,
        )
        for row in rows
    ]


async def unread(db: Db, officer: Officer) -> int:
    """How many notes name the officer and are not read."""
    wanted = select(func.count()).select_from(mentions.join(events, events.c.id == mentions.c.event_id))
    async with db.read() as connection:
        found = await connection.execute(wanted.where(_mine(officer), mentions.c.read_at.is_(None)))
        return found.scalar_one()


async def read(db: Db, connection: AsyncConnection, officer: Officer, case: str) -> None:
    """The officer has opened the case: what names them there is read."""
    mine = (mentions.c.officer_id == officer.id, mentions.c.case_id == case, mentions.c.read_at.is_(None))
    await connection.execute(update(mentions).where(*mine).values(read_at=db.clock()))


def _colleagues(officer: Officer) -> Select[str, str, str]:
    """(id, login, name) of the officer's active colleagues."""
    theirs = (sees_officer(officer.agency), officers.c.active, officers.c.id != officer.id)
    return select(officers.c.id, officers.c.login, officers.c.name).where(*theirs)


def _mine(officer: Officer) -> ColumnElement[bool]:
    """Rows of mentions and events that are the officer's to see."""
    return and_(mentions.c.officer_id == officer.id, sees_event(officer.agency))
