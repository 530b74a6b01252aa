"""What happens between a person and their cases after the report: answers from the desk, later messages, status."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec.structs import replace

from handlers.advice import agency
from handlers.labels import choice
from handlers.nouns import AddToCase, Block, Choice, CloseCase, Day, Filed, Media, Raw, Reply, Say, Sentence, Status
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

LONG_AGO = datetime.min.replace(tzinfo=UTC)


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


def _standing(turn: Turn, filed: Filed) -> Sentence:
    """One case: number, day, place in the process, who has it."""
    lines: list[Say | Raw] = [Say("Case {ref}", {"ref": filed.ref}), STATUS[filed.status]]
    if filed.opened:
        lines.append(Say("Sent: {day}.", {"day": Day(filed.opened.date())}))
    if filed.agency in turn.world.pack.agencies:
        lines += [line for line in agency(filed.agency, turn.world).lines if isinstance(line, Say | Raw)]
    return Block(tuple(lines))


def news(turn: Turn) -> None:
    """Our side's word to the person: an officer's reply, a status, another agency, an export, a blocked chat."""
    _NEWS.get(turn.event.extras.get("what", ""), _ignore)(turn)


def _reply(turn: Turn) -> None:
    """An officer's answer, with the name of the agency and the case's number."""
    filed = _touch(turn)
    if filed is None:
        return
    n = turn.event.extras.get("event", "")
    choices = (Choice("go:answer", Say("Write back")), choice("solved", filed.id[:32], Say("Solved, thank you")))
    deliver(
        turn,
        Reply(
            (
                Say("{agency} answers on your case {ref}:", {"agency": _name(turn, filed), "ref": filed.ref}),
                Raw(turn.event.body),
            ),
            choices,
            about=n,
        ),
    )


def _status(turn: Turn) -> None:
    """A new status, told once."""
    filed = _touch(turn)
    status = turn.event.extras.get("status", "")
    if filed is None or status not in STATUS:
        return
    mark(turn, filed, status)
    deliver(
        turn,
        Reply(
            (Block((Say("Your case {ref}:", {"ref": filed.ref}), STATUS[status])),),
            (Choice("go:status", Say("My cases")),),
            about=turn.event.extras.get("event", ""),
        ),
    )


def _agency(turn: Turn) -> None:
    """Another agency has the case now."""
    filed = _touch(turn)
    name = turn.event.extras.get("agency", "")
    if filed is None or name not in turn.world.pack.agencies:
        return
    turn.change(
        cases=tuple(replace(c, agency=name, status="referred") if c.id == filed.id else c for c in turn.session.cases)
    )
    deliver(turn, Reply((Say("Your case {ref} is now with:", {"ref": filed.ref}), agency(name, turn.world))))


def _export(turn: Turn) -> None:
    """Everything the cases hold, as the clerk wrote it out."""
    turn.replies.append(Reply((Say("This is all that I keep about your cases:"), Raw(turn.event.body))))


def _blocked(turn: Turn) -> None:
    """The person shut us out (or let us in again): remember it, and let the desk know that replies do not arrive."""
    blocked = turn.event.extras.get("what") == "blocked"
    if blocked == turn.session.blocked:
        return
    turn.change(blocked=blocked)
    filed = current(turn)
    if filed and filed.status != "closed":
        turn.effects.append(
            AddToCase(turn.derived("blocked"), filed.id, turn.event.at, "blocked" if blocked else "unblocked")
        )


def _ignore(turn: Turn) -> None:
    """News of a kind this version does not know: nothing to say."""


_NEWS = {
    "reply": _reply,
    "status": _status,
    "agency": _agency,
    "export": _export,
    "blocked": _blocked,
    "unblocked": _blocked,
}


def _touch(turn: Turn) -> Filed | None:
    """The case the news is about, now the current one. None if the person was forgotten meanwhile."""
    found = next((c for c in turn.session.cases if c.id == turn.event.extras.get("case")), None)
    if found:
        turn.change(cases=(*(c for c in turn.session.cases if c.id != found.id), found))
    return found


def _name(turn: Turn, filed: Filed) -> Say:
    """The agency that holds the case."""
    known = turn.world.pack.agencies.get(turn.event.extras.get("agency", "") or filed.agency)
    return Say(known.name) if known else Say("The authority")


def deliver(turn: Turn, reply: Reply) -> None:
    """Say it now, or park it outside the channel's window and let a template knock."""
    window = turn.world.window(turn.session.chat)
    if window is None or turn.event.at - (turn.session.heard or LONG_AGO) < window:
        turn.replies.append(reply)
        return
    if not turn.session.parked:
        turn.replies.append(
            Reply((Say("There is an answer on your case. Write anything to read it."),), template="answer_ready")
        )
    turn.change(parked=(*turn.session.parked, reply))


def unpark(turn: Turn) -> Iterable[Reply]:
    """What waited for the window to open, in order."""
    parked = turn.session.parked
    if parked:
        turn.change(parked=())
    return parked


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
