"""Signing in: by a one-time link, a password, the agency's own provider; and the code after any of them.

A wrong password and an unknown login take the same time and get the same answer.
"""

from __future__ import annotations

from sqlalchemy import RowMapping, Select, select, update

from storage.people import factors, sessions, tries
from storage.people.passwords import Passwords
from storage.people.rows import by_id, by_login, kept, officer, tidy
from storage.records import Officer
from storage.sql.auditing import Somebody, record
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.ids import plain
from storage.sql.sight import sees_officer
from storage.sql.tables import officers, signins


class Over(Exception):
    """The session that owed a code is over: too late, or too many wrong ones."""


async def by_password(db: Db, passwords: Passwords, login: str, password: str, browser: str) -> str | None:
    """A session's token; None for a wrong password, an unknown, disabled or locked login alike. Raises Throttled.

    The session of an officer with a second factor owes a code.
    """
    async with db.write() as connection:
        wait = await tries.throttle(db, connection, login)
    if wait:
        raise tries.Throttled(wait)
    async with (
        db.write() as connection
    ):  # one of its own: whoever signs in holds the account first, the login's count last
        row = (await connection.execute(by_login(login).with_for_update())).mappings().first()
        tried = await tries.count(db, connection, row)
    right = await passwords.right(tried.password if tried.open else "", password)
    async with db.write() as connection:
        row = await _active(connection, tried.officer) if right else None
        if row is None:
            by = Somebody("", tried.agency)
            await tries.failed(db, connection, by, "sign-in.failed", tried.officer, "password", locked=tried.locked)
            return None
        if row["totp_since"] is None:
            await tries.forgive(db, connection, tried.officer, login)
        else:
            await tries.take_back(connection, tried)
        return await sessions.begin(db, connection, row, "password", browser)


async def by_code(db: Db, token: str, code: str) -> str | None:
    """The whole session's token, once its code is right; None for a wrong code. Raises Over."""
    async with db.write() as connection:
        row = await sessions.held(db, connection, token)
        tried = await tries.count(db, connection, row)
        how = await factors.right(db, connection, row, code) if row is not None and tried.open else ""
        if row is not None and how:
            await tries.forgive(db, connection, row["id"], row["login"])
            await sessions.drop(connection, token)
            if how == "recovery":
                await record(connection, officer(row), "code.recovery", row["id"])
            return await sessions.begin(db, connection, row, row["way"], row["browser"], proven=True)
        by = Somebody("", tried.agency)
        await tries.failed(db, connection, by, "code.failed", tried.officer, locked=tried.locked)
        if tried.open and not tried.locked:
            return None
        await sessions.drop(connection, token)
    raise Over


async def by_link(db: Db, passwords: Passwords, token: str, password: str, browser: str) -> str | None:
    """Use a one-time link: set the password, end all other sessions, sign in. Returns the session's token.

    None if the link is not good (any more). Raises ValueError if the password is too short or too long.
    """
    hashed = await passwords.hashed(password)
    async with db.write() as connection:
        row = (await connection.execute(good_link(db, token).with_for_update(of=signins))).mappings().first()
        spent = update(signins).where(signins.c.token == kept(token), signins.c.used_at.is_(None))
        spent_now = spent.values(used_at=db.clock()).returning(signins.c.token)
        if row is None or not (await connection.execute(spent_now)).first():
            return None
        fresh = update(officers).where(officers.c.id == row["id"])
        await connection.execute(fresh.values(password=hashed, failed=0, locked_until=None))
        await sessions.end_all(connection, row["id"])
        await record(connection, officer(row), "password.set", row["id"], "link")
        return await sessions.begin(db, connection, row, "link", browser)


async def by_provider(db: Db, agency: str, subject: str, login: str, browser: str) -> str | None:
    """A session of the agency's officer whom its provider calls `subject`; None if there is none.

    An officer who never came from there is known by `login` (empty: by nothing), and by the subject from then on: a name that
    the provider gives to somebody else later opens nothing.
    """
    async with db.write() as connection:
        row = await _vouched(connection, agency, subject, login)
        if row is None:
            await tries.failed(db, connection, Somebody("", agency), "sign-in.failed", how="oidc")
            return None
        if row["subject"] is None:
            await connection.execute(update(officers).where(officers.c.id == row["id"]).values(subject=subject))
            await record(connection, officer(row), "account.linked", row["id"])
        return await sessions.begin(db, connection, row, "oidc", browser)


async def refused(db: Db, agency: str) -> None:
    """The agency's provider let nobody in."""
    async with db.write() as connection:
        await tries.failed(db, connection, Somebody("", agency), "sign-in.failed", how="oidc")


async def change_password(db: Db, passwords: Passwords, by: Officer, old: str, new: str, token: str) -> bool:
    """A new password; other sessions than the token's end. False if the old one is wrong, which counts towards the lock-out.

    Raises ValueError if the new one is too short or too long.
    """
    hashed = await passwords.hashed(new)
    async with db.write() as connection:
        row = (await connection.execute(by_id(by.id).with_for_update())).mappings().one()
        tried = await tries.count(db, connection, row)
    right = await passwords.right(tried.password if tried.open else "", old)
    async with db.write() as connection:
        if not right:
            await tries.failed(db, connection, by, "password.failed", by.id, locked=tried.locked)
            return False
        await tries.take_back(connection, tried)
        await connection.execute(update(officers).where(officers.c.id == by.id).values(password=hashed))
        await sessions.end_all(connection, by.id, but=token)
        await record(connection, by, "password.set", by.id, "own")
    return True


def good_link(db: Db, token: str) -> Select[tuple[object, ...]]:
    """The active officer of a one-time link that can still be used."""
    still = (signins.c.used_at.is_(None), signins.c.expires > db.clock(), officers.c.active)
    joined = select(*officers.c).join(signins, signins.c.officer_id == officers.c.id)
    return joined.where(signins.c.token == kept(token), *still)


async def _vouched(connection: AsyncConnection, agency: str, subject: str, login: str) -> RowMapping | None:
    """Whom the provider means, held."""
    if not subject or plain(subject, 255) != subject:
        return None
    ours = select(*officers.c).where(sees_officer(agency), officers.c.active).with_for_update()
    known = (await connection.execute(ours.where(officers.c.subject == subject))).mappings().first()
    if known is not None or not tidy(login):
        return known
    first = ours.where(officers.c.login == tidy(login), officers.c.subject.is_(None))
    return (await connection.execute(first)).mappings().first()


async def _active(connection: AsyncConnection, id: str) -> RowMapping | None:
    """The officer, held, if the account is still in use."""
    wanted = by_id(id).where(officers.c.active).with_for_update()
    return (await connection.execute(wanted)).mappings().first()
