"""Sessions: a random token in the officer's browser, its hash here. One that owes a code opens nothing but the code's page."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from msgspec.structs import replace
from sqlalchemy import ColumnElement, RowMapping, Select, delete, insert, select, update

from storage.people.rows import kept, officer
from storage.records import Missing, Officer, Session
from storage.sql.auditing import record
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.ids import derive, plain
from storage.sql.tables import console_sessions, officers

SESSION = timedelta(hours=12)
"""How long an officer stays signed in at most: a working day."""
IDLE = timedelta(hours=2)
"""How long without a request."""
HALFWAY = timedelta(minutes=10)
"""How long the code may take once the password was right."""

Way = Literal["password", "link", "oidc"]
"""How somebody signed in."""


async def begin(
    db: Db, connection: AsyncConnection, row: RowMapping, way: Way, browser: str, *, proven: bool = False
) -> str:
    """A session's token. If the officer has a second factor that is not `proven` yet, the session owes a code."""
    token, moment = secrets.token_urlsafe(32), db.clock()
    due = row["totp_since"] is not None and not proven
    await connection.execute(delete(console_sessions).where(console_sessions.c.expires <= moment))
    await connection.execute(
        insert(console_sessions).values(
            token=kept(token),
            officer_id=row["id"],
            created=moment,
            seen=moment,
            expires=moment + (HALFWAY if due else SESSION),
            code_due=due,
            way=way,
            browser=plain(browser, 40),
        )
    )
    if not due:
        await record(connection, officer(row), "sign-in", row["id"], way)
    return token


async def who(db: Db, token: str, *, quiet: bool = False) -> Officer | None:
    """Who is signed in with this token; None if the session is over or owes a code. Unless `quiet`, being asked keeps it awake.

    `factor` is also true where the agency's own provider let the officer in: a second factor is that provider's matter.
    """
    moment = db.clock()
    async with db.read() as connection:
        row = (await connection.execute(_good(db, token, due=False))).mappings().first()
    if row is not None and not quiet and moment - row["seen"] > timedelta(minutes=1):
        async with db.write() as connection:
            await connection.execute(update(console_sessions).where(_mine(token)).values(seen=moment))
    if row is None:
        return None
    return replace(officer(row), factor=True) if row["way"] == "oidc" else officer(row)


async def halfway(db: Db, token: str) -> Officer | None:
    """Whose password was right in this session, which still owes a code."""
    async with db.read() as connection:
        row = (await connection.execute(_good(db, token, due=True))).mappings().first()
    return officer(row) if row else None


async def held(db: Db, connection: AsyncConnection, token: str) -> RowMapping | None:
    """The officer of a session that owes a code, held until the transaction ends."""
    wanted = _good(db, token, due=True).with_for_update(of=officers)
    return (await connection.execute(wanted)).mappings().first()


async def end(db: Db, token: str) -> None:
    """End a session, whatever it owes."""
    async with db.write() as connection:
        wanted = select(*officers.c).join(console_sessions, console_sessions.c.officer_id == officers.c.id)
        row = (await connection.execute(wanted.where(_mine(token)))).mappings().first()
        await connection.execute(delete(console_sessions).where(_mine(token)))
        if row is not None:
            await record(connection, officer(row), "sign-out", row["id"])


async def drop(connection: AsyncConnection, token: str) -> None:
    """Away with a session that never was a whole one."""
    await connection.execute(delete(console_sessions).where(_mine(token)))


async def end_all(connection: AsyncConnection, officer_id: str, but: str = "") -> int:
    """End all sessions of an officer but that of the token `but`. How many there were."""
    theirs = delete(console_sessions).where(console_sessions.c.officer_id == officer_id, ~_mine(but))
    return len((await connection.execute(theirs.returning(console_sessions.c.token))).all())


async def listed(db: Db, by: Officer, token: str) -> Sequence[Session]:
    """An officer's own sessions, the one last used first; `token` is the current one's."""
    mine = (console_sessions.c.officer_id == by.id, ~console_sessions.c.code_due)
    wanted = select(console_sessions).where(*mine, *_alive(db)).order_by(console_sessions.c.seen.desc())
    async with db.read() as connection:
        rows = (await connection.execute(wanted)).mappings().all()
    return [
        Session(_name(r["token"]), r["created"], r["seen"], r["browser"], r["way"], r["token"] == kept(token))
        for r in rows
    ]


async def end_one(db: Db, by: Officer, id: str) -> None:
    """End one of the officer's own sessions. Raises Missing."""
    async with db.write() as connection:
        wanted = select(console_sessions.c.token).where(console_sessions.c.officer_id == by.id)
        tokens = (await connection.execute(wanted)).scalars().all()
        found = [token for token in tokens if _name(token) == id]
        if not found:
            raise Missing("no such session")
        await connection.execute(delete(console_sessions).where(console_sessions.c.token == found[0]))
        await record(connection, by, "session.ended", by.id)


async def end_others(db: Db, by: Officer, token: str) -> None:
    """End all the officer's own sessions but this one."""
    async with db.write() as connection:
        await end_all(connection, by.id, but=token)
        await record(connection, by, "session.ended", by.id)


def _name(stored: str) -> str:
    """What a session is called on a page."""
    return derive("session", stored)


def _mine(token: str) -> ColumnElement[bool]:
    """The session with this token."""
    return console_sessions.c.token == kept(token)


def _alive(db: Db) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Neither over nor idle for too long."""
    moment = db.clock()
    return console_sessions.c.expires > moment, console_sessions.c.seen > moment - IDLE


def _good(db: Db, token: str, *, due: bool) -> Select[tuple[object, ...]]:
    """The active officer of a session that is not over."""
    session = (console_sessions.c.seen, console_sessions.c.way, console_sessions.c.browser)
    joined = select(*officers.c, *session).join(console_sessions, console_sessions.c.officer_id == officers.c.id)
    return joined.where(_mine(token), *_alive(db), officers.c.active, console_sessions.c.code_due.is_(due))
