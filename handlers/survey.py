"""How we did: asked once a case, when it is decided or closed, and answered in one tap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec.structs import replace

from handlers.delivering import deliver, stand
from handlers.labels import choice
from handlers.nouns import AddToCase, Reply, Say
from handlers.turn import Turn

FACES: Mapping[str, Say] = {"3": Say("🙂 Yes"), "2": Say("😐 Partly"), "1": Say("🙁 No")}
"""The answers by score. Each is a face and a word, so that neither eyes nor letters alone carry it."""


def ask(turn: Turn, case: str) -> None:
    """Ask, once a case. Nobody is asked who has shut us out."""
    filed = next((c for c in turn.session.cases if c.id == case), None)
    if filed is None or filed.survey or turn.session.blocked:
        return
    _note(turn, case, "asked")
    question = Say("Did we help you with your case {ref}? One tap is enough; I ask only once.", {"ref": filed.ref})
    reply = Reply((question,), tuple(choice("rate", f"{score}@{case[:32]}", face) for score, face in FACES.items()))
    if deliver(turn, reply):
        stand(turn, "rating", reply)


def answer(turn: Turn, value: str) -> None:
    """A face was pressed: it goes on the case. The second press, or a case we never asked about, changes nothing."""
    score, _, case = value.partition("@")
    filed = next((c for c in turn.session.cases if c.id == case and c.survey), None)
    if filed is None or score not in FACES:
        turn.note(Say("I do not know that button any more."))
        return
    if turn.standing == "rating":
        turn.change(asking=None)
    if filed.survey == "rated":
        turn.say(Say("Thank you, I have noted your answer already."))
        return
    _note(turn, case, "rated")
    turn.effects.append(
        AddToCase(turn.derived("rating"), case, turn.event.at, "rating", extras={"score": score}),
    )
    turn.say(Say("Thank you. If something is still missing, write it here: it is added to your case."))


def _note(turn: Turn, case: str, survey: Literal["asked", "rated"]) -> None:
    """Remember that they were asked, or answered."""
    turn.change(cases=tuple(replace(c, survey=survey) if c.id == case else c for c in turn.session.cases))
