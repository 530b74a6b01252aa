"""Who works at the desk, and how they prove it: everything that rooms to the left ask of it. Each matter has its file in
`storage/people`.

Tokens are drawn at random, 256 bits, and only their SHA-256 is kept: who reads the database cannot sign in with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from storage.people import accounts, entering, factors, sessions
from storage.people.accounts import ACTS, INVITED, Refused
from storage.people.entering import Over
from storage.people.factors import CODES, Enrolment
from storage.people.passwords import LONGEST, SHORTEST, Passwords
from storage.people.rows import by_login, officer
from storage.people.sessions import HALFWAY, IDLE, SESSION
from storage.people.tries import LOCKED, MOST, TRIES, WINDOW, Throttled
from storage.records import Account, Officer, Role, Session
from storage.sql.auditing import Actor
from storage.sql.db import Db
from storage.sql.tables import officers

__all__ = [
    "ACTS",
    "CODES",
    "HALFWAY",
    "IDLE",
    "INVITED",
    "LOCKED",
    "LONGEST",
    "MOST",
    "SESSION",
    "SHORTEST",
    "TRIES",
    "WINDOW",
    "Enrolment",
    "Officers",
    "Over",
    "Refused",
    "Throttled",
]


class Officers:
    """The officers of all agencies."""

    def __init__(self, db: Db) -> None:
        """On the case store's database."""
        self._db = db
        self._passwords = Passwords()

    # The operator's side, at the command line.

    async def add(self, login: str, agency: str, name: str, role: Role = "officer", by: Actor | None = None) -> Officer:
        """Make an officer, without a password yet. Raises ValueError if the login is taken or empty."""
        try:
            return await accounts.add(self._db, by, agency, login, name, role)
        except Refused as fault:
            taken = str(fault) == "taken"
            raise ValueError(f"the login {login!r} is taken" if taken else "login and name cannot be empty") from None

    async def find(self, login: str) -> Officer | None:
        """The officer with this login."""
        async with self._db.read() as connection:
            row = (await connection.execute(by_login(login))).mappings().first()
        return officer(row) if row else None

    async def everybody(self) -> Sequence[Officer]:
        """All officers, by agency and login."""
        async with self._db.read() as connection:
            rows = await connection.execute(select(officers).order_by(officers.c.agency, officers.c.login))
            return [officer(row) for row in rows.mappings()]

    async def disable(self, login: str, *, force: bool = False) -> bool:
        """End the account and all its sessions and links, at once. False if there is none.

        Raises Refused for an agency's last administrator, unless `force`.
        """
        return await accounts.disable(self._db, login, force=force)

    async def has_password(self, login: str) -> bool:
        """Whether the officer has chosen a password."""
        async with self._db.read() as connection:
            row = (await connection.execute(by_login(login))).mappings().first()
        return row is not None and row["password"] is not None

    async def invite(self, login: str) -> str:
        """A one-time link's token for an active officer; earlier ones end. Raises LookupError if there is none."""
        return await accounts.invite(self._db, login)

    # An administrator's side. Only accounts of the administrator's own agency are there at all.

    async def make(self, by: Officer, login: str, name: str, role: str) -> tuple[Officer, str]:
        """Make an account; it and its one-time link's token. Raises Refused."""
        return await accounts.make(self._db, by, login, name, role)

    async def accounts(self, agency: str) -> Sequence[Account]:
        """The agency's accounts, those in use first, by name."""
        return await accounts.listed(self._db, agency)

    async def account(self, agency: str, id: str) -> Account:
        """One account of the agency. Raises Missing."""
        return await accounts.one(self._db, agency, id)

    async def act(self, by: Officer, id: str, what: str, value: str = "") -> str:
        """Do `what` (a key of `ACTS`) to a colleague; `link` returns its token. Raises Missing, Refused."""
        return await accounts.act(self._db, by, id, what, value)

    # Signing in.

    async def invited(self, token: str) -> Officer | None:
        """Whom a one-time link is for; None if it is used, over or unknown."""
        async with self._db.read() as connection:
            row = (await connection.execute(entering.good_link(self._db, token))).mappings().first()
        return officer(row) if row else None

    async def redeem(self, token: str, password: str, browser: str = "") -> str | None:
        """Use a one-time link: set the password, end all other sessions, sign in. Returns the session's token.

        None if the link is not good (any more). Raises ValueError if the password is too short or too long.
        """
        return await entering.by_link(self._db, self._passwords, token, password, browser)

    async def sign_in(self, login: str, password: str, browser: str = "") -> str | None:
        """A new session's token, which owes a code where there is a second factor. Raises Throttled.

        None for a wrong password, an unknown, disabled or locked login alike.
        """
        return await entering.by_password(self._db, self._passwords, login, password, browser)

    async def enter_code(self, token: str, code: str) -> str | None:
        """The token of the whole session, once the code is right; None for a wrong code. Raises Over."""
        return await entering.by_code(self._db, token, code)

    async def vouched(self, agency: str, subject: str, login: str, browser: str = "") -> str | None:
        """A session of the agency's officer whom its provider calls `subject` (at first: `login`); None if there is none."""
        return await entering.by_provider(self._db, agency, subject, login, browser)

    async def refused(self, agency: str) -> None:
        """Record that the agency's provider let nobody in."""
        await entering.refused(self._db, agency)

    async def session(self, token: str, *, quiet: bool = False) -> Officer | None:
        """Who is signed in with this token; None if the session is over or owes a code. Unless `quiet`, it is kept awake."""
        return await sessions.who(self._db, token, quiet=quiet)

    async def halfway(self, token: str) -> Officer | None:
        """Whose password was right in a session that still owes a code."""
        return await sessions.halfway(self._db, token)

    async def sign_out(self, token: str) -> None:
        """End a session."""
        await sessions.end(self._db, token)

    # An officer's own account. `token` is the session in which they are: it stays when others end.

    async def change_password(self, by: Officer, old: str, new: str, token: str) -> bool:
        """A new password; other sessions end. False if the old one is wrong. Raises ValueError for the new one's length."""
        return await entering.change_password(self._db, self._passwords, by, old, new, token)

    async def sessions(self, by: Officer, token: str) -> Sequence[Session]:
        """The officer's sessions, the one last used first."""
        return await sessions.listed(self._db, by, token)

    async def end_session(self, by: Officer, id: str) -> None:
        """End one of the officer's own sessions. Raises Missing."""
        await sessions.end_one(self._db, by, id)

    async def end_others(self, by: Officer, token: str) -> None:
        """End all of them but this one."""
        await sessions.end_others(self._db, by, token)

    async def has_factor(self, by: Officer) -> bool:
        """Whether the officer's own second factor is on, whoever let them in this time."""
        return (await accounts.one(self._db, by.agency, by.id)).officer.factor

    async def begin_factor(self, by: Officer) -> None:
        """A new secret for the officer's app, which counts once a code confirms it."""
        await factors.begin(self._db, by)

    async def enrolment(self, by: Officer) -> Enrolment | None:
        """What is to be put into the app; None if nothing was begun, or it is on already."""
        return await factors.begun(self._db, by)

    async def confirm_factor(self, by: Officer, code: str, token: str) -> Sequence[str] | None:
        """Turn the second factor on: the recovery codes, this once. None for a wrong code."""
        return await factors.confirm(self._db, by, code, token)

    async def renew_codes(self, by: Officer, code: str) -> Sequence[str] | None:
        """New recovery codes instead of all earlier ones. None for a wrong code."""
        return await factors.renew(self._db, by, code)

    async def drop_factor(self, by: Officer, code: str) -> bool:
        """Turn the second factor off. False for a wrong code."""
        return await factors.off(self._db, by, code)
