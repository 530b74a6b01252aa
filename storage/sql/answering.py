"""What officers do to a case. Each act is an event with the officer as its actor.

An act's id is derived from the officer, the page it was made on (its newest event) and its words: a form sent twice is one
event, and a page older than the case is refused instead of answering a question nobody asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handlers.nouns import Status
from storage.records import Missing, Officer, Stale
from storage.sql.append import append, lock
from storage.sql.db import Db
from storage.sql.ids import derive
from storage.sql.reading import find
from storage.sql.sight import sees_event
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


async def reply(db: Db, officer: Officer, key: str, text: str, seen: str) -> str:
    """Answer the citizen. Returns the event's id. Raises Stale, Missing."""
    return await _act(db, officer, key, Act("reply", seen, body=text, tell=True, fresh=True))


async def set_status(db: Db, officer: Officer, key: str, status: Status, seen: str) -> str:
    """Say where the case stands; the citizen is told. Returns the event's id. Raises Stale, Missing."""
    return await _act(db, officer, key, Act("status", seen, status=status, tell=True, fresh=True))


async def note(db: Db, officer: Officer, key: str, text: str, seen: str) -> str:
    """Leave a note for colleagues of the same agency; nobody else sees it. Returns the event's id. Raises Missing."""
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
        if act.fresh and act.seen != await _newest(connection, officer.agency, case.id):
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
            tell=act.tell,
            only=officer.agency if act.private else None,
        )
    return id


async def _there(connection: AsyncConnection, id: str) -> bool:
    """Whether the event is there."""
    return (await connection.execute(select(events.c.id).where(events.c.id == id))).first() is not None


async def _newest(connection: AsyncConnection, agency: str, case: str) -> str | None:
    """The newest event of the case that the agency sees."""
    wanted = select(events.c.id).where(events.c.case_id == case, sees_event(agency))
    return (await connection.execute(wanted.order_by(events.c.seq.desc()).limit(1))).scalar_one_or_none()
