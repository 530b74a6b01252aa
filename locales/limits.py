"""How long a text may be where it is shown: button labels by what stands in the code, other texts by the mark that names them.

WhatsApp shows 20 characters on a button (three at most) and 24 in a list; a label that fits neither needs a short form beside it
(facts of Meta's Cloud API: https://developers.facebook.com/docs/whatsapp/cloud-api/messages/interactive-list-messages).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeGuard

import msgspec

BUTTONS = 3
"""So many choices can be buttons; more are a list."""
ON_BUTTON = 20
IN_LIST = 24

_LABELLED = {"Choice": 1, "choice": 2}
"""Calls that make a button, and which of their arguments is its label; the next is the short form."""


class Room(msgspec.Struct, frozen=True):
    """A text, its short form if it has one, and the characters there are for it."""

    text: str
    most: int
    short: str = ""


def rooms(files: Iterable[Path]) -> tuple[Room, ...]:
    """Every text with a limit in these Python files."""
    return tuple(dict.fromkeys(room for path in files for room in _in(ast.parse(path.read_text("utf-8")))))


def too_long(room: Room, said: Callable[[str], str]) -> str:
    """What does not fit, as `said` says it; empty if something does."""
    forms = [said(text) for text in (room.text, room.short) if text]
    return "" if min(map(len, forms)) <= room.most else f"{min(forms, key=len)}: {room.most} characters fit"


def _in(tree: ast.AST) -> Iterator[Room]:
    """The texts with a limit in one file: labels by the group they stand in, marks by their number."""
    grouped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple):
            buttons = [child for child in node.elts if _makes(child)]
            calls = sum(isinstance(child, ast.Call) for child in node.elts)
            for button in buttons:
                grouped.add(button)
                yield from _button(button, ON_BUTTON if calls <= BUTTONS else IN_LIST)
        elif isinstance(node, ast.Dict):
            for value in node.values:
                yield from _pair(value, ON_BUTTON if len(node.values) <= BUTTONS else IN_LIST)
        elif isinstance(node, ast.Call) and _name(node.func) == "N_":
            yield from _marked(node)
    for node in ast.walk(tree):
        if node not in grouped and _makes(node):
            yield from _button(node, ON_BUTTON)


def _marked(call: ast.Call) -> Iterator[Room]:
    """A text whose mark names its room."""
    match call.args:
        case [ast.Constant(value=str(text)), ast.Constant(value=int(most))]:
            yield Room(text, most)


def _makes(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether this makes a button."""
    return isinstance(node, ast.Call) and _name(node.func) in _LABELLED


def _name(function: ast.expr) -> str:
    """`Choice`, or `Choice` of `nouns.Choice`."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _button(node: ast.Call, most: int) -> Iterator[Room]:
    """The label of one button; several where the code chooses between them."""
    arguments = node.args[_LABELLED[_name(node.func)] :]
    short = _said(arguments[1]) if len(arguments) > 1 else []
    for text in _said(arguments[0]) if arguments else ():
        yield Room(text, most, short[0] if short else "")


def _pair(node: ast.expr, most: int) -> Iterator[Room]:
    """A label and its short form (or None) in a table of answers."""
    if isinstance(node, ast.Tuple) and len(node.elts) == 2:
        long, short = map(_said, node.elts)
        none = isinstance(node.elts[1], ast.Constant) and node.elts[1].value is None
        if long and (short or none):
            yield Room(long[0], most, short[0] if short else "")


def _said(node: ast.AST) -> list[str]:
    """The texts of the `Say` calls in an expression. A text with placeholders is as long as what fills it: left out."""
    calls = [n for n in ast.walk(node) if isinstance(n, ast.Call) and _name(n.func) == "Say" and n.args]
    texts = [call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)]
    return [text for text in texts if isinstance(text, str) and "{" not in text]
