"""Whole dialogues as data: tests/stories. A story reads as the talk it is; each turn says what must hold after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from handlers.nouns import OpenCase
from tests.dialogue import Dialogue

STORIES = sorted((Path(__file__).parent.parent / "stories").glob("*.yaml"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path) -> None:
    """Every turn ends as the story says."""
    story: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    d = Dialogue(today=story["today"], hint=story.get("hint", ""))
    for n, turn in enumerate(story["turns"], 1):
        where = f"turn {n} of {path.name}"
        (d.says if "says" in turn else d.presses)(str(turn.get("says", turn.get("presses"))))
        assert d.question == turn.get("question", ""), where
        for words in turn.get("sees", []):
            assert words in d.text, f"{where}: {d.text}"
        if "first" in turn:
            assert d.tokens[0] == turn["first"], where
        if "case" in turn:
            case_is(d, turn["case"], where)


def case_is(d: Dialogue, wanted: dict[str, Any], where: str) -> None:
    """The case that was filed in this turn."""
    (case,) = (effect for effect in d.effects if isinstance(effect, OpenCase))
    known = {"agencies": list(case.agencies), "priority": case.priority, **case.facts, **case.report}
    known["outcome"] = case.assessment.outcome if case.assessment else ""
    assert {name: known.get(name) for name in wanted} == wanted, where


def test_there_are_stories() -> None:
    """An empty folder would pass in silence."""
    assert len(STORIES) >= 4
