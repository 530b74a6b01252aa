"""`komek staff`: accounts from the command line."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli_audit import audit
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
    env = {"KOMEK_DATABASE_URL": sqlite_url, "KOMEK_VAR_DIR": str(tmp_path), "KOMEK_PORT": "8099"}
    return CliRunner(env={**env, "KOMEK_SECRET_KEY": "k" * 32})


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


def test_the_last_administrator_is_not_ended_by_accident(runner: CliRunner) -> None:
    """Only by who says that it is meant."""
    runner.invoke(staff, ["add", "boss", "--agency", AGENCY, "--name", "Demo Boss", "--role", "administrator"])
    refused = runner.invoke(staff, ["disable", "boss"])
    assert (refused.exit_code, "last administrator" in refused.output) == (1, True)
    assert runner.invoke(staff, ["disable", "boss", "--force"]).exit_code == 0


def test_the_audit_is_verified_and_listed(runner: CliRunner, sqlite_url: str) -> None:
    """Exit code 0 and the chain's end; after somebody's hand in the database 1 and the first broken row."""
    for login in ("demo1", "demo2"):
        runner.invoke(staff, ["add", login, "--agency", AGENCY, "--name", "Demo"])
    whole = runner.invoke(audit, ["verify"])
    assert (whole.exit_code, whole.output[:14]) == (0, "Whole: 4 rows.")
    end = whole.output.rpartition(" ")[2].strip()
    assert runner.invoke(audit, ["verify", "--after", end]).exit_code == 0
    listed = [json.loads(line) for line in runner.invoke(audit, ["list", "--agency", AGENCY]).output.splitlines()]
    assert [(row["n"], row["who"], row["act"]) for row in listed] == [
        (4, "operator", "account.link"),
        (3, "operator", "account.made"),
        (2, "operator", "account.link"),
        (1, "operator", "account.made"),
    ]
    one = ["list", "--agency", AGENCY, "--subject", listed[0]["subject"], "--since", "2020-01-01"]
    assert runner.invoke(audit, one).output.count("\n") == 2
    for nothing in (["--agency", "kz-mfa"], ["--agency", AGENCY, "--since", "2999-01-01"]):
        assert runner.invoke(audit, ["list", *nothing]).output == ""
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as file:
        file.execute("UPDATE audit SET agency = 'kz-mfa' WHERE n = 3")
        file.commit()
    broken = runner.invoke(audit, ["verify"])
    assert (broken.exit_code, broken.output) == (1, "Broken: row 3 is not as it was written.\n")
    assert runner.invoke(audit, ["verify", "--after", "3:x"]).exit_code == 2
    cut = runner.invoke(audit, ["verify", "--after", f"9:{'0' * 64}"])
    assert (cut.exit_code, "row 9 is missing" in cut.output) == (1, True)


def test_accounts_are_changed_with_the_services_own_secret_alone(runner: CliRunner) -> None:
    """Another one would break the audit's chain; so would none."""
    runner.invoke(staff, ["add", "demo1", "--agency", AGENCY, "--name", "Demo"])
    for secret in ("", "x" * 32):
        answer = runner.invoke(staff, ["disable", "demo1"], env={"KOMEK_SECRET_KEY": secret})
        assert isinstance(answer.exception, SettingsError)
        assert "KOMEK_SECRET_KEY" in str(answer.exception)
    assert runner.invoke(audit, ["verify"]).exit_code == 0


def test_a_demonstration_needs_no_secret(tmp_path: Path) -> None:
    """Its own is beside its data, whoever comes first."""
    runner = CliRunner(env={"KOMEK_VAR_DIR": str(tmp_path)})
    assert runner.invoke(staff, ["add", "demo1", "--agency", AGENCY, "--name", "Demo"]).exit_code == 0
    assert runner.invoke(audit, ["verify"]).exit_code == 0


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
