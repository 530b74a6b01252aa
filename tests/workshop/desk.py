"""The pictures of docs/desk.md: a queue and a case made up for them, on a phone and a wide screen, in light and dark."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import date
from itertools import product
from pathlib import Path
from typing import Literal

import uvicorn
from msgspec.structs import replace
from playwright.async_api import Browser, ViewportSize

from handlers.nouns import AddToCase, Delivered, OpenCase
from relief.nouns import Assessment
from storage.migrate import migrate
from storage.seal import Seal
from tests.console.office import PASSWORD, Office
from tests.servers import free_port
from tests.storage_sql.sample import at, opened
from tests.waiting import wait_until

SIZES = {"phone": ViewportSize(width=390, height=844), "wide": ViewportSize(width=1100, height=800)}
SCHEMES: Sequence[Literal["light", "dark"]] = ("light", "dark")
PICTURES = tuple(
    f"desk-{page}-{size}-{scheme}.png" for page, size, scheme in product(("queue", "case"), SIZES, SCHEMES)
)
"""Their names."""
AGENCY = "uz-migration"


def _case(name: str, minutes: int, reasons: tuple[str, ...], nationality: str, place: str, note: str) -> OpenCase:
    """Somebody made up."""
    priority: Literal["danger", "urgent", "normal"] = "danger" if "danger" in reasons else "urgent"
    return replace(
        opened(name, minutes, (AGENCY, "tr-mfa")),
        priority=priority if reasons else "normal",
        reasons=reasons,
        media=(),
        facts={"host": "UZ", "nationality": nationality, "permit": "visa", "expires": "2020-05-20"},
        report={
            "place": place,
            "place_name": "",
            "contact": "+000 demo 5550101",
            "needs": "medical,food",
            "note": note,
        },
        assessment=Assessment(date(2020, 5, 8), "unknown"),
    )


CASES = (
    _case("one", 480, ("minors", "medical", "airport_zone"), "TR", "airport_zone", "Gate 12. Our child has a fever."),
    _case("two", 300, ("danger", "safety"), "KG", "city", "We were robbed, and the door does not close."),
    _case("three", 120, ("border_point",), "KZ", "border_point", "They do not let our bus through."),
    _case("four", 30, (), "AZ", "city", "My visa ends on 20 May. May I stay?"),
    _case("five", 10, (), "HU", "city", "When is there a flight to Budapest?"),
)


async def draw(browser: Browser, folder: Path) -> None:
    """All of them."""
    with tempfile.TemporaryDirectory() as there:
        url = f"sqlite:///{there}/komek.sqlite3"
        await migrate(url)
        port = free_port()
        office = Office(url, Seal({"k": b"k" * 32}), Path(there), f"http://127.0.0.1:{port}")
        server = uvicorn.Server(uvicorn.Config(office.app, port=port, log_level="warning", lifespan="off"))
        task = asyncio.create_task(server.serve())
        try:
            await wait_until(lambda: server.started)
            await _fill(office)
            for (size, viewport), scheme in product(SIZES.items(), SCHEMES):
                page = await browser.new_page(viewport=viewport, color_scheme=scheme, locale="en-GB")
                await page.goto(f"{office.base}/console/")
                await page.locator("#login").fill("demo")
                await page.locator("#password").fill(PASSWORD)
                await page.locator("main button.main").click()
                await page.locator("#lines .line").first.wait_for()
                await page.screenshot(path=folder / f"desk-queue-{size}-{scheme}.png")
                await page.goto(f"{office.base}/console/cases/{CASES[0].ref}")
                await page.screenshot(path=folder / f"desk-case-{size}-{scheme}.png")
                await page.close()
        finally:
            await office.desk.close()
            server.should_exit = True
            await task
            await office.close()


async def _fill(office: Office) -> None:
    """The queue, and what happened on its most urgent case."""
    cases, case = office.cases, CASES[0]
    demo = await office.hire("demo", AGENCY, "supervisor")
    mate = await cases.officers.add("mate", AGENCY, "Demo Colleague")
    await cases.file(CASES)
    await cases.claim(mate, CASES[1].ref)
    await cases.note(mate, case.ref, "@demo The airport doctor is told.", (await cases.case(AGENCY, case.ref)).seen)
    seen = (await cases.case(AGENCY, case.ref)).seen
    event = await cases.reply(demo, case.ref, "A doctor comes to gate 12 now.", seen)
    await cases.file([Delivered("d", event, at(602), "read")])
    await cases.file([AddToCase("m", case.id, at(604), "message", "Thank you. We are at the window.")])
    office.clock.forward(minutes=6)
