"""docs/configuration.md from the settings' own docstrings. `make settings` writes it; a test compares."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import msgspec

from bot.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"

_HEAD = """\
# Settings

Kömek is configured by environment variables. Each is read once, at start; a wrong one stops the start with one line that
names it. `komek demo` needs none. This page is written by `make settings` from `bot/settings.py`: change it there.

| variable | what it decides | if unset |
|---|---|---|
"""


def written() -> str:
    """The whole page, one row a setting, in the order of the class."""
    said = _docstrings()
    return _HEAD + "".join(
        f"| `KOMEK_{field.encode_name.upper()}` | {_cell(said[field.name])} | {_unset(field.default)} |\n"
        for field in msgspec.structs.fields(Settings)
    )


def _docstrings() -> dict[str, str]:
    """The string that follows each field in the class's source. Raises KeyError later for a field that has none."""
    (tree,) = ast.parse(inspect.getsource(Settings)).body
    assert isinstance(tree, ast.ClassDef)
    pairs = zip(tree.body, tree.body[1:], strict=False)
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairs
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }


def _cell(text: str) -> str:
    """Text within a table's cell."""
    return " ".join(text.split()).replace("|", "\\|")


def _unset(default: object) -> str:
    """The default as an operator would write it."""
    return "" if default in ("", None) else f"`{default}`"


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
