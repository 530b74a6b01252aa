"""A log line tells what happened, and nothing that somebody said."""

from __future__ import annotations

import json
import logging

import pytest

from bot.logs import Json, Text

SECRET = "secret words"


def record(name: str, message: str, *args: object, fault: Exception | None = None) -> logging.LogRecord:
    """A record as a logger makes it."""
    info = (type(fault), fault, fault.__traceback__) if fault else None
    return logging.LogRecord(name, logging.ERROR, __file__, 1, message, args, info)


def broken() -> Exception:
    """A fault that quotes somebody."""
    try:
        raise ValueError(SECRET)
    except ValueError as fault:
        return fault


@pytest.mark.parametrize("form", [Text(), Json()])
def test_of_a_fault_the_kind_and_the_places_are_told(form: logging.Formatter) -> None:
    """Not its text, which may quote."""
    line = form.format(record("bot.reader", "put aside", fault=broken()))
    assert "ValueError at bot/test_logs.py:" in line
    assert "broken" in line
    assert SECRET not in line


@pytest.mark.parametrize("form", [Text(), Json()])
def test_of_a_librarys_message_only_its_own_words_are_told(form: logging.Formatter) -> None:
    """What it put into them may be anybody's, and so may all that comes after the first line."""
    assert SECRET not in form.format(record("asyncio", f"Task exception was never retrieved\nfuture: {SECRET}"))
    line = form.format(record("aiohttp.client", "cannot parse %s", SECRET))
    assert SECRET not in line
    assert "cannot parse" in line


def test_a_line_is_one_line_and_an_object() -> None:
    """With its time in UTC, however many lines the message had."""
    line = Json().format(record("bot.sender", "one %s\n  two", 1))
    assert "\n" not in line
    found = json.loads(line)
    assert found["at"].endswith("+00:00")
    assert (found["level"], found["room"], found["said"]) == ("ERROR", "bot.sender", "one 1 two")
