"""The papers agree with the program: README, Makefile, the settings' page, the locked requirements."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import msgspec
import pytest

from bot.settings import Settings
from tests.workshop import configuration

ROOT = Path(__file__).parents[2]
TARGETS = set(re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_newcomers_two_commands_are_there() -> None:
    """README gives the two commands, and the Makefile has them."""
    readme = (ROOT / "README.md").read_text("utf-8")
    for name in ("demo", "test"):
        assert re.search(rf"^make {name}$", readme, re.MULTILINE)
        assert name in TARGETS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_only_what_exists(page: Path) -> None:
    """Each `make` command and each link to a file of ours leads somewhere."""
    text = page.read_text("utf-8")
    assert {name for name in re.findall(r"`make ([a-z-]+)", text) if name not in TARGETS} == set()
    links = re.findall(r"\]\((?![a-z]+:|#)([^)#\s]+)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_make_help_lists_every_target() -> None:
    """`make`, said alone, tells each thing it can do in one line."""
    shown = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert set(re.findall(r"^  make ([a-z-]+)", shown, re.MULTILINE)) == TARGETS


def test_continuous_integration_says_make_test() -> None:
    """What CI runs is what a developer runs."""
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "make test" in script.read_text("utf-8")


def test_every_setting_is_on_its_page() -> None:
    """docs/configuration.md lists each setting with what its docstring says; `make settings` writes it."""
    names = [f"KOMEK_{field.encode_name.upper()}" for field in msgspec.structs.fields(Settings)]
    page = configuration.PAGE.read_text("utf-8")
    assert [name for name in names if f"| `{name}` |" not in page] == []
    assert page == configuration.written(), "run: make settings"


def test_every_dependency_is_locked() -> None:
    """Each dependency that pyproject.toml names has one version and its hashes in the locked files."""
    written = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project, bench = written["project"], written["dependency-groups"]["bench"]
    extra = project["optional-dependencies"]
    files = {
        "requirements.txt": [*project["dependencies"], *extra["build"]],
        "requirements-dev.txt": extra["dev"],
        "requirements-bench.txt": bench,
    }
    for name, wanted in files.items():
        locked = set(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==\S+", (ROOT / name).read_text("utf-8"), re.MULTILINE))
        assert {re.split(r"[\[<>=~!]", line)[0].strip().lower() for line in wanted} - locked == set()


def test_both_locked_files_agree() -> None:
    """What is tested is what is installed: the tests' file holds every line of the other, at the same version."""
    pins = [set(re.findall(r"^[a-z0-9-]+==\S+", (ROOT / name).read_text("utf-8"), re.MULTILINE)) for name in _LOCKED]
    assert pins[0] <= pins[1]


_LOCKED = ("requirements.txt", "requirements-dev.txt")
