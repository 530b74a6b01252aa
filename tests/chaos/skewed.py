"""`komek` with a clock that can be set: `python -m tests.chaos.skewed run reader`, with CLOCK the name of a file.

The file holds seconds by which this process's calendar clock is wrong from now on; missing, it is right.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import ear
from bot.cli import main
from storage.sql import db

_FILE = Path(os.environ["CLOCK"])


def offset() -> timedelta:
    """How wrong the clock is."""
    try:
        return timedelta(seconds=float(_FILE.read_text("ascii") or 0))
    except FileNotFoundError:
        return timedelta()


def _wrong() -> datetime:
    """The time, as this machine believes."""
    from tests.chaos.skewed import offset

    return datetime.now(UTC) + offset()


if __name__ == "__main__":
    # Their names are bound in many places already; the functions stay the same and tell another time.
    for clock in (ear.utc_now, db.now):
        clock.__code__ = _wrong.__code__
    main()
