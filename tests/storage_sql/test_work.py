"""Work beside answering: who looks, who is mentioned, what is linked, which phrases are kept, how we are rated."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from handlers.nouns import AddToCase, Export, Forget
from storage.cases import Cases
from storage.records import Missing, Officer
from storage.records_work import Barred, Original
from storage.sql.audit_reading import Wanted
from storage.sql.mentions import names
from tests.storage_sql.sample import Clock, at, opened, rows

CASE, TWIN = opened(), opened("twin", minutes=1)


@pytest.fixture
async def officer(cases: Cases) -> Officer:
    """An officer of the agency that owns both cases."""
    await cases.file([CASE, TWIN])
    return await cases.officers.add("demo.one", "uz.mfa", "Demo One")


async def test_colleagues_see_each_other_while_they_look(cases: Cases, officer: Officer, clock: Clock) -> None:
    """Of the same agency alone; gone a minute after the last look."""
    second = await cases.officers.add("demo.two", "uz.mfa", "Demo Two")
    abroad = await cases.officers.add("demo.far", "kz.mfa", "Demo Far")
    assert (await cases.work.beside(abroad, CASE.ref)).viewers == ()
    assert (await cases.work.beside(officer, CASE.ref)).viewers == ()
    assert [v.name for v in (await cases.work.beside(second, CASE.ref)).viewers] == ["Demo One"]
    assert [v.name for v in (await cases.work.look(officer, CASE.ref))[0]] == ["Demo Two"]
    assert (await cases.work.beside(second, TWIN.ref)).viewers == ()
    clock.forward(seconds=40)
    await cases.work.look(second, CASE.ref)
    clock.forward(seconds=40)
    assert [v.name for v in (await cases.work.look(officer, CASE.ref))[0]] == ["Demo Two"]
    clock.forward(seconds=60)
    assert (await cases.work.look(officer, CASE.ref))[0] == ()
    stranger = await cases.officers.add("demo.off", "hu.mfa", "Demo Off")
    for call in (cases.work.beside(stranger, CASE.ref), cases.work.look(stranger, CASE.ref)):
        with pytest.raises(Missing):
            await call


async def test_a_look_tells_the_newest_event(cases: Cases, officer: Officer) -> None:
    """So that a page knows that it is old before somebody writes an answer on it."""
    _, seen = await cases.work.look(officer, CASE.ref)
    assert seen == (await cases.case("uz.mfa", CASE.ref)).seen
    await cases.note(officer, CASE.ref, "x", seen)
    assert (await cases.work.look(officer, CASE.ref))[1] != seen


def test_a_login_is_named_whole() -> None:
    """In any case, with punctuation around it; never as part of a longer one or of an e-mail address."""
    for text in ("@ali", "please @Ali, look", "(@ALI)", "ask @ali.", "@ali: yes", "end @ali"):
        assert names(text, "ali"), text
    for text in ("ali", "@alina", "@ali.k", "me@ali", "@ali-2", "@ali@home", "a.@ali_x"):
        assert not names(text, "ali"), text
    assert names("ask @ali.k.", "ali.k")
    assert not names("@a+b", "a.b")


async def test_who_is_named_in_a_note_finds_it_until_they_open_the_case(cases: Cases, officer: Officer) -> None:
    """Active colleagues of the same agency; not oneself, not other agencies, not by a reply."""
    second = await cases.officers.add("demo.two", "uz.mfa", "Demo Two")
    abroad = await cases.officers.add("demo.far", "kz.mfa", "Demo Far")
    await cases.officers.add("demo.gone", "uz.mfa", "Demo Gone")
    await cases.officers.disable("demo.gone")
    everybody = "Please look, @demo.one @Demo.Two @demo.far @demo.gone"
    await cases.note(officer, CASE.ref, everybody, "")
    await cases.note(officer, CASE.ref, everybody, "")
    await cases.reply(officer, TWIN.ref, "Hello @demo.two", (await cases.case("uz.mfa", TWIN.ref)).seen)
    assert [await cases.work.waiting(who) for who in (officer, second, abroad)] == [(0, 0), (1, 0), (0, 0)]
    (mention,) = await cases.work.mentions(second)
    assert (mention.key, mention.who, mention.text, mention.read) == (CASE.ref, "Demo One", everybody, False)
    await cases.work.beside(officer, CASE.ref)
    await cases.work.look(second, CASE.ref)
    assert await cases.work.waiting(second) == (1, 0)
    await cases.work.beside(second, CASE.ref)
    assert await cases.work.waiting(second) == (0, 0)
    assert [(m.read, m.text) for m in await cases.work.mentions(second)] == [(True, "")]
    read = [d for d in await cases.audit.page("uz.mfa", Wanted(who=second.id)) if d.act == "note.read"]
    assert [(d.subject, everybody in d.detail) for d in read] == [(CASE.id, False)]


async def test_a_mention_goes_with_the_sight_of_its_case(cases: Cases, officer: Officer) -> None:
    """An agency that let the case go has no note of it left to show."""
    first = await cases.officers.add("demo.far", "kz.mfa", "Demo Far")
    second = await cases.officers.add("demo.near", "kz.mfa", "Demo Near")
    await cases.note(first, CASE.ref, "@demo.near look", "")
    assert await cases.work.waiting(second) == (1, 0)
    await cases.work.let_go(first, CASE.ref)
    assert await cases.work.waiting(second) == (0, 0)
    assert await cases.work.mentions(second) == []


async def test_two_cases_are_linked_and_unlinked_for_one_agency(cases: Cases, officer: Officer) -> None:
    """Shown on both; its events and its fact are that agency's own; doing it twice is doing it once."""
    abroad = await cases.officers.add("demo.far", "kz.mfa", "Demo Far")

    async def linked(who: Officer, key: str) -> list[str]:
        return [x.key for x in (await cases.work.beside(who, key)).linked]

    for _ in range(2):
        await cases.work.link(officer, CASE.ref, TWIN.ref)
    await cases.work.link(officer, TWIN.ref, CASE.ref)
    assert await linked(officer, CASE.ref) == [TWIN.ref]
    assert await linked(officer, TWIN.ref) == [CASE.ref]
    assert await linked(abroad, CASE.ref) == []
    await cases.work.unlink(officer, TWIN.ref, CASE.ref)
    assert await linked(officer, CASE.ref) == []
    await cases.work.link(officer, TWIN.ref, CASE.ref)
    for ref in (CASE.ref, TWIN.ref):
        mine = [e.what for e in (await cases.case("uz.mfa", ref)).events]
        assert mine == ["opened", "linked", "unlinked", "linked"]
        assert [e.what for e in (await cases.case("kz.mfa", ref)).events] == ["opened"]
    with pytest.raises(Barred, match="same"):
        await cases.work.link(officer, CASE.ref, CASE.id)


async def test_only_what_the_agency_sees_can_be_linked(cases: Cases, officer: Officer) -> None:
    """A case of others is as absent as one that never was, in both directions."""
    alone = replace(opened("alone"), agencies=("uz.mfa",))
    await cases.file([alone])
    abroad = await cases.officers.add("demo.far", "kz.mfa", "Demo Far")
    for one, other in ((CASE.ref, alone.ref), (alone.ref, CASE.ref), (CASE.ref, "0000-0000-000")):
        with pytest.raises(Missing):
            await cases.work.link(abroad, one, other)
    await cases.work.link(officer, CASE.ref, alone.ref)
    await cases.file([Forget("f", alone.chat, alone.chat_ref, (alone.id,), at(9))])
    assert (await cases.work.beside(officer, CASE.ref)).linked == ()
    with pytest.raises(Missing):
        await cases.work.link(officer, CASE.ref, alone.ref)


async def test_phrases_are_an_agencys_own(cases: Cases, officer: Officer) -> None:
    """Kept under a name in some languages; written over by the same name; gone when dropped; nobody else's."""
    id = await cases.work.keep_phrase(officer, " Passport ", {"en": "Send a photo", "kk": "Demo kk", "tr": ""})
    (phrase,) = await cases.work.phrases("uz.mfa")
    assert (phrase.id, phrase.name, dict(phrase.texts)) == (id, "Passport", {"en": "Send a photo", "kk": "Demo kk"})
    assert await cases.work.keep_phrase(officer, "Passport", {"en": "Please send a photo"}) == id
    assert [dict(p.texts) for p in await cases.work.phrases("uz.mfa")] == [{"en": "Please send a photo"}]
    assert await cases.work.phrases("kz.mfa") == []
    with pytest.raises(Missing):
        await cases.work.drop_phrase(replace(officer, agency="kz.mfa"), id)
    await cases.work.drop_phrase(officer, id)
    assert await cases.work.phrases("uz.mfa") == []


async def test_the_officers_own_text_stays_beside_what_was_sent(cases: Cases, officer: Officer) -> None:
    """The chat gets the citizen's text alone; colleagues see both; forgetting takes both."""
    seen = (await cases.case("uz.mfa", CASE.ref)).seen
    await cases.reply(officer, CASE.ref, "Паспортты жіберіңіз", seen, Original("Please send your passport", "en"))
    (news,) = await cases.news(9)
    assert news.body == "Паспортты жіберіңіз"
    assert "Please send" not in str(news.extras)
    (event,) = (e for e in (await cases.case("uz.mfa", CASE.ref)).events if e.what == "reply")
    assert dict(event.extras) == {"original": "Please send your passport", "language": "en"}
    await cases.file([Forget("f", CASE.chat, CASE.chat_ref, (CASE.id,), at(9))])
    assert not [e for e in (await cases.case("uz.mfa", CASE.ref)).events if e.extras]


async def test_a_case_is_rated_once(cases: Cases, officer: Officer) -> None:
    """By a score we know; the number outlives the person, their words do not."""
    assert (await cases.work.beside(officer, CASE.ref)).score is None
    for n, score in enumerate(("9", "", "2", "3")):
        await cases.file([AddToCase(f"rate{n}", CASE.id, at(n), "rating", extras={"score": score})])
    assert (await cases.work.beside(officer, CASE.ref)).score == 2
    assert [e.what for e in (await cases.case("uz.mfa", CASE.ref)).events] == ["opened", "rating"]
    await cases.file([Forget("f", CASE.chat, CASE.chat_ref, (CASE.id,), at(9))])
    assert [row["score"] for row in (await rows(cases))["ratings"]] == [2]


async def test_forgetting_leaves_no_trace_of_who_dealt_with_it(cases: Cases, officer: Officer) -> None:
    """Mentions, viewers and links of the case go with its words."""
    await cases.officers.add("demo.two", "uz.mfa", "Demo Two")
    await cases.note(officer, CASE.ref, "@demo.two", "")
    await cases.work.beside(officer, CASE.ref)
    await cases.work.link(officer, CASE.ref, TWIN.ref)
    await cases.file([Forget("f", CASE.chat, CASE.chat_ref, (CASE.id,), at(9))])
    left = await rows(cases)
    assert [left[name] for name in ("mentions", "viewers", "case_links")] == [[], [], []]


async def test_people_are_told_of_referrals_and_their_rating(cases: Cases, officer: Officer) -> None:
    """Their data say that they were asked and what they answered; notes and links are not theirs."""
    await cases.work.link(officer, CASE.ref, TWIN.ref)
    await cases.file([AddToCase("r", CASE.id, at(3), "rating", extras={"score": "3"})])
    text = await cases.export(Export("e", CASE.chat, (CASE.id,), at(9)))
    assert "You told us how we did." in text
    assert TWIN.ref not in text
