"""Log lines: what happened, by kind and place, and never what anybody said, wrote or is called.

Our own messages keep to that by themselves. What others would print is cut: of an exception its kind and its places are told,
not its text; of a library's message the words it was written with, not what was put into them.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from traceback import extract_tb
from types import TracebackType
from typing import Literal, TypeAlias

import msgspec

from bot.faults import file, place

ROOMS = ("bot", "console", "storage", "handlers", "relief", "locales")
"""Whose messages are told whole, from INFO on; all others from WARNING on."""
_Fault: TypeAlias = "tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]"

log = logging.getLogger(__name__)

_PLAIN = re.compile(r"[A-Za-z ]+")


class Text(logging.Formatter):
    """A line for people: time, level, where, what; of a fault its kind, and below it where it came from."""

    def __init__(self) -> None:
        """No settings."""
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The record's line."""
        head = f"{self.formatTime(record)} {record.levelname} {record.name}: {said(record)}"
        return "\n".join([head, *(f"  {one}" for one in trace(record.exc_info))])


class Json(logging.Formatter):
    """One JSON object a line: `at` (RFC 3339, UTC), `level`, `room`, `said`, and of a fault `fault` and `trace`."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "room": record.name,
            "said": said(record),
        }
        if found := trace(record.exc_info):
            line |= {"fault": found[0], "trace": found[1:]}
        return msgspec.json.encode(line).decode()


def said(record: logging.LogRecord) -> str:
    """The message, on one line. A library's: as it was written, without what was put into it."""
    if record.name.partition(".")[0] in ROOMS:
        return " ".join(record.getMessage().split())
    return str(record.msg).strip().partition("\n")[0]


def trace(fault: _Fault | bool | None) -> list[str]:
    """A fault's kind and innermost place, then the places it came through, the outermost first. Not its text."""
    if not isinstance(fault, tuple) or fault[1] is None:
        return []
    return [place(fault[1]), *(f"{file(f.filename)}:{f.lineno} {f.name}" for f in extract_tb(fault[2]))]


FORMS: Mapping[str, type[logging.Formatter]] = {"text": Text, "json": Json}
"""By the value of `KOMEK_LOG`."""


def begin(form: Literal["text", "json"] | str) -> None:
    """Log to standard error in this form; an unknown one is text (the settings refuse it)."""
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(FORMS.get(form, Text)())
    logging.basicConfig(level=logging.WARNING, handlers=[out])
    for room in ROOMS:
        logging.getLogger(room).setLevel(logging.INFO)
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # a broken upload is its sender's, who is told so


def catch() -> None:
    """What nobody caught is a line of the log too, here, in threads and in the running loop: Python would print its text."""

    def forgotten(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        fault = context.get("exception")
        plain = _PLAIN.match(str(context.get("message", "")))  # behind it stand values
        whole = (type(fault), fault, fault.__traceback__) if isinstance(fault, BaseException) else None
        log.error("%s", plain[0].strip() if plain else "a task", exc_info=whole)

    def crashed(kind: type[BaseException], fault: BaseException, where: TracebackType | None) -> None:
        log.critical("ended by a fault", exc_info=(kind, fault, where))

    def thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value:
            log.error("a thread ended by a fault", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))

    def unraisable(args: sys.UnraisableHookArgs) -> None:
        if args.exc_value:
            log.error("a fault that nobody could hear of", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))

    sys.excepthook, threading.excepthook, sys.unraisablehook = crashed, thread, unraisable
    asyncio.get_running_loop().set_exception_handler(forgotten)
