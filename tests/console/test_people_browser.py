"""Signing in with a code in a real browser: from the first page of the second factor to the next morning."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
import uvicorn
from playwright.async_api import Page, async_playwright

from storage.migrate import migrate
from storage.seal import Seal
from tests.console.office import PASSWORD, Office
from tests.waiting import wait_until


@pytest.fixture
async def served(sqlite_url: str, seal: Seal, tmp_path: Path, free_port: int) -> AsyncIterator[Office]:
    """A desk on a port of this machine, with one administrator."""
    await migrate(sqlite_url)
    office = Office(sqlite_url, seal, tmp_path, base=f"http://127.0.0.1:{free_port}", second_factor="leaders")
    await office.open()
    await office.hire("boss", role="administrator")
    server = uvicorn.Server(uvicorn.Config(office.app, port=free_port, log_level="warning", lifespan="off"))
    task = asyncio.create_task(server.serve())
    await wait_until(lambda: server.started)
    yield office
    server.should_exit = True
    await task
    await office.close()


async def _password(page: Page, office: Office) -> None:
    """The first step."""
    await page.goto(f"{office.base}/console/")
    await page.locator("#login").fill("boss")
    await page.locator("#password").fill(PASSWORD)
    await page.locator("button.main").click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
async def test_an_administrator_sets_up_a_phone_and_makes_an_account(
    served: Office, chromium: str, script: bool
) -> None:
    """The square is shown under the page's own strict rules; nothing is wider than a phone; the next sign-in asks for a code."""
    broken: list[str] = []
    async with async_playwright() as player:
        browser = await player.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = await browser.new_context(java_script_enabled=script, viewport={"width": 360, "height": 740})
        page = await context.new_page()
        page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda fault: broken.append(str(fault)))
        await _password(page, served)
        await page.get_by_role("button", name="Set it up").click()
        square = page.locator("img.square")
        await square.wait_for()
        secret = await page.locator(".secret").inner_text()
        if script:
            assert await square.evaluate("image => image.complete && image.naturalWidth > 100")
        app = pyotp.TOTP(secret)
        await page.locator("#code").fill(app.at(served.clock()))
        await page.get_by_role("button", name="Turn it on").click()
        assert await page.locator(".codes li").count() == 10
        await page.get_by_role("link", name="to the queue").click()
        for room in ("People", "Audit"):
            await page.get_by_role("link", name=room, exact=True).click()
            await page.get_by_role("heading", name=room, exact=True).wait_for()
            if script:
                assert await page.evaluate("document.documentElement.scrollWidth") == 360
        await page.get_by_role("link", name="People", exact=True).click()
        await page.locator("#name").fill("Demo New")
        await page.locator("#login").fill("new1")
        await page.locator("button.main").click()
        link = await page.locator("#link").input_value()
        assert link.startswith(f"{served.base}/console/welcome/")
        await page.get_by_role("button", name="Sign out").click()

        served.clock.forward(minutes=1)
        await _password(page, served)
        await page.locator("#code").fill(app.at(served.clock()))
        await page.locator("button.main").click()
        await page.get_by_role("heading", name="Queue", exact=True).wait_for()
        await browser.close()
    assert broken == []
