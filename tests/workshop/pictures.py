"""The pictures of docs/languages.md, each language's story in real browsers, and those of docs/desk.md. `make pictures`."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright
from playwright.sync_api import Browser, Page, sync_playwright

from locales.say import NAMES
from tests.servers import chromium
from tests.tongues import story
from tests.whole.service import Service
from tests.whole.walk import DESK, PHONE, Walk, tag_of
from tests.workshop import desk

FOLDER = Path(__file__).parents[2] / "docs" / "images"


def draw(browser: Browser, tag: str) -> None:
    """The two pictures of a language."""
    told = story(tag)

    def look(page: Page, name: str) -> None:
        page.screenshot(path=FOLDER / f"{name}-{tag}.png")

    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder), ("demo",), {"TODAY": told.today.isoformat()})
        service.start()
        phone = browser.new_context(viewport=PHONE, locale=tag_of(told))
        office = browser.new_context(viewport=DESK, locale=tag_of(told))
        try:
            Walk(service, told, phone, office).goes(look)
        finally:
            phone.close()
            office.close()
            service.interrupt()


async def draw_desk() -> None:
    """The pictures of the desk."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=_flags())
        await desk.draw(browser, FOLDER)
        await browser.close()


def _flags() -> list[str]:
    """Chromium's own cage does not work for root."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def main() -> None:
    """All languages and the desk, or those named on the command line; `desk` is the desk."""
    wanted = sys.argv[1:] or [*NAMES, "desk"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=_flags())
        for tag in wanted:
            if tag != "desk":
                draw(browser, tag)
        browser.close()
    if "desk" in wanted:
        asyncio.run(draw_desk())


if __name__ == "__main__":
    main()
