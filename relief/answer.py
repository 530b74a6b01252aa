"""An assessment in the words of the contract that other programs read (DESIGN.md, section 5)."""

from __future__ import annotations

from datetime import date

import msgspec

from relief.nouns import Assessment


class Answer(msgspec.Struct, omit_defaults=False):
    """An assessment as other programs read it. `until`: an ISO date, `open`, or null."""

    outcome: str
    until: str | None
    as_of: date
    measures: list[str]
    because: list[dict[str, object]]
    duties: list[dict[str, object]]
    needs: list[str]
    sources: list[dict[str, object]]
    excluded: list[str]
    cite: list[str]
    ask: str
    note: str


def until_of(answer: Assessment) -> str | None:
    """An answer's last day as JSON has it: an ISO date, `open`, or None."""
    return "open" if answer.open_ended else answer.until.isoformat() if answer.until else None


def answer_of(answer: Assessment) -> Answer:
    """An assessment in the shape of the contract."""
    return Answer(
        outcome=answer.outcome,
        until=until_of(answer),
        as_of=answer.as_of,
        measures=[b.measure for b in answer.because if b.verdict != "not_covered"],
        because=[_plain(b) for b in answer.because],
        duties=[_plain(d) for d in answer.duties],
        needs=list(answer.needs),
        sources=[_plain(s) for s in answer.sources],
        excluded=list(answer.excluded),
        cite=[c.id for c in answer.cite],
        ask=answer.ask,
        note=answer.note,
    )


def _plain(item: msgspec.Struct) -> dict[str, object]:
    """A noun as a dictionary; a Because tells its last day as the contract does."""
    fields: dict[str, object] = msgspec.structs.asdict(item)
    if fields.pop("open_ended", False):
        fields["until"] = "open"
    return fields
