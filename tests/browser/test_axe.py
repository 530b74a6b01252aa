"""The web chat shuts nobody out, as far as axe-core can tell: in light and dark, on a phone and a wide screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.accessible import OPEN, RUN, SCRIPT, looks, told
from tests.browser.conftest import NewContext
from tests.webchat.toy import Site, running, settings

OURS = "#log .us .text"


@pytest.fixture
def site(empty_valkey: str) -> Iterator[Site]:
    """The web chat on a demonstration's day."""
    with running(empty_valkey, settings(today="2020-05-08")) as started:
        yield started


def faults(page: Page, name: str) -> list[str]:
    """What axe finds, however the page is looked at."""
    page.evaluate(OPEN)
    page.evaluate(SCRIPT)
    found = []
    for scheme, size in looks():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size(size)
        found += told(f"{name} ({scheme}, {size['width']})", page.evaluate(RUN[scheme]))
    return found


@pytest.mark.timeout(300)
def test_no_page_of_the_chat_shuts_anybody_out(site: Site, new_context: NewContext) -> None:
    """The first page, a conversation with buttons, a language inside another, a link; words not sent; leaving."""
    page = new_context().new_page()
    page.goto(f"{site.url}/chat")
    found = faults(page, "first")
    for n, words in enumerate(("ask", "türkçe", "source", "where", "evil"), 1):
        page.locator("#text").fill(words)
        page.locator("#say button").click()
        expect(page.locator(OURS)).to_have_count(n)
    found += faults(page, "conversation")
    site.ear.away = True
    page.locator("#text").fill("nobody hears this")
    page.locator("#say button").click()
    expect(page.locator("#pending")).to_contain_text("Not sent")
    found += faults(page, "unsent")
    page.goto(f"{site.url}/chat/leave")
    found += faults(page, "leave")
    assert not found, "\n".join(found)
