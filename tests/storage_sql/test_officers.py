"""Officers: one-time sign-ins, passwords, lock-out, sessions."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from storage.cases import Cases
from storage.officers import LOCKED, MOST, SESSION, TRIES, WINDOW, Throttled
from storage.records import Officer
from storage.sql.audit_reading import Wanted
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


async def _failed(cases: Cases, agency: str) -> list[tuple[str, str]]:
    """(whom, how often) of the failures in an agency's audit, the first one first."""
    deeds = await cases.audit.page(agency, Wanted(), limit=500)
    return [(d.subject, d.detail) for d in reversed(deeds) if d.act.endswith(".failed")]


async def test_guessing_does_not_fill_the_audit_and_its_number_is_told(
    cases: Cases, clock: Clock, officer: Officer
) -> None:
    """The 1st, 2nd, 4th … of a quarter of an hour, and the one that locks; of unknown logins together; then it begins anew."""
    for n in range(MOST):
        assert await cases.officers.sign_in("demo1", f"guess {n}") is None
    with pytest.raises(Throttled):
        await cases.officers.sign_in("demo1", "guess")
    told = ["password 1", "password 2", "password 4", "password 5 locked", "password 8"]
    assert await _failed(cases, "uz.mfa") == [(officer.id, how) for how in told]
    for n in range(33):
        assert await cases.officers.sign_in(f"nobody {n}", GOOD) is None
    assert await _failed(cases, "") == [("", f"password {n}") for n in (1, 2, 4, 8, 16, 32)]
    clock.moment += WINDOW
    for login in ("demo1", "nobody"):
        assert await cases.officers.sign_in(login, "guess") is None
    assert (await _failed(cases, "uz.mfa"))[-1] == (officer.id, "password 1")
    assert (await _failed(cases, ""))[-1] == ("", "password 1")
    assert (await cases.audit.verify()).broken == 0


async def test_guesses_at_once_are_each_counted(cases: Cases, officer: Officer) -> None:
    """No row twice, none left out."""
    await asyncio.gather(*(cases.officers.sign_in(f"nobody {n}", GOOD) for n in range(9)))
    assert await _failed(cases, "") == [("", f"password {n}") for n in (1, 2, 4, 8)]


async def test_a_wrong_old_password_is_counted_too(cases: Cases, officer: Officer) -> None:
    """Whoever sits at an open page guesses no more often than at the door."""
    token = await cases.officers.sign_in("demo1", GOOD)
    assert token
    for n in range(9):
        assert not await cases.officers.change_password(officer, f"guess {n}", GOOD + "2", token)
    told = [(officer.id, how) for how in ("1", "2", "4", "5 locked", "8")]
    assert await _failed(cases, "uz.mfa") == told


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
