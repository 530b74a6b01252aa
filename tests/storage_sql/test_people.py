"""Accounts in the hands of an agency's administrators: what they may do, and what nobody may."""

from __future__ import annotations

import asyncio

import pytest

from storage.cases import Cases
from storage.officers import LOCKED, MOST, TRIES, WINDOW, Refused, Throttled
from storage.people.accounts import ACTS
from storage.records import Missing, Officer, Role
from storage.sql.audit_reading import Wanted
from tests.storage_sql.sample import Clock

GOOD = "a long demo passphrase"


async def _hire(cases: Cases, login: str, role: Role = "officer", agency: str = "uz.mfa") -> tuple[Officer, str]:
    """An officer and the token of a session."""
    made = await cases.officers.add(login, agency, f"Demo {login}", role)
    session = await cases.officers.redeem(await cases.officers.invite(login), GOOD)
    assert session
    return made, session


async def _acts(cases: Cases, agency: str = "uz.mfa") -> list[str]:
    """What the agency's audit holds, the oldest first."""
    return [d.act for d in reversed(await cases.audit.page(agency, Wanted(), limit=200))]


async def test_an_administrator_makes_and_ends_accounts(cases: Cases) -> None:
    """Made with a one-time link, in the own agency alone; ended with all sessions, at once; opened again."""
    boss, _ = await _hire(cases, "boss", "administrator")
    made, token = await cases.officers.make(boss, " New1 ", "Demo New", "supervisor")
    assert (made.login, made.agency, made.role) == ("new1", "uz.mfa", "supervisor")
    session = await cases.officers.redeem(token, GOOD, "Firefox")
    assert session
    assert await cases.officers.session(session) == made
    assert (await cases.officers.account("uz.mfa", made.id)).sessions == 1
    link = await cases.officers.act(boss, made.id, "link")
    await cases.officers.act(boss, made.id, "disable")
    assert await cases.officers.session(session) is None
    assert await cases.officers.sign_in("new1", GOOD) is None
    assert await cases.officers.invited(link) is None
    with pytest.raises(Refused, match="disabled"):
        await cases.officers.act(boss, made.id, "link")
    await cases.officers.act(boss, made.id, "enable")
    assert await cases.officers.session(session) is None
    assert await cases.officers.sign_in("new1", GOOD)
    assert {a.officer.login for a in await cases.officers.accounts("uz.mfa")} == {"boss", "new1"}
    assert (await _acts(cases))[-9:] == [
        "account.made",
        "account.link",
        "password.set",
        "sign-in",
        "account.link",
        "account.disabled",
        "sign-in.failed",
        "account.enabled",
        "sign-in",
    ]


async def test_a_role_counts_from_the_next_request_on(cases: Cases) -> None:
    """The session stays; what it may do changes at once."""
    boss, _ = await _hire(cases, "boss", "administrator")
    made, session = await _hire(cases, "demo1")
    await cases.officers.act(boss, made.id, "role", "observer")
    now = await cases.officers.session(session)
    assert now
    assert now.role == "observer"
    (deed,) = await cases.audit.page("uz.mfa", Wanted(subject=made.id), limit=1)
    assert (deed.who, deed.act, deed.detail) == (boss.id, "account.role", "officer > observer")
    with pytest.raises(Refused, match="role"):
        await cases.officers.act(boss, made.id, "role", "king")
    with pytest.raises(Refused, match="role"):
        await cases.officers.make(boss, "new1", "Demo", "king")


@pytest.mark.parametrize("what", [*ACTS])
async def test_nobody_acts_on_themselves_on_another_agency_or_without_being_administrator(
    cases: Cases, what: str
) -> None:
    """Not even with an old page: the role is read when the act is done."""
    boss, _ = await _hire(cases, "boss", "administrator")
    chief, _ = await _hire(cases, "chief", "supervisor")
    stranger, session = await _hire(cases, "stranger", agency="kz.mfa")
    before = await _acts(cases)
    with pytest.raises(Refused, match="self"):
        await cases.officers.act(boss, boss.id, what, "officer")
    for officer in (chief, stranger):
        with pytest.raises(Refused, match="denied"):
            await cases.officers.act(officer, boss.id, what, "officer")
    for id in (stranger.id, "nobody", "\0"):
        with pytest.raises(Missing):
            await cases.officers.act(boss, id, what, "officer")
    assert await cases.officers.session(session) == stranger
    assert await _acts(cases) == before


async def test_making_accounts_is_for_administrators_and_taken_logins_are_refused(cases: Cases) -> None:
    """Whoever has the login, in whichever agency."""
    boss, _ = await _hire(cases, "boss", "administrator")
    chief, _ = await _hire(cases, "chief", "supervisor")
    await _hire(cases, "stranger", agency="kz.mfa")
    with pytest.raises(Refused, match="denied"):
        await cases.officers.make(chief, "new1", "Demo", "officer")
    for login, name, why in (("stranger", "Demo", "taken"), (" ", "Demo", "empty"), ("new1", " ", "empty")):
        with pytest.raises(Refused, match=why):
            await cases.officers.make(boss, login, name, "officer")
    with pytest.raises(Missing):
        await cases.officers.account("uz.mfa", (await cases.officers.accounts("kz.mfa"))[0].officer.id)


async def test_an_agency_always_keeps_an_administrator(cases: Cases) -> None:
    """Two who end each other at the same moment: one of them comes second and is refused."""
    one, _ = await _hire(cases, "one", "administrator")
    two, _ = await _hire(cases, "two", "administrator")
    both = (cases.officers.act(one, two.id, "disable"), cases.officers.act(two, one.id, "role", "officer"))
    ended = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(e).__name__ for e in ended) == ["Refused", "str"]
    left = [a for a in await cases.officers.accounts("uz.mfa") if a.officer.active]
    (last,) = [a.officer for a in left if a.officer.role == "administrator"]
    with pytest.raises(Refused, match="last"):
        await cases.officers.disable(last.login)
    assert await cases.officers.disable(last.login, force=True)


async def test_an_officer_lists_and_ends_their_own_sessions(cases: Cases, clock: Clock) -> None:
    """When, last seen, which browser; never another's."""
    me, first = await _hire(cases, "demo1")
    clock.forward(minutes=5)
    second = await cases.officers.sign_in("demo1", GOOD, "Firefox")
    _, other = await _hire(cases, "demo2")
    assert second
    found = await cases.officers.sessions(me, second)
    assert [(s.browser, s.way, s.current) for s in found] == [("Firefox", "password", True), ("", "link", False)]
    assert found[0].began == clock.moment
    strange = await cases.officers.find("demo2")
    assert strange
    (theirs,) = await cases.officers.sessions(strange, other)
    with pytest.raises(Missing):
        await cases.officers.end_session(me, theirs.id)
    await cases.officers.end_session(me, found[1].id)
    assert await cases.officers.session(first) is None
    third = await cases.officers.sign_in("demo1", GOOD)
    await cases.officers.end_others(me, second)
    assert third
    assert await cases.officers.session(third) is None
    assert await cases.officers.session(second)
    assert await cases.officers.session(other)


async def test_a_password_is_changed_by_who_knows_the_old_one(cases: Cases, clock: Clock) -> None:
    """Other sessions end; guessing the old one locks, for signing in too."""
    me, session = await _hire(cases, "demo1")
    other = await cases.officers.sign_in("demo1", GOOD)
    assert other
    change = cases.officers.change_password
    with pytest.raises(ValueError, match="12"):
        await change(me, GOOD, "short", session)
    assert await change(me, GOOD, GOOD + "2", session)
    assert await cases.officers.session(session) == me
    assert await cases.officers.session(other) is None
    for _ in range(TRIES):
        assert not await change(me, "guess", GOOD + "3", session)
    assert not await change(me, GOOD + "2", GOOD + "3", session)
    assert await cases.officers.sign_in("demo1", GOOD + "2") is None
    clock.moment += LOCKED
    assert await cases.officers.sign_in("demo1", GOOD + "2")


@pytest.mark.parametrize("login", ["demo1", "nobody"])
async def test_a_login_can_be_tried_so_often(cases: Cases, clock: Clock, login: str) -> None:
    """Known or not makes no difference; other logins are not slowed; after a while it goes on."""
    await _hire(cases, "demo1")
    await _hire(cases, "demo2")
    for _ in range(MOST):
        assert await cases.officers.sign_in(login, "guess") is None
    with pytest.raises(Throttled) as told:
        await cases.officers.sign_in(f" {login.upper()}", GOOD)
    assert told.value.wait == WINDOW
    assert await cases.officers.sign_in("demo2", GOOD)
    clock.moment += WINDOW
    assert bool(await cases.officers.sign_in(login, GOOD)) == (login == "demo1")


async def test_signing_in_begins_the_count_anew(cases: Cases) -> None:
    """A busy shared morning is no attack."""
    await _hire(cases, "demo1")
    for _ in range(MOST + 2):
        assert await cases.officers.sign_in("demo1", GOOD)


async def test_the_providers_person_is_one_account_of_the_agency(cases: Cases) -> None:
    """By login once, by subject from then on; nobody is made, and no other agency's officer is meant."""
    me, _ = await _hire(cases, "demo1")
    vouched = cases.officers.vouched
    for agency, subject, login in (
        ("kz.mfa", "s-1", "demo1"),
        ("uz.mfa", "s-1", "nobody"),
        ("uz.mfa", "s-1", ""),
        ("uz.mfa", "", "demo1"),
        ("uz.mfa", "\0", "demo1"),
    ):
        assert await vouched(agency, subject, login) is None
    session = await vouched("uz.mfa", "s-1", "Demo1", "Firefox")
    assert session
    found = await cases.officers.session(session)
    assert found
    assert (found.id, found.factor) == (me.id, True)
    assert await vouched("uz.mfa", "s-2", "demo1") is None
    assert await vouched("uz.mfa", "s-1", "renamed")
    boss, _ = await _hire(cases, "boss", "administrator")
    await cases.officers.act(boss, me.id, "unlink")
    assert await cases.officers.session(session) is None
    assert await vouched("uz.mfa", "s-2", "demo1")
    await cases.officers.act(boss, me.id, "disable")
    assert await vouched("uz.mfa", "s-2", "demo1") is None
