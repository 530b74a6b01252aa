"""The answer of the law to one person's facts on one day: a function, pure and total.

Every clause (one grant of one measure) that is in force is weighed by three-valued logic. Of those that hold, the person
gets the best. A clause that hangs on missing facts names them as `needs`, if it could still beat the best.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

from relief.days import OPEN, Reading, day_of, has_happened
from relief.facts import read
from relief.law import DutyRule
from relief.nouns import Assessment, Because, Commitment, Duty, Verdict
from relief.pack import Pack
from relief.reasons import ACT_BEFORE
from relief.truth import NO, UNCLEAR, UNKNOWN, YES, all_of
from relief.weigh import RANK, Finding, best_of_each, weigh_all


def assess(pack: Pack, facts: Mapping[str, str], as_of: date) -> Assessment:
    """What the measures known on `as_of` give to the person with these facts.

    Unknown names are ignored and malformed values count as unknown; any mapping gets an answer. `needs` lists the missing
    facts that can still change it, in the pack's order of asking.
    """
    reading = Reading(read(pack.questions, facts), as_of, pack.events)
    host = reading.facts.get("host")
    findings = weigh_all(pack, reading)
    decided = best_of_each(f for f in findings if f.truth is not UNKNOWN)
    gap = _gap(pack, host)
    best = max((f.worth for f in decided), default=(0, date.min))
    best = max(best, (RANK["unclear"], date.min)) if gap else best
    rivals = [f for f in findings if f.truth is UNKNOWN and f.worth > best]
    needs = _in_order(pack, (fact for f in rivals for fact in f.missing), host is None)
    if host is None or any(RANK[f.verdict] > best[0] for f in rivals):
        return Assessment(as_of=as_of, outcome="unknown", needs=needs, cite=_cite(pack, reading))
    return _answer(pack, reading, decided, best, needs, gap)


def because(finding: Finding, reading: Reading) -> Because:
    """A finding as part of an answer."""
    measure = finding.clause.measure
    return Because(
        measure=measure.id,
        title=measure.title,
        issuer=measure.issuer,
        verdict="unknown" if finding.truth is UNKNOWN else finding.verdict,
        until=None if finding.until == OPEN else finding.until,
        open_ended=finding.until == OPEN,
        facts={fact: str(value) for fact, value in reading.facts.items() if fact in finding.clause.facts},
        note=finding.why,
        sources=measure.sources,
    )


def _answer(
    pack: Pack, reading: Reading, decided: Sequence[Finding], worth: tuple[int, date], needs: tuple[str, ...], gap: str
) -> Assessment:
    """The assessment, once the outcome is certain."""
    outcome: Verdict = next(v for v, rank in RANK.items() if rank == worth[0])
    named = [f for f in decided if f.is_told and (f.is_notice or RANK[f.verdict] >= min(worth[0], RANK["no_penalty"]))]
    tops = [f for f in named if f.worth == worth and f.truth is not NO and not f.is_notice]
    longer = [f for f in named if f.truth is YES and f.until and worth[1] < f.until]
    duties = [d for f in (*tops, *longer) for d in _duties(f, reading)]
    duties += [d for f in named if f.is_notice for d in _duties(f, reading) if not d.by or d.by >= reading.as_of]
    until = worth[1] if tops and worth[1] != date.min else None
    reasons = tuple(because(f, reading) for f in named)
    return Assessment(
        as_of=reading.as_of,
        outcome=outcome,
        until=None if until == OPEN else until,
        open_ended=until == OPEN,
        because=reasons,
        duties=_unique(duties) or _advice(pack, reading, outcome),
        needs=needs,
        sources=_unique(source for reason in reasons for source in reason.sources),
        excluded=_unique(e.text for f in tops for e in f.clause.measure.excludes if not e.when),
        ask=_officer(pack, reading, tops, outcome),
        note=gap if not tops else "",
        cite=_cite(pack, reading),
    )


def _duties(finding: Finding, reading: Reading) -> Iterable[Duty]:
    """What the person must do under this clause, and to act a day early where the last day itself is in doubt."""
    for rule in (*finding.clause.grant.duties, *finding.clause.measure.duties):
        if _is_told(rule, reading):
            day = day_of(rule.by, reading) if rule.by else None
            by = day if isinstance(day, date) and day != OPEN else None
            done = bool(rule.done) and all_of(rule.done, reading).truth is YES
            yield Duty(text=rule.text, by=by, where=rule.where, url=rule.url, done=done)
    if finding.clause.grant.boundary == "unclear" and finding.until not in (None, OPEN):
        yield Duty(text=ACT_BEFORE, by=_eve(finding.until, reading.as_of))


def _is_told(rule: DutyRule, reading: Reading) -> bool:
    """Whether a duty is for this person and this day."""
    if rule.after and not has_happened(rule.after, reading):
        return False
    if rule.before and has_happened(rule.before, reading):
        return False
    return all_of(rule.when, reading).truth >= UNCLEAR


def _eve(until: date | None, as_of: date) -> date | None:
    """The day before the last day, or the day of asking if that is later."""
    return max(until - timedelta(days=1), as_of) if until else None


def _advice(pack: Pack, reading: Reading, outcome: Verdict) -> tuple[Duty, ...]:
    """What somebody whom no measure covers can do under the ordinary rules."""
    if outcome != "not_covered":
        return ()
    permit = reading.facts.get("permit")
    rules = (r for r in pack.ordinary_rules(str(reading.facts["host"]), reading.as_of) if r.topic == "advice")
    return tuple(Duty(text=r.text, where=r.where, url=r.url) for r in rules if not r.permit or permit in r.permit)


def _officer(pack: Pack, reading: Reading, tops: Sequence[Finding], outcome: Verdict) -> str:
    """The agency with which to confirm anything less than a plain `covered`."""
    if outcome == "covered":
        return ""
    named = next((f.clause.measure.ask for f in tops if f.clause.measure.ask), "")
    host = pack.host(str(reading.facts["host"]))
    return named or (host.lead if host else pack.cover.fallback)


def _gap(pack: Pack, host: object) -> str:
    """What to say of a host state of which the pack holds no measure; nothing where it holds some."""
    entry = pack.host(str(host))
    return entry.gap if entry else ""


def _cite(pack: Pack, reading: Reading) -> tuple[Commitment, ...]:
    """The commitments of states that the person may show an officer."""
    host, nationality = reading.facts.get("host"), reading.facts.get("nationality")
    return tuple(
        c
        for c in pack.commitments
        if c.known_from <= reading.as_of
        and host in c.hosts
        and nationality not in (None, host)
        and (not c.nationalities or nationality in c.nationalities)
    )


def _in_order(pack: Pack, missing: Iterable[str], no_host: bool) -> tuple[str, ...]:
    """Missing facts, each once, in the pack's order of asking."""
    facts = {*missing, "host"} if no_host else set(missing)
    return tuple(sorted(facts, key=pack.order.__getitem__))


T = TypeVar("T", bound=Hashable)


def _unique(items: Iterable[T]) -> tuple[T, ...]:
    """Each item once, in the order of first appearance."""
    return tuple(dict.fromkeys(items))
