"""The second factor: six digits from an app (RFC 6238), or one of ten recovery codes.

The secret is sealed. A code counts for its 30-second step and the one before and after it, and no step counts twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import NamedTuple

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import RowMapping, delete, insert, update

from storage.people import tries
from storage.people.rows import by_id, kept
from storage.people.sessions import end_all
from storage.records import Officer
from storage.sql.auditing import record
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.tables import officers
from storage.sql.tables_people import recovery_codes

CODES = 10
"""Recovery codes an officer gets."""
_BYTES = 10  # of a recovery code: 80 random bits, so that a plain hash of it cannot be turned back
_WINDOW = 1
_ISSUER = "Kömek"
_OFF = {"totp": None, "totp_since": None, "totp_step": None}


class Enrolment(NamedTuple):
    """What an app is told: the secret, for typing in, and the address that the square holds."""

    secret: str
    address: str


async def begin(db: Db, by: Officer) -> None:
    """A new secret, which counts once a code confirms it. Nothing happens to a factor that is on."""
    sealed = db.vault.put(pyotp.random_base32(), "officers", by.id, "totp")
    off = (officers.c.id == by.id, officers.c.totp_since.is_(None))
    async with db.write() as connection:
        await connection.execute(update(officers).where(*off).values(totp=sealed, totp_step=None))


async def begun(db: Db, by: Officer) -> Enrolment | None:
    """What is to be put into the app; None if nothing was begun, or it is on already: then nobody sees the secret again."""
    async with db.read() as connection:
        row = (await connection.execute(by_id(by.id))).mappings().one()
    if row["totp"] is None or row["totp_since"] is not None:
        return None
    secret = _secret(db, row)
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=by.login, issuer_name=_ISSUER))


async def confirm(db: Db, by: Officer, code: str, token: str) -> Sequence[str] | None:
    """Turn it on: the recovery codes, shown this once; other sessions than the token's end. None for a wrong code."""
    async with db.write() as connection:
        row = (await connection.execute(by_id(by.id).with_for_update())).mappings().one()
        step = _step(db, row, code) if row["totp_since"] is None else None
        if step is None:
            return None
        on = {"totp_since": db.clock(), "totp_step": step}
        await connection.execute(update(officers).where(officers.c.id == by.id).values(on))
        await end_all(connection, by.id, but=token)
        await record(connection, by, "factor.on", by.id)
        return await _renew(connection, by.id)


async def renew(db: Db, by: Officer, code: str) -> Sequence[str] | None:
    """New recovery codes instead of all earlier ones. None for a wrong code."""
    async with db.write() as connection:
        if not await _proven(db, connection, by, code):
            return None
        await record(connection, by, "factor.codes", by.id)
        return await _renew(connection, by.id)


async def off(db: Db, by: Officer, code: str) -> bool:
    """Turn it off. False for a wrong code."""
    async with db.write() as connection:
        right = await _proven(db, connection, by, code)
        if right:
            await remove(connection, by.id)
            await record(connection, by, "factor.off", by.id)
    return right


async def remove(connection: AsyncConnection, officer: str) -> None:
    """No second factor any more."""
    await connection.execute(update(officers).where(officers.c.id == officer).values(_OFF))
    await connection.execute(delete(recovery_codes).where(recovery_codes.c.officer_id == officer))


async def right(db: Db, connection: AsyncConnection, row: RowMapping, code: str) -> str:
    """Use up a code of a held officer. `app` or `recovery`; empty for a wrong or used one."""
    step = _step(db, row, code)
    if step is not None:
        await connection.execute(update(officers).where(officers.c.id == row["id"]).values(totp_step=step))
        return "app"
    mine = (recovery_codes.c.code == kept(row["id"], _letters(code)), recovery_codes.c.used_at.is_(None))
    spent = update(recovery_codes).where(*mine).values(used_at=db.clock()).returning(recovery_codes.c.code)
    return "recovery" if (await connection.execute(spent)).first() else ""


async def _proven(db: Db, connection: AsyncConnection, by: Officer, code: str) -> bool:
    """Whether a signed-in officer has the factor at hand. Wrong codes count towards the lock-out here too."""
    row = (await connection.execute(by_id(by.id).with_for_update())).mappings().one()
    tried = await tries.count(db, connection, row)
    if not tried.open or row["totp_since"] is None or not await right(db, connection, row, code):
        await record(connection, by, "code.failed", by.id)
        return False
    await tries.take_back(connection, tried)
    return True


def _step(db: Db, row: RowMapping, code: str) -> int | None:
    """The step of a right code that is newer than the last one used."""
    digits = "".join(code.split())
    if row["totp"] is None or len(digits) != 6:
        return None
    app = pyotp.TOTP(_secret(db, row))
    try:
        step = app.verify_and_get_timecode(digits, for_time=db.clock(), valid_window=_WINDOW)
    except OTPVerificationError:
        return None
    return step if row["totp_step"] is None or step > row["totp_step"] else None


def _secret(db: Db, row: RowMapping) -> str:
    """The secret, opened."""
    return db.vault.text(row["totp"], "officers", row["id"], "totp")


async def _renew(connection: AsyncConnection, officer: str) -> Sequence[str]:
    """Ten codes, kept as hashes alone."""
    await connection.execute(delete(recovery_codes).where(recovery_codes.c.officer_id == officer))
    drawn = [secrets.token_hex(_BYTES) for _ in range(CODES)]
    rows = [{"code": kept(officer, code), "officer_id": officer, "used_at": None} for code in drawn]
    await connection.execute(insert(recovery_codes), rows)
    return ["-".join(code[n : n + 5] for n in range(0, len(code), 5)) for code in drawn]


def _letters(code: str) -> str:
    """A recovery code however it was typed."""
    return "".join(letter for letter in code.lower() if letter.isalnum())[:64]
