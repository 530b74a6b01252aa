"""What no code of ours may ask of CLDR: forms that Babel mixes between locales, that round a legal day, or that differ from
state to state.

python-babel #1234: a stand-alone name (`LLLL`, `ccc`, `qqq`) asked for in one locale is then told in others, in one process.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_ALONE = re.compile(r"L{1,5}|c{1,6}|q{1,5}")
_QUOTED = re.compile(r"'[^']*'")
_DATES = ("format_date", "format_datetime", "format_time")
_NAMED = ("full", "long")
_NAMES = ("get_month_names", "get_day_names", "get_quarter_names", "get_period_names")


def faults(files: Iterable[Path], root: Path) -> tuple[str, ...]:
    """One line a fault: `file:line: what is asked and why not`."""
    return tuple(
        f"{path.relative_to(root).as_posix()}:{line}: {fault}"
        for path in files
        for line, fault in sorted(_in(ast.parse(path.read_text("utf-8"))))
    )


def _in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The faults of one file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and _text(node.slice) == "stand-alone":
            yield node.lineno, "stand-alone names are mixed between locales; take the names in `format`"
        elif isinstance(node, ast.Call):
            yield from ((node.lineno, fault) for fault in _call(_name(node.func), node))


def _call(name: str, call: ast.Call) -> Iterator[str]:
    """What is wrong with one call."""
    asked = {k.arg: k.value for k in call.keywords}
    if name in _DATES:
        wanted = asked.get("format") or (call.args[1] if len(call.args) > 1 else None)
        text = _text(wanted) if wanted is not None else "medium"
        if text in ("short", "medium"):
            yield f"{name} in the {text} form differs from state to state; take `long`"
        elif text and text not in _NAMED and _ALONE.search(_QUOTED.sub("", text)):
            yield f"{name} with a stand-alone letter is mixed between locales; take M, E or Q"
    elif name in _NAMES:
        if any(_text(argument) == "stand-alone" for argument in (*call.args, *asked.values())):
            yield f"{name}: stand-alone names are mixed between locales"
    elif name == "format_timedelta":
        if not {"granularity", "threshold"} <= asked.keys():
            yield 'format_timedelta rounds a legal day ("1 week" for 10 days); give granularity="day" and threshold=99'
    elif name == "format_unit":
        yield "format_unit has no words for days in six of our languages; take a plural from the catalogue"


def _name(function: ast.expr) -> str:
    """`format_date`, or `format_date` of `dates.format_date`."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _text(node: ast.expr) -> str:
    """A literal text; empty for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
