"""Who may do what at the desk: one table, asked by every page, form, export and API call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from storage.records import Officer, Role

Act = Literal["read", "work", "export", "supervise", "administer"]
"""read: queue, cases, files. work: answer, note, status, claim, refer. export: take lists out. supervise: assign others,
act on many cases, keep phrases and views for all. administer: accounts, keys, webhooks, the audit."""

MAY: Mapping[Role, frozenset[Act]] = {
    "observer": frozenset({"read"}),
    "officer": frozenset({"read", "work"}),
    "supervisor": frozenset({"read", "work", "export", "supervise"}),
    "administrator": frozenset({"read", "work", "export", "supervise", "administer"}),
}


def may(officer: Officer, act: Act) -> bool:
    """Whether the officer's role allows it. A role nobody knows allows nothing."""
    return act in MAY.get(officer.role, frozenset())


_LEADERS: frozenset[Role] = frozenset({"supervisor", "administrator"})

FACTOR_DUE: Mapping[str, frozenset[Role]] = {
    "": _LEADERS,
    "optional": frozenset(),
    "leaders": _LEADERS,
    "required": frozenset(MAY),
}
"""Whose sign-in needs a second factor, by the setting KOMEK_SECOND_FACTOR."""


def owes_factor(officer: Officer, setting: str) -> bool:
    """Whether the officer must set one up before anything else."""
    return officer.role in FACTOR_DUE[setting] and not officer.factor
