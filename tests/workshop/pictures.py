"""The pictures of docs/languages.md: each language's story played in real browsers against `komek demo`. `make pictures`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from locales.say import NAMES
from tests.servers import chromium
from tests.tongues import story
from tests.whole.service import Service
from tests.whole.walk import DESK, PHONE, Walk, tag_of

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


def main() -> None:
    """All languages, or those named on the command line."""
    with sync_playwright() as playwright:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        for tag in sys.argv[1:] or NAMES:
            draw(browser, tag)
        browser.close()


if __name__ == "__main__":
    main()
