"""The stories of three alphabets through `komek demo` in real browsers: the phone and the desk in one language."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import NewContext, browser, new_context
from tests.tongues import story
from tests.whole.service import Service
from tests.whole.walk import DESK, PHONE, Walk, tag_of

__all__ = ["browser", "new_context"]

pytestmark = pytest.mark.timeout(240)


@pytest.mark.parametrize("tag", ["kk", "uz_Cyrl", "hu"])
def test_a_story_in_browsers(tag: str, tmp_path: Path, new_context: NewContext) -> None:
    """From the greeting to the thanks; the officer reads the person's own words, and their answer arrives."""
    told = story(tag)
    service = Service(tmp_path, ("demo",), {"TODAY": told.today.isoformat()})
    service.start()
    try:
        phone = new_context(viewport=PHONE, locale=tag_of(told))
        walk = Walk(service, told, phone, new_context(viewport=DESK, locale=tag_of(told)))
        walk.goes()
        note = next(turn.says for turn in told.turns if turn.question == "report.files")
        assert note in walk.desk.locator("body").inner_text()
        assert "Traceback" not in service.log
        assert note not in service.log
    finally:
        service.terminate()  # and its Valkey with it
