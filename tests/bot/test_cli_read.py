"""`komek read` tells in one JSON line how an answer is understood."""

import json

import pytest
from click.testing import CliRunner

from bot.cli_read import read


def told(*arguments: str, lines: str = "") -> list[dict[str, object]]:
    """The lines printed."""
    result = CliRunner().invoke(read, arguments, input=lines)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def test_one_line_for_each_argument_in_their_order() -> None:
    """Understood, ambiguous, unknown."""
    answers = told("date", "--locale", "en", "--on", "2026-11-23", "--json", "15 March", "5/4/20", "hello", "2026")
    assert answers == [
        {"value": "2026-03-15", "status": "ok", "alternatives": []},
        {"value": None, "status": "ambiguous", "alternatives": ["2020-04-05", "2020-05-04"]},
        {"value": None, "status": "unknown", "alternatives": []},
        {"value": None, "status": "ambiguous", "alternatives": []},
    ]


def test_one_line_for_each_line_of_standard_input() -> None:
    """An empty line is an input too: lines in and lines out stay side by side."""
    answers = told("place", "--locale", "ru", lines="в Турции\n\nТашкент\r\nManas\n")
    assert [a["value"] for a in answers] == ["TR", None, "UZ:Tashkent", None]
    assert answers[3]["status"] == "ambiguous"


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (("date", "-l", "tr", "--on", "2026-11-23", "--toward", "future", "15 mart"), "2027-03-15"),
        (("yes_no", "-l", "kk", "иә"), "yes"),
        (("yes_no", "-l", "tr", "HAYIR"), "no"),
        (("yes_no", "-l", "tr", "belki"), None),
        (("number", "-l", "uz", "o'n besh"), "15"),
        (("number", "-l", "en", "3️⃣"), "3"),
        (("language", "по-турецки"), "tr"),
        (("language", "Я потерял паспорт, помогите пожалуйста"), "ru"),
    ],
)
def test_every_kind(arguments: tuple[str, ...], value: str | None) -> None:
    """A value, or null."""
    assert told(*arguments)[0]["value"] == value


def test_facts_of_a_free_message() -> None:
    """As a dictionary; an empty one is unknown."""
    full, empty = told(
        "facts", "--locale", "en", "--on", "2020-05-08", "I am from Tashkent, stuck at Istanbul airport", "hi"
    )
    assert full["value"] == {
        "nationality": "UZ",
        "host": "TR",
        "place": "airport_zone",
        "place_name": "Istanbul Airport",
    }
    assert empty == {"value": {}, "status": "unknown", "alternatives": []}


def test_odd_bytes_are_read_as_far_as_they_can_be() -> None:
    """Half a letter, a mark of byte order, a zero byte: one line in is one line out."""
    result = CliRunner().invoke(
        read,
        ["date", "-l", "tr", "--on", "2026-11-23"],
        input=b"\xef\xbb\xbf5 may 2020\n5 may\xff 2020\n\xed\xa0\x80\n\x00\n",
    )
    assert result.exit_code == 0
    assert [json.loads(line)["value"] for line in result.output.splitlines()] == [
        "2020-05-05",
        "2020-05-05",
        None,
        None,
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["date", "--locale", "xx", "today"],
        ["time", "today"],
        ["date", "--on", "2026-13-01", "today"],
        ["facts", "--pack", "nowhere", "hi"],
        [],
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line_and_a_failing_code(arguments: list[str]) -> None:
    """A locale, kind, day or pack that there is not."""
    result = CliRunner().invoke(read, arguments, input="x\n")
    assert result.exit_code == 2
    assert "Error: " in result.output


def test_help_tells_the_shape_of_an_answer() -> None:
    """Every kind, and what its value looks like."""
    shown = CliRunner().invoke(read, ["--help"]).output
    assert all(word in shown for word in ("status", "alternatives", "ambiguous", "TR:Istanbul", "2026-05-15", "yes_no"))
