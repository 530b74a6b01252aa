"""The desk in a real browser: with its script the queue keeps itself fresh; without it everything still works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright

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


async def _sign_in(page: Page, office: Office) -> None:
    await page.goto(f"{office.base}/console/")
    await page.get_by_label("Login").fill("demo1")
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
