"""Typed words: a language, a menu word, a case number, the answer to the question that stands, or a message on the case."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from handlers import casework, commands, own_words, referral, report, tongue
from handlers.alarm import in_danger
from handlers.answers import NOTHING, Labels, Reading, read_choice, read_several
from handlers.delivering import ASIDE
from handlers.interview import proceed
from handlers.labels import COUNTRY_FACTS, DATE_FACTS, FIELDS, UNKNOWN, choice, told
from handlers.nouns import Choice, Country, Day, Raw, Say
from handlers.press import press, take
from handlers.questions import QUESTIONS, Question
from handlers.refs import read_ref
from handlers.report_words import known_place
from handlers.text import fold, norm
from handlers.turn import Turn
from handlers.words import SMALL, menu_word

_REMEMBERED = 8
"""Messages whose later edit is still understood as a correction of the answer they were."""
_FREE = ("report.note", "report.contact", "report.place_name")
"""Questions whose answer is any words: there only a number or a button's whole label picks a button."""
_WAYS_OUT = (UNKNOWN, "other", "-")
"""What the last button of a question says where it leaves the question open."""
NEEDED = Say("I need the day, the month and the year. Write them, for example 15 May 2020.")
_COUNTS = ("report.people", "report.minors")
"""Questions whose answer is a number: there a number is itself and never the place of a button."""


def listen(turn: Turn) -> None:
    """Typed words."""
    text = turn.event.body
    if tongue.asked_for(turn):
        return None
    if not turn.session.locale:
        return _first_words(turn)
    picked = _picked(turn, text)
    if turn.standing == "switch" and not picked.value:
        tongue.settle(turn)
        picked = _picked(turn, text)
    meaning = menu_word(text)
    if meaning and not picked.value:
        return commands.COMMANDS[meaning](turn)
    ref = read_ref(text)
    if ref and any(c.ref == ref for c in turn.session.cases):
        return casework.tell_status(turn, ref)
    return _answer(turn, text, picked)


def _first_words(turn: Turn) -> None:
    """Before a language is chosen: a number picks one, anything else asks for it. *Help* shows the emergency numbers at once.

    Who tells something is heard: the words are kept until the language is chosen.
    """
    text = turn.event.body
    picked = _picked(turn, text)
    if picked.value:
        return press(turn, picked.value)
    if menu_word(text) == "help" or in_danger(text):
        turn.note(*commands.emergency(turn))
    if own_words.is_told(text) and not menu_word(text):
        remember(turn, "own")
        own_words.keep(turn, text)
    return commands.choose_language(turn)


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
    if asking.question == "switch" and SMALL.get(key) in ("yes", "no"):
        return Reading(asking.offered[SMALL[key] == "no"][0])
    picked = read_choice(text, asking.offered, asking.short)
    if picked.value or asking.question != "start":
        return picked if picked.value else Reading(referral.typed(turn, text))
    return _without_yes_or_no(key, asking.offered)


def _without_yes_or_no(key: str, offered: Labels) -> Reading:
    """The first question's buttons begin with yes or no; who writes only what follows means that button: *I need help*."""
    ends = [token for token, label in offered if " " in key and fold(label).endswith(f" {key}")]
    return Reading(ends[0]) if len(ends) == 1 else NOTHING


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
        return tongue.offer(turn, text)
    if name not in own_words.OPEN or not own_words.is_told(text):
        return not_understood(turn)
    remember(turn, "own")
    if own_words.hear(turn, text):
        return tongue.offer(turn, text)
    return not_understood(turn, own_words.STEP_BY_STEP)


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
        echo = _echo(turn, name, text, reading.value)
        if echo:
            turn.note(Say("{field}: {value}", {"field": FIELDS[name.removeprefix("report.")], "value": echo}))
        take(turn, name, reading.value)
        return tongue.offer(turn, text) if name == "report.note" else None
    if reading.options:
        return _offer(turn, name, text, reading.options, offers)
    return not_understood(turn, NEEDED if reading.vague else None)


def _echo(turn: Turn, name: str, text: str, value: str) -> Say | Raw | Country | Day | None:
    """What we read, to be told back: countries, dates, a phone number in international form, a place that we know."""
    if name == "report.place_name":
        place = known_place(value, turn.session, turn.world).value
        return Raw(turn.world.place(place, turn.session.locale)) if place else None
    if name in DATE_FACTS or name in COUNTRY_FACTS or (name == "report.contact" and value != text.strip()):
        return told(name, value)
    return None


def _offer(turn: Turn, name: str, text: str, values: Iterable[str], offers: tuple[Choice, ...]) -> None:
    """What an uncertain answer may mean, as buttons. Words that may name a place are kept until one is pressed."""
    options = [
        choice(name, v, Raw(turn.world.place(v[1:], turn.session.locale)) if v[0] == "=" else told(name, v))
        for v in values
    ]
    ways = tuple(c for c in offers[-1:] if c.value.partition(":")[2] in _WAYS_OUT)
    if name == "report.place_name":
        turn.change_draft(answers=turn.draft.answers | {"place_name+": text.strip()[:120]})
        ways = (choice(name, "+", Say("Keep what I wrote"), Say("Keep my words")),)
    turn.say(Say("Which one do you mean?"), choices=(*options, *ways), question=name)


def _chose_year(text: str, day: str) -> bool:
    """Whether we chose the year, or counted days: such a day is offered, never taken."""
    typed = norm(text)
    return any(c.isdigit() for c in typed) and day[2:4] not in typed


def not_understood(turn: Turn, said: Say | None = None) -> None:
    """Say so, plainly (or `said`), and put the question again; after the second time name the way out. Perhaps it was another
    language.
    """
    asking = turn.session.asking
    if asking is None:
        turn.note(said or Say("I did not understand that."))
        commands.menu(turn)
        return tongue.offer(turn, turn.event.body)
    turn.change(asking=replace(asking, tries=asking.tries + 1))
    if said:
        turn.note(said)
    elif asking.question in DATE_FACTS:
        turn.note(Say("I could not read that as a date. Write day, month and year, for example 15 May 2020."))
    else:
        turn.note(Say("I did not understand that. Please press a button, or write its number."))
    if asking.tries >= 1:
        turn.note(Say("To talk to a person, write: human. To see everything I can do, write: menu."))
    commands.again(turn)
    return tongue.offer(turn, turn.event.body)


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
    if name == "own":
        return own_words.reword(turn, turn.event.body)
    entry = QUESTIONS.get(name)
    if entry is None or entry.read is None or (name.startswith("report.") and turn.session.draft is None):
        return None
    reading = entry.read(turn.event.body, turn.session, turn.world)
    if reading.value:
        fact = name.removeprefix("report.")
        turn.note(Say("Changed. {field}: {value}", {"field": FIELDS[fact], "value": told(fact, reading.value)}))
        take(turn, name, reading.value)
