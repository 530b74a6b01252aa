"""Officers: one-time sign-ins, passwords, lock-out, sessions."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from storage.cases import Cases
from storage.officers import LOCKED, SESSION, TRIES
from storage.records import Officer
from storage.sql.tables import console_sessions, officers, signins
from tests.storage_sql.sample import Clock

GOOD = "a long demo passphrase"


@pytest.fixture
async def officer(cases: Cases) -> Officer:
    """An officer with a password."""
    made = await cases.officers.add(" Demo1 ", "uz.mfa", "Demo Officer")
    assert await cases.officers.redeem(await cases.officers.invite("demo1"), GOOD)
    return made


async def test_a_one_time_sign_in_works_once(cases: Cases) -> None:
    """It sets the password and signs in; afterwards it is nothing."""
    officer = await cases.officers.add("demo1", "uz.mfa", "Demo Officer")
    token = await cases.officers.invite("demo1")
    assert await cases.officers.invited(token) == officer
    with pytest.raises(ValueError, match="12"):
        await cases.officers.redeem(token, "short")
    ended = await asyncio.gather(*(cases.officers.redeem(token, GOOD) for _ in range(3)))
    (session,) = [e for e in ended if e]
    assert await cases.officers.session(session) == officer
    assert await cases.officers.invited(token) is None
    assert await cases.officers.has_password("demo1")


async def test_a_new_invitation_ends_the_earlier_and_lapses(cases: Cases, clock: Clock, officer: Officer) -> None:
    """A link sent to the wrong place can be replaced."""
    first, second = await cases.officers.invite("demo1"), await cases.officers.invite("demo1")
    assert await cases.officers.invited(first) is None
    clock.forward(days=4)
    assert await cases.officers.redeem(second, GOOD) is None
    with pytest.raises(LookupError):
        await cases.officers.invite("nobody")


async def test_a_password_signs_in_and_a_wrong_one_does_not(cases: Cases, officer: Officer) -> None:
    """Unknown, wrong and without a password are one answer."""
    await cases.officers.add("fresh", "uz.mfa", "Demo Fresh")
    session = await cases.officers.sign_in("DEMO1", GOOD)
    assert session
    assert await cases.officers.session(session) == officer
    for login, password in (("demo1", "wrong"), ("nobody", GOOD), ("fresh", ""), ("\0", "\0")):
        assert await cases.officers.sign_in(login, password) is None
    await cases.officers.sign_out(session)
    assert await cases.officers.session(session) is None


async def test_guessing_locks_the_login_for_a_while(cases: Cases, clock: Clock, officer: Officer) -> None:
    """Guesses at once do not get more tries; while locked even the right password gets the same answer."""
    await asyncio.gather(*(cases.officers.sign_in("demo1", f"guess {n}") for n in range(TRIES)))
    assert await cases.officers.sign_in("demo1", GOOD) is None
    clock.moment += LOCKED
    assert await cases.officers.sign_in("demo1", GOOD)


async def test_sessions_end(cases: Cases, clock: Clock, officer: Officer) -> None:
    """By idleness, by the end of the day, by a disabled account, by a new password."""
    idle = await cases.officers.sign_in("demo1", GOOD)
    assert idle
    clock.forward(hours=3)
    assert await cases.officers.session(idle) is None
    busy = await cases.officers.sign_in("demo1", GOOD)
    assert busy
    for _ in range(int(SESSION.total_seconds() // 3600) - 1):
        clock.forward(hours=1)
        assert await cases.officers.session(busy)
    clock.forward(hours=1)
    assert await cases.officers.session(busy) is None
    old = await cases.officers.sign_in("demo1", GOOD)
    assert old
    await cases.officers.redeem(await cases.officers.invite("demo1"), GOOD + "2")
    assert await cases.officers.session(old) is None
    last = await cases.officers.sign_in("demo1", GOOD + "2")
    assert last
    assert await cases.officers.disable("demo1")
    assert not await cases.officers.disable("nobody")
    assert await cases.officers.session(last) is None
    assert await cases.officers.sign_in("demo1", GOOD + "2") is None


async def test_a_login_belongs_to_one_officer(cases: Cases, officer: Officer) -> None:
    """Made twice is refused, not overwritten."""
    with pytest.raises(ValueError, match="taken"):
        await cases.officers.add("DEMO1", "hu.mfa", "Somebody")
    with pytest.raises(ValueError, match="empty"):
        await cases.officers.add(" ", "hu.mfa", "Somebody")
    assert [o.agency for o in await cases.officers.everybody()] == ["uz.mfa"]


async def test_no_token_or_password_can_be_read_from_the_database(cases: Cases, officer: Officer) -> None:
    """Who reads the database cannot sign in with what it holds."""
    token = await cases.officers.invite("demo1")
    session = await cases.officers.sign_in("demo1", GOOD)
    assert session
    text = ""
    async with cases._db.read() as connection:
        for table in (officers, signins, console_sessions):
            text += repr((await connection.execute(select(table))).all())
    assert not [secret for secret in (token, session, GOOD) if secret in text]
