"""Who holds a case: two officers never both, nobody past a colleague, and never somebody who is not there."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from handlers.nouns import Export
from storage.cases import Cases
from storage.records import Filter, HeldBy, Line, Missing, Officer, Stale
from tests.storage_sql.sample import Clock, added, at, opened

CASE = replace(opened(), priority="normal", reasons=(), assessment=None, facts={"host": "UZ"})


@pytest.fixture
async def both(cases: Cases) -> tuple[Officer, Officer]:
    """Two officers of the agency whose turn CASE is."""
    await cases.file([CASE])
    return await cases.officers.add("demo1", "uz.mfa", "Demo One"), await cases.officers.add(
        "demo2", "uz.mfa", "Demo Two"
    )


async def _line(cases: Cases, agency: str = "uz.mfa") -> Line:
    return (await cases.case(agency, CASE.ref)).line


async def _seen(cases: Cases) -> str:
    return (await cases.case("uz.mfa", CASE.ref)).seen


async def test_of_two_who_claim_at_once_one_has_it_and_the_other_is_told_who(
    cases: Cases, both: tuple[Officer, Officer]
) -> None:
    """Whoever was first; their colleague reads the name, not an error."""
    ended = await asyncio.gather(*(cases.claim(who, CASE.ref) for who in both), return_exceptions=True)
    (winner,) = [who for who, end in zip(both, ended, strict=True) if end is None]
    (refused,) = [end for end in ended if end is not None]
    assert isinstance(refused, HeldBy)
    assert refused.name == winner.name == (await _line(cases)).holding
    await cases.claim(winner, CASE.ref)
    assert [e.what for e in (await cases.case("uz.mfa", CASE.ref)).events] == ["opened", "claimed"]


async def test_nobody_answers_past_a_colleague_without_taking_over(cases: Cases, both: tuple[Officer, Officer]) -> None:
    """Reply and status are refused, a note is welcome; taking over is said in the history, and one answer goes out."""
    one, two = both
    await cases.claim(one, CASE.ref)
    seen = await _seen(cases)
    with pytest.raises(HeldBy):
        await cases.reply(two, CASE.ref, "Mine", seen)
    with pytest.raises(HeldBy):
        await cases.set_status(two, CASE.ref, "closed", seen)
    await cases.note(two, CASE.ref, "Shall I?", seen)
    await cases.reply(two, CASE.ref, "Mine", await _seen(cases), over=True)
    whats = [(e.what, e.who) for e in (await cases.case("uz.mfa", CASE.ref)).events]
    assert whats[-2:] == [("claimed", two.name), ("reply", two.name)]
    assert (await _line(cases)).holder == two.id
    assert [n.body for n in await cases.news(9)] == ["Mine"]
    with pytest.raises(HeldBy):
        await cases.reply(one, CASE.ref, "Mine too", await _seen(cases))


async def test_claiming_makes_no_page_old(cases: Cases, both: tuple[Officer, Officer]) -> None:
    """An officer who writes while somebody claims and frees the case is not told that something new happened."""
    one, two = both
    seen = await _seen(cases)
    await cases.claim(two, CASE.ref)
    await cases.release(two, CASE.ref)
    await cases.reply(one, CASE.ref, "Answer", seen)
    with pytest.raises(Stale):
        await cases.reply(two, CASE.ref, "Second answer", seen)


async def test_only_the_own_agency_knows_who_has_it(cases: Cases, both: tuple[Officer, Officer]) -> None:
    """Not the other side's page, queue or stream; not the citizen, in chat or in their export."""
    await cases.claim(both[0], CASE.ref)
    await cases.assign(both[0], CASE.ref, both[1].id)
    assert [e.what for e in (await cases.case("kz.mfa", CASE.ref)).events] == ["opened"]
    assert ((await _line(cases, "kz.mfa")).holder, (await _line(cases, "kz.mfa")).holding) == ("", "")
    told = [agency for agency, _, entry in await cases.unpublished(99) if b"claimed" in entry or b"assigned" in entry]
    assert told == ["uz.mfa", "uz.mfa"]
    assert await cases.news(9) == []
    assert "Demo" not in (await cases.export(Export("e", CASE.chat, (CASE.id,), at(9)))).replace(
        "Demo Agency", ""
    ).replace("Demo Person", "")
    abroad = await cases.officers.add("demo3", "kz.mfa", "Demo Abroad")
    await cases.claim(abroad, CASE.ref)
    assert ((await _line(cases)).holder, (await _line(cases, "kz.mfa")).holder) == (both[1].id, abroad.id)


async def test_a_case_is_given_to_colleagues_who_can_work(cases: Cases, both: tuple[Officer, Officer]) -> None:
    """Not to another agency, an observer, somebody who left, or nobody."""
    one, two = both
    stranger = await cases.officers.add("demo4", "kz.mfa", "Demo Stranger")
    observer = await cases.officers.add("demo5", "uz.mfa", "Demo Observer", "observer")
    left = await cases.officers.add("demo6", "uz.mfa", "Demo Left")
    await cases.officers.disable("demo6")
    assert await cases.colleagues("uz.mfa") == [(one.id, one.name), (two.id, two.name)]
    for wrong in (stranger.id, observer.id, left.id, "", "\0"):
        with pytest.raises(Missing):
            await cases.assign(one, CASE.ref, wrong)
    with pytest.raises(Missing):
        await cases.assign(stranger, "no such case", stranger.id)
    await cases.assign(one, CASE.ref, two.id)
    assert (await _line(cases)).holding == two.name
    with pytest.raises(HeldBy):
        await cases.release(one, CASE.ref)
    await cases.release(one, CASE.ref, over=True)
    assert (await _line(cases)).holder == ""


async def test_the_queue_shows_mine_nobodys_and_somebodys(cases: Cases, both: tuple[Officer, Officer]) -> None:
    """And counts what is mine, free, unread and overdue."""
    one, two = both
    others = [replace(CASE, id=name, ref=f"r-{name}", at=at(n)) for n, name in enumerate("bcd")]
    await cases.file(others)
    await cases.claim(one, CASE.ref)
    await cases.claim(two, "b")

    async def shown(holder: str) -> list[str]:
        return [line.id for line in (await cases.queue("uz.mfa", Filter(holder=holder))).lines]

    assert await shown(one.id) == [CASE.id]
    assert sorted(await shown("+")) == sorted([CASE.id, "b"])
    assert await shown("-") == ["c", "d"]
    tallies = await cases.tallies(one)
    assert {name: tallies[name] for name in ("mine", "free", "unread", "overdue", "received", "closed")} == {
        "mine": 1,
        "free": 2,
        "unread": 4,
        "overdue": 0,
        "received": 4,
        "closed": 0,
    }
    stranger = await cases.officers.add("demo4", "hu.mfa", "Demo Stranger")
    assert set((await cases.tallies(stranger)).values()) == {0}


async def test_a_case_goes_back_when_its_holder_is_away(
    cases: Cases, both: tuple[Officer, Officer], clock: Clock
) -> None:
    """After eight working hours without a sign, while the citizen waits; never while they wait for nothing."""
    one, two = both
    asked = replace(CASE, id="asked", ref="r-asked")
    await cases.file([asked])
    await cases.officers.redeem(await cases.officers.invite("demo1"), "a long demo passphrase")
    await cases.claim(one, CASE.ref)
    await cases.claim(one, "asked")
    await cases.set_status(one, "asked", "waiting", (await cases.case("uz.mfa", "asked")).seen)
    clock.forward(days=2.9)  # Friday 19:00 to Monday 16:36: 7.6 working hours
    assert await cases.idle() == 0
    await cases.note(one, CASE.ref, "Still at it", "")
    clock.forward(hours=20)  # to Tuesday 12:36: 5 working hours after the note
    assert await cases.idle() == 0
    clock.forward(hours=5)
    assert await cases.idle() == 1
    assert await cases.idle() == 0
    assert ((await _line(cases)).holder, (await cases.case("uz.mfa", "asked")).line.holder) == ("", one.id)
    last = (await cases.case("uz.mfa", CASE.ref)).events[-1]
    assert (last.what, last.actor) == ("released", "system")
    await cases.claim(two, CASE.ref)


async def test_who_has_left_holds_nothing(cases: Cases, both: tuple[Officer, Officer]) -> None:
    """An account that was ended frees its cases at the next look."""
    await cases.claim(both[0], CASE.ref)
    await cases.officers.disable("demo1")
    assert await cases.idle() == 1
    assert (await _line(cases)).holder == ""


async def test_a_word_of_the_citizen_stays_unread_through_claims(cases: Cases, both: tuple[Officer, Officer]) -> None:
    """Taking a case is no reading of it."""
    await cases.file([added(CASE, 1)])
    await cases.claim(both[0], CASE.ref)
    assert (await _line(cases)).unread
