"""`komek relief` and `komek pack`, as other programs call them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from bot.cli_relief import pack, relief

KOMEK = click.Group(commands=[relief, pack])
UZ = ["host=UZ", "nationality=TR", "permit=visa", "expires=2020-05-01"]


def run(*words: str, stdin: str = "", env: dict[str, str] | None = None) -> Result:
    """The command's result."""
    return CliRunner(env=env or {}).invoke(KOMEK, words, input=stdin)


def asked(*words: str) -> dict[str, Any]:
    """The JSON of `relief assess`."""
    result = run("relief", "assess", "--json", *words)
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_json_has_the_contract_s_fields() -> None:
    """One object with every field of the contract; `until` is an ISO date, `open` or null."""
    answer = asked("--as-of", "2020-05-08", *UZ)
    wanted = {"outcome", "until", "as_of", "measures", "because", "duties", "needs", "sources"}
    assert wanted <= set(answer)
    assert (answer["outcome"], answer["until"], answer["as_of"]) == ("covered", "2020-06-01", "2020-05-08")
    assert answer["measures"] == ["UZ-3"]
    assert answer["because"][0]["sources"][0]["url"].startswith("https://")
    hungary = asked(
        "--as-of", "2020-05-08", "host=HU", "permit=residence_temporary", "expires=2020-05-01", "changed_conditions=no"
    )
    assert (hungary["until"], hungary["because"][0]["until"]) == ("open", "open")
    assert asked("--as-of", "2020-05-08")["until"] is None


def test_needs_are_in_the_order_of_asking() -> None:
    """Without facts the host is asked first."""
    assert asked("--as-of", "2020-05-08")["needs"][:2] == ["host", "permit"]


def test_text_for_readers() -> None:
    """Without --json the answer is readable, with its source."""
    result = run("relief", "assess", "--as-of", "2020-05-08", *UZ)
    assert result.exit_code == 0
    assert result.stdout.startswith("covered until 2020-06-01")
    assert "https://www.gazeta.uz" in result.stdout


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["host=XX"], "host: must be one of AZ, KZ"),
        (["hots=UZ"], "hots: there is no such fact; known are host"),
        (["expires=1.5.2020"], "expires: must be a day like 2020-05-08"),
        (["nationality=Uzbek"], "nationality: must be two capital letters"),
        (["visa"], "visa: facts are written fact=value"),
        (["--pack", "nowhere"], "nowhere: pack.yaml: there is no such pack"),
    ],
)
def test_wrong_words_are_one_line_and_exit_2(words: list[str], line: str) -> None:
    """An unknown fact or value is named in one clear line."""
    result = run("relief", "assess", "--as-of", "2020-05-08", *words)
    assert result.exit_code == 2
    assert line in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stdout == ""


@pytest.mark.parametrize("day", [[], ["--as-of", "8 May"]])
def test_a_day_is_needed(day: list[str]) -> None:
    """Nothing is assessed without a day; KOMEK_TODAY gives one."""
    result = run("relief", "assess", *day, *UZ)
    assert (result.exit_code, "--as-of" in result.stderr) == (2, True)
    assert run("relief", "assess", *UZ, env={"KOMEK_TODAY": "2020-05-08"}).exit_code == 0


def test_bulk_answers_line_by_line_and_goes_on() -> None:
    """Good lines get answers with their ids, bad ones an error with theirs, and the run ends with 1."""
    good = {
        "host": "UZ",
        "permit": "visa_free",
        "expires": "2020-05-01",
        "fee_paid_days": 60,
        "registered": True,
        "note": None,
    }
    lines = [
        json.dumps({"id": "a", "as_of": "2020-05-08", "facts": good}),
        "not json",
        json.dumps({"id": "c", "as_of": "yesterday", "facts": {}}),
        "",
        json.dumps({"id": 4, "as_of": "2020-05-08", "facts": {"host": "Mars"}}),
        json.dumps({"id": "e", "as_of": "2020-05-08", "facts": {}}),
    ]
    result = run("relief", "assess", "--lines", stdin="\n".join(lines))
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert [a["id"] for a in answers] == ["a", None, "c", 4, "e"]
    assert ["error" in a for a in answers] == [False, True, True, True, False]
    assert (answers[0]["outcome"], answers[0]["until"]) == ("covered", "2020-06-01")
    assert "Mars" not in answers[3]["error"]


def test_bulk_of_good_lines_ends_with_0() -> None:
    """No bad line, exit 0."""
    line = json.dumps({"id": "a", "as_of": "2020-05-08", "facts": {"host": "UZ", "permit": "none"}})
    assert run("relief", "assess", "--lines", stdin=line).exit_code == 0


def test_explain_tells_every_measure() -> None:
    """The trace names each measure of the state with its conditions."""
    text = run("relief", "explain", "--as-of", "2020-05-08", *UZ).stdout
    assert "UZ-3 (known from 2020-04-20): covered until 2020-06-01" in text
    assert "- permit visa: asked visa or visa_short or visa_long or e_visa: yes" in text
    assert "A later measure replaced this one." in text


def test_pack_check_counts_or_names_faults(folder: Path) -> None:
    """A sound pack is counted; a fault is a line and exit 1."""
    sound = run("pack", "check")
    assert (sound.exit_code, "no faults" in sound.stdout) == (0, True)
    (folder / "measures/UZ/UZ-3.yaml").write_text("id: UZ-3\n", "utf-8")
    broken = run("pack", "check", str(folder))
    assert broken.exit_code == 1
    assert broken.stdout == "UZ/UZ-3.yaml: file: Object missing required field `host`\n"
