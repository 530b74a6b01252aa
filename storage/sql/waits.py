"""Whether the time has come to try something again, also where the time was noted by a clock that was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, literal, or_

from storage.sql.columns import Moment


def due(
    next_try: ColumnElement[datetime], tries: ColumnElement[int], waits: Sequence[timedelta], now: datetime
) -> ColumnElement[bool]:
    """`waits[n]` is how long is waited after `n` tries; the last one repeats. A moment that lies further ahead than that was
    noted while the clock was ahead, and nothing is left lying until then.
    """
    latest = [literal(now + wait, Moment) for wait in waits]
    known = case(dict(enumerate(latest)), value=tries, else_=latest[-1])
    return or_(next_try <= now, next_try > known)
