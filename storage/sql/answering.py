"""What officers do to a case. Each act is an event with the officer as its actor.

An act's id is derived from the officer, the page it was made on (its newest event) and its words: a form sent twice is one
event, and a page older than the case is refused instead of answering a question nobody asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from handlers.nouns import Status
from storage.records import Officer, Stale
from storage.records_work import PLAIN, Original
from storage.sql.append import append
from storage.sql.claims import held, own
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.ids import derive, plain
from storage.sql.mentions import mention
from storage.sql.sight import sees_event
from storage.sql.tables import events
from storage.sql.urgency import QUIET


@dataclass(frozen=True, slots=True)
class Act:
    """What an officer does. `seen`: the newest event on their page. `fresh`: only if that is still the newest.

    `over`: what the citizen is told of is done even if a colleague holds the case, who then does not any more.
    """

    what: str
    seen: str
    body: str = ""
    status: str = ""
    tell: bool = False
    fresh: bool = False
    private: bool = False
    over: bool = False
    extras: Mapping[str, str] = field(default_factory=dict)


async def reply(
    db: Db, officer: Officer, key: str, text: str, seen: str, original: Original = PLAIN, *, over: bool = False
) -> str:
    """Answer the citizen. `over`: take the case from a colleague who holds it. Returns the event's id.

    `original`: the same in the officer's language, kept beside what is sent and never sent itself.
    Raises Stale, HeldBy, Missing.
    """
    kept = {"original": original.text, "language": original.locale} if original.text else {}
    act = Act("reply", seen, body=text, tell=True, fresh=True, over=over, extras=kept)
    return await _act(db, officer, key, act)


async def set_status(db: Db, officer: Officer, key: str, status: Status, seen: str, *, over: bool = False) -> str:
    """Say where the case stands; the citizen is told. Otherwise as `reply`."""
    return await _act(db, officer, key, Act("status", seen, status=status, tell=True, fresh=True, over=over))


async def note(db: Db, officer: Officer, key: str, text: str, seen: str) -> str:
    """Leave a note for colleagues of the same agency; nobody else sees it. Returns the event's id. Raises Missing.

    Colleagues named in it by `@login` find it among their mentions.
    """
    return await _act(db, officer, key, Act("note", seen, body=text, private=True))


async def _act(db: Db, officer: Officer, key: str, act: Act) -> str:
    """One act in one transaction. An act that is there already is simply done."""
    async with db.write() as connection:
        case = await held(connection, officer.agency, key)
        id = derive("act", officer.id, case.id, act.what, act.seen, act.status, act.body)
        if await _there(connection, id):
            return id
        if act.fresh and not await _fresh(connection, officer.agency, case.id, act.seen):
            raise Stale("the case has a newer event")
        if act.tell:
            case = await own(db, connection, officer, case, over=act.over)
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
        if act.private:
            await mention(connection, officer, case.id, id, act.body)
    return id


async def _there(connection: AsyncConnection, id: str) -> bool:
    """Whether the event is there."""
    return (await connection.execute(select(events.c.id).where(events.c.id == id))).first() is not None


async def _fresh(connection: AsyncConnection, agency: str, case: str, seen: str) -> bool:
    """Whether nothing came after the event that was seen; who took the case meanwhile is told in another way."""
    mine = (events.c.case_id == case, sees_event(agency))
    read = select(events.c.seq).where(*mine, events.c.id == plain(seen, 64))
    last = (await connection.execute(read)).scalar_one_or_none()
    if last is None:
        return False
    newer = select(events.c.id).where(*mine, events.c.seq > last, events.c.what.not_in(QUIET)).limit(1)
    return (await connection.execute(newer)).first() is None
