"""The ordinary rules beside any relief: when a visa-free stay ends, if the person does not know, and what an overstay costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import msgspec

from relief.facts import read
from relief.nouns import Confidence, Ordinary
from relief.pack import Pack


class Stay(msgspec.Struct, frozen=True):
    """A visa-free stay by the ordinary rule: its last legal day (None: no limit is set), and the rule with its sources."""

    last: date | None
    days: int
    rule: Ordinary

    @property
    def confidence(self) -> Confidence:
        """How sure we are; a `medium` day must be confirmed by an officer before anybody relies on it."""
        return self.rule.confidence


def visa_free(pack: Pack, host: str, nationality: str, on: date) -> Ordinary | None:
    """The rule on visa-free days that names this nationality on the day of entry. None: no source says how many days."""
    rules = (r for r in pack.ordinary_rules(host, on) if r.topic == "visa_free" and nationality in r.days)
    return next(rules, None)


def visa_free_stay(pack: Pack, facts: Mapping[str, str]) -> Stay | None:
    """How long somebody who entered without a visa may stay, if `host`, `nationality` and `entered` are known.

    The day of entry is the first day. None: a visa is needed, or our sources do not say; then nothing is guessed. Days used
    up on an earlier visit are not known here and are not counted.
    """
    known = read(pack.questions, facts)
    host, nationality, entered = known.get("host"), known.get("nationality"), known.get("entered")
    if not isinstance(host, str) or not isinstance(nationality, str) or not isinstance(entered, date):
        return None
    rule = visa_free(pack, host, nationality, entered)
    days = rule.days[nationality] if rule else 0
    if rule is None or days == 0:
        return None
    return Stay(None if days < 0 else entered + timedelta(days=days - 1), days, rule)


def cost_of_overstay(pack: Pack, host: str, on: date) -> tuple[Ordinary, ...]:
    """What staying too long costs there, surest first."""
    rules = (r for r in pack.ordinary_rules(host, on) if r.topic == "overstay")
    return tuple(sorted(rules, key=lambda r: ("high", "medium", "low").index(r.confidence)))
