"""Which agencies a case goes to, and how soon an officer must look. The rules are data: `routing` in pack.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from relief.facts import read
from relief.law import RoutingRule
from relief.nouns import Agency
from relief.pack import Pack

Priority = Literal["danger", "urgent", "normal"]
"""Life at risk; airport zone, border, detention, minors, medical, or relief about to end; everything else."""

Side = Literal["host", "home"]

SOON = 3
"""Days before the end of relief from which a case is urgent."""


def route(pack: Pack, facts: Mapping[str, str], needs: Sequence[str] = ()) -> tuple[str, ...]:
    """The ids of the agencies for this person, never empty. The first owns the case, the others see it.

    `needs` are those of the report (`medical food shelter money documents legal safety travel`). Where a state has no agency
    in the pack, the other side's takes the case, and failing both the pack's fallback.
    """
    known = {name: str(value) for name, value in read(pack.questions, facts).items()}
    rule = next((r for r in pack.routing if _fits(r, known, needs)), None)
    wanted: tuple[Side, ...] = rule.send if rule else ("host", "home")
    chosen = list(dict.fromkeys(a for side in wanted for a in _agencies(pack, side, known)))
    rest = (a for side in _other_sides(wanted) for a in _agencies(pack, side, known))
    return tuple(chosen) or tuple(dict.fromkeys(rest)) or (pack.cover.fallback,)


def priority(
    facts: Mapping[str, str], report: Mapping[str, str], days_left: int | None = None
) -> tuple[Priority, tuple[str, ...]]:
    """How soon an officer must look, and every reason for it, as words of the facts (`danger`, `minors`, `border_point`…).

    `report` holds the draft's answers: `danger` yes, `minors` a count, `needs` words separated by commas. `days_left`:
    days until relief ends; None where no day is known.
    """
    reasons = tuple(_reasons(facts, report, days_left))
    if "danger" in reasons:
        return "danger", reasons
    return ("urgent" if reasons else "normal"), reasons


def needs_of(report: Mapping[str, str]) -> tuple[str, ...]:
    """The needs in a report's answers: words separated by commas or spaces."""
    return tuple(report.get("needs", "").replace(",", " ").split())


def _reasons(facts: Mapping[str, str], report: Mapping[str, str], days_left: int | None) -> Iterator[str]:
    """Every reason to look sooner, the gravest first."""
    needs = needs_of(report)
    if "yes" in (report.get("danger"), facts.get("danger")):
        yield "danger"
    place = facts.get("place") or report.get("place", "")
    if place in ("detention", "airport_zone", "border_point"):
        yield place
    if "medical" in needs:
        yield "medical"
    if "safety" in needs:
        yield "safety"
    if _count(report.get("minors", "")) > 0:
        yield "minors"
    if days_left is not None and days_left <= SOON:
        yield "ends_soon"


def _count(value: str) -> int:
    """A count as typed; anything else is none."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 5 else 0


def _fits(rule: RoutingRule, facts: Mapping[str, str], needs: Sequence[str]) -> bool:
    """Whether a rule is for this case."""
    return (
        all(facts.get(name) in values for name, values in rule.facts.items())
        and (not rule.needs or any(need in rule.needs for need in needs))
        and (not rule.has or any(name in facts for name in rule.has))
    )


def _agencies(pack: Pack, side: Side, facts: Mapping[str, str]) -> Iterator[str]:
    """One side's agencies for this person, in order of rank: those that lead, and those that take such cases.

    An agency with `takes` leads too where its side has no other in that state.
    """
    state = facts.get("host" if side == "host" else "nationality", "")
    ours = sorted((a for a in pack.agencies.values() if side in a.roles and a.state == state), key=_rank)
    leaders = [a for a in ours if not a.takes] or ours
    return (a.id for a in ours if a in leaders or _takes(a, facts))


def _rank(agency: Agency) -> tuple[int, str]:
    """Low ranks first; the same order on every machine."""
    return agency.rank, agency.id


def _takes(agency: Agency, facts: Mapping[str, str]) -> bool:
    """Whether a case is of a kind that this agency takes."""
    return any(all(facts.get(name) in values for name, values in kind.items()) for kind in agency.takes)


def _other_sides(wanted: Sequence[Side]) -> tuple[Side, ...]:
    """The sides a rule did not ask for."""
    return tuple(side for side in ("host", "home") if side not in wanted)
