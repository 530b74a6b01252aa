"""May your case go to another agency? The person is asked, in their words, and nothing is shared before they agree."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from handlers.delivering import deliver, name_of, stand, touch
from handlers.labels import choice
from handlers.nouns import AddToCase, Arg, Reply, Say
from handlers.sentence import labels
from handlers.text import fold
from handlers.turn import Turn
from handlers.wish import Referral

WHY: Mapping[str, Say] = {
    "citizens": Say("They look after the citizens of your country."),
    "documents": Say("They issue the document you need."),
    "travel": Say("They arrange the journey home."),
    "stay": Say("They decide about stays in the country you are in."),
    "work": Say("They look after people who work abroad."),
    "health": Say("They can help with health and safety."),
    "place": Say("They are responsible for the place you are at."),
}
"""Why an agency would pass a case on, by code: the officer picks one, the person reads it in their language."""


def asked(turn: Turn) -> None:
    """News: an agency asks whether it may pass the case on. Asked again, the question is still one."""
    filed, extras = touch(turn), turn.event.extras
    id, target, origin = (extras.get(name, "") for name in ("referral", "target", "origin"))
    if filed is None or not id or target not in turn.world.pack.agencies:
        return
    wish = Referral(id, filed.id, origin, target, extras.get("why", ""))
    turn.change(referrals=(*(r for r in turn.session.referrals if r.id != id), wish))
    reply = _question(turn, wish, extras.get("event", ""))
    if deliver(turn, reply) and stand(turn, "referral", reply):
        _stands(turn, wish)


def settled(turn: Turn) -> None:
    """News: the agency took its wish back, or the other one did not take the case. It stays where it is."""
    filed, extras = touch(turn), turn.event.extras
    if filed is None:
        return
    if _take(turn, extras.get("referral", "")):
        turn.replies.append(Reply((Say("You need not answer the question about your case any more."),)))
    names: dict[str, Arg] = {"ref": filed.ref, "origin": name_of(turn, extras.get("origin", ""))}
    line = Say("Your case {ref} stays with {origin}.", names)
    if extras.get("what") == "referral_rejected":
        target = name_of(turn, extras.get("target", ""))
        line = Say("{target} did not take your case {ref}. It stays with {origin}.", names | {"target": target})
    deliver(turn, Reply((line,), about=extras.get("event", "")))


def answer(turn: Turn, value: str) -> None:
    """A button of the question. One of a question that is over, or of none of ours, changes nothing."""
    verb, _, id = value.partition("@")
    wish = _take(turn, id) if verb in ("yes", "no") else None
    if wish is None:
        turn.note(Say("That question is settled; nothing was changed."))
        return
    extras = {"referral": wish.id, "origin": wish.origin, "target": wish.target}
    what = "referral_agreed" if verb == "yes" else "referral_declined"
    turn.effects.append(AddToCase(turn.derived("referral"), wish.case, turn.event.at, what, extras=extras))
    names: dict[str, Arg] = {"target": name_of(turn, wish.target), "origin": name_of(turn, wish.origin)}
    said = (
        Say("Thank you. {target} is asked now. As soon as they take your case, you hear it here.", names)
        if verb == "yes"
        else Say("Good. Nothing is passed on; your case stays with {origin}.", names)
    )
    if turn.standing:
        turn.note(said)  # and what was being asked is asked again
    else:
        turn.say(said)


def typed(turn: Turn, text: str) -> str:
    """The token behind a button's whole label, where the question was asked beside another one; empty: it is none."""
    for wish in turn.session.referrals:
        for token, label in _labels(turn, wish):
            if fold(label) == fold(text):
                return token
    return ""


def put_first(turn: Turn) -> None:
    """Put the longest waiting question, if any waits."""
    for wish in turn.session.referrals[:1]:
        reply = _question(turn, wish, "")
        turn.replies.append(reply)
        if stand(turn, "referral", reply):
            _stands(turn, wish)


def put_later(turn: Turn) -> None:
    """At the end of a person's turn: a question asked in the middle of others is put again once these are over."""
    wish = next((r for r in turn.session.referrals if not r.stands), None)
    if wish is None or turn.standing not in ("", "answer"):
        return
    reply = _question(turn, wish, "")
    if not any(c in reply.choices for said in turn.replies for c in said.choices):
        turn.replies.append(reply)
    stand(turn, "referral", reply)
    _stands(turn, wish)


def drop(turn: Turn, case: str) -> None:
    """The case is closed: its questions are over."""
    for wish in turn.session.referrals:
        if wish.case == case:
            _take(turn, wish.id)


def _question(turn: Turn, wish: Referral, about: str) -> Reply:
    """Who asks, who would get the case, why, and what they would see."""
    ref = next((c.ref for c in turn.session.cases if c.id == wish.case), "")
    names: dict[str, Arg] = {"ref": ref, "origin": name_of(turn, wish.origin), "target": name_of(turn, wish.target)}
    lines = (
        Say("{origin} would like to pass your case {ref} on to: {target}", names),
        *((WHY[wish.why],) if wish.why in WHY else ()),
        Say("They would see all of your case: what you wrote, your files, how to reach you. Do you agree?"),
    )
    choices = (
        choice("refer", f"yes@{wish.id}", Say("Yes, pass it on"), Say("Yes")),
        choice("refer", f"no@{wish.id}", Say("No, leave it here"), Say("No")),
    )
    return Reply(lines, choices, about=about)


def _labels(turn: Turn, wish: Referral) -> list[tuple[str, str]]:
    """The question's buttons as (token, label)."""
    return labels(turn.voice, _question(turn, wish, "").choices)


def _take(turn: Turn, id: str) -> Referral | None:
    """Take the question out; None if it is not waiting."""
    found = next((r for r in turn.session.referrals if r.id == id), None)
    if found:
        turn.change(referrals=tuple(r for r in turn.session.referrals if r.id != id))
        asking = turn.session.asking
        if asking and asking.question == "referral" and any(t.endswith(f"@{id}") for t, _ in asking.offered):
            turn.change(asking=None)
    return found


def _stands(turn: Turn, wish: Referral) -> None:
    """It can be answered by typing now."""
    turn.change(referrals=tuple(replace(r, stands=True) if r.id == wish.id else r for r in turn.session.referrals))
