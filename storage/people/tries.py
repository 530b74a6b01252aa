"""Guessing is slow: wrong passwords and codes in a row lock an account, and any login, known or not, can be tried so often.

A try at a password is counted before it is checked, so that many at once do not get more tries than one after another. Nor do
guesses fill the audit: of those in a WINDOW the 1st, 2nd, 4th, 8th … leave a row, with their number, and the one that locks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import RowMapping, case, delete, insert, select, update

from storage.people.rows import tidy
from storage.sql.auditing import Actor, record
from storage.sql.db import Db, insert_once
from storage.sql.engine import AsyncConnection
from storage.sql.tables import officers
from storage.sql.tables_people import signin_tries

TRIES = 5
"""Wrong passwords or codes in a row until the account is locked."""
LOCKED = timedelta(minutes=15)
"""For how long."""
WINDOW = timedelta(minutes=15)
"""The time in which tries at one login are counted, whether or not there is such an account."""
MOST = 10
"""Tries at one login in that time; signing in begins the count anew."""


class Throttled(Exception):
    """Too many tries at this login. `wait`: until the next one is taken."""

    def __init__(self, wait: timedelta) -> None:
        """How long to wait."""
        super().__init__("too many tries")
        self.wait = wait


class Try(NamedTuple):
    """A try at an account. `open`: a right answer would be taken. `locked`: this very try locked it, until it turns out right."""

    officer: str
    agency: str
    login: str
    password: str
    open: bool
    locked: bool


NOBODY = Try("", "", "", "", open=False, locked=False)


async def throttle(db: Db, connection: AsyncConnection, login: str) -> timedelta:
    """Count a try at a login. How long to wait: nothing, if it may be tried now."""
    moment, key = db.clock(), _key(db, login)
    stale = select(signin_tries.c.login).where(signin_tries.c.since <= moment - WINDOW).limit(100)
    gone = stale.with_for_update(skip_locked=True)
    await connection.execute(delete(signin_tries).where(signin_tries.c.login.in_(gone.scalar_subquery())))
    if await insert_once(connection, signin_tries, login=key, since=moment, n=1):
        return timedelta()
    mine = signin_tries.c.login == key
    row = (await connection.execute(select(signin_tries).where(mine).with_for_update())).first()
    if row is None or row.since <= moment - WINDOW:  # taken away, or over, just now
        await connection.execute(delete(signin_tries).where(mine))
        await connection.execute(insert(signin_tries).values(login=key, since=moment, n=1))
        return timedelta()
    if row.n >= MOST:
        over: datetime = row.since + WINDOW
        return over - moment
    await connection.execute(update(signin_tries).where(mine).values(n=row.n + 1))
    return timedelta()


async def count(db: Db, connection: AsyncConnection, row: RowMapping | None) -> Try:
    """Count a try at a held account."""
    if row is None:
        return NOBODY
    moment = db.clock()
    known = Try(row["id"], row["agency"], row["login"], row["password"] or "", open=False, locked=False)
    if not row["active"] or (row["locked_until"] is not None and row["locked_until"] > moment):
        return known
    locks = row["failed"] + 1 >= TRIES
    counted = {"failed": 0 if locks else row["failed"] + 1, "locked_until": moment + LOCKED if locks else None}
    await connection.execute(update(officers).where(officers.c.id == row["id"]).values(counted))
    return known._replace(open=True, locked=locks)


async def take_back(connection: AsyncConnection, tried: Try) -> None:
    """The try was right, but proves only half: it is not counted, and nothing before it is forgiven."""
    mine = update(officers).where(officers.c.id == tried.officer)
    if tried.locked:
        await connection.execute(mine.values(failed=TRIES - 1, locked_until=None))
    else:
        await connection.execute(mine.values(failed=case((officers.c.failed > 0, officers.c.failed - 1), else_=0)))


async def forgive(db: Db, connection: AsyncConnection, officer: str, login: str) -> None:
    """Signed in: the counts begin anew."""
    await connection.execute(update(officers).where(officers.c.id == officer).values(failed=0, locked_until=None))
    await connection.execute(delete(signin_tries).where(signin_tries.c.login == _key(db, login)))


async def failed(
    db: Db, connection: AsyncConnection, by: Actor, act: str, subject: str = "", how: str = "", *, locked: bool = False
) -> None:
    """Record that somebody did not prove who they are, with how often that was so in this WINDOW: `password 4`.

    `how` is a code. `locked`: it locked the account, which is recorded in any case: `password 5 locked`.
    """
    n = await _another(db, connection, db.chain.blind("failed", act, by.agency, subject, how))
    if locked or n & (n - 1) == 0:
        await record(connection, by, act, subject, " ".join(filter(None, (how, str(n), "locked" if locked else ""))))


async def _another(db: Db, connection: AsyncConnection, key: str) -> int:
    """Count one more under this key; how many there were in this WINDOW."""
    moment, mine = db.clock(), signin_tries.c
    if await insert_once(connection, signin_tries, login=key, since=moment, n=1):
        return 1
    over = mine.since <= moment - WINDOW
    more = update(signin_tries).where(mine.login == key)
    more = more.values(since=case((over, moment), else_=mine.since), n=case((over, 1), else_=mine.n + 1))
    n: int | None = (await connection.execute(more.returning(mine.n))).scalar_one_or_none()
    return n or 1  # taken away just now: it was over


def _key(db: Db, login: str) -> str:
    """A login as it is counted."""
    return db.chain.blind("login", tidy(login))
