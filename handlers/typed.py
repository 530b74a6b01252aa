"""Typed words: a language, a menu word, a case number, the answer to the question that stands, or a message on the case."""

from __future__ import annotations

from msgspec.structs import replace

from handlers import casework, commands, referral, report
from handlers.answers import NOTHING, Reading, read_choice, read_several
from handlers.delivering import ASIDE
from handlers.interview import proceed
from handlers.labels import COUNTRY_FACTS, DATE_FACTS, FIELDS, UNKNOWN, choice, told
from handlers.nouns import Say
from handlers.press import press, take
from handlers.questions import QUESTIONS, Question
from handlers.refs import read_ref
from handlers.text import fold, norm
from handlers.turn import Turn
from handlers.words import CODES, LANGUAGES, SMALL, menu_word

_REMEMBERED = 8
"""Messages whose later edit is still understood as a correction of the answer they were."""
_FREE = ("report.note", "report.contact", "report.place_name")
"""Questions whose answer is any words: there only a number or a button's whole label picks a button."""
_COUNTS = ("report.people", "report.minors")
"""Questions whose answer is a number: there a number is itself and never the place of a button."""


def listen(turn: Turn) -> None:
    """Typed words."""
    text = turn.event.body
    tag = LANGUAGES.get(fold(text)) or (CODES.get(fold(text)) if turn.standing == "language" else None)
    if tag is not None and tag in turn.world.locales:
        return commands.speak(turn, tag)
    if not turn.session.locale:
        return _first_words(turn)
    picked = _picked(turn, text)
    meaning = menu_word(text)
    if meaning and not picked.value:
        return commands.COMMANDS[meaning](turn)
    ref = read_ref(text)
    if ref and any(c.ref == ref for c in turn.session.cases):
        return casework.tell_status(turn, ref)
    _answer(turn, text, picked)


def _first_words(turn: Turn) -> None:
    """Before a language is chosen: a number picks one, anything else asks for it. *Help* shows the emergency numbers at once."""
    picked = _picked(turn, turn.event.body)
    if picked.value:
        return press(turn, picked.value)
    if menu_word(turn.event.body) == "help":
        turn.note(*commands.emergency(turn))
    commands.choose_language(turn)


def _picked(turn: Turn, text: str) -> Reading:
    """One of the buttons on the table, by number or label."""
    asking = turn.session.asking
    key = fold(text)
    if asking is None:
        return Reading(referral.typed(turn, text))
    if asking.question in _COUNTS and key.isdigit():
        return NOTHING
    if asking.question in _FREE and not key.isdigit():
        exact = [token for token, label in (*asking.offered, *asking.short) if fold(label) == key]
        return Reading(exact[0]) if exact else NOTHING
    if asking.question == "start" and SMALL.get(key) == "yes":
        return Reading("go:danger")
    found = read_choice(text, asking.offered, asking.short)
    return found if found.value else Reading(referral.typed(turn, text))


def _answer(turn: Turn, text: str, picked: Reading) -> None:
    """The answer to the question that stands; with none open, a message on the case."""
    name = turn.standing
    entry = QUESTIONS.get(name)
    if picked.value:
        return press(turn, picked.value)
    if name == "report.needs" and turn.session.asking:
        needs = [n.partition(":")[2] for n in read_several(text, turn.session.asking.offered)]
        if needs:
            report.take_needs(turn, [n for n in needs if n != "done"])
            return proceed(turn)
    if entry:
        return _read(turn, name, entry, text)
    if turn.session.cases and name in ASIDE:
        remember(turn, f"case:{turn.session.cases[-1].id}")
        casework.hear_about(turn, "message", text)
        return None
    not_understood(turn)


def _read(turn: Turn, name: str, entry: Question, text: str) -> None:
    """Read an open question's answer; offer what is uncertain; say what is not understood."""
    small = SMALL.get(fold(text))
    offers = entry.offer(turn.session, turn.world)
    if small == "skip" and entry.skip:
        return take(turn, name, entry.skip)
    if small == "unknown" and any(c.value == f"{name}:{UNKNOWN}" for c in offers):
        return take(turn, name, UNKNOWN)
    reading = entry.read(text, turn.session, turn.world) if entry.read else NOTHING
    if reading.value and name in DATE_FACTS and _chose_year(text, reading.value):
        reading = Reading(options=(reading.value,))
    if reading.value:
        remember(turn, name)
        if name in DATE_FACTS or name in COUNTRY_FACTS:
            turn.note(Say("{field}: {value}", {"field": FIELDS[name], "value": told(name, reading.value)}))
        return take(turn, name, reading.value)
    if reading.options:
        options = tuple(choice(name, value, told(name, value)) for value in reading.options)
        return turn.say(Say("Which one do you mean?"), choices=(*options, *offers[-1:]), question=name)
    not_understood(turn)


def _chose_year(text: str, day: str) -> bool:
    """Whether we chose the year, or counted days: such a day is offered, never taken."""
    typed = norm(text)
    return any(c.isdigit() for c in typed) and day[2:4] not in typed


def not_understood(turn: Turn) -> None:
    """Say so, plainly, and put the question again; after the second time name the way out."""
    asking = turn.session.asking
    if asking is None:
        turn.note(Say("I did not understand that."))
        return commands.menu(turn)
    turn.change(asking=replace(asking, tries=asking.tries + 1))
    if asking.question in DATE_FACTS:
        turn.note(Say("I could not read that as a date. Write day, month and year, for example 15 May 2020."))
    else:
        turn.note(Say("I did not understand that. Please press a button, or write its number."))
    if asking.tries >= 1:
        turn.note(Say("To talk to a person, write: human. To see everything I can do, write: menu."))
    commands.again(turn)


def remember(turn: Turn, name: str) -> None:
    """Pair this message with the question it answered, for a later edit."""
    message = turn.event.extras.get("message", "")
    if message:
        turn.change(said=(*turn.session.said, (message, name))[-_REMEMBERED:])


def correct(turn: Turn) -> None:
    """An edited message: the new words answer the old question. Both versions stay on a case; nothing is answered twice."""
    name = dict(turn.session.said).get(turn.event.extras["edits"], "")
    case = next((c for c in turn.session.cases if name == f"case:{c.id}"), None)
    if case:
        return casework.add(turn, case, "edit", turn.event.body)
    entry = QUESTIONS.get(name)
    if entry is None or entry.read is None or (name.startswith("report.") and turn.session.draft is None):
        return None
    reading = entry.read(turn.event.body, turn.session, turn.world)
    if reading.value:
        fact = name.removeprefix("report.")
        turn.note(Say("Changed. {field}: {value}", {"field": FIELDS[fact], "value": told(fact, reading.value)}))
        take(turn, name, reading.value)
