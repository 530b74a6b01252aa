"""What an officer asks of the queue, as it stands in an address: read into a filter, and written again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import msgspec

from handlers.labels import VALUES
from handlers.nouns import Status
from locales.say import NAMES
from relief.nouns import Level
from storage.records import Filter, Officer
from storage.words import OUTCOMES

STATUSES: tuple[Status, ...] = get_args(Status)
LEVELS: tuple[Level, ...] = get_args(Level)
HOLDERS: Mapping[str, str] = {"mine": "", "free": "-", "held": "+"}
"""Who has the case: the officer who asks, nobody, somebody."""

_CODES: Mapping[str, tuple[str, ...]] = {
    "status": (*STATUSES, "all"),
    "level": LEVELS,
    "priority": ("danger", "urgent", "normal"),
    "place": tuple(VALUES["place"]),
    "outcome": tuple(OUTCOMES),
    "locale": tuple(NAMES),
    "holder": tuple(HOLDERS),
    "unread": ("1",),
    "overdue": ("1",),
}
"""What may be asked, and the words for it. Whatever else stands in an address is passed over."""
_FREE: Mapping[str, int] = {"host": 8, "nationality": 8, "reason": 16, "ref": 40}
"""What may be asked in any words, up to so many letters."""
NAMES_ASKED = (*_CODES, *_FREE, "q")
WORDS = 200
"""Letters of a search. Its words (`q`) come in a form and stand in no address."""


def read(params: Mapping[str, str]) -> dict[str, str]:
    """What is asked in an address, tidy; a code nobody knows is left out."""
    codes = {name: params[name] for name, known in _CODES.items() if params.get(name) in known}
    free = {name: params[name][:most] for name, most in _FREE.items() if params.get(name)}
    return codes | free


def wanted(asked: Mapping[str, str], officer: Officer) -> Filter:
    """The filter that is asked for."""
    status = asked.get("status", "")
    statuses = STATUSES if status == "all" else tuple(s for s in STATUSES if s == status)
    holder = asked.get("holder", "")
    same = ("host", "nationality", "place", "locale", "outcome", "reason", "ref")
    return msgspec.convert(
        {name: asked[name] for name in same if name in asked}
        | {
            "statuses": statuses,
            "priority": asked.get("priority"),
            "level": asked.get("level"),
            "holder": HOLDERS.get(holder) or (officer.id if holder == "mine" else ""),
            "unread": "unread" in asked,
            "overdue": "overdue" in asked,
            "words": asked.get("q", ""),
        },
        Filter,
    )
