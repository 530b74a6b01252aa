"""An assessment in the words of the contract that other programs read (DESIGN.md, section 5)."""

from __future__ import annotations

from datetime import date

import msgspec

from relief.nouns import Assessment, Because, Duty, Source, Verdict


class Ground(msgspec.Struct):
    """One measure's part in the answer. `until`: an ISO date, `open`, or null; `verdict`: as the outcome; `facts`: those used."""

    measure: str
    title: str
    issuer: str
    verdict: Verdict
    until: str | None
    facts: dict[str, str]
    note: str
    sources: tuple[Source, ...]


class Answer(msgspec.Struct, omit_defaults=False):
    """An assessment as other programs read it. `until`: an ISO date, `open`, or null; `needs`: facts that could change it."""

    outcome: Verdict
    until: str | None
    as_of: date
    measures: list[str]
    because: list[Ground]
    duties: list[Duty]
    needs: list[str]
    sources: list[Source]
    excluded: list[str]
    cite: list[str]
    ask: str
    note: str


def until_of(answer: Assessment | Because) -> str | None:
    """An answer's last day as JSON has it: an ISO date, `open`, or None."""
    return "open" if answer.open_ended else answer.until.isoformat() if answer.until else None


def answer_of(answer: Assessment) -> Answer:
    """An assessment in the shape of the contract."""
    return Answer(
        outcome=answer.outcome,
        until=until_of(answer),
        as_of=answer.as_of,
        measures=[b.measure for b in answer.because if b.verdict != "not_covered"],
        because=[_ground(b) for b in answer.because],
        duties=list(answer.duties),
        needs=list(answer.needs),
        sources=list(answer.sources),
        excluded=list(answer.excluded),
        cite=[c.id for c in answer.cite],
        ask=answer.ask,
        note=answer.note,
    )


def _ground(because: Because) -> Ground:
    """A Because as the contract tells it."""
    return Ground(
        measure=because.measure,
        title=because.title,
        issuer=because.issuer,
        verdict=because.verdict,
        until=until_of(because),
        facts=because.facts,
        note=because.note,
        sources=because.sources,
    )
