"""The case page's further parts: what an officer sees of then and now, of colleagues, of other agencies, and does there."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

import pytest
from msgspec.structs import replace

from console.phrases import BUILT_IN, texts
from handlers.nouns import AddToCase, Delivered, Media
from locales.say import voice
from relief.nouns import Assessment
from storage.sql.audit_reading import Wanted
from storage.sql.auditing import Somebody
from tests.console.office import CASE, PAGE, Browser, Office
from tests.storage_sql.sample import NUMBER, SECRET, added, at, opened

WHATSAPP = replace(opened("w"), chat="whatsapp:+10000000001", locale="kk", at=at(0))
CHAT = f"/console/cases/{WHATSAPP.ref}"


def field(page: str, id: str) -> str:
    """What a text box holds."""
    found = re.search(rf'<textarea id="{id}"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found, id
    return found[1]


def token(page: str) -> str:
    """The form token of a page."""
    return Browser.hidden(page, "/console/sign-out")["form"]


async def test_the_answer_given_stands_beside_todays(office: Office) -> None:
    """Both with their measures' ids and sources; what differs is said in words."""
    assert CASE.assessment
    changed = replace(opened("then"), assessment=replace(CASE.assessment, until=date(2020, 5, 20)))
    await office.cases.file([changed])
    page = (await (await office.signed_in("demo1")).get(f"/console/cases/{changed.ref}")).text
    assert re.search(r"Then: Covered, until May 20, 2020, \w+\. Today: Covered, until June 1, 2020", page)
    then, _, now = page[page.index('id="check-head"') :].partition('id="today-head"')
    assert "uz-1" in then
    assert "No longer counts: uz-1" in now
    assert "Only counts now: UZ-3" in now
    assert re.search('href="https?://', now)


async def test_the_same_answer_is_called_the_same(office: Office) -> None:
    """No officer looks for a difference that is not there; who was told nothing is not said to have been told."""
    nothing = Assessment(at(0).date(), "unknown")
    same = replace(opened("same"), facts={"host": "UZ"}, assessment=nothing)
    none = replace(opened("none"), facts={"host": "UZ"}, assessment=None)
    await office.cases.file([same, none])
    browser = await office.signed_in("demo1")
    assert "Today the answer is the same" in (await browser.get(f"/console/cases/{same.ref}")).text
    assert "Nothing was told to the person. Today:" in (await browser.get(f"/console/cases/{none.ref}")).text


async def test_the_timeline_tells_the_check_and_when_an_answer_was_read(office: Office) -> None:
    """The assessment stands where it was made; delivery has its moment."""
    browser = await office.signed_in("demo1")
    await browser.send(PAGE, f"{PAGE}/reply", text="Hello")
    (news,) = await office.cases.news(1)
    await office.cases.file([Delivered("d", news.extras["event"], at(7), "read")])
    page = (await browser.get(PAGE)).text
    first = page[page.index('id="event-1"') : page.index('id="event-2"')]
    assert "Permit check: Covered, until June 1, 2020" in first
    assert "uz-1" in first
    assert re.search(r"Read\. <time[^>]*>May 8, 2020, 14:07 UTC\+5<", page)


async def test_whatsapps_window_is_shown_before_and_after(office: Office) -> None:
    """Until when they can be written to; afterwards that a notice knocks and the answer waits; on other channels nothing."""
    await office.cases.file([WHATSAPP])
    browser = await office.signed_in("demo1")
    assert "WhatsApp" not in (await browser.get(PAGE)).text
    assert "they can be written to until" in (await browser.get(CHAT)).text
    done = await browser.send(CHAT, f"{CHAT}/reply", text="Hello")
    assert "goes to the person" in (await browser.get(done.headers["location"])).text
    office.clock.forward(hours=24)
    browser = await office.signed_in("demo2")
    assert "your answer waits until they write" in (await browser.get(CHAT)).text
    done = await browser.send(CHAT, f"{CHAT}/reply", text="Hello again")
    assert "as soon as the person writes" in (await browser.get(done.headers["location"])).text
    for news in await office.cases.news(9):
        await office.cases.file([Delivered(f"d{news.id}", news.extras["event"], at(8), "parked")])
    assert "this is sent as soon as they do" in (await browser.get(CHAT)).text
    await office.cases.file([added(WHATSAPP, 1, minutes=60 * 34)])
    assert "they can be written to until" in (await browser.get(CHAT)).text


async def test_an_officer_reads_a_phrase_and_the_person_gets_theirs(office: Office) -> None:
    """Both texts are shown before sending, may be edited, and the officer's stays beside what was sent."""
    await office.cases.file([WHATSAPP])
    demo = await office.hire("lead", role="supervisor")
    id = await office.cases.work.keep_phrase(demo, "Pass", {"en": "Send your passport", "kk": "Паспорт жіберіңіз"})
    browser = await office.signed_in("demo1")
    page = (await browser.get(f"{CHAT}?phrase={id}")).text
    assert (field(page, "reply"), field(page, "original")) == ("Паспорт жіберіңіз", "Send your passport")
    await browser.send(
        f"{CHAT}?phrase={id}", f"{CHAT}/reply", text="Паспорт жіберіңізші", original="Send your passport"
    )
    (news,) = await office.cases.news(9)
    assert news.body == "Паспорт жіберіңізші"
    page = (await browser.get(CHAT)).text
    assert "As the officer wrote it (English)" in page
    assert "Send your passport" in page


async def test_a_phrase_that_the_persons_language_lacks_fills_nothing_in(office: Office) -> None:
    """It is marked in the list and said aloud; the person never gets it in another language by accident."""
    await office.cases.file([WHATSAPP])
    demo = await office.hire("lead", role="supervisor")
    id = await office.cases.work.keep_phrase(demo, "Only English", {"en": "Send your passport"})
    browser = await office.signed_in("demo1")
    page = (await browser.get(f"{CHAT}?phrase={id}")).text
    assert "not kept in Қазақша" in page
    assert (field(page, "reply"), field(page, "original")) == ("", "Send your passport")
    assert "(not in: Қазақша) Only English" in page
    assert field((await browser.get(f"{CHAT}?phrase=none")).text, "reply") == ""


@pytest.mark.parametrize("id", list(BUILT_IN))
def test_a_built_in_phrase_is_kept_only_where_it_is_translated(id: str) -> None:
    """A language whose catalogue lacks it does not get it in English."""
    found = texts(id)
    assert found["en"] == BUILT_IN[id]
    assert all(said == voice(tag).gettext(BUILT_IN[id]) for tag, said in found.items())
    assert all(said != BUILT_IN[id] for tag, said in found.items() if tag != "en")


async def test_supervisors_keep_the_agencys_phrases(office: Office) -> None:
    """Others read them; another agency does not see them."""
    boss = await office.signed_in("boss", role="supervisor")
    page = "/console/phrases"
    saved = await boss.send(page, f"{page}/keep", name="Pass", **{"text-en": "Demo phrase", "text-tr": "Demo ifade"})
    assert saved.headers["location"] == f"{page}?done=keep#done"
    for fields in ({"name": "", "text-en": "x"}, {"name": "x"}, {"name": "x", "text-en": "x" * 801}):
        answer = await boss.post(f"{page}/keep", {"form": token((await boss.get(page)).text), **fields})
        assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    officer, abroad = await office.signed_in("demo1"), await office.signed_in("far", "kz.mfa", "supervisor")
    assert "Demo ifade" in (await officer.get(page)).text
    assert "Demo ifade" not in (await abroad.get(page)).text
    (phrase,) = await office.cases.work.phrases("uz.mfa")
    for who, status in ((officer, 403), (abroad, 404)):
        form = {"form": token((await who.get(page)).text), "id": phrase.id}
        assert (await who.post(f"{page}/drop", form)).status_code == status
    await boss.send(page, f"{page}/drop", id=phrase.id)
    assert await office.cases.work.phrases("uz.mfa") == []


async def test_two_officers_see_each_other_on_a_case(office: Office) -> None:
    """By loading the page, and by its small look, which also says that something new happened."""
    first, second = await office.signed_in("demo1"), await office.signed_in("demo2")
    abroad = await office.signed_in("far", "kz.mfa")
    await abroad.get(PAGE)
    page = (await first.get(PAGE)).text
    assert "Also looking" not in page
    assert "<strong>Demo demo1</strong>" in (await second.get(PAGE)).text
    (look,) = re.findall(r'data-here="([^"]+)"', page)
    told = (await first.get(look)).text
    assert "Demo demo2" in told
    assert "Demo far" not in told
    assert "Something new" not in told
    assert "<html" not in told
    await office.cases.file([added(CASE, 1)])
    assert "Something new happened" in (await first.get(look)).text
    assert (await (await office.signed_in("off", "hu.mfa")).get(look)).status_code == 404
    assert (await office.browser().get(look)).status_code == 303


async def test_a_mention_is_counted_listed_and_read(office: Office) -> None:
    """On the queue's page and on its own; opening the case reads it."""
    first, second = await office.signed_in("demo1"), await office.signed_in("demo2")
    await first.send(PAGE, f"{PAGE}/note", text="Please look @demo2 <b>now</b>")
    assert "Mentions of you: 1" in (await second.get("/console/")).text
    assert "Mentions of you: 0" in (await first.get("/console/")).text
    listed = (await second.get("/console/mentions")).text
    assert [d.subject for d in await office.cases.audit.page("uz.mfa", Wanted()) if d.act == "note.read"] == [CASE.id]
    for shown in (CASE.ref, "Please look @demo2 &lt;b&gt;now", ">new<", "Demo demo1"):
        assert shown in listed
    await second.get(PAGE)
    assert "Mentions of you: 0" in (await second.get("/console/")).text
    listed = (await second.get("/console/mentions")).text
    assert [shown in listed for shown in (CASE.ref, ">new<", "Please look")] == [True, False, False]


async def test_a_note_tells_whom_it_can_name_and_when_it_named_nobody(office: Office) -> None:
    """Colleagues' logins are at hand, other agencies' are not; a mistyped one is said to be none, an e-mail address is none."""
    first = await office.signed_in("demo1")
    await office.hire("demo2")
    await office.hire("abroad", "kz.mfa")
    page = (await first.get(PAGE)).text
    assert [f"@{login} · " in page for login in ("demo2", "demo1", "abroad")] == [True, False, False]
    for text, astray in (
        ("Ask @Demo2, please.", False),
        ("@demo1 and demo2@example.org", False),
        ("@demo2 or @demo3?", True),
        ("@abroad", True),
    ):
        answer = await first.send(PAGE, f"{PAGE}/note", text=text)
        told = (await first.get(answer.headers["location"])).text
        assert ("nobody was told by it" in told, "Your note is saved." in told) == (astray, True), text


async def test_a_case_tells_who_of_ones_agency_has_opened_it(office: Office) -> None:
    """Each by name and the last time; another agency's readers are not among them, a program is one of the agency."""
    await (await office.signed_in("home", "kz.mfa")).get(PAGE)
    first = await office.signed_in("demo1")
    await first.get(PAGE)
    office.clock.forward(hours=1)
    await office.cases.audit.read(Somebody("key:x", "uz.mfa"), "case.read", CASE.id)
    office.clock.forward(minutes=1)
    second = await office.signed_in("demo2")
    await second.get(PAGE)
    page = (await second.get(PAGE)).text
    listed = re.findall(r"<li>([^<]+), May 9, 2020, (\d\d:\d\d) UTC\+5</li>", page)
    assert listed == [("Demo demo2", "01:01"), ("A program of your agency", "01:00"), ("Demo demo1", "00:00")]


async def test_a_case_shows_its_clock(office: Office) -> None:
    """How long the person waits, what is left, and that it is overdue; a closed case has none."""
    browser = await office.signed_in("demo1")
    page = (await browser.get(PAGE)).text
    assert [shown in page for shown in ("waiting 10 hours", "relief ends in 24 days")] == [True, True]
    office.clock.forward(days=9)
    browser = await office.signed_in("demo2")
    assert ">Overdue<" in (await browser.get(PAGE)).text
    await browser.send(PAGE, f"{PAGE}/status", status="closed")
    page = (await browser.get(PAGE)).text
    assert re.findall(r">Overdue<|waiting \d|due in|relief ends in", page) == []


async def test_no_status_is_set_by_mistake(office: Office) -> None:
    """None is chosen beforehand; without a choice nobody is told anything."""
    browser = await office.signed_in("demo1")
    page = (await browser.get(PAGE)).text
    (choice,) = re.findall(r'<select id="new-status".*?</select>', page, re.DOTALL)
    assert "selected" not in choice
    answer = await browser.post(f"{PAGE}/status", {"form": token(page), "seen": "", "status": ""})
    assert (answer.status_code, "choose a status" in answer.text) == (422, True)
    assert await office.cases.news(9) == []


async def _refer(office: Office, browser: Browser, **fields: str) -> str:
    """Refer the case to a third agency; the referral's id."""
    wish = {"target": "hu.mfa", "why": "documents", "reason": "Demo: between us", **fields}
    answer = await browser.send(PAGE, f"{PAGE}/refer", **wish)
    assert answer.status_code == 303, answer.text
    officer = await office.cases.officers.find("demo1")
    assert officer
    return (await office.cases.work.beside(officer, PAGE.rpartition("/")[2])).handovers[0].id


async def test_a_case_goes_to_another_agency_and_comes_back(office: Office) -> None:
    """Asked, agreed, offered with a bare preview, taken; both sides see it, then the first takes it back."""
    mine, theirs = await office.signed_in("demo1"), await office.signed_in("far", "hu.mfa")
    id = await _refer(office, mine)
    page = (await mine.get(PAGE)).text
    assert "The person is being asked" in page
    assert f'action="{PAGE}/refer"' not in page
    assert "Offered to your agency: 0" in (await theirs.get("/console/")).text
    assert (await theirs.get(f"/console/offers/{id}")).status_code == 404
    await office.cases.file([AddToCase("yes", CASE.id, at(5), "referral_agreed", extras={"referral": id})])
    assert "Offered to your agency: 1" in (await theirs.get("/console/")).text
    assert f"/console/offers/{id}" in (await theirs.get("/console/offers")).text
    offer = f"/console/offers/{id}"
    preview = (await theirs.get(offer)).text
    for shown in ("Demo: between us", "Uzbekistan", "Kazakhstan", "Airport waiting zone", "Urgent"):
        assert shown in preview
    assert not [word for word in (CASE.ref, CASE.id, SECRET, NUMBER, "Demo demo1") if word in preview]
    taken = await theirs.send(offer, f"{offer}/accept")
    assert taken.status_code == 303
    assert "Your agency has the case now" in (await theirs.get(taken.headers["location"])).text
    assert SECRET in (await theirs.get(PAGE)).text
    assert (await theirs.send(PAGE, f"{PAGE}/reply", text="From the third agency")).status_code == 303
    shared = (await mine.get(PAGE)).text
    assert "From the third agency" in shared
    assert "Demo Agency hu.mfa" in shared
    back = await mine.send(PAGE, f"{PAGE}/withdraw", reason="Demo: nobody there")
    assert back.status_code == 303
    assert (await theirs.get(PAGE)).status_code == 404
    assert "Demo: nobody there" in (await theirs.get(offer)).text


async def test_an_offer_is_not_taken_with_a_reason(office: Office) -> None:
    """The reason is asked for and read by the agency that offered; an old page of the offer changes nothing."""
    mine, theirs = await office.signed_in("demo1"), await office.signed_in("far", "hu.mfa")
    id = await _refer(office, mine, override="Demo: life at risk")
    offer = f"/console/offers/{id}"
    old = Browser.hidden((await theirs.get(offer)).text, f"{offer}/accept")
    assert (await theirs.send(offer, f"{offer}/reject", reason=" ")).status_code == 422
    assert (await theirs.send(offer, f"{offer}/reject", reason="Demo: not ours")).status_code == 303
    assert "Demo: not ours" in (await mine.get(PAGE)).text
    late = await theirs.post(f"{offer}/accept", old)
    assert (late.status_code, "moved on meanwhile" in late.text) == (409, True)
    watcher = await office.signed_in("watcher", "hu.mfa", "observer")
    form = {"form": token((await watcher.get(offer)).text)}
    assert (await watcher.post(f"{offer}/accept", form)).status_code == 403
    assert (await theirs.post(f"{offer}/erase", old)).status_code == 404


async def test_a_referral_that_cannot_be_made_says_why_and_keeps_its_words(office: Office) -> None:
    """No agency, no reason, another agency's turn; nothing is asked."""
    mine, home = await office.signed_in("demo1"), await office.signed_in("home", "kz.mfa")
    good = {"target": "hu.mfa", "why": "stay", "reason": "Demo words"}
    for wrong, said in (
        ({"target": "none"}, "choose another agency"),
        ({"target": "uz.mfa"}, "choose another agency"),
        ({"why": "none"}, "choose a reason"),
        ({"reason": " "}, "write a reason"),
    ):
        answer = await mine.send(PAGE, f"{PAGE}/refer", **(good | wrong))
        assert said in answer.text
        assert answer.status_code in (409, 422)
        assert field(answer.text, "refer-reason") == (good | wrong)["reason"]
    seen = (await office.cases.case("kz.mfa", CASE.ref)).seen
    form = {"form": token((await home.get(PAGE)).text), "seen": seen, **good}
    refused = await home.post(f"{PAGE}/refer", form)
    assert (refused.status_code, f'action="{PAGE}/refer"' in refused.text) == (409, False)
    assert "another agency has this case now" in refused.text
    await office.cases.file([added(CASE, 1)])
    stale = await mine.post(f"{PAGE}/refer", form | {"form": token((await mine.get(PAGE)).text)})
    assert (stale.status_code, field(stale.text, "refer-reason")) == (409, "Demo words")
    assert await office.cases.news(9) == []


async def test_letting_go_wants_a_tick_and_leads_to_the_queue(office: Office) -> None:
    """Afterwards the case is not there for that agency."""
    home = await office.signed_in("home", "kz.mfa")
    assert (await home.send(PAGE, f"{PAGE}/let-go")).status_code == 422
    owner = await office.signed_in("owner")
    refused = await owner.post(f"{PAGE}/let-go", {"form": token((await owner.get(PAGE)).text), "sure": "yes"})
    assert (refused.status_code, "Refer it to another agency first" in refused.text) == (409, True)
    gone = await home.send(PAGE, f"{PAGE}/let-go", sure="yes")
    assert (gone.status_code, gone.headers["location"]) == (303, "/console/")
    assert (await home.get(PAGE)).status_code == 404


async def test_duplicates_are_linked_by_number_and_unlinked(office: Office) -> None:
    """Shown on both pages; a number that the agency does not have is said to be none, whoever has it."""
    twin, foreign = opened("twin"), replace(opened("foreign"), agencies=("hu.mfa",))
    await office.cases.file([twin, foreign])
    browser = await office.signed_in("demo1")
    for ref in (foreign.ref, "nothing", CASE.ref):
        answer = await browser.send(PAGE, f"{PAGE}/link", other=ref)
        assert answer.status_code in (409, 422)
        assert "Nothing was done" in answer.text
    written = twin.ref.lower().replace("-", " ")
    assert (await browser.send(PAGE, f"{PAGE}/link", other=written)).status_code == 303
    for one, other in ((PAGE, twin.ref), (f"/console/cases/{twin.ref}", CASE.ref)):
        assert f'href="/console/cases/{other}"' in (await browser.get(one)).text
    assert twin.ref not in (await (await office.signed_in("home", "kz.mfa")).get(PAGE)).text
    await browser.send(PAGE, f"{PAGE}/unlink")
    assert twin.ref not in (await browser.get(PAGE)).text


async def test_how_the_person_rated_us_is_on_the_page(office: Office) -> None:
    """As a face and a word."""
    await office.cases.file([AddToCase("r", CASE.id, at(3), "rating", extras={"score": "2"})])
    assert "The person rated us: 😐 Partly" in (await (await office.signed_in("demo1")).get(PAGE)).text


async def test_opening_a_case_says_nothing_to_the_person(office: Office) -> None:
    """*Being read* is told by one press, never by a look."""
    browser = await office.signed_in("demo1")
    await browser.get(PAGE)
    assert await office.cases.news(9) == []
    form = Browser.hidden((await browser.get(PAGE)).text, f"{PAGE}/status")
    assert form["status"] == "reading"
    await browser.post(f"{PAGE}/status", form)
    assert [n.extras["status"] for n in await office.cases.news(9)] == ["reading"]
    assert "Tell the person that somebody reads it" not in (await browser.get(PAGE)).text


@pytest.mark.parametrize("what", ["refer", "withdraw", "let-go", "link", "unlink"])
async def test_none_of_it_for_strangers_and_observers(office: Office, what: str) -> None:
    """404 for another agency, 403 for who only reads, the sign-in for nobody."""
    form = {"seen": "", "id": "x", "other": CASE.ref, "sure": "yes", "target": "kz.mfa", "why": "stay", "reason": "x"}
    for who, status in (("hu.mfa", 404), ("uz.mfa", 403)):
        browser = await office.signed_in(f"demo-{status}", who, "observer" if status == 403 else "officer")
        asked = {"form": token((await browser.get("/console/")).text), **form}
        assert (await browser.post(f"{PAGE}/{what}", asked)).status_code == status
    assert (await office.browser().post(f"{PAGE}/{what}", form)).status_code == 303


@pytest.mark.parametrize("path", ["/console/offers", "/console/offers/x", "/console/mentions", "/console/phrases"])
async def test_the_new_pages_want_a_session(office: Office, path: str) -> None:
    """Nobody signed in gets nothing."""
    answer = await office.browser().get(path)
    assert (answer.status_code, answer.text) == (303, "")


async def test_a_voice_message_can_be_played_and_a_picture_is_seen(office: Office) -> None:
    """From our own address; a document is there to save."""
    kinds: tuple[Literal["voice", "photo", "document"], ...] = ("voice", "photo", "document")
    for kind in kinds:
        media = Media(
            kind, f"handle-{kind}", "image/png" if kind == "photo" else "audio/ogg; codecs=opus", f"{kind}.bin"
        )
        await office.cases.file([AddToCase(kind, CASE.id, at(3), "media", "", media)])
    for fetch in await office.cases.pending_media(9):
        mime = "application/pdf" if fetch.media.kind == "document" else fetch.media.mime
        await office.cases.stored(fetch.id, b"demo", mime)
    page = (await (await office.signed_in("demo1")).get(PAGE)).text
    assert re.search(rf'<audio controls [^>]*src="{PAGE}/files/', page)
    assert re.search(rf'<img src="{PAGE}/files/[^"]+" alt="Photo photo.bin"', page)
    assert re.search(r"<a [^>]*download>Save: document.bin", page)
    assert len(re.findall("<audio|<video", page)) == 1
