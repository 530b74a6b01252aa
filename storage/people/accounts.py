"""Accounts: made, changed and ended by an agency's administrators, or by the operator at the command line.

Administrators act on colleagues, never on themselves: nobody raises themselves, and the one who acts always remains.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import get_args

from sqlalchemy import RowMapping, Select, delete, func, insert, select, update

from storage.people import factors, sessions
from storage.people.rows import by_id, by_login, colleague, kept, officer, tidy
from storage.records import Account, Missing, Officer, Role
from storage.sql.auditing import Actor, operator, record
from storage.sql.db import Db, insert_once
from storage.sql.engine import AsyncConnection
from storage.sql.ids import derive, plain
from storage.sql.sight import sees_officer
from storage.sql.tables import console_sessions, officers, signins

INVITED = timedelta(days=3)
"""How long a one-time link is good."""


class Refused(Exception):
    """An act on accounts that is not done: `self`, `last` (administrator), `taken`, `empty`, `disabled`, `role`, `denied`."""


async def add(db: Db, by: Actor | None, agency: str, login: str, name: str, role: Role) -> Officer:
    """Make an account, without a password yet; `by` None: the operator. Raises Refused."""
    async with db.write() as connection:
        return await _add(db, connection, by or operator(agency), agency, (login, name, role))


async def make(db: Db, by: Officer, login: str, name: str, role: str) -> tuple[Officer, str]:
    """Make an account in the administrator's agency: it and its one-time link's token. Raises Refused."""
    if role not in get_args(Role):
        raise Refused("role")
    async with db.write() as connection:
        await _administrators(connection, by)
        made = await _add(db, connection, by, by.agency, (login, name, role))
        return made, await _invite(db, connection, by, made.id)


async def listed(db: Db, agency: str) -> Sequence[Account]:
    """An agency's accounts, those in use first, by name."""
    return await _accounts(db, agency)


async def one(db: Db, agency: str, id: str) -> Account:
    """One account of the agency. Raises Missing."""
    found = await _accounts(db, agency, id)
    if not found:
        raise Missing("no such officer")
    return found[0]


async def act(db: Db, by: Officer, id: str, what: str, value: str = "") -> str:
    """Do `what` (a key of ACTS) to a colleague's account. Returns a one-time link's token for `link`, otherwise nothing.

    Raises Missing for an account that is not of the agency, Refused.
    """
    async with db.write() as connection:
        remaining = await _administrators(connection, by)
        row = await colleague(connection, by.agency, id)
        if row["id"] == by.id:
            raise Refused("self")
        if what in ("disable", "role") and remaining == {row["id"]}:
            raise Refused("last")
        return await ACTS[what](db, connection, by, row, value)


async def disable(db: Db, login: str, *, force: bool) -> bool:
    """The operator ends an account. False if there is none. Raises Refused for the last administrator, unless `force`."""
    async with db.write() as connection:
        row = (await connection.execute(by_login(login).with_for_update())).mappings().first()
        if row is None:
            return False
        left = _in_charge(row["agency"]).where(officers.c.id != row["id"])
        in_charge = row["role"] == "administrator" and row["active"]
        if in_charge and not force and not (await connection.execute(left)).first():
            raise Refused("last")
        await _disable(db, connection, operator(row["agency"]), row, "")
    return True


async def invite(db: Db, login: str) -> str:
    """The operator's one-time link's token for an active officer; earlier ones end. Raises LookupError if there is none."""
    async with db.write() as connection:
        row = (await connection.execute(by_login(login).with_for_update())).mappings().first()
        if row is None or not row["active"]:
            raise LookupError(f"no active officer has the login {tidy(login)!r}")
        return await _invite(db, connection, operator(row["agency"]), row["id"])


async def _add(db: Db, connection: AsyncConnection, by: Actor, agency: str, wanted: tuple[str, str, str]) -> Officer:
    """The row."""
    login, name, role = tidy(wanted[0]), plain(wanted[1].strip(), 200), wanted[2]
    if not login or not name:
        raise Refused("empty")
    id = derive("officer", login)
    row = {"id": id, "agency": agency, "login": login, "name": name, "role": role, "active": True}
    state = {"password": None, "failed": 0, "locked_until": None, "made": db.clock()}
    if not await insert_once(connection, officers, **row, **state):
        raise Refused("taken")
    await record(connection, by, "account.made", id, role)
    return officer((await connection.execute(by_id(id))).mappings().one())


async def _administrators(connection: AsyncConnection, by: Officer) -> set[str]:
    """The ids of the agency's administrators, all held: two that would end each other come one after the other.

    Raises Refused if `by` is not one of them (any more).
    """
    held = _in_charge(by.agency).order_by(officers.c.id).with_for_update()
    ids = set((await connection.execute(held)).scalars())
    if by.id not in ids:
        raise Refused("denied")
    return ids


def _in_charge(agency: str) -> Select[str]:
    """The ids of the agency's active administrators."""
    return select(officers.c.id).where(sees_officer(agency), officers.c.active, officers.c.role == "administrator")


async def _role(db: Db, connection: AsyncConnection, by: Actor, row: RowMapping, role: str) -> str:
    """Another role, from the next request on."""
    if role not in get_args(Role):
        raise Refused("role")
    await connection.execute(update(officers).where(officers.c.id == row["id"]).values(role=role))
    await record(connection, by, "account.role", row["id"], f"{row['role']} > {role}")
    return ""


async def _disable(db: Db, connection: AsyncConnection, by: Actor, row: RowMapping, _: str) -> str:
    """End the account, all its sessions and its links, at once."""
    await connection.execute(update(officers).where(officers.c.id == row["id"]).values(active=False))
    await sessions.end_all(connection, row["id"])
    await connection.execute(delete(signins).where(signins.c.officer_id == row["id"]))
    await record(connection, by, "account.disabled", row["id"])
    return ""


async def _enable(db: Db, connection: AsyncConnection, by: Actor, row: RowMapping, _: str) -> str:
    """In use again, with the password and the second factor it had."""
    again = {"active": True, "failed": 0, "locked_until": None}
    await connection.execute(update(officers).where(officers.c.id == row["id"]).values(again))
    await record(connection, by, "account.enabled", row["id"])
    return ""


async def _link(db: Db, connection: AsyncConnection, by: Actor, row: RowMapping, _: str) -> str:
    """A new one-time link."""
    if not row["active"]:
        raise Refused("disabled")
    return await _invite(db, connection, by, row["id"])


async def _reset(db: Db, connection: AsyncConnection, by: Actor, row: RowMapping, _: str) -> str:
    """The second factor is lost: away with it, and with all sessions."""
    await factors.remove(connection, row["id"])
    await sessions.end_all(connection, row["id"])
    await record(connection, by, "factor.reset", row["id"])
    return ""


async def _sign_out(db: Db, connection: AsyncConnection, by: Actor, row: RowMapping, _: str) -> str:
    """End all sessions."""
    await sessions.end_all(connection, row["id"])
    await record(connection, by, "session.ended", row["id"])
    return ""


async def _unlink(db: Db, connection: AsyncConnection, by: Actor, row: RowMapping, _: str) -> str:
    """Whoever the provider said this is: forgotten, along with all sessions."""
    await connection.execute(update(officers).where(officers.c.id == row["id"]).values(subject=None))
    await sessions.end_all(connection, row["id"])
    await record(connection, by, "account.unlinked", row["id"])
    return ""


Act = Callable[[Db, AsyncConnection, Actor, RowMapping, str], Awaitable[str]]

ACTS: Mapping[str, Act] = {
    "role": _role,
    "disable": _disable,
    "enable": _enable,
    "link": _link,
    "factor": _reset,
    "sessions": _sign_out,
    "unlink": _unlink,
}
"""What an administrator does to a colleague's account."""


async def _invite(db: Db, connection: AsyncConnection, by: Actor, id: str) -> str:
    """A one-time link's token; earlier ones end."""
    token = secrets.token_urlsafe(32)
    await connection.execute(delete(signins).where(signins.c.officer_id == id))
    row = {"token": kept(token), "officer_id": id, "expires": db.clock() + INVITED}
    await connection.execute(insert(signins).values(row))
    await record(connection, by, "account.link", id)
    return token


async def _accounts(db: Db, agency: str, id: str = "") -> Sequence[Account]:
    """Accounts with how many sessions each has."""
    alive = (console_sessions.c.expires > db.clock(), console_sessions.c.seen > db.clock() - sessions.IDLE)
    theirs = (console_sessions.c.officer_id == officers.c.id, ~console_sessions.c.code_due, *alive)
    many = select(func.count()).where(*theirs).scalar_subquery().label("sessions")
    wanted = select(*officers.c, many).where(sees_officer(agency))
    if id:
        wanted = wanted.where(officers.c.id == plain(id, 64))
    async with db.read() as connection:
        order = (officers.c.active.desc(), officers.c.name, officers.c.login)
        rows = (await connection.execute(wanted.order_by(*order))).mappings().all()
    return [
        Account(
            officer=officer(row),
            password=row["password"] is not None,
            linked=row["subject"] is not None,
            locked=row["locked_until"] is not None and row["locked_until"] > db.clock(),
            sessions=row["sessions"],
        )
        for row in rows
    ]
