"""The agencies' side: who sees what, what an answer becomes, and that two officers cannot answer past each other."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from handlers.nouns import Forget
from storage.cases import Cases
from storage.records import Filter, Missing, Officer, Stale
from tests.storage_sql.sample import Clock, added, at, opened

CASE = opened()
OTHER = "hu.mfa"


@pytest.fixture
async def officer(cases: Cases) -> Officer:
    """An officer of the agency that owns CASE, which is filed."""
    await cases.file([CASE])
    return await cases.officers.add("demo1", "uz.mfa", "Demo Officer")


async def _seen(cases: Cases, agency: str = "uz.mfa") -> str:
    return (await cases.case(agency, CASE.ref)).seen


async def test_another_agency_sees_nothing_not_even_a_count(cases: Cases, officer: Officer) -> None:
    """Every read for an agency that is not listed finds nothing, as if the case did not exist."""
    (fetch,) = await cases.pending_media(1)
    await cases.stored(fetch.id, b"demo", "image/png")
    stranger = await cases.officers.add("demo2", OTHER, "Demo Stranger")
    seen = await _seen(cases)
    assert (await cases.queue(OTHER, Filter())).lines == ()
    assert (await cases.queue(OTHER, Filter(ref=CASE.ref))).lines == ()
    assert await cases.counts(OTHER) == {}
    for refused in (
        cases.case(OTHER, CASE.ref),
        cases.case(OTHER, CASE.id),
        cases.attachment(OTHER, CASE.ref, fetch.id),
        cases.reply(stranger, CASE.ref, "x", seen),
        cases.set_status(stranger, CASE.ref, "closed", seen),
        cases.note(stranger, CASE.ref, "x", seen),
    ):
        with pytest.raises(Missing):
            await refused
    assert {agency for agency, _, _ in await cases.unpublished(99)} == {"kz.mfa", "uz.mfa"}
    assert (await cases.attachment("kz.mfa", CASE.ref, fetch.id))[1] == b"demo"


async def test_an_attachment_opens_only_through_its_own_case(cases: Cases, officer: Officer) -> None:
    """The id of a file is no key to it from another case."""
    second = opened("second")
    await cases.file([second])
    for fetch in await cases.pending_media(9):
        await cases.stored(fetch.id, fetch.id.encode(), "image/png")
    mine = (await cases.case("uz.mfa", CASE.ref)).events[0].attachments[0].id
    assert (await cases.attachment("uz.mfa", CASE.ref, mine))[1] == mine.encode()
    with pytest.raises(Missing):
        await cases.attachment("uz.mfa", second.ref, mine)
    with pytest.raises(Missing):
        await cases.attachment("uz.mfa", CASE.ref, "\0' OR 1=1")


async def test_a_note_is_for_the_own_agency_alone(cases: Cases, officer: Officer) -> None:
    """The other agency of a shared case sees no note, is told of none, and is not made stale by one."""
    outside = await _seen(cases, "kz.mfa")
    await cases.note(officer, CASE.ref, "Between us", await _seen(cases))
    assert [e.what for e in (await cases.case("uz.mfa", CASE.ref)).events] == ["opened", "note"]
    assert [e.what for e in (await cases.case("kz.mfa", CASE.ref)).events] == ["opened"]
    assert [a for a, _, j in await cases.unpublished(99) if b'"note"' in j] == ["uz.mfa"]
    abroad = await cases.officers.add("demo3", "kz.mfa", "Demo Abroad")
    await cases.reply(abroad, CASE.ref, "Hello", outside)
    assert [n.extras["agency"] for n in await cases.news(9)] == ["kz.mfa"]
    theirs = (await cases.case("uz.mfa", CASE.ref)).events[-1]
    assert theirs.who == "kz.mfa"


async def test_a_reply_to_an_old_page_is_refused(cases: Cases, officer: Officer) -> None:
    """An answer is never given past a message that the officer has not read."""
    seen = await _seen(cases)
    await cases.file([added(CASE, 1)])
    with pytest.raises(Stale):
        await cases.reply(officer, CASE.ref, "Answer", seen)
    with pytest.raises(Stale):
        await cases.set_status(officer, CASE.ref, "closed", seen)
    await cases.note(officer, CASE.ref, "A note is always welcome", seen)
    await cases.reply(officer, CASE.ref, "Answer", await _seen(cases))
    assert [n.body for n in await cases.news(9)] == ["Answer"]


async def test_a_form_sent_twice_is_one_answer(cases: Cases, officer: Officer) -> None:
    """The second click on Send, or a browser's resend, does nothing more."""
    seen = await _seen(cases)
    first = await cases.reply(officer, CASE.ref, "Answer", seen)
    assert await cases.reply(officer, CASE.ref, "Answer", seen) == first
    assert len(await cases.news(9)) == 1


async def test_of_two_officers_at_once_one_is_refused(cases: Cases, officer: Officer) -> None:
    """Two answers to one page, at the same moment: the citizen gets one."""
    second = await cases.officers.add("demo4", "uz.mfa", "Demo Second")
    seen = await _seen(cases)
    answers = (cases.reply(who, CASE.ref, f"From {who.login}", seen) for who in (officer, second))
    ended = await asyncio.gather(*answers, return_exceptions=True)
    assert sorted(type(e).__name__ for e in ended) == ["Stale", "str"]
    assert len(await cases.news(9)) == 1


async def test_many_writers_on_one_case_number_its_events_without_a_gap(cases: Cases, officer: Officer) -> None:
    """The clerk and officers write at once; every event has its own place."""
    seen = await _seen(cases)
    await asyncio.gather(
        *(cases.file([added(CASE, n)]) for n in range(6)),
        *(cases.note(officer, CASE.ref, f"note {n}", seen) for n in range(6)),
    )
    assert [e.seq for e in (await cases.case("uz.mfa", CASE.ref)).events] == list(range(1, 14))


async def test_an_officers_act_is_news_until_it_is_told(cases: Cases, officer: Officer, clock: Clock) -> None:
    """Reply and status reach the chat once; the same news is the same Inbound until then. Notes are none."""
    event = await cases.reply(officer, CASE.ref, "Answer", await _seen(cases))
    clock.forward(minutes=1)
    await cases.set_status(officer, CASE.ref, "decided", await _seen(cases))
    await cases.note(officer, CASE.ref, "Between us", await _seen(cases))
    first, second = await cases.news(9)
    assert (first.id, first.chat, first.kind, first.body) == (f"news:{event}", CASE.chat, "news", "Answer")
    assert first.extras == {
        "case": CASE.id,
        "ref": CASE.ref,
        "event": event,
        "what": "reply",
        "status": "received",
        "agency": "uz.mfa",
    }
    assert (second.extras["what"], second.extras["status"], second.at) == ("status", "decided", clock.moment)
    assert await cases.news(1) == [first]
    await cases.told([first.id])
    await cases.told([first.id, event])
    assert await cases.news(9) == [second]
    await cases.told([second.extras["event"]])
    assert await cases.news(9) == []
    assert [e.actor for e in (await cases.case("uz.mfa", CASE.ref)).events] == ["citizen", "staff", "staff", "staff"]


async def test_a_forgotten_person_is_not_written_to(cases: Cases, officer: Officer) -> None:
    """What was not told yet is told no more, and nobody can answer."""
    await cases.reply(officer, CASE.ref, "Answer", await _seen(cases))
    await cases.file([Forget("forget", CASE.chat, CASE.chat_ref, (CASE.id,), at(9))])
    assert await cases.news(9) == []
    with pytest.raises(Missing):
        await cases.reply(officer, CASE.ref, "Too late", await _seen(cases))


async def test_the_queue_is_urgent_first_then_oldest_and_pages_hold(cases: Cases) -> None:
    """Walking the pages meets every open case once, in order, whatever is filed meanwhile."""
    levels = ("normal", "danger", "urgent")
    many = [replace(opened(f"p{n}", minutes=n), priority=levels[n % 3]) for n in range(9)]
    await cases.file(many)
    met: list[str] = []
    after = ""
    while True:
        page = await cases.queue("uz.mfa", Filter(), after, 4)
        met += [line.id for line in page.lines]
        await cases.file([replace(opened(f"new{len(met)}", minutes=-99), priority="danger")])
        if not page.after:
            break
        after = page.after
    expected = [c.id for level in ("danger", "urgent", "normal") for c in many if c.priority == level]
    assert met == expected
    assert (await cases.queue("uz.mfa", Filter(), "nonsense", 99)).lines


async def test_filters_and_search(cases: Cases, officer: Officer) -> None:
    """Each filter narrows; a reference is found as people write it, at any status."""
    assert len((await cases.queue("uz.mfa", Filter(host="UZ", nationality="KZ", place="airport_zone"))).lines) == 1
    for nothing in (Filter(host="HU"), Filter(nationality="TR"), Filter(priority="danger"), Filter(place="\0")):
        assert (await cases.queue("uz.mfa", nothing)).lines == ()
    await cases.set_status(officer, CASE.ref, "closed", await _seen(cases))
    assert (await cases.queue("uz.mfa", Filter())).lines == ()
    assert len((await cases.queue("uz.mfa", Filter(statuses=("closed",)))).lines) == 1
    assert len((await cases.queue("uz.mfa", Filter(ref=CASE.ref.lower().replace("-", " ")))).lines) == 1
    assert await cases.counts("uz.mfa") == {"closed": 1}
