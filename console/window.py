"""WhatsApp's window: until when free text may be sent to the person of a case."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from handlers.world import WHATSAPP
from storage.records import CaseFile

_HEARD = frozenset(
    "opened message edit media location contact human solved rating referral_agreed referral_declined".split()
)
"""What a person says themselves: it opens the window anew."""


class Window(NamedTuple):
    """`until`: the last moment by what this case knows. The person may have written since, about something else."""

    until: datetime
    open: bool


def window(case: CaseFile, now: datetime) -> Window | None:
    """The window of a WhatsApp chat; None on channels that have none."""
    heard = [event.at for event in case.events if event.actor == "citizen" and event.what in _HEARD]
    if case.channel != "whatsapp" or not heard:
        return None
    until = max(heard) + WHATSAPP
    return Window(until, now < until)
