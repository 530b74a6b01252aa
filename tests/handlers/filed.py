"""A person with a case, for tests of what comes after the report."""

from __future__ import annotations

from tests.dialogue import Dialogue

MOVES = (
    "go:report consent:yes report.for_whom:self host:UZ nationality:TR report.place:city Tashkent report.needs:legal "
)
MOVES += "report.needs:done report.people:1 report.contact:- Stranded report.files:done send:yes@1"


def filed(chat: str = "web:demo") -> Dialogue:
    """In English, in Tashkent, from Türkiye; the report is sent."""
    d = Dialogue(chat).says("/start").presses("language:en")
    for move in MOVES.split():
        (d.presses if ":" in move else d.says)(move)
    assert d.known.cases
    return d
