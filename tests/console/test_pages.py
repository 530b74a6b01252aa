"""What an officer sees and does."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from console import words
from handlers.nouns import AddToCase, Delivered, Forget, Media
from relief.routing import priority
from storage.sql.delivery import RANK
from tests.console.office import CASE, PAGE, Office
from tests.storage_sql.sample import NUMBER, SECRET, added, at, opened

PNG = b"\x89PNG\r\n\x1a\n demo"


async def test_the_queue_shows_who_cannot_wait_and_why(office: Office) -> None:
    """Urgency with its reason, place, citizenship, status, how long they wait; the most urgent first."""
    await office.cases.file([replace(opened("calm", minutes=-60), priority="normal", reasons=())])
    browser = await office.signed_in("demo1")
    page = (await browser.get("/console/")).text
    for shown in (
        "Urgent",
        "children",
        "Airport waiting zone",
        "Uzbekistan",
        "Kazakhstan",
        "Received",
        "waiting 10 hours",
    ):
        assert shown in page
    assert page.index(CASE.ref) < page.index(opened("calm").ref)
    assert "All open <strong>2</strong>" in page
    assert SECRET not in page
    assert NUMBER not in page


async def test_the_queue_can_be_narrowed_searched_and_paged(office: Office) -> None:
    """By status, urgency, place and number; an empty answer says so; nonsense in the address is no error."""
    await office.cases.file([opened(f"n{n}", minutes=n) for n in range(60)])
    browser = await office.signed_in("demo1")
    assert CASE.ref in (await browser.get("/console/?priority=urgent&place=airport_zone&host=UZ&status=all")).text
    for empty in ("priority=danger", "status=closed", "place=sea", "ref=0000", "host=%00"):
        assert "No case fits" in (await browser.get(f"/console/?{empty}")).text
    unfolded = '<details class="filters" open>'
    for query, open_ in (
        ("", False),
        ("holder=mine", False),
        ("unread=1", False),
        ("host=UZ", True),
        ("status=all", True),
    ):
        assert (unfolded in (await browser.get(f"/console/?{query}")).text) == open_, query
    lost = await browser.send("/console/", "/console/search", q="nowhere to be found")
    assert ("Try fewer or other words" in lost.text, "Filters" in lost.text) == (True, False)
    found = (await browser.get(f"/console/?ref={CASE.ref.lower().replace('-', '+')}")).text
    assert len(re.findall('class="line ', found)) == 1
    assert (await browser.get("/console/?priority=x&status=x&after=%00x&place=%ff&unknown=1")).status_code == 200
    first = (await browser.get("/console/")).text
    (more,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = (await browser.get(more.replace("&amp;", "&"))).text
    refs = re.compile(r'class="ref">([^<]+)')
    assert len({*refs.findall(first), *refs.findall(second)}) == 61
    assert "data-fresh" not in second
    fragment = (await browser.get("/console/lines")).text
    assert refs.findall(fragment) == refs.findall(first)
    assert "<html" not in fragment


async def test_the_case_shows_all_that_is_known(office: Office) -> None:
    """Report, facts, the answer of the law with its measure, and what happened; codes are said in words."""
    browser = await office.signed_in("demo1")
    page = (await browser.get(PAGE)).text
    for shown in (
        SECRET,
        NUMBER,
        "Food or water",
        "Demo measure",
        "Covered",
        "Telegram",
        "Ground of stay",
        "June 1, 2020",
    ):
        assert shown in page
    assert "telegram:" not in page


async def test_a_place_a_phone_and_another_country_are_readable(office: Office) -> None:
    """A location opens in the officer's map, a phone number is there to call, a token of ours is said in words."""
    event = AddToCase("place", CASE.id, at(1), "location", extras={"lat": "41.3", "lon": "69.2", "message": "77"})
    elsewhere = replace(opened("else"), facts={"host": "other", "nationality": "other"}, report={"danger": "yes"})
    await office.cases.file([event, elsewhere])
    browser = await office.signed_in("demo1")
    assert 'href="geo:41.3,69.2"' in (await browser.get(PAGE)).text
    page = (await browser.get(f"/console/cases/{elsewhere.ref}")).text
    assert page.count("Another country") == 2
    assert re.search(r"In danger now</dt><dd[^>]*>Yes<", page)


@pytest.mark.parametrize(
    ("kept", "shown"), [("Demo Airport", "Örnek Havalimanı"), ("Gate 12 (Demo Airport)", "Gate 12 (Örnek Havalimanı)")]
)
async def test_a_place_has_its_name_in_the_officers_language(office: Office, kept: str, shown: str) -> None:
    """What the person wrote stays beside it; without a name in the language, and in English, it is the English one."""
    report = {"place": "airport_zone", "place_id": "TAS", "place_name": kept}
    case = replace(opened("there"), report=report)
    await office.cases.file([case])
    browser = await office.signed_in("demo1")
    for language, name in (("tr", shown), ("en", kept), ("hu", kept)):
        page = await browser.get(f"/console/cases/{case.ref}", **{"Accept-Language": language})
        assert f">{name}</dd>" in page.text


async def test_a_citizens_words_are_never_read_as_html(office: Office) -> None:
    """Whatever somebody writes is shown as they wrote it."""
    await office.cases.file([added(CASE, 1, body="<script>alert(1)</script>{{7*7}}")])
    page = (await (await office.signed_in("demo1")).get(PAGE)).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page


async def test_an_answer_becomes_news_for_the_chat_with_the_officer_as_its_actor(office: Office) -> None:
    """Reply, status and note: each an event; the first two are news, the note is not."""
    browser = await office.signed_in("demo1")
    for what, fields in (
        ("reply", {"text": "Line 1\r\nLine 2"}),
        ("status", {"status": "decided"}),
        ("note", {"text": "ours"}),
    ):
        answer = await browser.send(PAGE, f"{PAGE}/{what}", **fields)
        assert answer.headers["location"] == f"{PAGE}?done={what}#done"
        assert 'role="status"' in (await browser.get(answer.headers["location"])).text
        office.clock.forward(minutes=1)
    assert [(n.extras["what"], n.body, n.extras["status"]) for n in await office.cases.news(9)] == [
        ("reply", "Line 1\nLine 2", "received"),
        ("status", "", "decided"),
    ]
    page = (await browser.get(PAGE)).text
    assert page.count("<strong>Demo demo1</strong>") == 4
    assert "ours" not in (await (await office.signed_in("abroad", "kz.mfa")).get(PAGE)).text


async def test_an_answer_on_an_old_page_is_refused_and_its_words_are_kept(office: Office) -> None:
    """The officer reads what is new, and sends the kept words with one more press."""
    browser = await office.signed_in("demo1")
    page = (await browser.get(PAGE)).text
    await office.cases.file([added(CASE, 1, body="Wait, I found a flight")])
    old = browser.hidden(page, f"{PAGE}/reply") | {"text": "My long answer"}
    refused = await browser.post(f"{PAGE}/reply", old)
    assert refused.status_code == 409
    assert "Wait, I found a flight" in refused.text
    assert ">My long answer</textarea>" in refused.text
    assert await office.cases.news(9) == []
    again = await browser.post(
        f"{PAGE}/reply", browser.hidden(refused.text, f"{PAGE}/reply") | {"text": "My long answer"}
    )
    assert again.status_code == 303
    assert (
        await browser.post(f"{PAGE}/status", browser.hidden(page, f"{PAGE}/status") | {"status": "closed"})
    ).status_code == 409


async def test_a_form_that_cannot_be_taken_says_why(office: Office) -> None:
    """Nothing written, too much written, no such status, no such act."""
    browser = await office.signed_in("demo1")
    for what, fields, status, said in (
        ("reply", {"text": " \n "}, 422, "write something"),
        ("note", {"text": "x" * 3501}, 422, "at most 3500"),
        ("status", {"status": "gone"}, 422, "choose a status"),
    ):
        answer = await browser.send(PAGE, f"{PAGE}/{what}", **fields)
        assert (answer.status_code, said in answer.text) == (status, True)
    form = browser.hidden((await browser.get(PAGE)).text, f"{PAGE}/reply")
    assert (await browser.post(f"{PAGE}/erase", form)).status_code == 404


async def test_another_agency_gets_404_for_everything(office: Office) -> None:
    """The same page as for a case that never was: not even that it exists is told."""
    await office.cases.file([])
    (fetch,) = await office.cases.pending_media(1)
    await office.cases.stored(fetch.id, PNG, "image/png")
    browser = await office.signed_in("stranger", "hu.mfa")
    nothing = (await browser.get("/console/cases/0000-0000-000")).text
    for path in (PAGE, f"/console/cases/{CASE.id}", f"{PAGE}/files/{fetch.id}"):
        answer = await browser.get(path)
        assert answer.status_code == 404
        assert answer.text.replace(path, "") == nothing.replace("/console/cases/0000-0000-000", "")
    token = browser.hidden((await browser.get("/console/")).text, "/console/sign-out")["form"]
    seen = (await office.cases.case("uz.mfa", CASE.ref)).seen
    for what in ("reply", "status", "note"):
        form = {"form": token, "seen": seen, "text": "x", "status": "closed"}
        assert (await browser.post(f"{PAGE}/{what}", form)).status_code == 404
    assert "No case fits" in (await browser.get(f"/console/?status=all&ref={CASE.ref}")).text
    assert CASE.ref not in (await browser.get("/console/lines?status=all")).text
    assert await office.cases.news(9) == []


async def test_an_observer_reads_and_does_nothing(office: Office) -> None:
    """No forms, and none accepted."""
    browser = await office.signed_in("watcher", role="observer")
    page = await browser.get(PAGE)
    assert (page.status_code, f"{PAGE}/reply" in page.text) == (200, False)
    token = browser.hidden(page.text, "/console/sign-out")["form"]
    assert (await browser.post(f"{PAGE}/reply", {"form": token, "seen": "", "text": "x"})).status_code == 403


async def test_files_are_shown_only_if_they_are_harmless(office: Office) -> None:
    """A picture is shown; anything else, whatever it calls itself, is saved; none can run."""
    page = b"<html><script>alert(1)</script>"
    contents = {"h0": PNG, "h1": page, "h2": b"OggS voice", "h3": b"\0\0\0\x18ftypmp42", "h4": b"\0\0\0\x18ftypheic"}
    for n, handle in enumerate(contents):
        media = Media("document", handle, "text/html", f'../de"mo\n{n}.html')
        await office.cases.file([AddToCase(f"file{n}", CASE.id, at(n), "media", "", media)])
    for fetch in await office.cases.pending_media(9):
        await office.cases.stored(fetch.id, contents.get(fetch.media.handle, PNG), "image/png")
    browser = await office.signed_in("demo1")
    found = {a.name: a.id for e in (await office.cases.case("uz.mfa", CASE.ref)).events for a in e.attachments}
    types = {}
    for name, id in found.items():
        answer = await browser.get(f"{PAGE}/files/{id}")
        types[name[-7:-5]] = (answer.headers["content-type"], answer.headers["content-disposition"].partition(";")[0])
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert not [bad for bad in ("\n", '"', "/", "..%2F") if bad in answer.headers["content-disposition"]]
        saved = await browser.get(f"{PAGE}/files/{id}?save")
        assert saved.headers["content-disposition"].startswith("attachment;")
    assert types["\n0"] == ("image/png", "inline")
    assert types["\n1"] == ("application/octet-stream", "attachment")
    assert types["\n2"] == ("audio/ogg", "inline")
    assert types["\n3"] == ("video/mp4", "inline")
    assert types["\n4"] == ("application/octet-stream", "attachment")
    assert (await browser.get(f"{PAGE}/files/none")).status_code == 404


async def test_what_became_of_an_answer_is_said_in_plain_words(office: Office) -> None:
    """Waiting, on its way, and each later state; a failure with its reason."""
    browser = await office.signed_in("demo1")
    await browser.send(PAGE, f"{PAGE}/reply", text="Hello")
    assert "Waiting to be sent." in (await browser.get(PAGE)).text
    (news,) = await office.cases.news(1)
    await office.cases.told([news.id])
    assert "On its way." in (await browser.get(PAGE)).text
    event = news.extras["event"]
    for word, cause, said in (
        ("sent", "", "Sent."),
        ("failed", "63016", "they must write first"),
        ("delivered", "", "Delivered."),
    ):
        await office.cases.file([Delivered(f"d{word}", event, at(1), word, cause)])
        assert said in (await browser.get(PAGE)).text


async def test_a_forgotten_person_leaves_a_page_that_says_so(office: Office) -> None:
    """Nothing of them is shown and there is nothing to send."""
    browser = await office.signed_in("demo1")
    form = browser.hidden((await browser.get(PAGE)).text, f"{PAGE}/reply")
    await office.cases.file([Forget("f", CASE.chat, CASE.chat_ref, (CASE.id,), at(9))])
    page = (await browser.get(PAGE)).text
    assert "asked to be forgotten" in page
    assert not [kept for kept in (SECRET, NUMBER, f"{PAGE}/reply") if kept in page]
    assert (await browser.post(f"{PAGE}/reply", form | {"text": "x"})).status_code == 404


async def test_every_page_says_which_day_the_demonstration_believes_in(office: Office) -> None:
    """Nobody takes a demonstration for the real desk."""
    browser = await office.signed_in("demo1")
    for path in ("/console/", PAGE, "/console/nothing", "/console/sign-in", "/console/welcome/none"):
        assert "Demonstration: the service believes it is May 8, 2020" in (await browser.get(path)).text


async def test_the_language_is_chosen_once_and_kept(office: Office) -> None:
    """By a button without any script; one that is not offered is refused."""
    browser = await office.signed_in("demo1")
    form = browser.hidden((await browser.get("/console/")).text, "/console/sign-out")
    answer = await browser.post("/console/language", form | {"language": "en", "next": PAGE})
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert (await browser.get(PAGE)).headers["content-language"] == "en"
    assert (await browser.post("/console/language", form | {"language": "xx"})).status_code == 404


@pytest.mark.parametrize(
    "path", ["/console/nothing", "/console/cases", "/console/%00", "/console/cases/%00", "/console/../x"]
)
async def test_an_address_that_is_none_is_a_plain_page(office: Office, path: str) -> None:
    """404 for an officer, never a server error."""
    assert (await (await office.signed_in("demo1")).get(path)).status_code == 404


def test_every_code_has_its_word() -> None:
    """A reason, an outcome of sending or an event that the desk cannot name would be shown as a bare code."""
    every = {"danger": "yes", "minors": "1", "needs": "medical,safety"}
    places = ("detention", "airport_zone", "border_point")
    assert {r for p in places for r in priority({"place": p}, every, 0)[1]} <= set(words.REASONS)
    assert set(RANK) == set(words.DELIVERY)
