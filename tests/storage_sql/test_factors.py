"""The second factor: what opens, what opens once, and what never does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pyotp
import pytest
from sqlalchemy import select

from storage.cases import Cases
from storage.officers import CODES, HALFWAY, LOCKED, TRIES, Over
from storage.records import Officer
from storage.sql.audit_reading import Wanted
from storage.sql.tables import officers
from storage.sql.tables_people import recovery_codes, signin_tries
from tests.storage_sql.sample import Clock

GOOD = "a long demo passphrase"


class Phone:
    """An officer's phone with the app, and a piece of paper with the codes."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self.app = pyotp.TOTP(secret)
        self.clock = clock
        self.paper: Sequence[str] = ()

    def shows(self, steps: int = 0) -> str:
        """The code now, or so many steps off."""
        return self.app.at(self.clock(), counter_offset=steps)


@pytest.fixture
async def officer(cases: Cases) -> Officer:
    """An officer with a password."""
    made = await cases.officers.add("demo1", "uz.mfa", "Demo Officer")
    assert await cases.officers.redeem(await cases.officers.invite("demo1"), GOOD)
    return made


@pytest.fixture
async def phone(cases: Cases, clock: Clock, officer: Officer) -> Phone:
    """That officer's phone, half a minute after the factor was turned on."""
    await cases.officers.begin_factor(officer)
    told = await cases.officers.enrolment(officer)
    assert told
    phone = Phone(told.secret, clock)
    codes = await cases.officers.confirm_factor(officer, phone.shows(), "")
    assert codes
    phone.paper = codes
    clock.forward(seconds=30)
    return phone


async def _half(cases: Cases, password: str = GOOD) -> str:
    """A session that owes a code."""
    session = await cases.officers.sign_in("demo1", password, "Firefox")
    assert session
    return session


async def test_it_counts_once_a_code_confirms_it(cases: Cases, clock: Clock, officer: Officer) -> None:
    """Begun and not confirmed is not on; begun again is another secret; on, nobody is shown the secret again."""
    assert await cases.officers.enrolment(officer) is None
    await cases.officers.begin_factor(officer)
    first = await cases.officers.enrolment(officer)
    await cases.officers.begin_factor(officer)
    second = await cases.officers.enrolment(officer)
    assert first
    assert second
    assert first.secret != second.secret
    assert second.address.startswith("otpauth://totp/K%C3%B6mek:demo1?secret=")
    assert await cases.officers.session(await _half(cases))
    old = Phone(first.secret, clock)
    assert await cases.officers.confirm_factor(officer, old.shows(), "") is None
    here, there = await _half(cases), await _half(cases)
    codes = await cases.officers.confirm_factor(officer, Phone(second.secret, clock).shows(), here)
    assert codes
    assert len(set(codes)) == CODES
    assert await cases.officers.session(here)
    assert await cases.officers.session(there) is None
    assert await cases.officers.enrolment(officer) is None
    await cases.officers.begin_factor(officer)
    assert await cases.officers.enrolment(officer) is None


async def test_the_password_alone_opens_nothing(cases: Cases, clock: Clock, officer: Officer, phone: Phone) -> None:
    """A session that owes a code is none; with the code it is another one, and the first is over."""
    half = await _half(cases)
    assert await cases.officers.session(half) is None
    owing = await cases.officers.halfway(half)
    assert owing
    assert owing.id == officer.id
    assert await cases.officers.enter_code(half, "000000") is None
    whole = await cases.officers.enter_code(half, f" {phone.shows()[:3]} {phone.shows()[3:]} ")
    assert whole
    found = await cases.officers.session(whole)
    assert found
    assert found.factor
    assert await cases.officers.halfway(half) is None
    assert [s.browser for s in await cases.officers.sessions(officer, whole)] == ["Firefox"]
    late = await _half(cases)
    clock.moment += HALFWAY
    with pytest.raises(Over):
        await cases.officers.enter_code(late, phone.shows())


async def test_a_link_does_not_go_round_it(cases: Cases, officer: Officer, phone: Phone) -> None:
    """A one-time link sets a password; who has the link has not the phone. Nor has the agency's provider."""
    half = await cases.officers.redeem(await cases.officers.invite("demo1"), GOOD)
    vouched = await cases.officers.vouched("uz.mfa", "s-1", "demo1")
    for token in (half, vouched):
        assert token
        assert await cases.officers.session(token) is None
    assert half
    assert await cases.officers.enter_code(half, phone.shows())


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, False), (0, True), (1, True), (2, False)])
async def test_a_code_counts_for_its_step_and_one_beside_it(
    cases: Cases, phone: Phone, steps: int, opens: bool
) -> None:
    """A phone's clock may be half a minute off. One step back was used when the factor was turned on."""
    assert bool(await cases.officers.enter_code(await _half(cases), phone.shows(steps))) == opens


async def test_no_code_counts_twice(cases: Cases, clock: Clock, phone: Phone) -> None:
    """Not the same, not an older one; at the same moment one of two gets in."""
    code = phone.shows()
    halves = [await _half(cases) for _ in range(2)]
    ended = await asyncio.gather(*(cases.officers.enter_code(half, code) for half in halves))
    assert sorted(map(bool, ended)) == [False, True]
    assert await cases.officers.enter_code(await _half(cases), phone.shows(-1)) is None
    clock.forward(seconds=30)
    assert await cases.officers.enter_code(await _half(cases), code) is None
    assert await cases.officers.enter_code(await _half(cases), phone.shows())


async def test_a_recovery_code_opens_once(cases: Cases, phone: Phone) -> None:
    """However it is typed; and the audit tells of it."""
    code = phone.paper[3]
    halves = [await _half(cases) for _ in range(3)]
    ended = await asyncio.gather(*(cases.officers.enter_code(half, code) for half in halves[:2]))
    assert sorted(map(bool, ended)) == [False, True]
    assert await cases.officers.enter_code(halves[2], phone.paper[4].upper().replace("-", " "))
    assert await cases.officers.enter_code(await _half(cases), code) is None
    acts = [d.act for d in await cases.audit.page("uz.mfa", Wanted())]
    assert acts.count("code.recovery") == 2
    assert "code.failed" in acts


async def test_guessing_codes_locks(cases: Cases, clock: Clock, phone: Phone) -> None:
    """The password in between forgives nothing; the session that guessed is over; the lock holds for the password too."""
    for n in range(TRIES - 1):
        assert await cases.officers.enter_code(await _half(cases), f"{n:06}") is None
    half, spare = await _half(cases), await _half(cases)
    with pytest.raises(Over):
        await cases.officers.enter_code(half, "999999")
    with pytest.raises(Over):
        await cases.officers.enter_code(spare, phone.shows())
    assert await cases.officers.halfway(spare) is None
    assert await cases.officers.sign_in("demo1", GOOD) is None
    clock.moment += LOCKED
    assert await cases.officers.enter_code(await _half(cases), phone.shows())


async def test_it_is_turned_off_and_codes_are_renewed_by_who_has_it(
    cases: Cases, clock: Clock, officer: Officer, phone: Phone
) -> None:
    """A stolen open page has neither; guessing there locks as well."""
    assert await cases.officers.renew_codes(officer, "000000") is None
    fresh = await cases.officers.renew_codes(officer, phone.shows())
    assert fresh
    assert await cases.officers.enter_code(await _half(cases), phone.paper[0]) is None
    assert await cases.officers.enter_code(await _half(cases), fresh[0])
    assert not await cases.officers.drop_factor(officer, "000000")
    assert await cases.officers.drop_factor(officer, fresh[1])
    assert await cases.officers.session(await _half(cases))
    async with cases._db.read() as connection:
        assert (await connection.execute(select(recovery_codes))).all() == []
    assert not await cases.officers.drop_factor(officer, fresh[2])


async def test_guessing_at_an_open_page_locks(cases: Cases, clock: Clock, officer: Officer, phone: Phone) -> None:
    """As many tries as anywhere; then not even the right code."""
    for n in range(TRIES):
        assert not await cases.officers.drop_factor(officer, f"{n:06}")
    assert not await cases.officers.drop_factor(officer, phone.shows())
    clock.moment += LOCKED
    assert await cases.officers.drop_factor(officer, phone.shows())


async def test_an_administrator_resets_it(cases: Cases, officer: Officer, phone: Phone) -> None:
    """The phone is lost: the next sign-in is by password alone, and all sessions are over."""
    boss = await cases.officers.add("boss", "uz.mfa", "Demo Boss", "administrator")
    whole = await cases.officers.enter_code(await _half(cases), phone.shows())
    assert whole
    await cases.officers.act(boss, officer.id, "factor")
    assert await cases.officers.session(whole) is None
    assert await cases.officers.session(await _half(cases))


async def test_neither_secret_codes_nor_tried_logins_can_be_read_from_the_database(cases: Cases, phone: Phone) -> None:
    """Who reads the database can make no code. A password typed into the wrong box is not kept."""
    await cases.officers.sign_in("my demo password", "x")
    text = ""
    async with cases._db.read() as connection:
        for table in (officers, recovery_codes, signin_tries):
            text += repr((await connection.execute(select(table))).all())
    shown = [phone.app.secret, *phone.paper, *(code.replace("-", "") for code in phone.paper), "my demo"]
    assert not [secret for secret in shown if secret in text]
