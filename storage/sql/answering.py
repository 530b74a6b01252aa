"""What officers do to a case. Each act is an event with the officer as its actor.

An act's id is derived from the officer, the page it was made on (its newest event) and its words: a form sent twice is one
event, and a page older than the case is refused instead of answering a question nobody asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handlers.nouns import Status
from storage.records import Missing, Officer, Stale
from storage.records_work import PLAIN, Original
from storage.sql.append import append, lock
from storage.sql.auditing import record
from storage.sql.db import Db
from storage.sql.ids import derive
from storage.sql.mentions import mention
from storage.sql.reading import find, newest
from storage.sql.tables import events


@dataclass(frozen=True, slots=True)
class Act:
    """What an officer does. `seen`: the newest event on their page. `fresh`: only if that is still the newest."""

    what: str
    seen: str
    body: str = ""
    status: str = ""
    tell: bool = False
    fresh: bool = False
    private: bool = False
    extras: Mapping[str, str] = field(default_factory=dict)


async def reply(db: Db, officer: Officer, key: str, text: str, seen: str, original: Original = PLAIN) -> str:
    """Answer the citizen. Returns the event's id. Raises Stale, Missing.

    `original`: the same in the officer's language, kept beside what is sent and never sent itself.
    """
    kept = {"original": original.text, "language": original.locale} if original.text else {}
    return await _act(db, officer, key, Act("reply", seen, body=text, tell=True, fresh=True, extras=kept))


async def set_status(db: Db, officer: Officer, key: str, status: Status, seen: str) -> str:
    """Say where the case stands; the citizen is told. Returns the event's id. Raises Stale, Missing."""
    return await _act(db, officer, key, Act("status", seen, status=status, tell=True, fresh=True))


async def note(db: Db, officer: Officer, key: str, text: str, seen: str) -> str:
    """Leave a note for colleagues of the same agency; nobody else sees it. Returns the event's id. Raises Missing.

    Colleagues named in it by `@login` find it among their mentions.
    """
    return await _act(db, officer, key, Act("note", seen, body=text, private=True))


async def _act(db: Db, officer: Officer, key: str, act: Act) -> str:
    """One act in one transaction. An act that is there already is simply done."""
    async with db.write() as connection:
        found = await find(connection, officer.agency, key)
        case = await lock(connection, found["id"])
        if case is None or case.anonymised_at is not None:
            raise Missing("the person asked to be forgotten")
        id = derive("act", officer.id, case.id, act.what, act.seen, act.status, act.body)
        if await _there(connection, id):
            return id
        if act.fresh and act.seen != await newest(connection, officer.agency, case.id):
            raise Stale("the case has a newer event")
        await append(
            db,
            connection,
            case,
            id=id,
            at=db.clock(),
            what=act.what,
            actor=officer.actor,
            agency=officer.agency,
            status=act.status,
            body=act.body,
            extras=act.extras,
            tell=act.tell,
            only=officer.agency if act.private else None,
        )
        await record(connection, officer, f"case.{act.what}", case.id, id)
        if act.private:
            await mention(connection, officer, case.id, id, act.body)
    return id


async def _there(connection: AsyncConnection, id: str) -> bool:
    """Whether the event is there."""
    return (await connection.execute(select(events.c.id).where(events.c.id == id))).first() is not None
