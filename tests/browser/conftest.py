"""A real Chromium for the browser's tests. A script that fails on a page fails the test."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Geolocation, ViewportSize, sync_playwright

PHONE = ViewportSize(width=360, height=640)
"""A small old phone."""


class NewContext(Protocol):
    """The type of the fixture `new_context`: playwright's options, as far as our tests use them."""

    def __call__(
        self,
        *,
        viewport: ViewportSize = PHONE,
        locale: str = "en-GB",
        color_scheme: Literal["light", "dark"] = "light",
        java_script_enabled: bool = True,
        geolocation: Geolocation | None = None,
        permissions: Sequence[str] = (),
    ) -> BrowserContext:
        """A person with cookies of their own."""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A browser for each file of tests: as long as it is open, playwright's own event loop keeps others from this thread."""
    with sync_playwright() as playwright:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        started = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield started
        started.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """Makes browser contexts (each a person with cookies of their own), closed at the end. A script's error fails the test."""
    made: list[BrowserContext] = []
    errors: list[str] = []

    def make(
        *,
        viewport: ViewportSize = PHONE,
        locale: str = "en-GB",
        color_scheme: Literal["light", "dark"] = "light",
        java_script_enabled: bool = True,
        geolocation: Geolocation | None = None,
        permissions: Sequence[str] = (),
    ) -> BrowserContext:
        context = browser.new_context(
            viewport=viewport,
            locale=locale,
            color_scheme=color_scheme,
            java_script_enabled=java_script_enabled,
            geolocation=geolocation,
            permissions=permissions,
        )
        context.set_default_timeout(10_000)
        context.on("weberror", lambda fault: errors.append(str(fault.error)))
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
    assert not errors, errors
