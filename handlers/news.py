"""Our side's word to the person: an officer's answer, a status, another agency, an export, a blocked chat."""

from __future__ import annotations

from msgspec.structs import replace

from handlers import advice, referral, survey
from handlers.casework import STATUS, current, mark
from handlers.delivering import deliver, name_of, touch
from handlers.labels import choice
from handlers.nouns import AddToCase, Block, Choice, Raw, Reply, Say
from handlers.turn import Turn


def news(turn: Turn) -> None:
    """Tell it, by its kind. Of a kind this version does not know there is nothing to say."""
    tell = _TOLD.get(turn.event.extras.get("what", ""))
    if tell:
        tell(turn)


def _reply(turn: Turn) -> None:
    """An officer's answer, with the name of the agency and the case's number."""
    filed = touch(turn)
    if filed is None:
        return
    agency = name_of(turn, turn.event.extras.get("agency", "") or filed.agency)
    choices = (Choice("go:answer", Say("Write back")), choice("solved", filed.id[:32], Say("Solved, thank you")))
    deliver(
        turn,
        Reply(
            (
                Say("{agency} answers on your case {ref}:", {"agency": agency, "ref": filed.ref}),
                Raw(turn.event.body),
            ),
            choices,
            about=turn.event.extras.get("event", ""),
        ),
    )


def _status(turn: Turn) -> None:
    """A new status, told once; after the last one, whether we helped."""
    filed = touch(turn)
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
    if status == "closed":
        referral.drop(turn, filed.id)
    if status in ("decided", "closed"):
        survey.ask(turn, filed.id)


def _agency(turn: Turn) -> None:
    """Another agency has the case now, or the first one has it again."""
    filed = touch(turn)
    name, status = (turn.event.extras.get(key, "") for key in ("agency", "status"))
    if filed is None or name not in turn.world.pack.agencies:
        return
    now = replace(filed, agency=name, status=status if status in STATUS else "referred")
    turn.change(cases=tuple(now if c.id == filed.id else c for c in turn.session.cases))
    lines = (Say("Your case {ref} is now with:", {"ref": filed.ref}), advice.agency(name, turn.world))
    deliver(turn, Reply(lines, about=turn.event.extras.get("event", "")))


def _export(turn: Turn) -> None:
    """Everything the cases hold, as the clerk wrote it out."""
    turn.replies.append(Reply((Say("This is all that I keep about your cases:"), Raw(turn.event.body))))


def _blocked(turn: Turn) -> None:
    """The person shut us out, or let us in again."""
    reached(turn, blocked=turn.event.extras.get("what") == "blocked")


def reached(turn: Turn, *, blocked: bool = False) -> None:
    """Remember whether the person can be told anything, and let the desk know when that changes: replies do not arrive, or
    do again.
    """
    if blocked == turn.session.blocked:
        return
    turn.change(blocked=blocked)
    filed = current(turn)
    if filed and filed.status != "closed":
        turn.effects.append(
            AddToCase(turn.derived("blocked"), filed.id, turn.event.at, "blocked" if blocked else "unblocked")
        )


_TOLD = {
    "reply": _reply,
    "status": _status,
    "agency": _agency,
    "export": _export,
    "blocked": _blocked,
    "unblocked": _blocked,
    "referral_asked": referral.asked,
    "referral_withdrawn": referral.settled,
    "referral_rejected": referral.settled,
}
"""By what happened."""
