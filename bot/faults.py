"""Naming a fault without quoting it (an exception's text may hold what somebody wrote), and telling whose fault it is."""

from __future__ import annotations

import logging
from pathlib import Path
from traceback import extract_tb

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.channels.contract import Away
from storage.files import Unreachable

_NOT_THE_DATA = ("08", "25006", "26", "40", "42501", "42703", "42P01", "42P05", "53", "55P03", "57", "58")
"""How PostgreSQL's error codes begin that say nothing about what was written: the line, a read-only replica after a
failover, a pooler between us that mixes up prepared statements (`KOMEK_DATABASE_PREPARED`), a deadlock, tables that we may
not use, that are not there or of another release, no room (disk, memory, connections), a lock, a shutdown or start, the
system's input and output.
https://www.postgresql.org/docs/current/errcodes-appendix.html
"""


def report(log: logging.Logger, what: str, fault: BaseException) -> None:
    """One line: what failed, and the fault by its kind and place. Not its traceback, which would print its text."""
    log.error("%s: %s", what, place(fault))


def place(fault: BaseException) -> str:
    """`ValueError at handlers/step.py:120`: the kind and the innermost place, never the text."""
    frames = extract_tb(fault.__traceback__)
    if not frames:
        return type(fault).__name__
    last = frames[-1]
    return f"{type(fault).__name__} at {file(last.filename)}:{last.lineno}"


def file(name: str) -> str:
    """A source file by its folder and name."""
    return "/".join(Path(name).parts[-2:])


def away(fault: Exception) -> Away | None:
    """The fault as Away, if it is a store that is away and not the data that is wrong."""
    if isinstance(fault, Unreachable):
        return Away(str(fault))
    code = getattr(fault.orig, "sqlstate", None) or "" if isinstance(fault, DBAPIError) else ""
    cut = isinstance(fault, DBAPIError) and fault.connection_invalidated
    if (
        cut
        or code.startswith(_NOT_THE_DATA)
        or isinstance(fault, (Away, OperationalError, InterfaceError, PoolTimeout, OSError, TimeoutError))
    ):
        return Away(f"cases: {type(fault).__name__}")
    return None
