"""`komek staff`: accounts from the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli_staff import ensure_demo_officers, staff
from bot.settings import Settings, SettingsError
from relief.pack import load
from storage.cases import Cases
from storage.migrate import migrate
from storage.seal import Seal

AGENCY = "uz-migration"


@pytest.fixture
def runner(sqlite_url: str, tmp_path: Path) -> CliRunner:
    """A command line with an installation of its own."""
    return CliRunner(env={"KOMEK_DATABASE_URL": sqlite_url, "KOMEK_VAR_DIR": str(tmp_path), "KOMEK_PORT": "8099"})


def test_an_account_is_made_listed_invited_and_disabled(runner: CliRunner) -> None:
    """Each command says in a line or two what it did; each link is new."""
    made = runner.invoke(staff, ["add", "demo1", "--agency", AGENCY, "--name", "Demo One"])
    assert re.search(r"http://127\.0\.0\.1:8099/console/welcome/[\w-]{43}\n", made.output), made.output
    again = runner.invoke(staff, ["signin", "demo1"])
    assert again.output != made.output
    assert runner.invoke(staff, ["list"]).output == f"demo1\t{AGENCY}\tofficer\tactive\tDemo One\n"
    assert runner.invoke(staff, ["disable", "demo1"]).exit_code == 0
    assert "disabled" in runner.invoke(staff, ["list"]).output


def test_what_cannot_be_done_is_said_in_one_line(runner: CliRunner) -> None:
    """A taken login, an unknown agency, nobody of that login: never a stack trace."""
    runner.invoke(staff, ["add", "demo1", "--agency", AGENCY, "--name", "Demo"])
    for words, said in (
        (["add", "demo1", "--agency", AGENCY, "--name", "Demo"], "taken"),
        (["add", "demo2", "--agency", "none", "--name", "Demo"], AGENCY),
        (["disable", "nobody"], "nobody"),
        (["signin", "nobody"], "no active officer"),
    ):
        answer = runner.invoke(staff, words)
        assert (answer.exit_code, said in answer.output, answer.output.count("\n")) == (1, True, 1)
    away = runner.invoke(staff, ["list"], env={"KOMEK_DATABASE_URL": "postgresql://u@127.0.0.1:9/none"})
    assert isinstance(away.exception, SettingsError)


async def test_the_demonstrations_officers_are_made_once(sqlite_url: str, seal: Seal, tmp_path: Path) -> None:
    """A fresh link at each start until a password is chosen; then the login."""
    await migrate(sqlite_url)
    cases = Cases(sqlite_url, seal, tmp_path)
    pack, settings = load("turkic-2020"), Settings(public_url="https://desk.test")
    first = await ensure_demo_officers(cases, settings, pack)
    second = await ensure_demo_officers(cases, settings, pack)
    assert [(name, agency) for name, agency, _ in first] == [(name, agency) for name, agency, _ in second]
    assert len({agency for _, agency, _ in first}) == 2
    token = second[0][2].removeprefix("https://desk.test/console/welcome/")
    assert await cases.officers.redeem(token, "a long demo passphrase")
    third = await ensure_demo_officers(cases, settings, pack)
    assert third[0][2] == f"https://desk.test/console/ (login demo-{first[0][1]})"
    assert len(await cases.officers.everybody()) == 2
    await cases.close()
