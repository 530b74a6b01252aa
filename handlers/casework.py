"""What a person does with their cases after the report: later messages, status, solved. The desk's side: `handlers.news`."""

from __future__ import annotations

from msgspec.structs import replace

from handlers import referral, survey
from handlers.advice import agency
from handlers.nouns import AddToCase, Block, Choice, CloseCase, Day, Filed, Media, Raw, Say, Sentence, Status
from handlers.turn import Turn

STATUS: dict[Status, Say] = {
    "received": Say("Received. An officer will read it."),
    "reading": Say("An officer is reading it now."),
    "waiting": Say("The officer needs something from you. Please look at their last message."),
    "referred": Say("It has been passed to another authority."),
    "decided": Say("Decided. Please look at the officer's last message."),
    "closed": Say("Closed. If you write here again, it is opened again."),
}
"""Where a case stands, in a citizen's words."""


def add(turn: Turn, filed: Filed, what: str, body: str = "", media: Media | None = None) -> None:
    """Put something on a case, once per event."""
    event, extras = turn.event, turn.event.extras
    turn.effects.append(
        AddToCase(
            turn.derived(what), filed.id, event.at, what, body, media, {k: extras[k] for k in _KEPT if k in extras}
        )
    )
    if filed.status == "closed":
        mark(turn, filed, "received")


_KEPT = ("message", "edits", "album", "lat", "lon", "phone")
"""What of a message's extras belongs on the case."""


def mark(turn: Turn, filed: Filed, status: Status) -> None:
    """Remember the status the person was told last."""
    turn.change(cases=tuple(replace(c, status=status) if c.id == filed.id else c for c in turn.session.cases))


def current(turn: Turn) -> Filed | None:
    """The case a message without a question belongs to: the last one told or opened."""
    return turn.session.cases[-1] if turn.session.cases else None


def hear_about(turn: Turn, what: str, body: str = "", media: Media | None = None) -> bool:
    """Put this on the current case and say so. False if there is none."""
    filed = current(turn)
    if filed is None:
        return False
    add(turn, filed, what, body, media)
    turn.say(Say("Added to your case {ref}. The officer will see it.", {"ref": filed.ref}))
    return True


def tell_status(turn: Turn, only: str = "") -> None:
    """Where each case stands."""
    cases = [c for c in turn.session.cases if not only or c.ref == only]
    if not cases:
        turn.say(
            Say("You have no case in this chat. If you sent a report from another chat or phone, ask there."),
            choices=(Choice("go:report", Say("Ask for help")), Choice("go:menu", Say("Menu"))),
            question="menu",
        )
        return
    turn.say(*(_standing(turn, filed) for filed in cases[-5:]), choices=(Choice("go:menu", Say("Menu")),))
    turn.change(asking=None)
    referral.put_first(turn)


def _standing(turn: Turn, filed: Filed) -> Sentence:
    """One case: number, day, place in the process, who has it."""
    lines: list[Say | Raw] = [Say("Case {ref}", {"ref": filed.ref}), STATUS[filed.status]]
    if filed.opened:
        lines.append(Say("Sent: {day}.", {"day": Day(filed.opened.date())}))
    if filed.agency in turn.world.pack.agencies:
        lines += [line for line in agency(filed.agency, turn.world).lines if isinstance(line, Say | Raw)]
    return Block(tuple(lines))


def solve(turn: Turn, case: str) -> None:
    """The person says that it is solved. Pressing again changes nothing."""
    filed = next((c for c in turn.session.cases if c.id == case), None)
    if filed is None:
        turn.say(Say("I do not find that case in this chat any more."))
    elif filed.status == "closed":
        turn.say(Say("Case {ref} is closed already. If you write here, it is opened again.", {"ref": filed.ref}))
    else:
        turn.effects.append(CloseCase(turn.derived("solved"), filed.id, turn.event.at))
        mark(turn, filed, "closed")
        turn.say(
            Say("Thank you. Case {ref} is closed. If you write here again, it is opened again.", {"ref": filed.ref})
        )
        referral.drop(turn, filed.id)
        survey.ask(turn, filed.id)
