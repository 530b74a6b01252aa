"""docs/languages.md shows every language and docs/desk.md the desk, in pictures that load quickly."""

from __future__ import annotations

from pathlib import Path

import pytest

from locales.say import NAMES
from tests.workshop.desk import PICTURES
from tests.workshop.pictures import FOLDER

PAGE = (Path(__file__).parents[2] / "docs" / "languages.md").read_text("utf-8")
HEAVY = 150_000
"""Bytes."""


@pytest.mark.parametrize("tag", NAMES)
def test_a_language_has_its_row_and_light_pictures(tag: str) -> None:
    """Its own name, its story, its chat and its console."""
    (row,) = (line for line in PAGE.splitlines() if f"/{tag}.yaml)" in line)
    assert NAMES[tag] in row
    for picture in (f"chat-{tag}.png", f"console-{tag}.png"):
        assert f"(images/{picture})" in row
        assert 10_000 < (FOLDER / picture).stat().st_size < HEAVY


@pytest.mark.parametrize("picture", PICTURES)
def test_the_desk_is_shown_in_light_pictures(picture: str) -> None:
    """Queue and case, phone and wide screen, light and dark."""
    assert f"(images/{picture})" in (FOLDER.parent / "desk.md").read_text("utf-8")
    assert 10_000 < (FOLDER / picture).stat().st_size < HEAVY
