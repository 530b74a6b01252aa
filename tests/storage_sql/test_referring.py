"""Referrals: every way they can go, who sees what on it, and that no move is made twice or from the wrong place."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import get_args

import pytest

from handlers.nouns import AddToCase, Forget
from storage.cases import Cases
from storage.records import Filter, Missing, Officer, Stale
from storage.records_work import Barred, State, Wish
from storage.sql.referring import LIVE, MOVES, moved
from tests.storage_sql.sample import SECRET, Clock, added, at, opened, rows

CASE = opened()
REASON = "Demo reason between us"
WISH = Wish("hu.mfa", "documents", REASON)
AT_ONCE = Wish("hu.mfa", "health", REASON, "Demo: life at risk, they cannot answer")


@dataclass
class Desk:
    """Three agencies: the one whose turn it is, the home side that sees the case too, and one that does not see it."""

    cases: Cases
    owner: Officer
    home: Officer
    target: Officer

    async def refer(self, wish: Wish = WISH) -> str:
        """The owner's wish, on the newest page."""
        return await self.cases.work.refer(self.owner, CASE.ref, wish, await self.seen())

    async def seen(self) -> str:
        """What the owner's page shows last."""
        return (await self.cases.case("uz.mfa", CASE.ref)).seen

    async def says(self, what: str, id: str, n: int = 1) -> None:
        """The person's answer."""
        extras = {"referral": id}
        await self.cases.file([AddToCase(f"answer-{n}", CASE.id, at(30 + n), what, extras=extras)])

    async def offered(self) -> str:
        """A referral that the person agreed to."""
        id = await self.refer()
        await self.says("referral_agreed", id)
        return id

    async def events(self, agency: str = "uz.mfa") -> list[str]:
        """What the agency sees of the case's history."""
        return [e.what for e in (await self.cases.case(agency, CASE.ref)).events]

    async def news(self) -> list[str]:
        """What the chat is told."""
        return [n.extras["what"] for n in await self.cases.news(99)]


@pytest.fixture
async def desk(cases: Cases) -> Desk:
    """The case is filed, everybody is at work."""
    await cases.file([CASE])
    hired = [await cases.officers.add(f"demo-{a[:2]}", a, f"Demo {a}") for a in ("uz.mfa", "kz.mfa", "hu.mfa")]
    return Desk(cases, *hired)


def test_every_way_of_a_referral_is_in_the_table_and_no_other() -> None:
    """All pairs of state and move: those of the picture lead on, the rest is refused."""
    moves = {move for _, move in MOVES}
    for state in get_args(State):
        for move in moves:
            if (state, move) in MOVES:
                assert moved(state, move) in get_args(State)
            else:
                with pytest.raises(Barred):
                    moved(state, move)
    assert {state for state, _ in MOVES} == {*LIVE, "accepted"}


async def test_asked_agreed_offered_accepted(desk: Desk) -> None:
    """The whole way: the person is asked, agrees; the other agency sees the offer, takes the case; the person is told."""
    id = await desk.refer()
    (news,) = await desk.cases.news(9)
    assert news.extras["what"] == "referral_asked"
    assert {k: news.extras[k] for k in ("referral", "origin", "target", "why")} == {
        "referral": id,
        "origin": "uz.mfa",
        "target": "hu.mfa",
        "why": "documents",
    }
    assert REASON not in str(news.extras) + news.body
    assert await desk.cases.work.offers("hu.mfa") == []
    await desk.says("referral_agreed", id)
    (offer,) = await desk.cases.work.offers("hu.mfa")
    assert (offer.id, offer.state, offer.reason, offer.consented) == (id, "offered", REASON, True)
    assert (offer.host, offer.nationality, offer.place, offer.priority) == ("UZ", "KZ", "airport_zone", "urgent")
    assert await desk.cases.work.accept(desk.target, id) == CASE.id
    assert await desk.cases.work.accept(desk.target, id) == CASE.id
    case = await desk.cases.case("hu.mfa", CASE.ref)
    assert (case.line.owner, case.line.status, case.agencies) == ("hu.mfa", "referred", ("hu.mfa", "kz.mfa", "uz.mfa"))
    assert await desk.events() == [
        "opened",
        "referral_asked",
        "referral_agreed",
        "referral_offered",
        "agency",
    ]
    assert [(n.extras["what"], n.extras["agency"]) for n in await desk.cases.news(9)] == [
        ("referral_asked", "uz.mfa"),
        ("agency", "hu.mfa"),
    ]
    assert await desk.cases.work.offers("hu.mfa") == []


async def test_an_offer_shows_only_what_is_needed_to_decide(desk: Desk) -> None:
    """No number, name, word or file of the person, and no way to the case; its stream says nothing either."""
    id = await desk.offered()
    offer = await desk.cases.work.offer("hu.mfa", id)
    told = json.dumps([str(getattr(offer, name)) for name in offer.__struct_fields__])
    assert not [word for word in (SECRET, CASE.ref, CASE.id, CASE.chat, CASE.chat_ref, "Demo uz") if word in told]
    assert (offer.key, offer.by) == ("", "")
    assert (await desk.cases.queue("hu.mfa", Filter())).lines == ()
    with pytest.raises(Missing):
        await desk.cases.case("hu.mfa", CASE.ref)
    assert "hu.mfa" not in {agency for agency, _, _ in await desk.cases.unpublished(99)}


async def test_reasons_stay_between_the_two_agencies(desk: Desk) -> None:
    """The home side sees that the case was referred, never why; no event holds a reason."""
    id = await desk.refer(AT_ONCE)
    await desk.cases.work.reject(desk.target, id, "Demo: not ours")
    mine = (await desk.cases.work.beside(desk.owner, CASE.ref)).handovers
    assert [(h.reason, h.override, h.answer) for h in mine] == [(REASON, AT_ONCE.override, "Demo: not ours")]
    assert (await desk.cases.work.beside(desk.home, CASE.ref)).handovers == ()
    with pytest.raises(Missing):
        await desk.cases.work.offer("kz.mfa", id)
    for agency in ("uz.mfa", "kz.mfa"):
        shown = (await desk.cases.case(agency, CASE.ref)).events
        assert [e.what for e in shown] == ["opened", "referral_offered", "referral_rejected"]
        assert "Demo: " not in str([(e.body, dict(e.extras)) for e in shown])


async def test_a_declined_referral_is_never_offered(desk: Desk) -> None:
    """The other agency does not even hear that somebody was asked; the case stays, and may be referred anew."""
    id = await desk.refer()
    await desk.says("referral_declined", id)
    assert await desk.cases.work.offers("hu.mfa") == []
    with pytest.raises(Missing):
        await desk.cases.work.offer("hu.mfa", id)
    with pytest.raises(Missing):
        await desk.cases.work.accept(desk.target, id)
    await desk.says("referral_agreed", id, 2)
    assert await desk.events() == ["opened", "referral_asked", "referral_declined"]
    assert await desk.refer() != id


async def test_at_once_where_life_is_at_risk(desk: Desk) -> None:
    """Without asking: the reason is kept; the person is told when somebody has taken the case, not before."""
    id = await desk.refer(AT_ONCE)
    (offer,) = await desk.cases.work.offers("hu.mfa")
    assert (offer.consented, offer.override) == (False, AT_ONCE.override)
    assert await desk.news() == []
    await desk.says("referral_agreed", id)
    assert await desk.events() == ["opened", "referral_offered"]
    await desk.cases.work.accept(desk.target, id)
    assert await desk.news() == ["agency"]


async def test_taken_back_before_and_after_it_was_accepted(desk: Desk) -> None:
    """Before: nobody sees anything. After: the turn comes back, and who saw the case only by it sees it no more."""
    early = await desk.refer()
    await desk.cases.work.withdraw(desk.owner, early, "Demo: a mistake")
    await desk.says("referral_agreed", early)
    assert await desk.events() == ["opened", "referral_asked", "referral_withdrawn"]
    id = await desk.refer()
    await desk.says("referral_agreed", id, 2)
    await desk.cases.work.accept(desk.target, id)
    await desk.cases.work.withdraw(desk.owner, id, "Demo: no answer for a week")
    await desk.cases.work.withdraw(desk.owner, id, "Demo: twice")
    case = await desk.cases.case("uz.mfa", CASE.ref)
    assert (case.line.owner, case.line.status, case.agencies) == ("uz.mfa", "received", ("kz.mfa", "uz.mfa"))
    with pytest.raises(Missing):
        await desk.cases.case("hu.mfa", CASE.ref)
    gone = await desk.cases.work.offer("hu.mfa", id)
    assert (gone.state, gone.key, gone.answer) == ("recalled", "", "Demo: no answer for a week")
    assert (await desk.news())[-2:] == ["agency", "agency"]


async def test_what_was_passed_on_from_there_ends_with_the_recall(desk: Desk) -> None:
    """An agency that lost the case cannot go on referring it; one further on cannot be overtaken."""
    first = await desk.offered()
    await desk.cases.work.accept(desk.target, first)
    seen = (await desk.cases.case("hu.mfa", CASE.ref)).seen
    onward = await desk.cases.work.refer(desk.target, CASE.ref, Wish("kz.mfa", "citizens", REASON), seen)
    await desk.cases.work.withdraw(desk.owner, first, "Demo")
    with pytest.raises(Missing):
        await desk.cases.work.accept(desk.home, onward)
    last = [n for n in await desk.cases.news(9) if n.extras["what"] == "referral_withdrawn"]
    assert [n.extras["origin"] for n in last] == ["uz.mfa"]


async def test_a_case_that_went_on_is_not_recalled_past_its_owner(desk: Desk) -> None:
    """Only who gave it to the one that has it now may take it back."""
    first = await desk.offered()
    await desk.cases.work.accept(desk.target, first)
    seen = (await desk.cases.case("hu.mfa", CASE.ref)).seen
    onward = await desk.cases.work.refer(desk.target, CASE.ref, Wish("kz.mfa", "citizens", REASON), seen)
    await desk.says("referral_agreed", onward, 2)
    await desk.cases.work.accept(desk.home, onward)
    with pytest.raises(Barred, match="owner"):
        await desk.cases.work.withdraw(desk.owner, first, "Demo")
    await desk.cases.work.withdraw(desk.target, onward, "Demo")
    case = await desk.cases.case("kz.mfa", CASE.ref)
    assert (case.line.owner, "kz.mfa" in case.agencies) == ("hu.mfa", True)


async def test_who_may_not_refer(desk: Desk) -> None:
    """Not an agency whose turn it is not, not to oneself, not twice at once, not on an old page, not a stranger."""
    seen = await desk.seen()
    refer = desk.cases.work.refer
    for officer, wish, fault in (
        (desk.home, WISH, "owner"),
        (desk.owner, Wish("uz.mfa", "stay", REASON), "target"),
    ):
        with pytest.raises(Barred, match=fault):
            await refer(officer, CASE.ref, wish, seen)
    with pytest.raises(Missing):
        await refer(desk.target, CASE.ref, Wish("kz.mfa", "stay", REASON), seen)
    await desk.cases.file([added(CASE, 1)])
    with pytest.raises(Stale):
        await refer(desk.owner, CASE.ref, WISH, seen)
    id = await desk.refer()
    with pytest.raises(Barred, match="pending"):
        await desk.refer(Wish("kz.mfa", "citizens", REASON))
    for who in (desk.home, desk.target):
        with pytest.raises(Missing):
            await desk.cases.work.withdraw(who, id, "x")
    await desk.says("referral_agreed", id)
    for who in (desk.home, desk.owner):
        with pytest.raises(Missing):
            await desk.cases.work.accept(who, id)


async def test_of_two_officers_at_once_one_referral_comes(desk: Desk) -> None:
    """And of accepting and taking back at the same moment one is refused, and nothing is in between."""
    second = await desk.cases.officers.add("demo-second", "uz.mfa", "Demo second")
    seen = await desk.seen()
    both = (desk.cases.work.refer(o, CASE.ref, WISH, seen) for o in (desk.owner, second))
    assert sorted(type(e).__name__ for e in await asyncio.gather(*both, return_exceptions=True)) == ["Barred", "str"]
    (id,) = [str(r["id"]) for r in (await rows(desk.cases))["referrals"]]
    await desk.says("referral_agreed", id)
    ended = await asyncio.gather(
        desk.cases.work.reject(desk.target, id, "Demo"),
        desk.cases.work.withdraw(desk.owner, id, "Demo"),
        return_exceptions=True,
    )
    assert len([e for e in ended if e is not None]) == 1
    (row,) = (await rows(desk.cases))["referrals"]
    assert row["state"] in ("rejected", "withdrawn")


async def test_an_answer_filed_twice_is_one(desk: Desk) -> None:
    """The clerk may bring it again after a crash."""
    id = await desk.refer()
    for _ in range(2):
        await desk.says("referral_agreed", id)
    assert (await desk.events()).count("referral_offered") == 1
    assert (await desk.events()).count("referral_agreed") == 1


async def test_an_agency_lets_a_case_go_that_is_anothers_turn(desk: Desk) -> None:
    """It sees it no more; who has the turn cannot, so that no case is without anybody."""
    with pytest.raises(Barred, match=r"own$"):
        await desk.cases.work.let_go(desk.owner, CASE.ref)
    await desk.cases.work.let_go(desk.home, CASE.ref)
    with pytest.raises(Missing):
        await desk.cases.case("kz.mfa", CASE.ref)
    assert (await desk.cases.case("uz.mfa", CASE.ref)).events[-1].who == "kz.mfa"


async def test_forgetting_empties_referrals_and_ends_the_offer(desk: Desk, clock: Clock) -> None:
    """The state stays for counting; no reason does, and nobody can take a case that is no more."""
    calls: list[Callable[[], Awaitable[object]]] = []
    id = await desk.refer(AT_ONCE)
    await desk.cases.file([Forget("f", CASE.chat, CASE.chat_ref, (CASE.id,), at(99))])
    assert await desk.cases.work.offers("hu.mfa") == []
    calls.append(lambda: desk.cases.work.accept(desk.target, id))
    calls.append(lambda: desk.cases.work.withdraw(desk.owner, id, "x"))
    calls.append(lambda: desk.cases.work.let_go(desk.home, CASE.ref))
    for call in calls:
        with pytest.raises(Missing):
            await call()
    (row,) = (await rows(desk.cases))["referrals"]
    assert (row["state"], row["reason"], row["override"], row["answer"]) == ("withdrawn", None, None, None)
