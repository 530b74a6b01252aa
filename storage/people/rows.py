"""Officers' rows, and what is kept of logins and tokens."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import RowMapping, Select, select

from storage.records import Missing, Officer
from storage.sql.engine import AsyncConnection
from storage.sql.ids import plain
from storage.sql.sight import sees_officer
from storage.sql.tables import officers

Rows = Select[tuple[object, ...]]


def by_login(login: str) -> Rows:
    """The officer with this login."""
    return select(*officers.c).where(officers.c.login == tidy(login))


def by_id(id: str) -> Rows:
    """The officer with this id."""
    return select(*officers.c).where(officers.c.id == plain(id, 64))


async def colleague(connection: AsyncConnection, agency: str, id: str) -> RowMapping:
    """The agency's officer with this id, held until the transaction ends. Raises Missing, for another agency's too."""
    wanted = by_id(id).where(sees_officer(agency)).with_for_update()
    row = (await connection.execute(wanted)).mappings().first()
    if row is None:
        raise Missing("no such officer")
    return row


def officer(row: RowMapping) -> Officer:
    """A row as a noun, without what proves who it is."""
    return Officer(
        id=row["id"],
        agency=row["agency"],
        login=row["login"],
        name=row["name"],
        role=row["role"],
        active=row["active"],
        factor=row["totp_since"] is not None,
    )


def tidy(login: str) -> str:
    """A login as it is kept: lower case, no blanks around it, at most 64 characters."""
    return plain(login.strip().lower(), 64)


def kept(*token: str) -> str:
    """What is kept of a token. It is random enough that a plain hash cannot be turned back."""
    return sha256("|".join(token).encode()).hexdigest()
