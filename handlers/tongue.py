"""The conversation's language: asked for by name, switched, and offered where a message is surely in another one. Never switched
by itself: facts/language.md, 3.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from handlers import commands, own_words, placewords
from handlers.alarm import in_danger
from handlers.labels import COUNTRY_FACTS, choice
from handlers.languages import other_language, read_language
from handlers.nouns import Choice, Country, Raw, Say
from handlers.places import read_place
from handlers.sentence import spoken
from handlers.text import fold, key
from handlers.turn import Turn
from locales.say import NAMES, voice

_STATES: Mapping[str, str] = {
    "az": "AZ", "kk": "KZ", "ky": "KG", "tr": "TR", "uz": "UZ", "uz_Cyrl": "UZ", "hu": "HU", "ru": "RU", "tk": "TM",
}  # fmt: skip
"""The state whose people are called as the language: *Turkish* may answer which citizenship."""
_FREE = ("report.note", "report.contact", "report.place_name")
"""Questions whose answer is any words."""


def speak(turn: Turn, tag: str) -> None:
    """From now on in this language; answers stay, and the question that stood is asked again."""
    settle(turn)
    first, asked = not turn.session.locale, turn.standing == "language"
    turn.change(locale=tag)
    if first and turn.session.own:
        _first_told(turn, turn.session.own.words)
    elif first:
        commands.start(turn)
    elif asked:
        commands.go_on(turn)
    else:
        commands.again(turn)


def _first_told(turn: Turn, words: str) -> None:
    """What the person told before they chose a language. What is kept is said first, as at every beginning, but for danger."""
    if not in_danger(words):
        turn.note(commands.KEPT)
    if not own_words.consider(turn, words):
        turn.notes[:] = [own_words.STEP_BY_STEP]
        commands.start(turn)


def asked_for(turn: Turn) -> bool:
    """Switch if the message is a language's name or code. True if it was one, and is answered.

    Where a country is asked, a name like *Turkish* may be either: both are offered.
    """
    text = turn.event.body
    tag = _named(turn, text)
    if tag is None:
        return False
    settle(turn)
    state = _STATES.get(tag, "")
    if turn.standing not in COUNTRY_FACTS or not state or _labelled(text, tag):
        speak(turn, tag)
    else:
        options = (choice(turn.standing, state, Country(state)), choice("language", tag, Raw(NAMES[tag])))
        turn.say(Say("Which one do you mean?"), choices=options, question=turn.standing)
    return True


def _named(turn: Turn, text: str) -> str | None:
    """The language that the whole message names. Its code counts only where no country and no free words are asked."""
    asked = turn.session.asking
    standing = asked.before.question if asked and asked.before else turn.standing
    wordy = standing in (*COUNTRY_FACTS, *_FREE) or (turn.session.cases and standing in own_words.OPEN)
    tag = read_language(text, codes=not wordy)
    if tag not in turn.world.locales:
        return None
    place = key(text) in placewords.countries() or (
        standing == "report.place_name" and read_place(text).status != "unknown"
    )
    return tag if _labelled(text, tag) or not place else None


def _labelled(text: str, tag: str) -> bool:
    """Whether the message is the language's own button."""
    return fold(text) == fold(NAMES[tag])


def offer(turn: Turn, text: str) -> None:
    """Offer to go on in the language of a message, if that is surely another one; once a language.

    The question before it goes on standing: whoever does not care simply answers it.
    """
    tag = other_language(text, turn.session.locale)
    if tag not in turn.world.locales or tag in turn.session.proposed:
        return
    before = turn.session.asking
    question = Say("Do you want to go on in this language: {language}?", {"language": NAMES[tag]})
    turn.say(
        Raw(spoken(voice(tag), question)),
        question,
        choices=(choice("language", tag, Raw(NAMES[tag])), Choice("go:stay", Raw(NAMES[turn.session.locale]))),
        question="switch",
    )
    if turn.session.asking:
        turn.change(proposed=(*turn.session.proposed, tag), asking=replace(turn.session.asking, before=before))


def settle(turn: Turn) -> None:
    """An offer of another language is off the table: the question before it stands again."""
    if turn.standing == "switch" and turn.session.asking:
        turn.change(asking=turn.session.asking.before)
