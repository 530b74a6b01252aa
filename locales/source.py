"""Finds source texts in Python, also where one call stands inside another or inside an f-string, which Babel's own does not."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import IO

Found = tuple[int, str, tuple[str, ...] | str, list[str]]
"""Line, function, its leading texts, comments: as Babel's extractors yield it."""


def extract(
    file: IO[bytes], keywords: Mapping[str, object], tags: Collection[str], options: Mapping[str, object]
) -> Iterator[Found]:
    """Every call of a keyword whose first arguments are texts. Babel's interface for extractors."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and (name := _name(node.func)) in keywords:
            texts = tuple(_leading(node.args))
            if texts:
                yield node.lineno, name, texts if len(texts) > 1 else texts[0], []


def _name(function: ast.expr) -> str:
    """`Say`, or `gettext` of `voice.gettext`."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _leading(arguments: list[ast.expr]) -> Iterator[str]:
    """The texts at the beginning of a call's arguments."""
    for argument in arguments:
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            return
        yield argument.value
