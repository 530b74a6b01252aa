"""No page of the desk shuts anybody out, as far as axe-core can tell: each in light and dark, on a phone and a wide screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, Route, async_playwright

from storage.migrate import migrate
from storage.seal import Seal
from tests.accessible import OPEN, RUN, SCRIPT, looks, told
from tests.console.office import PAGE, Browser, Office
from tests.console.ways import WAYS, Full, Way, call

PAGES = [way for way in WAYS if way.answer in (200, 403) and way.route != "/console/live"]
"""The ways that are answered with something to look at."""


def _form(path: str, answer: int, **form: str) -> Way:
    return Way("POST", path, path, "", form, answer=answer)


FAULTS = (
    _form("/console/cases/{case}/note", 422, text=""),
    _form("/console/cases/{case}/reply", 409, text="Demo", seen="old"),
    _form("/console/cases/{case}/refer", 422, target="", why="stay", reason=""),
    _form("/console/offers/{offer}/reject", 422, reason=""),
    _form("/console/hooks", 422, url="http://nowhere"),
    _form("/console/keys", 422, name=""),
    _form("/console/people", 422, login="demo", name="Demo", role="officer"),
    _form("/console/phrases/keep", 422, name=""),
    _form("/console/account/password", 422, old="x", password="y", again="z"),
    _form("/console/account/factor", 422, do="confirm", code="1"),
    _form("/console/sign-in", 403, login="nobody", password="x"),
    _form("/console/sign-out", 403, form=""),
    Way("GET", "/console/none", "/console/none", "", answer=404),
    Way("GET", "/console/", "/console/?q=nothing-holds-this", "", answer=200),
    Way("GET", "/console/", "/console/?host=UZ&unread=1", "", answer=200),
    Way("GET", "/console/welcome/{token}", "/console/welcome/none", "", answer=404),
    Way("GET", "/console/cases/{key}", "/console/cases/{guest}", "", answer=200),
    Way("GET", "/console/cases/{key}", "/console/cases/{sent}", "", answer=200),
    Way("GET", "/console/audit", "/console/audit?case=none", "", answer=200),
)
"""Pages that say what went wrong, and others that look different from their neighbours."""


@pytest.fixture
async def page(chromium: str) -> AsyncIterator[Page]:
    """A page of a Chromium that never asks the network."""
    async with async_playwright() as player:
        browser = await player.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield await browser.new_page()
        await browser.close()


async def _show(page: Page, office: Office, browser: Browser, answer: httpx.Response) -> None:
    """The page that was answered, with the desk's own style and script and under its own strict rules."""

    async def serve(route: Route) -> None:
        path = route.request.url.removeprefix(office.base)
        if path == "/shown":
            found = answer
        elif path.startswith("/console/static/") or "/files/" in path or path.endswith(".svg"):
            found = await browser.get(path)
        else:
            return await route.abort()
        headers = {k: v for k, v in found.headers.items() if k not in ("set-cookie", "content-length")}
        return await route.fulfill(status=found.status_code, headers=headers, body=found.content)

    await page.unroute_all()
    await page.route("**/*", serve)
    await page.goto(f"{office.base}/shown")


async def _faults(page: Page, office: Office, browser: Browser, way: Way, ids: Mapping[str, str]) -> list[str]:
    """What axe finds on the page that this way leads to, however it is looked at; nothing on what is no page."""
    answer = await call(office, browser, way, ids)
    assert answer.status_code == way.answer, way.name
    if "<html" not in answer.text[:200]:
        return []
    return await _seen(page, office, browser, answer, way.name)


async def _seen(page: Page, office: Office, browser: Browser, answer: httpx.Response, name: str) -> list[str]:
    """What axe finds on a page, however it is looked at."""
    await _show(page, office, browser, answer)
    await page.evaluate(OPEN)
    await page.evaluate(SCRIPT)
    found = []
    for scheme, size in looks():
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.set_viewport_size(size)
        found += told(f"{name} ({scheme}, {size['width']})", await page.evaluate(RUN[scheme]))
    return found


@pytest.mark.timeout(600)
async def test_no_page_of_the_desk_shuts_anybody_out(
    office: Office, page: Page, sqlite_url: str, seal: Seal, tmp_path: Path
) -> None:
    """All pages of an administrator, who sees every form there is, with what they say when something is wrong."""
    full = await Full(office).fill()
    browser = await full.signed_in()
    faults = []
    for n, way in enumerate((*PAGES, *FAULTS)):
        if way.first:  # what must be done before would change the pages that come after
            await migrate(f"{sqlite_url}-{n}")
            there = Office(f"{sqlite_url}-{n}", seal, tmp_path / str(n))
            await there.open()
            try:
                own = await Full(there).fill()
                visitor = await own.signed_in()
                await own.ready(way, visitor)
                faults += await _faults(page, there, visitor, way, own.ids)
            finally:
                await there.close()
        else:
            await full.ready(way, browser)
            faults += await _faults(page, office, browser, way, full.ids)
    assert not faults, "\n".join(faults)


async def test_the_page_that_keeps_unsent_words_shuts_nobody_out(office: Office, page: Page) -> None:
    """Signed out, and with a form of an old page."""
    faults = []
    for browser, status in ((office.browser(), 401), (await office.signed_in("demo"), 403)):
        form = {"form": "old", "seen": "x", "text": "Demo", "original": "Demo", "reason": "Demo", "override": "Demo"}
        answer = await browser.http.post(f"{PAGE}/reply", data=form, headers={"Sec-Fetch-Site": "same-origin"})
        assert (answer.status_code, "Not sent yet" in answer.text) == (status, True)
        faults += await _seen(page, office, browser, answer, f"unsent {status}")
    assert not faults, "\n".join(faults)


async def test_a_planted_fault_is_found(page: Page) -> None:
    """A field without a label, at any width; words that cannot be read in the dark, only there."""
    await page.set_content(
        "<html lang=en><title>x</title><style>p { color: #333; background: #fff } @media (prefers-color-scheme: dark)"
        "{ p { color: #eee } }</style><main><h1>x</h1><p>words</p><input></main></html>"
    )
    await page.evaluate(SCRIPT)
    found = {}
    for scheme, size in looks():
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.set_viewport_size(size)
        rules = await page.evaluate(RUN[scheme])
        found[scheme, size["width"]] = [rule["id"] for rule in rules["violations"]]
    light, dark = ["label"], ["color-contrast"]
    assert found == {("light", 360): light, ("light", 1100): light, ("dark", 360): dark, ("dark", 1100): dark}
