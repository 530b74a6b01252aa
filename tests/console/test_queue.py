"""The queue's page: what is asked, who has what, several cases at once, saved views, and being told of changes."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from console import asked, live
from console.asked import wanted
from storage.records import Filter, Officer
from tests.console.office import CASE, PAGE, Browser, Listener, Office
from tests.storage_sql.sample import added, opened
from tests.waiting import WaitUntil

PLAIN = replace(opened("plain", minutes=1), priority="normal", reasons=(), assessment=None, facts={"host": "UZ"})
CLAIM, RELEASE, ASSIGN = (f"{PAGE}/{what}" for what in ("claim", "release", "assign"))


def _refs(page: str) -> list[str]:
    return re.findall(r'class="ref">([^<]+)', page)


async def test_a_line_says_why_it_stands_where_it_does(office: Office) -> None:
    """Level and reasons, days that are left, how long somebody waits, unread, overdue, who has it."""
    await office.cases.file([PLAIN])
    browser = await office.signed_in("demo1")
    page = (await browser.get("/console/")).text
    for shown in ("children", "relief ends in 24 days", "waiting 10 hours", "Unread", "Overdue", "due in 4 days"):
        assert shown in page, shown
    await browser.send(PAGE, CLAIM)
    assert "held by you" in (await browser.get("/console/")).text
    assert "held by Demo demo1" in (await (await office.signed_in("demo2")).get("/console/")).text
    assert "held by" not in (await (await office.signed_in("abroad", "kz.mfa")).get("/console/")).text
    await browser.send(PAGE, f"{PAGE}/reply", text="Answer")
    page = (await browser.get("/console/")).text
    assert "answered" in page
    assert page.count("Unread</span>") == 1


@pytest.mark.parametrize(
    ("ends", "outcome", "said"),
    [
        ("2020-05-09", "", "permit ends in 1 day<"),
        ("2020-05-08", "", "permit ends today"),
        ("2020-05-07", "", "permit has ended"),
        ("", "", ""),
    ],
)
async def test_the_last_day_is_said_in_words(office: Office, ends: str, outcome: str, said: str) -> None:
    """By the day that the service believes in."""
    await office.cases.file([replace(PLAIN, facts=PLAIN.facts | {"expires": ends})])
    page = (await (await office.signed_in("demo1")).get("/console/?level=normal")).text
    assert said in page
    assert ("permit" in page.lower().replace("permit check", "")) == bool(said)


async def test_every_filter_narrows_and_nonsense_is_passed_over(office: Office) -> None:
    """What fits and what does not, by each of them."""
    await office.cases.file([PLAIN])
    browser = await office.signed_in("demo1")
    for query, expected in {
        "level=minors": [CASE.ref],
        "level=normal": [PLAIN.ref],
        "priority=urgent": [CASE.ref],
        "reason=minors": [CASE.ref],
        "reason=sea": [],
        "nationality=KZ": [CASE.ref],
        "outcome=covered": [CASE.ref],
        "locale=en": [CASE.ref, PLAIN.ref],
        "locale=hu": [],
        "holder=mine": [],
        "holder=free&unread=1": [CASE.ref, PLAIN.ref],
        "overdue=1": [CASE.ref],
        "level=x&holder=x&unread=x&locale=%00": [CASE.ref, PLAIN.ref],
    }.items():
        assert _refs((await browser.get(f"/console/?{query}")).text) == expected, query


async def test_words_are_searched_for_and_stand_in_no_address(office: Office) -> None:
    """Found by what was said, page by page; a number leads to its case; nothing to look for, to the queue."""
    await office.cases.file([PLAIN, *(opened(f"n{n}", minutes=n) for n in range(60))])
    browser = await office.signed_in("demo1")

    async def found(words: str) -> str:
        answer = await browser.send("/console/", "/console/search", q=words)
        assert words not in str(answer.url)
        return answer.text

    assert _refs(await found("no such word")) == _refs(await found("%%")) == []
    assert PLAIN.ref not in _refs(await found("kazakhstan"))
    first = await found("flat")
    assert "data-fresh" not in first
    more = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', first[first.index('<nav class="row pages"') :])
    )
    second = (await browser.post("/console/search", more)).text
    assert len({*_refs(first), *_refs(second)}) == 62
    number = await browser.send("/console/", "/console/search", q=CASE.ref.lower().replace("-", " "))
    assert _refs((await browser.get(number.headers["location"])).text) == [CASE.ref]
    assert (await browser.send("/console/", "/console/search", q=" ")).headers["location"] == "/console/"
    assert len(_refs((await browser.get("/console/?q=flat&holder=mine")).text)) == 0
    assert len(_refs((await browser.get("/console/?q=flat")).text)) == 50  # words in an address are passed over


def test_an_address_reads_into_a_filter_whatever_it_holds() -> None:
    """Codes that nobody knows are left out; what is free is cut."""
    officer = Officer("o1", "uz.mfa", "demo", "Demo", "officer", active=True)
    assert wanted({}, officer) == Filter()
    assert asked.read({"status": "gone", "host": "x" * 999, "q": "words", "other": "1"}) == {"host": "x" * 8}
    found = wanted(asked.read({"holder": "mine", "status": "all", "unread": "1"}), officer)
    assert (found.holder, len(found.statuses), found.unread) == ("o1", 6, True)
    assert wanted({"holder": "free"}, officer).holder == "-"


async def test_two_officers_one_case(office: Office) -> None:
    """The second cannot answer past the first, reads who has it, keeps their words, and may take it over."""
    first, second = await office.signed_in("demo1"), await office.signed_in("demo2")
    page = (await second.get(PAGE)).text
    assert "Nobody in your agency has this case yet" in page
    assert (await first.send(PAGE, CLAIM)).headers["location"] == f"{PAGE}?done=claim#done"
    refused = await second.post(f"{PAGE}/reply", second.hidden(page, f"{PAGE}/reply") | {"text": "My words"})
    assert refused.status_code == 409
    for shown in ("Demo demo1 has this case", ">My words</textarea>", "Take the case over from Demo demo1"):
        assert shown in refused.text, shown
    claimed = await second.post(CLAIM, {k: v for k, v in second.hidden(page, CLAIM).items() if k != "over"})
    assert claimed.status_code == 409
    assert "Demo demo1 has this case" in claimed.text
    again = second.hidden(refused.text, f"{PAGE}/reply") | {"text": "My words", "over": "1"}
    assert (await second.post(f"{PAGE}/reply", again)).status_code == 303
    assert [n.body for n in await office.cases.news(9)] == ["My words"]
    assert "Demo demo2 has this case" in (await first.get(PAGE)).text
    await second.send(PAGE, RELEASE)
    assert "Nobody in your agency" in (await first.get(PAGE)).text


async def test_a_supervisor_gives_and_frees_an_officer_does_not(office: Office) -> None:
    """An officer's form to give a case is refused, however it came to be sent."""
    boss, officer = await office.signed_in("boss", role="supervisor"), await office.signed_in("demo1")
    known = await office.cases.officers.find("demo1")
    assert known is not None
    assert "Give to" not in (await officer.get(PAGE)).text
    form = officer.hidden((await officer.get(PAGE)).text, CLAIM) | {"to": known.id}
    assert (await officer.post(ASSIGN, form)).status_code == 403
    assert (await boss.send(PAGE, ASSIGN, to=known.id)).status_code == 303
    assert "You have this case" in (await officer.get(PAGE)).text
    assert (await boss.send(PAGE, ASSIGN, to="nobody")).status_code == 404
    assert (await boss.send(PAGE, RELEASE)).status_code == 303
    observer = await office.signed_in("eye", role="observer")
    assert "/claim" not in (await observer.get(PAGE)).text


async def _bulk(browser: Browser, act: str, *picked: str, query: str = "") -> str:
    page = (await browser.get(f"/console/{query}")).text
    boxes = dict(re.findall(r'name="case" value="(\S+) (\S*)"', page))
    form = browser.hidden(page, "/console/bulk")
    answer = await browser.http.post(
        "/console/bulk", data={**form, "act": act, "case": [f"{ref} {boxes.get(ref, 'none')}" for ref in picked]}
    )
    assert answer.status_code == 200
    return answer.text


async def test_several_cases_at_once_each_on_its_own(office: Office) -> None:
    """What can be done is done; what cannot is named with its reason."""
    many = [opened(f"n{n}", minutes=n) for n in range(3)]
    await office.cases.file([*many, PLAIN])
    boss = await office.signed_in("boss", role="supervisor")
    colleague = await office.hire("demo1")
    await office.cases.claim(colleague, many[0].ref)
    page = await _bulk(boss, "claim", CASE.ref, many[0].ref, "no-such-case")
    assert page.count("Done.") == 1
    assert "Demo demo1 has this case" in page
    assert "there is no such case" in page
    page = (await boss.get("/console/")).text
    stale = re.search(rf'value="({many[1].ref} \S+)"', page)
    assert stale
    await office.cases.file([added(many[1], 1, minutes=30)])
    form = boss.hidden(page, "/console/bulk") | {"act": "status:reading"}
    answer = await boss.http.post("/console/bulk", data={**form, "case": [stale[1]]})
    assert "something new happened" in answer.text
    page = await _bulk(boss, "status:closed", CASE.ref, PLAIN.ref)
    assert page.count("Done.") == 2
    assert {n.extras["status"] for n in await office.cases.news(9)} == {"closed"}
    assert (await _bulk(boss, f"assign:{colleague.id}", many[2].ref)).count("Done.") == 1
    assert (await office.cases.case("uz.mfa", many[2].ref)).line.holder == colleague.id
    assert "choose cases first" in await _bulk(boss, "release")


async def test_only_supervisors_act_on_several(office: Office) -> None:
    """No boxes for others, and their form is refused; another agency's case is none."""
    officer = await office.signed_in("demo1")
    page = (await officer.get(PAGE)).text
    assert 'name="case"' not in (await officer.get("/console/")).text
    form = officer.hidden(page, CLAIM) | {"act": "claim", "case": f"{CASE.ref} x"}
    assert (await officer.post("/console/bulk", form)).status_code == 403
    stranger = await office.signed_in("boss", "hu.mfa", "supervisor")
    await office.cases.file([opened("theirs", agencies=("hu.mfa",))])
    assert "there is no such case" in await _bulk(stranger, "claim", CASE.ref)
    page = (await stranger.get("/console/")).text
    for wrong in ("status:gone", "assign:nobody", "nothing", ""):
        form = stranger.hidden(page, "/console/bulk") | {"act": wrong, "case": f"{CASE.ref} x"}
        assert (await stranger.post("/console/bulk", form)).status_code == 422, wrong


async def test_a_view_is_kept_for_oneself_or_by_a_supervisor_for_all(office: Office) -> None:
    """By its name; never with words about a person; dropped by who may."""
    boss, officer = await office.signed_in("boss", role="supervisor"), await office.signed_in("demo1")
    abroad = await office.signed_in("abroad", "kz.mfa")
    kept = await officer.send("/console/?level=minors", "/console/views", name="Mine <b>")
    assert kept.headers["location"] == "/console/?level=minors"
    await boss.send("/console/?status=closed", "/console/views", name="Ours", shared="1")
    for browser, own, shared in ((officer, True, True), (boss, False, True), (abroad, False, False)):
        page = (await browser.get("/console/")).text
        assert ("Mine &lt;b&gt;" in page, ">Ours" in page) == (own, shared)
    form = officer.hidden((await officer.get("/console/?level=minors")).text, "/console/views")
    assert (await officer.post("/console/views", form | {"name": "x", "shared": "1"})).status_code == 403
    assert (await officer.post("/console/views", form | {"name": " "})).status_code == 422
    secret = form | {"name": "Words", "query": f"q=secret&ref={CASE.ref}&host=UZ&evil=1"}
    assert (await officer.post("/console/views", secret)).headers["location"] == "/console/?host=UZ"
    searched = await officer.send("/console/", "/console/search", q="secret")
    assert "Save this view" not in searched.text
    page = (await officer.get("/console/")).text
    (drop,) = re.findall(r'action="(/console/views/\w+/drop)"(?=.{0,400}Mine &lt;b)', page, re.DOTALL)[:1]
    (ours,) = re.findall(r'action="(/console/views/\w+/drop)"', (await boss.get("/console/")).text)
    assert (await officer.post(ours, officer.hidden(page, drop))).status_code == 404
    assert (await abroad.send("/console/?host=UZ", "/console/views", name="x")).status_code == 303
    theirs = abroad.hidden((await abroad.get("/console/?host=UZ")).text, "/console/views")
    assert (await abroad.post(drop, theirs)).status_code == 404
    assert (await officer.post(drop, officer.hidden(page, drop))).status_code == 303
    assert (await boss.send("/console/", ours)).status_code == 303
    assert ">Ours" not in (await officer.get("/console/")).text


async def test_an_open_queue_is_told_of_its_own_agencys_changes(
    office: Office, wait_until: WaitUntil, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And of nobody else's; it is told that there is something, never what."""
    monkeypatch.setattr(live, "EVERY", 0.02)
    mine = Listener(office, await office.signed_in("demo1"))
    theirs = Listener(office, await office.signed_in("demo2", "hu.mfa"))
    await wait_until(lambda: bool(mine.heard and theirs.heard))
    await office.cases.file([added(CASE, 1)])
    await wait_until(lambda: mine.changes == 1)
    await office.cases.file([opened("theirs", agencies=("hu.mfa",))])
    await wait_until(lambda: theirs.changes == 1)
    assert mine.changes == 1
    assert set("".join(mine.heard)) <= set("retry: 5000\n: open\n\n: beat\n\nevent: change\ndata:\n\n")
    await mine.leave()
    await theirs.leave()


async def test_a_line_ends_with_its_session_and_keeps_none_awake(
    office: Office, wait_until: WaitUntil, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hours without a request of an officer's own hand: the session is over, whatever the script asked for."""
    monkeypatch.setattr(live, "EVERY", 0.02)
    monkeypatch.setattr(live, "BEAT", 0.02)
    browser = await office.signed_in("demo1")
    line = Listener(office, browser)
    await wait_until(lambda: len(line.heard) > 3)
    office.clock.forward(minutes=119)
    beats = len(line.heard)
    await wait_until(lambda: len(line.heard) > beats + 2)
    office.clock.forward(minutes=2)
    await wait_until(lambda: line.ended)
    again = Listener(office, browser)
    await wait_until(lambda: again.ended)
    assert again.status == 303


async def test_lines_are_bounded_and_end_when_the_server_stops(
    office: Office, wait_until: WaitUntil, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One too many is told to ask by itself; a stop waits for no open page."""
    monkeypatch.setattr(live, "MOST", 1)
    browser = await office.signed_in("demo1")
    line = Listener(office, browser)
    await wait_until(lambda: bool(line.heard))
    assert (await browser.get("/console/live")).status_code == 503
    await office.desk.close()
    await wait_until(lambda: line.ended)
    assert (await browser.get("/console/live")).status_code == 503


async def test_nobody_waits_for_a_case_of_long_ago(office: Office) -> None:
    """The clock of an answered case stands: a day later it is still not overdue."""
    browser = await office.signed_in("demo1")
    await browser.send(PAGE, f"{PAGE}/reply", text="Answer")
    line = (await office.cases.case("uz.mfa", CASE.ref)).line
    office.clock.forward(minutes=60)
    assert line.due is None
    assert "Overdue</span>" not in (await browser.get("/console/")).text
