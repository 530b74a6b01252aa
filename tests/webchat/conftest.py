"""Fixtures of the web chat's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.webchat.toy import Site, Visitor, running


@pytest.fixture
def site(empty_valkey: str) -> Iterator[Site]:
    """The web chat, running on an empty Valkey."""
    with running(empty_valkey) as started:
        yield started


@pytest.fixture
def visitor(site: Site) -> Iterator[Visitor]:
    """Somebody who has just opened the page."""
    someone = Visitor(site)
    someone.look()
    yield someone
    someone.http.close()
