"""The desk in a real browser: with its script the queue keeps itself fresh; without it everything still works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
import uvicorn
from playwright.async_api import Browser, Dialog, Page, async_playwright

from console.pages import LANGUAGE
from locales.say import offered
from storage.migrate import migrate
from storage.seal import Seal
from tests.console.office import CASE, PAGE, PASSWORD, Office
from tests.storage_sql.sample import opened
from tests.waiting import wait_until


@pytest.fixture
async def served(sqlite_url: str, seal: Seal, tmp_path: Path, free_port: int) -> AsyncIterator[Office]:
    """A desk on a port of this machine."""
    await migrate(sqlite_url)
    office = Office(sqlite_url, seal, tmp_path, base=f"http://127.0.0.1:{free_port}")
    await office.open()
    await office.hire("demo1")
    server = uvicorn.Server(uvicorn.Config(office.app, port=free_port, log_level="warning", lifespan="off"))
    task = asyncio.create_task(server.serve())
    await wait_until(lambda: server.started)
    yield office
    await office.desk.close()
    server.should_exit = True
    await task
    await office.close()


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """Chromium."""
    async with async_playwright() as player:
        found = await player.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        await found.close()


async def _sign_in(page: Page, office: Office, login: str = "demo1") -> None:
    await page.goto(f"{office.base}/console/")
    await page.get_by_label("Login").fill(login)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"{office.base}/console/")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
async def test_an_officer_answers_a_case(served: Office, browser: Browser, script: bool) -> None:
    """Sign in, open the case, answer, set the status; nothing on the way breaks the page's own rules."""
    context = await browser.new_context(java_script_enabled=script, viewport={"width": 360, "height": 740})
    page = await context.new_page()
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda fault: broken.append(str(fault)))
    await _sign_in(page, served)
    await page.get_by_role("link", name=CASE.ref).click()
    await page.get_by_label("Your answer").fill("A demo answer")
    await page.get_by_role("button", name="Send the answer").click()
    await page.get_by_text("Your answer is saved").wait_for()
    await page.get_by_label("The person is told of it").select_option("Being read")
    await page.get_by_role("button", name="Set the status").click()
    await page.get_by_text("The status is changed").wait_for()
    assert [n.body for n in await served.cases.news(9)] == ["A demo answer", ""]
    if script:
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
    assert broken == []
    await context.close()


async def test_the_queue_keeps_itself_fresh(served: Office, browser: Browser) -> None:
    """A new case appears without loading the page; a session that is over leads to the sign-in."""
    page = await browser.new_page()
    await _sign_in(page, served)
    new = opened("new", minutes=5)
    await served.cases.file([new])
    look = "document.dispatchEvent(new Event('visibilitychange'))"
    await page.evaluate(look)
    await page.get_by_role("link", name=new.ref).wait_for()
    told = opened("told", minutes=6)
    await served.cases.file([told])  # the page is told: nobody asks for it
    await page.get_by_role("link", name=told.ref).wait_for()
    await served.cases.officers.disable("demo1")
    await page.evaluate(look)
    await page.wait_for_url("**/console/sign-in?*")
    await page.goto(f"{served.base}{PAGE}")
    assert "/console/sign-in" in page.url


async def test_two_officers_on_one_case_cannot_answer_past_each_other(served: Office, browser: Browser) -> None:
    """Each sees the other without loading the page; the second answer is refused, its words stay, the citizen gets one."""
    await served.hire("demo2")
    pages = []
    for login in ("demo1", "demo2"):
        context = await browser.new_context()
        pages.append(await context.new_page())
        await _sign_in(pages[-1], served, login)
        await pages[-1].goto(f"{served.base}{PAGE}")
    first, second = pages
    look = "document.dispatchEvent(new Event('visibilitychange'))"
    await second.get_by_text("Also looking at this case now: Demo demo1").wait_for()
    await first.evaluate(look)
    await first.get_by_text("Also looking at this case now: Demo demo2").wait_for()
    await first.locator("#reply").fill("The answer of the first")
    await second.locator("#reply").fill("The answer of the second")
    await first.get_by_role("button", name="Send the answer").click()
    await first.get_by_text("Your answer is saved").wait_for()
    await second.evaluate(look)
    await second.get_by_text("Something new happened on this case").wait_for()
    await second.get_by_role("button", name="Send the answer").click()
    await second.get_by_text("Nothing was sent").wait_for()
    await second.get_by_text("The answer of the first").wait_for()
    assert await second.locator("#reply").input_value() == "The answer of the second"
    assert [n.body for n in await served.cases.news(9)] == ["The answer of the first"]
    for page in pages:
        await page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_phone_shows_the_whole_case(served: Office, browser: Browser, scheme: Literal["light", "dark"]) -> None:
    """Every part fits a small phone's width, opened; nothing breaks the page's own rules."""
    context = await browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    page = await context.new_page()
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
    await _sign_in(page, served)
    for path in (PAGE, "/console/offers", "/console/mentions", "/console/phrases"):
        await page.goto(f"{served.base}{path}")
        await page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        assert await page.evaluate("document.documentElement.scrollWidth") == 360, path
    assert broken == []
    await context.close()


async def _fits(page: Page) -> bool:
    """Whether nothing is wider than the page, all its parts unfolded, nor hides beside a table's edge."""
    await page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    wide = "[...document.querySelectorAll('html, .wide-table')].every((part) => part.scrollWidth <= part.clientWidth)"
    cut = "[...document.querySelectorAll('main *, header *, footer *')].map((part) => part.getBoundingClientRect())"
    cut += ".filter((box) => box.left < -1 && box.right > 0).length === 0"
    return bool(await page.evaluate(f"({wide}) && ({cut})"))


@pytest.mark.parametrize("tag", offered())
async def test_a_phone_shows_every_page_in_every_language(served: Office, browser: Browser, tag: str) -> None:
    """Longer words and longer names fit too."""
    await served.hire("boss", role="administrator")
    await served.cases.note(await served.hire("mate"), CASE.ref, "@boss", "")
    context = await browser.new_context(viewport={"width": 360, "height": 740})
    await context.add_cookies([{"name": LANGUAGE, "value": tag, "url": f"{served.base}/console"}])
    page = await context.new_page()
    await page.goto(f"{served.base}/console/")
    await page.locator("#login").fill("boss")
    await page.locator("#password").fill(PASSWORD)
    await page.locator("main button.main").click()
    await page.locator("#lines .line").first.wait_for()
    assert await page.locator("html").get_attribute("lang") == tag.replace("_", "-")
    for path in ("", "?host=UZ", "people", "audit", "keys", "hooks", "offers", "mentions", "phrases", "account"):
        await page.goto(f"{served.base}/console/{path}")
        assert await _fits(page), path
    await page.goto(f"{served.base}{PAGE}")
    assert await _fits(page)
    await context.close()


async def test_one_comes_back_to_the_queue_as_it_was(served: Office, browser: Browser) -> None:
    """After an act on a case, to the same filter; where scripts are off, to the whole queue. What was done has the focus."""
    for script, address in ((True, "/console/?holder=free"), (False, "/console/")):
        context = await browser.new_context(java_script_enabled=script)
        page = await context.new_page()
        await _sign_in(page, served)
        await page.goto(f"{served.base}/console/?holder=free")
        await page.get_by_role("link", name=CASE.ref).click()
        await page.get_by_label("Only your agency sees it").fill("A demo note")
        await page.get_by_role("button", name="Save the note").click()
        await page.locator("#done").wait_for()
        assert await page.locator("#done:focus").count() == 1
        await page.locator("main .up a").click()
        await page.wait_for_url(f"{served.base}{address}")
        await context.close()


async def test_what_was_written_is_not_lost_by_leaving_or_by_a_session_s_end(served: Office, browser: Browser) -> None:
    """The browser asks before it leaves words behind; signed out meanwhile, they wait until one is in again, and go out once."""
    context = await browser.new_context()
    page = await context.new_page()
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    await _sign_in(page, served)
    await page.goto(f"{served.base}{PAGE}")
    await page.locator("#reply").click()
    await page.keyboard.type("A long answer")
    await page.locator("main .up a").click(no_wait_after=True)
    await wait_until(lambda: asked == ["beforeunload"])
    officer = await served.cases.officers.find("demo1")
    assert officer
    await served.cases.officers.end_others(officer, "")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await page.get_by_role("button", name="Send the answer").click()
    await page.get_by_text("You are signed out").wait_for()
    async with context.expect_page() as opened_:
        await page.get_by_role("link", name="Sign in in another window").click()
    other = await opened_.value
    await other.get_by_label("Login").fill("demo1")
    await other.get_by_label("Password").fill(PASSWORD)
    await other.get_by_role("button", name="Sign in").click()
    await other.wait_for_url(f"{served.base}/console/")
    assert await served.cases.news(9) == []
    await page.get_by_role("button", name="Send again").click()
    await page.get_by_text("open for too long").wait_for()
    await page.get_by_role("button", name="Send again").click()
    await page.get_by_text("Your answer is saved").wait_for()
    assert [n.body for n in await served.cases.news(9)] == ["A long answer"]
    assert asked == ["beforeunload"]
    await context.close()
