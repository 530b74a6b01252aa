"""Dialogues in any of the ten languages, complete or not: what a catalogue lacks is said in English."""

from __future__ import annotations

from msgspec.structs import replace

from handlers.nouns import OpenCase
from locales.say import NAMES
from tests.dialogue import Dialogue


def person(hint: str = "", chat: str = "web:demo") -> Dialogue:
    """Somebody who has said nothing yet."""
    d = Dialogue(chat, hint=hint)
    d.world = replace(d.world, locales=tuple(NAMES))
    return d


def speaker(tag: str, *moves: str) -> Dialogue:
    """Somebody who has chosen a language, after these moves."""
    return after(person().says("/start").presses(f"language:{tag}"), *moves)


def after(d: Dialogue, *moves: str) -> Dialogue:
    """Tokens are pressed, other words are typed."""
    for move in moves:
        (d.presses if ":" in move and " " not in move else d.says)(move)
    return d


def correct(d: Dialogue) -> Dialogue:
    """Press *Correct*."""
    return d.presses(next(token for token in d.tokens if token.startswith("own:yes")))


def wrong(d: Dialogue) -> Dialogue:
    """Press *Change*."""
    return d.presses(next(token for token in d.tokens if token.startswith("own:no")))


def filed(d: Dialogue) -> OpenCase:
    """The one case of a dialogue."""
    (case,) = (effect for effect in d.all_effects if isinstance(effect, OpenCase))
    return case
