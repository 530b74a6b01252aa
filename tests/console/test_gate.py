"""The gate: who gets in, whose forms are taken, what every answer carries."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from console.guard import HEADERS
from console.signing import inside
from storage.migrate import migrate
from storage.officers import TRIES
from storage.seal import Seal
from tests.console.office import CASE, PAGE, PASSWORD, Office


async def test_a_one_time_link_lets_an_officer_choose_a_password_and_in(office: Office) -> None:
    """From the link to the queue; afterwards the link is over and the password works."""
    await office.cases.officers.add("demo1", "uz.mfa", "Demo One")
    path = f"/console/welcome/{await office.cases.officers.invite('demo1')}"
    browser = office.browser()
    assert "Welcome, Demo One" in (await browser.get(path)).text
    for first, second, said in ((PASSWORD, "other", "not the same"), ("short", "short", "too short")):
        answer = await browser.send(path, "/console/welcome", password=first, again=second)
        assert (answer.status_code, said in answer.text) == (422, True)
    answer = await browser.send(path, "/console/welcome", password=PASSWORD, again=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
    assert CASE.ref in (await browser.get("/console/")).text
    assert (await office.browser().get(path)).status_code == 404
    again = office.browser()
    answer = await again.send(f"/console/sign-in?next={PAGE}", "/console/sign-in", login="demo1", password=PASSWORD)
    assert answer.headers["location"] == PAGE


async def test_every_reason_not_to_let_in_sounds_the_same(office: Office) -> None:
    """A wrong password, an unknown login and a locked one cannot be told apart."""
    await office.hire("demo1")
    browser = office.browser()
    sent = [("demo1", f"guess {n}") for n in range(TRIES)] + [("demo1", PASSWORD), ("nobody", PASSWORD)]
    pages = set()
    for login, password in sent:
        answer = await browser.send("/console/sign-in", "/console/sign-in", login=login, password=password)
        assert answer.status_code == 403
        pages.add(answer.text.replace(f'value="{login}"', ""))
    assert len(pages) == 1
    office.clock.forward(hours=1)
    answer = await browser.send("/console/sign-in", "/console/sign-in", login="demo1", password=PASSWORD)
    assert answer.status_code == 303


async def test_signing_out_ends_the_session_itself(office: Office) -> None:
    """Not only the cookie: a copy of it is worth nothing afterwards."""
    browser = await office.signed_in("demo1")
    copy = office.browser()
    copy.http.cookies = browser.http.cookies.__class__(browser.http.cookies)
    assert (await copy.get("/console/")).status_code == 200
    answer = await browser.send("/console/", "/console/sign-out")
    assert answer.headers["location"] == "/console/sign-in"
    for one in (browser, copy):
        assert (await one.get("/console/")).status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/console/",
            "/console/lines",
            "/console/live",
            "/console/search",
            "/console/bulk",
            "/console/views",
            "/console/views/x/drop",
        ),
        *(PAGE, f"{PAGE}/files/x", f"{PAGE}/reply", f"{PAGE}/status", f"{PAGE}/note"),
        *(f"{PAGE}/claim", f"{PAGE}/release", f"{PAGE}/assign"),
    ],
)
async def test_nobody_signed_in_gets_nothing(office: Office, path: str) -> None:
    """Every page leads to the sign-in, and back to itself afterwards; nothing of a case is in the answer."""
    browser = office.browser()
    posts = ("reply", "status", "note", "claim", "release", "assign", "search", "bulk", "views", "drop")
    method = "POST" if path.rpartition("/")[2] in posts else "GET"
    answer = await browser.http.request(method, path, data={} if method == "POST" else None)
    assert (answer.status_code, answer.text) == (303, "")
    assert answer.headers["location"].startswith("/console/sign-in")
    assert (await browser.get("/console/lines", **{"X-Requested-With": "fetch"})).status_code == 401


async def test_a_forged_form_is_refused(office: Office) -> None:
    """Without our token, with another session's, or with one from before signing in: nothing is done."""
    browser, other = await office.signed_in("demo1"), await office.signed_in("demo2")
    seen = (await office.cases.case("uz.mfa", CASE.ref)).seen
    foreign = other.hidden((await other.get(PAGE)).text, f"{PAGE}/reply")["form"]
    for token in ("", "0" * 64, foreign, "é"):
        answer = await browser.post(f"{PAGE}/reply", {"form": token, "seen": seen, "text": "forged"})
        assert answer.status_code == 403
    for path in ("/console/sign-in", "/console/sign-out", "/console/welcome", "/console/language"):
        assert (await office.browser().post(path, {"form": "0" * 64, "login": "x"})).status_code == 403
    assert await office.cases.news(9) == []


async def test_a_form_that_is_too_long_or_hides_its_length_is_not_read(office: Office) -> None:
    """Nobody can make the desk hold a flood in memory."""
    browser = office.browser()
    assert (await browser.post("/console/sign-in", {"login": "x" * 70_000})).status_code == 413

    async def drops() -> AsyncIterator[bytes]:
        yield b"login=x"

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await browser.http.post("/console/sign-in", content=drops(), headers=kind)).status_code == 413


async def test_every_answer_is_guarded(office: Office) -> None:
    """The headers are on pages, redirects, files and faults alike; no page holds inline code or fetches from elsewhere."""
    browser = await office.signed_in("demo1")
    for path in ("/console/", PAGE, "/console/nothing", "/console/sign-in", "/console/static/none", "/console/lines"):
        answer = await browser.get(path)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        page = re.sub(r'<a href="http[^"]*"', "", answer.text)  # a link to a source is followed by nobody but a person
        assert not [bad for bad in ("<script>", "<style", " style=", " onclick=", "http://", "//cdn") if bad in page]
    assert "frame-ancestors 'none'" in HEADERS["Content-Security-Policy"]
    assert HEADERS["Content-Security-Policy"].startswith("default-src 'none'")
    sheet = await browser.get("/console/static/console.css")
    assert (sheet.status_code, "immutable" in sheet.headers["cache-control"]) == (200, True)
    assert "url(" not in sheet.text


async def test_cookies_cannot_be_read_by_scripts_or_sent_by_other_sites(office: Office) -> None:
    """HttpOnly, SameSite=Lax, for the desk alone, and Secure where the desk is reached by https."""
    await office.hire("demo1")
    browser = office.browser()
    first = await browser.get("/console/sign-in")
    answer = await browser.send("/console/sign-in", "/console/sign-in", login="demo1", password=PASSWORD)
    for cookie in (*first.headers.get_list("set-cookie"), *answer.headers.get_list("set-cookie")):
        assert cookie.startswith("__Secure-komek-")
        assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Path=/console", "Secure"))


async def test_the_demonstration_without_https_works_too(sqlite_url: str, seal: Seal, tmp_path: Path) -> None:
    """On one's own machine cookies are not Secure, or no browser would send them back."""
    await migrate(sqlite_url)
    office = Office(sqlite_url, seal, tmp_path, base="http://127.0.0.1")
    assert "Secure" not in (await office.browser().get("/console/sign-in")).headers["set-cookie"]
    assert (await (await office.signed_in("demo1")).get("/console/")).status_code == 200
    await office.close()


async def test_a_page_that_looks_by_itself_does_not_keep_the_session_awake(office: Office) -> None:
    """An officer who went home is signed out although their queue kept refreshing."""
    browser = await office.signed_in("demo1")
    answers = []
    for _ in range(13):
        office.clock.forward(minutes=10)
        answers.append((await browser.get("/console/lines", **{"X-Requested-With": "fetch"})).status_code)
    assert answers == [200] * 11 + [401] * 2


def test_a_way_back_never_leads_to_another_site() -> None:
    """Only paths of the desk itself."""
    assert inside(PAGE) == PAGE
    for bad in (
        None,
        "",
        "https://elsewhere.test/",
        "//elsewhere.test",
        "/console//elsewhere.test",
        "/chat",
        "/console/\\x",
    ):
        assert inside(bad) == "/console/"


async def test_the_case_store_away_is_a_plain_page(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with a sentence, and nothing of the cause; so is a fault of our own, as 500."""
    browser = await office.signed_in("demo1")

    async def away(*args: object) -> None:
        raise OSError("demo secret host name")

    async def broken(*args: object) -> None:
        raise RuntimeError("demo secret word")

    for fault, status in ((away, 503), (broken, 500)):
        monkeypatch.setattr(office.cases, "case", fault)
        answer = await browser.get(PAGE)
        assert (answer.status_code, "secret" in answer.text) == (status, False)


def test_the_desk_is_under_console_alone(office: Office) -> None:
    """The application that takes the routes keeps all other paths for itself."""
    assert all(getattr(route, "path", "").startswith("/console") for route in office.app.routes)


OURS = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form on our own page."""
WORDS = {"text": "A long answer\n<b>", "original": "", "language": "en"}


def _page_of_words(answer: httpx.Response) -> dict[str, str]:
    """What the page holds that asks for words to be sent again."""
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text.partition("<main")[2]))
    found = re.findall(r'<textarea id="unsent-\d" name="(\w+)"[^>]*>(.*?)</textarea>', answer.text, re.DOTALL)
    return fields | {name: html.unescape(value) for name, value in found}


async def test_words_outlive_a_session_and_are_sent_once(office: Office) -> None:
    """Written before it ended, sent after it: they stand on the page, and go out once somebody is signed in again."""
    browser = await office.signed_in("demo1")
    form = browser.hidden((await browser.get(PAGE)).text, f"{PAGE}/reply") | WORDS
    office.clock.forward(hours=3)
    refused = await browser.http.post(f"{PAGE}/reply", data=form, headers=OURS)
    assert (refused.status_code, "You are signed out" in refused.text) == (401, True)
    again = _page_of_words(refused)
    assert [again[name] for name in ("text", "seen", "language")] == [WORDS["text"], form["seen"], "en"]
    await browser.send("/console/sign-in", "/console/sign-in", login="demo1", password=PASSWORD)
    late = await browser.http.post(
        f"{PAGE}/reply", data=again, headers=OURS
    )  # the new session's forms have another token
    assert (late.status_code, "open for too long" in late.text) == (403, True)
    assert await office.cases.news(9) == []
    fresh = _page_of_words(late)
    for _ in range(2):
        assert (await browser.http.post(f"{PAGE}/reply", data=fresh, headers=OURS)).status_code == 303
    assert [n.body for n in await office.cases.news(9)] == [WORDS["text"]]


async def test_words_outlive_a_store_that_is_away(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are on the page that says so; a fault of ours says no more of itself than ever."""
    browser = await office.signed_in("demo1")
    form = browser.hidden((await browser.get(PAGE)).text, f"{PAGE}/reply") | WORDS
    again: dict[str, str] = {}
    for fault, status in ((OSError("inside"), 503), (ValueError("inside"), 500)):

        async def fail(*given: object, fault: Exception = fault, **more: object) -> str:
            raise fault

        with monkeypatch.context() as broken:
            broken.setattr(office.cases, "reply", fail)
            refused = await browser.http.post(f"{PAGE}/reply", data=form, headers=OURS)
        assert (refused.status_code, "inside" in refused.text) == (status, False)
        assert "A long answer\n&lt;b&gt;" in refused.text
        again = _page_of_words(refused)
    assert (await browser.http.post(f"{PAGE}/reply", data=again, headers=OURS)).status_code == 303


async def test_nothing_from_elsewhere_is_shown_again_and_no_password_ever(office: Office) -> None:
    """Another site's form, a form without words, the sign-in's."""
    browser = office.browser()
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        answer = await browser.http.post(f"{PAGE}/reply", data=WORDS, headers=headers)
        assert (answer.status_code, answer.text) == (303, "")
    empty = await browser.http.post(f"{PAGE}/reply", data={"text": " "}, headers=OURS)
    assert (empty.status_code, empty.text) == (303, "")
    for path in ("/console/sign-in", "/console/welcome", "/console/account/password", "/console/people"):
        answer = await browser.http.post(path, data={"password": "secret-1", "text": "secret-2"}, headers=OURS)
        assert "secret-" not in answer.text, path
