"""Our side's word into a chat: said now, or parked outside the channel's window while a template knocks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from handlers.nouns import Asking, Delivered, Filed, Reply, Say
from handlers.sentence import labels, spoken
from handlers.turn import Turn

LONG_AGO = datetime.min.replace(tzinfo=UTC)
ASIDE = ("", "menu", "answer", "rating", "referral")
"""Questions that wait for nothing in particular: another may take their place, and no answer goes astray by it."""


def touch(turn: Turn) -> Filed | None:
    """The case the news is about, now the current one. None if the person was forgotten meanwhile."""
    found = next((c for c in turn.session.cases if c.id == turn.event.extras.get("case")), None)
    if found:
        turn.change(cases=(*(c for c in turn.session.cases if c.id != found.id), found))
    return found


def name_of(turn: Turn, agency: str) -> Say:
    """An agency's name; *the authority* for one that the pack does not know (any more)."""
    known = turn.world.pack.agencies.get(agency)
    return Say(known.name) if known else Say("The authority")


def deliver(turn: Turn, reply: Reply) -> bool:
    """Say it now, or park it outside the channel's window and let a template knock. Whether it was said now.

    That it waits is told to the desk, where it is the answer to an officer's event.
    """
    window = turn.world.window(turn.session.chat)
    if window is None or turn.event.at - (turn.session.heard or LONG_AGO) < window:
        turn.replies.append(reply)
        return True
    if not turn.session.parked:
        turn.replies.append(
            Reply((Say("There is an answer on your case. Write anything to read it."),), template="answer_ready")
        )
    turn.change(parked=(*turn.session.parked, reply))
    if reply.about:
        turn.effects.append(Delivered(turn.derived(f"parked:{reply.about}"), reply.about, turn.event.at, "parked"))
    return False


def unpark(turn: Turn) -> Iterable[Reply]:
    """What waited for the window to open, in order."""
    parked = turn.session.parked
    if parked:
        turn.change(parked=())
    return parked


def stand(turn: Turn, question: str, reply: Reply) -> bool:
    """Let the reply's choices be typed, by number or label, unless something else is being asked. Whether they can."""
    if turn.standing not in ASIDE:
        return False
    short = tuple((c.value, spoken(turn.voice, c.short)) for c in reply.choices if c.short)
    turn.change(asking=Asking(question, tuple(labels(turn.voice, reply.choices)), short))
    return True
