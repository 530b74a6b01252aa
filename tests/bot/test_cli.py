"""The command line: what an operator types, and what it says."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import keys
from bot.app import installation
from bot.cli import main
from bot.settings import Settings, SettingsError
from bot.talk import converse
from tests.dialogue import MAY_8, pack


def run(*words: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Exit code and output."""
    done = CliRunner().invoke(main, list(words), env=env)
    return done.exit_code, done.output


def test_every_documented_command_is_there() -> None:
    """DESIGN.md, section 5; each explains itself."""
    code, said = run("--help")
    assert code == 0
    for command in ("demo", "run", "migrate", "talk", "staff", "audit", "pack", "locales", "relief", "dead"):
        assert command in said
        assert run(command, "--help")[0] == 0


def test_a_real_installation_brings_its_own_keys() -> None:
    """One line that says which is missing and how to make one."""
    with pytest.raises(SettingsError, match="KOMEK_SECRET_KEY"):
        keys.required(Settings())
    with pytest.raises(SettingsError, match="KOMEK_DATA_KEYS"):
        keys.required(Settings(secret_key="s" * 32))


def test_a_demonstration_makes_its_keys_once(tmp_path: Path) -> None:
    """Readable by their owner only; the same at every start."""
    first = keys.demonstration(Settings(var_dir=tmp_path))
    second = keys.demonstration(Settings(var_dir=tmp_path))
    assert first == second
    assert first.keys()
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0


def test_broken_keys_are_named_and_never_replaced(tmp_path: Path) -> None:
    """New keys would lose all that the old ones sealed."""
    (tmp_path / "keys.json").write_text("{")
    with pytest.raises(SettingsError, match=r"keys\.json"):
        keys.demonstration(Settings(var_dir=tmp_path))
    assert (tmp_path / "keys.json").read_text() == "{"


def test_migrating_twice_is_harmless(tmp_path: Path) -> None:
    """The tables are made once and stay."""
    env = {"KOMEK_VAR_DIR": str(tmp_path)}
    for _ in range(2):
        code, said = run("migrate", env=env)
        assert code == 0, said
    assert (tmp_path / "komek.sqlite").exists()


def test_dead_letters_are_listed_without_their_contents(tmp_path: Path) -> None:
    """An empty list says so; a name that is none is explained."""
    env = {"KOMEK_VAR_DIR": str(tmp_path)}
    assert run("dead", "list", env=env) == (0, "0 dead letters\n")
    assert "looks like" in run("dead", "replay", "nonsense", env=env)[1]
    assert "not there any more" in run("dead", "drop", "07/1700000000000-0", "--reason", "a test", env=env)[1]
    assert "not there any more" in run("dead", "show", "07/1700000000000-0", env=env)[1]
    assert run("dead", "replay", "--all", env=env) == (0, "")
    assert run("dead", "replay", env=env)[0] == run("dead", "drop", "--all", env=env)[0] == 2


def test_talking_in_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers and words; it says that nothing is kept."""
    converse(pack(), MAY_8, ["English", "2", "Uzbekistan", "Türkiye", "Visa", "20 May 2020"])
    said = capsys.readouterr().out
    assert "nothing is kept" in said
    assert "You may stay until June 1, 2020, Monday." in said


def test_settings_never_print_themselves() -> None:
    """Half of them are secrets."""
    assert "hush" not in repr(Settings(secret_key="hush" * 10))


async def test_a_database_that_is_away_at_the_start_is_one_line(
    empty_valkey: str, free_port: int, tmp_path: Path
) -> None:
    """Whoever starts the service reads what to look after, not a stack trace; whatever started it may try again."""
    settings = Settings(
        redis_url=empty_valkey,
        database_url=f"postgresql://nobody@127.0.0.1:{free_port}/none",
        secret_key="k" * 40,
        data_keys="t:" + base64.b64encode(b"t" * 32).decode(),
        var_dir=tmp_path,
    )
    with pytest.raises(SettingsError, match="KOMEK_DATABASE_URL: the database cannot be had now"):
        async with installation(settings):
            raise AssertionError("it opened")
