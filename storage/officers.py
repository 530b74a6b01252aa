"""Who works at the desk, and how they prove it: one-time sign-ins, passwords (argon2id), sessions.

Tokens are drawn at random, 256 bits, and only their SHA-256 is kept: who reads the database cannot sign in with it.
A wrong password and an unknown login take the same time and get the same answer.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import RowMapping, Select, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.records import Officer, Role
from storage.sql.db import Db, insert_once
from storage.sql.ids import derive, plain
from storage.sql.tables import console_sessions, officers, signins

INVITED = timedelta(days=3)
"""How long a one-time sign-in is good."""
SESSION = timedelta(hours=12)
"""How long an officer stays signed in at most: a working day."""
IDLE = timedelta(hours=2)
"""How long without a request."""
TRIES = 5
"""Wrong passwords in a row until the login is locked."""
LOCKED = timedelta(minutes=15)
"""For how long."""
AT_ONCE = 2
"""Passwords checked at the same time: each takes 64 MB for a moment, and anybody may ask."""
SHORTEST = 12
"""Characters a password has at least (NIST SP 800-63B asks 8, and length before rules)."""
LONGEST = 200
"""Characters read of a password at most."""

_hasher = PasswordHasher()


@cache
def _decoy() -> str:
    """A hash that no password has: what an unknown login is checked against, so that it takes as long as a known one."""
    return _hasher.hash(secrets.token_hex(16))


class Officers:
    """The officers of all agencies."""

    def __init__(self, db: Db) -> None:
        """On the case store's database."""
        self._db = db
        self._hashing = asyncio.Semaphore(AT_ONCE)

    async def add(self, login: str, agency: str, name: str, role: Role = "officer") -> Officer:
        """Make an officer, without a password yet. Raises ValueError if the login is taken or empty."""
        login = _tidy(login)
        id = derive("officer", login)
        row = {"id": id, "agency": agency, "login": login, "name": name.strip(), "role": role, "active": True}
        async with self._db.write() as connection:
            fresh = bool(login) and await insert_once(
                connection, officers, **row, password=None, failed=0, locked_until=None, made=self._db.clock()
            )
        if not fresh:
            raise ValueError(f"the login {login!r} is taken" if login else "a login cannot be empty")
        return Officer(id=id, agency=agency, login=login, name=name.strip(), role=role, active=True)

    async def find(self, login: str) -> Officer | None:
        """The officer with this login."""
        async with self._db.read() as connection:
            row = (await connection.execute(_by_login(login))).mappings().first()
        return _officer(row) if row else None

    async def everybody(self) -> Sequence[Officer]:
        """All officers, by agency and login."""
        async with self._db.read() as connection:
            rows = await connection.execute(select(officers).order_by(officers.c.agency, officers.c.login))
            return [_officer(row) for row in rows.mappings()]

    async def disable(self, login: str) -> bool:
        """End the account and all its sessions and sign-ins, at once. False if there is none."""
        async with self._db.write() as connection:
            off = update(officers).where(officers.c.login == _tidy(login)).values(active=False).returning(officers.c.id)
            id = (await connection.execute(off)).scalar_one_or_none()
            if id is not None:
                await connection.execute(delete(console_sessions).where(console_sessions.c.officer_id == id))
                await connection.execute(delete(signins).where(signins.c.officer_id == id))
        return id is not None

    async def has_password(self, login: str) -> bool:
        """Whether the officer has chosen a password."""
        async with self._db.read() as connection:
            row = (await connection.execute(_by_login(login))).first()
        return row is not None and row.password is not None

    async def invite(self, login: str) -> str:
        """A one-time sign-in token for an active officer; earlier ones end. Raises LookupError if there is none."""
        token = secrets.token_urlsafe(32)
        async with self._db.write() as connection:
            row = (await connection.execute(_by_login(login))).first()
            if row is None or not row.active:
                raise LookupError(f"no active officer has the login {_tidy(login)!r}")
            await connection.execute(delete(signins).where(signins.c.officer_id == row.id))
            expires = self._db.clock() + INVITED
            await connection.execute(insert(signins).values(token=_hash(token), officer_id=row.id, expires=expires))
        return token

    async def invited(self, token: str) -> Officer | None:
        """Whom a one-time sign-in is for; None if it is used, over or unknown."""
        async with self._db.read() as connection:
            row = (await connection.execute(self._good(token))).mappings().first()
        return _officer(row) if row else None

    async def redeem(self, token: str, password: str) -> str | None:
        """Use a one-time sign-in: set the password, end all other sessions, sign in. Returns the session's token.

        None if the sign-in is not good (any more). Raises ValueError if the password is too short or too long.
        """
        if not SHORTEST <= len(password) <= LONGEST:
            raise ValueError(f"a password has {SHORTEST} to {LONGEST} characters")
        async with self._hashing:
            hashed = await asyncio.to_thread(_hasher.hash, password)
        async with self._db.write() as connection:
            row = (await connection.execute(self._good(token).with_for_update(of=signins))).mappings().first()
            if row is None:
                return None
            spent = update(signins).where(signins.c.token == _hash(token), signins.c.used_at.is_(None))
            if not (
                await connection.execute(spent.values(used_at=self._db.clock()).returning(signins.c.token))
            ).first():
                return None
            fresh = update(officers).where(officers.c.id == row["id"])
            await connection.execute(fresh.values(password=hashed, failed=0, locked_until=None))
            await connection.execute(delete(console_sessions).where(console_sessions.c.officer_id == row["id"]))
            return await self._begin(connection, row["id"])

    async def sign_in(self, login: str, password: str) -> str | None:
        """A new session's token; None for a wrong password, an unknown, disabled or locked login alike.

        A try is counted before the password is checked, so that many at once do not get more tries than one after another.
        """
        stored = await self._try(login)
        async with self._hashing:
            right = await asyncio.to_thread(_verify, stored[1] if stored else "", password[:LONGEST])
        if stored is None or not right:
            return None
        async with self._db.write() as connection:
            forgive = update(officers).where(officers.c.id == stored[0], officers.c.active)
            if not (
                await connection.execute(forgive.values(failed=0, locked_until=None).returning(officers.c.id))
            ).first():
                return None
            return await self._begin(connection, stored[0])

    async def session(self, token: str, *, quiet: bool = False) -> Officer | None:
        """Who is signed in with this token; None if the session is over. Unless `quiet`, being asked keeps it awake."""
        moment = self._db.clock()
        good = (console_sessions.c.expires > moment, console_sessions.c.seen > moment - IDLE, officers.c.active)
        mine = console_sessions.c.token == _hash(token)
        wanted = select(officers, console_sessions.c.seen).join(
            console_sessions, console_sessions.c.officer_id == officers.c.id
        )
        async with self._db.read() as connection:
            row = (await connection.execute(wanted.where(mine, *good))).mappings().first()
        if row is not None and not quiet and moment - row["seen"] > timedelta(minutes=1):
            async with self._db.write() as connection:
                await connection.execute(update(console_sessions).where(mine).values(seen=moment))
        return _officer(row) if row else None

    async def sign_out(self, token: str) -> None:
        """End a session."""
        async with self._db.write() as connection:
            await connection.execute(delete(console_sessions).where(console_sessions.c.token == _hash(token)))

    async def _try(self, login: str) -> tuple[str, str] | None:
        """Count a try. The officer's id and hash, or None if no password can be right now."""
        moment = self._db.clock()
        async with self._db.write() as connection:
            wanted = select(officers).where(officers.c.login == _tidy(login)).with_for_update()
            row = (await connection.execute(wanted)).first()
            if row is None or not row.active or row.password is None:
                return None
            if row.locked_until is not None and row.locked_until > moment:
                return None
            failed = row.failed + 1
            locks = failed >= TRIES
            count = update(officers).where(officers.c.id == row.id)
            locked = moment + LOCKED if locks else None
            await connection.execute(count.values(failed=0 if locks else failed, locked_until=locked))
            return row.id, row.password

    async def _begin(self, connection: AsyncConnection, officer: str) -> str:
        """A session, and an end to those that are over anyway."""
        token, moment = secrets.token_urlsafe(32), self._db.clock()
        await connection.execute(delete(console_sessions).where(console_sessions.c.expires <= moment))
        times = {
            "created": moment,
            "seen": moment,
            "expires": moment + SESSION,
            "code_due": False,
            "way": "password",
            "browser": "",
        }
        await connection.execute(insert(console_sessions).values(token=_hash(token), officer_id=officer, **times))
        return token

    def _good(self, token: str) -> Select[tuple[object, ...]]:
        """The active officer of a sign-in that can still be used."""
        still = (signins.c.used_at.is_(None), signins.c.expires > self._db.clock(), officers.c.active)
        joined = select(*officers.c).join(signins, signins.c.officer_id == officers.c.id)
        return joined.where(signins.c.token == _hash(token), *still)


def _by_login(login: str) -> Select[tuple[object, ...]]:
    """The officer with this login."""
    return select(*officers.c).where(officers.c.login == _tidy(login))


def _officer(row: RowMapping) -> Officer:
    """A row as a noun, without what proves who it is."""
    return Officer(
        id=row["id"],
        agency=row["agency"],
        login=row["login"],
        name=row["name"],
        role=row["role"],
        active=row["active"],
    )


def _tidy(login: str) -> str:
    """A login as it is kept: lower case, no blanks around it, at most 64 characters."""
    return plain(login.strip().lower(), 64)


def _hash(token: str) -> str:
    """What is kept of a token. It is random enough that a plain hash cannot be turned back."""
    return sha256(token.encode()).hexdigest()


def _verify(hashed: str, password: str) -> bool:
    """Whether the password is the one; no password is, where there is no hash. Takes its time on purpose either way."""
    try:
        return _hasher.verify(hashed or _decoy(), password)
    except (VerificationError, InvalidHashError):
        return False
