"""What one clause of the law says of one person: it holds, it does not, facts are missing, or an officer must say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from relief.days import OPEN, Missing, Reading, day_of
from relief.nouns import Verdict
from relief.pack import Clause, Pack, in_force
from relief.reasons import ENDED, NOT_PUBLISHED, UNTIL_UNCLEAR
from relief.truth import NO, UNCLEAR, UNKNOWN, YES, Tested, Truth, all_of

RANK: Mapping[Verdict, int] = {
    "not_covered": 0,
    "unclear": 1,
    "no_penalty": 2,
    "covered_if": 3,
    "covered": 4,
    "unknown": -1,
}
"""Which answer is better for the person."""


class Finding(msgspec.Struct, frozen=True, eq=False):
    """What one clause says of one person. `verdict` is what it gives, or could still give while truth is UNKNOWN.

    `until` is None where an officer sets the day, and OPEN where nothing fixes it (yet). `why` explains a no or a doubt.
    """

    clause: Clause
    truth: Truth
    verdict: Verdict
    until: date | None = None
    missing: tuple[str, ...] = ()
    why: str = ""

    @property
    def is_notice(self) -> bool:
        """Whether this tells the person something without giving anything."""
        return self.truth is YES and self.clause.grant.relief == "none"

    @property
    def is_told(self) -> bool:
        """Whether the person should hear of it: a notice or help from home that is not for them would say nothing to them."""
        beside = self.clause.grant.relief == "none" or self.clause.measure.side == "home"
        return self.truth is not NO or not beside

    @property
    def worth(self) -> tuple[int, date]:
        """Compares findings: the better verdict, then the later day."""
        return RANK[self.verdict], self.until or date.min


def weigh_all(pack: Pack, reading: Reading) -> list[Finding]:
    """What every clause in force says, best first; the order in which measures are written does not matter."""
    findings = [weigh(c, reading) for c in in_force(pack, *whereabouts(reading), reading.as_of)]
    return sorted(findings, key=lambda f: f.worth, reverse=True)


def whereabouts(reading: Reading) -> tuple[str | None, str | None]:
    """The host state and the nationality, as far as they are known."""
    host, nationality = reading.facts.get("host"), reading.facts.get("nationality")
    return None if host is None else str(host), None if nationality is None else str(nationality)


def weigh(clause: Clause, reading: Reading) -> Finding:
    """What one clause says of this person."""
    grant, found = clause.grant, _conditions(clause, reading)
    if found.refusal:
        return Finding(clause, NO, "not_covered", why=found.refusal)
    until = day_of(grant.until, reading) if grant.until else None
    if isinstance(until, Missing):
        found.missing.append(until.fact)
        until = _latest(clause, until.fact, reading)
    elif until is not None and not isinstance(until, date):
        found.doubt, until = found.doubt or UNTIL_UNCLEAR, None
    if until is not None and until < reading.as_of:
        return Finding(clause, NO, "not_covered", until, why=ENDED)
    why = NOT_PUBLISHED if clause.pending else found.doubt
    if grant.relief == "none":
        return _notice(clause, found, why)
    verdict: Verdict = "unclear" if why else grant.relief
    missing = found.missing if verdict == "unclear" else found.missing + found.mild
    truth = UNKNOWN if missing else UNCLEAR if verdict == "unclear" else YES
    last = None if verdict == "unclear" else until
    return Finding(clause, truth, verdict, last, tuple(missing), why or grant.note or clause.measure.note)


def _notice(clause: Clause, found: Tested, doubt: str) -> Finding:
    """A notice: told to whom it is surely for, and never worth anything."""
    note = clause.grant.note or clause.measure.note
    missing = tuple(found.missing + found.mild)
    truth = UNKNOWN if missing else NO if doubt else YES
    return Finding(clause, truth, "not_covered", missing=missing, why=doubt or note)


def _latest(clause: Clause, fact: str, reading: Reading) -> date:
    """The last day that a grant could still have, while the fact it counts from is missing: that of its window's end."""
    test = clause.grant.when.get(fact) or clause.measure.covers.get(fact)
    end = day_of(test.last, reading) if test and test.last and test.after == "no" else OPEN
    if clause.grant.until is None or not isinstance(end, date) or end == OPEN:
        return OPEN
    latest = day_of(clause.grant.until, Reading({**reading.facts, fact: end}, reading.as_of, reading.events))
    return latest if isinstance(latest, date) else OPEN


def _conditions(clause: Clause, reading: Reading) -> Tested:
    """Whether the measure is for this person: no exclusion holds, and all that it asks for does."""
    whole = Tested([], [])
    for exclusion in clause.measure.excludes:
        found = all_of(exclusion.when, reading) if exclusion.when else None
        if found is None or found.truth is NO:
            continue
        if found.truth is YES:
            whole.refusal = exclusion.text
            return whole
        whole.missing += found.missing + found.mild
        whole.doubt = whole.doubt or (found.doubt if found.truth is UNCLEAR else "")
    for tests in (clause.measure.covers, clause.grant.when):
        found = all_of(tests, reading)
        if found.refusal:
            return found
        whole.missing += found.missing
        whole.mild += found.mild
        whole.doubt = whole.doubt or found.doubt
    return whole


def best_of_each(findings: Iterable[Finding]) -> list[Finding]:
    """The first, that is the best, finding of each measure."""
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.clause.measure.id, finding)
    return list(first.values())
