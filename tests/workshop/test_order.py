"""What holds for the whole tree, whoever adds to it: the files that are, or are about to be, under version control."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_LIMIT = 1_000_000

# Each pattern is written in pieces, so that this file does not match itself.
_HOSTS = re.compile(
    "|".join((r"py" + r"pi\.org", r"pythonhosted" + r"\.org", r"npm" + r"js\.(org|com)", r"\.debian" + r"\.org"))
)
_MACHINE = re.compile(
    r"(^|[^A-Za-z0-9._-])/(" + "|".join(("wo" + "rk", "fa" + "rm", "ro" + "ot", "ho" + "me/[a-z]+")) + r")/"
)
_UNFINISHED = re.compile(
    r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error")) + r")\b"
)
_NOT_RUN = re.compile(r"pytest\.(mark\.)?(sk" + r"ip|xf" + r"ail)|importor" + r"skip|unittest\.sk" + r"ip")
_SILENCED = re.compile(r"# *(type: *ignore|no" + r"qa|pragma: *no cover|fmt: *off)(?P<rest>.*)$")


def _files() -> list[Path]:
    """Every file that is tracked, or would be after `git add`. In a tree without git: every file outside built folders."""
    try:
        line = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(line, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        names = [str(path.relative_to(ROOT)) for path in _walk(ROOT)]
    return [path for name in names if name and (path := ROOT / name).is_file()]


def _walk(top: Path) -> Iterator[Path]:
    """The files under `top`, but for folders that .gitignore names."""
    built = {".git", ".venv", "var", "build", "__pycache__"}
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders if name not in built and not name.endswith(("_cache", ".egg-info"))]
        yield from (Path(folder, name) for name in names)


def _lines(*suffixes: str) -> Iterator[tuple[str, str]]:
    """Each line of the text files whose names end so (all of them if none is given), with where it stands."""
    for path in _files():
        if suffixes and not path.name.endswith(suffixes):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            yield f"{path.relative_to(ROOT)}:{number}", line


def _found(pattern: re.Pattern[str], *suffixes: str) -> list[str]:
    """Where `pattern` stands."""
    return [where for where, line in _lines(*suffixes) if pattern.search(line)]


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is the installer's affair: no file of ours names a registry's host."""
    assert _found(_HOSTS) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    """The tree works wherever it lies: no file names a folder of the machine it was written on."""
    assert _found(_MACHINE) == []


def test_nothing_is_left_unfinished() -> None:
    """What is not done is an issue, not a word in a file."""
    assert _found(_UNFINISHED) == []


def test_every_test_runs() -> None:
    """No test may be left out: one that cannot run here could not be believed elsewhere."""
    assert _found(_NOT_RUN, ".py") == []


def test_every_silenced_check_gives_its_reason() -> None:
    """A check that is silenced on a line says after the rule's name why it is wrong there."""
    bare = [
        where
        for where, line in _lines(".py")
        if (match := _SILENCED.search(line)) and not re.search(r"(\]|[A-Z]+\d+)\s*(#|-|:|,)?\s*\S+ \S+", match["rest"])
    ]
    assert bare == []


def test_no_file_is_large() -> None:
    """A clone stays quick: no file of more than a million bytes."""
    assert [str(path.relative_to(ROOT)) for path in _files() if path.stat().st_size > _LIMIT] == []


def test_one_idea_a_file() -> None:
    """A Python file of more than 400 lines holds two ideas."""
    code = [path for path in _files() if path.suffix == ".py" and ROOT / "tests" not in path.parents]
    assert [str(path.relative_to(ROOT)) for path in code if len(path.read_text("utf-8").splitlines()) > 400] == []


def test_every_test_states_its_promise() -> None:
    """Each test function says in a docstring what it promises."""
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _files()
        if path.suffix == ".py" and path.name.startswith("test_")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


@pytest.mark.parametrize("room", ["bot", "console", "storage", "handlers", "relief", "locales"])
def test_a_room_is_a_package_that_says_what_it_is(room: str) -> None:
    """A newcomer reads in each room's first file what it is for."""
    assert ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text("utf-8")))
