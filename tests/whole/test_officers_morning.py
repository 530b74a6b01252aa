"""An officer's morning in a real browser, the citizen's WhatsApp beside it: from the sign-in with a code to the rating."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, Page, async_playwright, expect

from storage.records import Officer
from tests.fakes.twilio import Citizen
from tests.storage_sql.sample import opened
from tests.waiting import WaitUntil
from tests.whole.conftest import Whole
from tests.whole.test_officers_day import HOME, PHOTO, hears
from tests.whole.test_providers import AGENCY, dialogue

pytestmark = pytest.mark.timeout(300)
PASSWORD = "a long demo password"
OLDER = replace(opened("older", agencies=(AGENCY,)), priority="normal", reasons=())
SECONDS = 30.0
"""A loaded machine takes its time."""


@pytest.fixture
async def chromium_open(chromium: str) -> AsyncIterator[Browser]:
    """A browser for both officers."""
    async with async_playwright() as player:
        browser = await player.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        await browser.close()


class Desk:
    """An officer's browser."""

    def __init__(self, whole: Whole, page: Page) -> None:
        self.url, self.page = f"{whole.service.url}/console/", page
        self.case = ""

    async def signs_in(self, login: str, app: pyotp.TOTP | None = None) -> None:
        """By password, and by the app's code if they have one."""
        await self.page.goto(self.url)
        await self.page.locator("#login").fill(login)
        await self.page.locator("#password").fill(PASSWORD)
        await self.page.locator("main button.main").click()
        if app:
            await self.page.locator("#code").fill(app.now())
            await self.page.locator("main button.main").click()
        await expect(self.page.locator("#lines")).to_be_visible()

    async def looks(self) -> None:
        """The case as it is now, everything unfolded."""
        await self.page.goto(self.case)
        await self.page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")

    async def sends(self, what: str, **fields: str) -> None:
        """A form of the case's page, on a page that is new: a citizen's word may have come meanwhile."""
        await self.looks()
        form = self.page.locator(f"form[action$='/{what}']").last
        for name, value in fields.items():
            field = form.locator(f"[name='{name}']")
            if await field.evaluate("field => field.tagName") == "SELECT":
                await field.select_option(value)
            else:
                await field.fill(value)
        await form.locator("button").click()
        await expect(self.page.locator("#done")).to_be_visible()

    async def sees(self, words: str, wait_until: WaitUntil) -> None:
        """Load the page until it shows these words."""

        async def shown() -> bool:
            await self.looks()
            return words in await self.page.locator("main").inner_text()

        await wait_until(shown, SECONDS, words)


async def hire(whole: Whole, login: str, agency: str) -> Officer:
    """An officer with a password."""
    officer = await whole.cases.officers.add(login, agency, f"Demo {login}")
    assert await whole.cases.officers.redeem(await whole.cases.officers.invite(login), PASSWORD)
    return officer


async def app_of(whole: Whole, officer: Officer) -> pyotp.TOTP:
    """The officer's app, its first code used a moment ago."""
    await whole.cases.officers.begin_factor(officer)
    begun = await whole.cases.officers.enrolment(officer)
    assert begun
    app = pyotp.TOTP(begun.secret)
    before = timedelta(seconds=30)  # a code counts once: the next one is left for the sign-in
    while not await whole.cases.officers.confirm_factor(officer, app.at(datetime.now(UTC) - before), ""):
        continue
    return app


async def report(whole: Whole, wait_until: WaitUntil) -> tuple[Citizen, str]:
    """Somebody at the airport, with a child, after a case of somebody who can wait; both are in the queue."""
    await whole.cases.file([OLDER])
    citizen = whole.twilio.citizen("whatsapp:+10000000056")
    ref = await dialogue(citizen, "hello")

    async def filed() -> bool:
        return bool((await whole.cases.counts(AGENCY)).get("received", 0) == 2)

    await wait_until(filed, SECONDS, "both cases in the queue")
    return citizen, ref


async def test_an_officers_morning(whole: Whole, chromium_open: Browser, wait_until: WaitUntil) -> None:
    """Code, the most urgent case, a phrase, a photo, to the home state and back, decided, closed, rated."""
    citizen, ref = await report(whole, wait_until)
    app = await app_of(whole, await hire(whole, "host", AGENCY))
    await hire(whole, "home", HOME)
    desk = Desk(whole, await (await chromium_open.new_context()).new_page())
    await desk.signs_in("host", app)

    refs = desk.page.locator("#lines .ref")
    await expect(refs).to_have_text([ref, OLDER.ref])
    await refs.first.click()
    desk.case = f"{desk.url}cases/{ref}"
    await expect(desk.page).to_have_url(desk.case)
    await desk.sees("We are at gate 12.", wait_until)
    await desk.sends("claim")

    await desk.looks()
    await desk.page.locator("#phrase").select_option("built-in-passport")
    await desk.page.locator("form:has(#phrase) button").click()
    await expect(desk.page.locator("#reply")).to_have_value(
        re.compile("Please send a photo of the page of your passport")
    )
    await desk.page.locator("form[action$='/reply'] button.main").click()
    await expect(desk.page.locator("#done")).to_be_visible()
    await hears(citizen, "Please send a photo of the page of your passport")
    await desk.sends("status", status="waiting")
    await hears(citizen, "needs something from you")
    await citizen.sends_photo(PHOTO)

    async def pictured() -> bool:
        await desk.looks()
        return await desk.page.locator(f"img[src*='/cases/{ref}/files/']").count() == 1

    await wait_until(pictured, SECONDS, "the photo on the case's page")

    await desk.sends("refer", target=HOME, why="citizens", reason="Demo: they hold the register")
    asked = await hears(citizen, "would like to pass your case")
    assert "Demo: they hold" not in asked.text
    await desk.sees("The person is being asked", wait_until)
    await citizen.presses("Yes, pass it on")
    await desk.sees("The person agreed to another agency", wait_until)

    home = Desk(whole, await (await chromium_open.new_context()).new_page())
    await home.signs_in("home")
    await home.page.locator("nav.waiting a[href='/console/offers']").click()
    await home.page.locator("main a[href*='/console/offers/']").first.click()
    await expect(home.page.locator("main")).to_contain_text("Demo: they hold the register")
    await home.page.locator("form[action$='/accept'] button").click()
    await hears(citizen, "is now with")
    await expect(home.page.locator("main")).to_contain_text("We are at gate 12.")
    home.case = home.page.url.partition("?")[0]
    await home.sends("reply", text="Your new passport is ready.")
    await hears(citizen, "Your new passport is ready.")
    await desk.sees("Your new passport is ready.", wait_until)

    await desk.sends("withdraw", reason="Demo: the journey starts here")
    await hears(citizen, "is now with")
    await desk.sends("reply", text="Come to desk 10 with it.")
    await hears(citizen, "Come to desk 10 with it.")
    await desk.sends("status", status="decided")
    await hears(citizen, "Did we help you")
    await desk.sends("status", status="closed")
    await hears(citizen, "Closed.")
    await citizen.presses("🙂 Yes")
    await desk.sees("The person rated us: 🙂", wait_until)
    assert len([said for said in citizen.said if "Did we help you" in said.text]) == 1
    assert (await whole.cases.audit.verify()).broken == 0
    told = await whole.cases.counts(AGENCY)
    assert told["closed"] == 1
