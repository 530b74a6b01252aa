"""A pressed button: `question:value`. Old buttons answer their own question; those that act guard themselves."""

from __future__ import annotations

from datetime import date

from handlers import casework, commands, own_words, referral, report, survey, tongue
from handlers.interview import agree, asked, offer_last_day, proceed
from handlers.labels import FIELDS, UNKNOWN, told, values
from handlers.nouns import Country, Raw, Say
from handlers.own_data import delete, deleted
from handlers.questions import QUESTIONS
from handlers.turn import Turn

_DONE = ("report.needs", "report.files")
_TRAIL = 30
"""Answers that *back* can take out again, one by one."""


def press(turn: Turn, token: str) -> None:
    """Do what a button's token says. An old button answers its own question; one that must not act twice does nothing."""
    tongue.settle(turn)
    question, _, value = token.partition(":")
    if question == "language" and value in turn.world.locales:
        return tongue.speak(turn, value)
    if not turn.session.locale:
        return commands.choose_language(turn)
    if question == "go" and value in commands.COMMANDS:
        return commands.COMMANDS[value](turn)
    bound = _BOUND.get(question)
    if bound:
        return bound(turn, value)
    fact = question.removeprefix("report.")
    if not _fits(question, value):
        turn.note(Say("I do not know that button any more."))
        return commands.again(turn)
    if question.startswith("report.") and turn.session.draft is None:
        turn.note(Say("That button belongs to a report that is closed; nothing was changed."))
        return commands.again(turn)
    if value == "other" and fact in ("host", "nationality"):
        return turn.say(Say("Write the name of the country."), question=question)
    if question not in (turn.standing, "report.needs"):
        turn.note(Say("{field}: {value}", {"field": FIELDS[fact], "value": _echo(turn, fact, value)}))
    take(turn, question, value)


def _echo(turn: Turn, fact: str, value: str) -> Say | Raw | Country:
    """An old button's answer in words."""
    if value.startswith("="):
        return Raw(turn.world.place(value[1:], turn.session.locale))
    if value == "+":
        return Say("Keep what I wrote")
    word = told(fact, value) if value not in ("-", "done") else Say("Skip")
    return word if isinstance(word, Say | Raw | Country) else Raw(turn.voice.day(word.day))


def _fits(question: str, value: str) -> bool:
    """Whether a token names a question and a possible answer: it may come from an older version, or from a forger."""
    fact = question.removeprefix("report.")
    if fact not in FIELDS or (question not in QUESTIONS and question != "report.needs"):
        return False
    if value == UNKNOWN or value in values(fact) or (question in _DONE and value == "done"):
        return True
    return question in _OPEN and _OPEN[question](value)


def _is_date(value: str) -> bool:
    """An ISO date."""
    try:
        return len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_count(value: str) -> bool:
    """A small number."""
    return value.isascii() and value.isdigit() and len(value) < 5 and int(value) <= 500


def _is_country(value: str) -> bool:
    """A two-letter code, or *another*."""
    return value == "other" or (len(value) == 2 and value.isascii() and value.isalpha() and value.isupper())


def _is_skip(value: str) -> bool:
    """The button that leaves an open question out."""
    return value == "-"


def _is_place(value: str) -> bool:
    """A place of the pack, the words as they were written, or none."""
    return value in ("-", "+") or (value.startswith("=") and len(value) < 60)


_OPEN = {
    "host": _is_country,
    "nationality": _is_country,
    "expires": _is_date,
    "entered": _is_date,
    "report.people": _is_count,
    "report.minors": _is_count,
    "report.place_name": _is_place,
    "report.contact": _is_skip,
    "report.note": _is_skip,
}
"""What an open question's button may carry."""


def take(turn: Turn, name: str, value: str) -> None:
    """Keep an answer and go on."""
    trail = (*(q for q in turn.session.trail if q != name), name)[-_TRAIL:]
    turn.change(trail=trail)
    if name.startswith("report."):
        turn.change(mode="report")
        report.take(turn, name.removeprefix("report."), value)
    else:
        turn.change(facts=turn.session.facts | {name: value}, mode=turn.session.mode or "check")
    if name != "entered" or not offer_last_day(turn):
        proceed(turn)


def _bound_send(turn: Turn, value: str) -> None:
    """Send or throw away, bound to its draft's number."""
    verb, _, n = value.partition("@")
    (report.send if verb == "yes" else report.discard)(turn, int(n) if _is_count(n) else -1)


def _bound_resume(turn: Turn, value: str) -> None:
    """Go on with a half-finished report, or throw it away."""
    verb, _, n = value.partition("@")
    if verb == "no":
        report.discard(turn, int(n) if _is_count(n) else -1)
    elif turn.session.draft and str(turn.session.draft.n) == n:
        report.begin(turn)
    else:
        turn.note(Say("That report is not open any more."))


def _bound_delete(turn: Turn, value: str) -> None:
    """Delete only if this very question stands: an old button must never delete."""
    asking = turn.session.asking
    if asking and asking.question == "delete" and f"delete:{value}" in dict(asking.offered):
        deleted(turn)
    else:
        delete(turn)


def _bound_consent(turn: Turn, value: str) -> None:
    """Consent counts only while it is asked."""
    if turn.standing == "consent":
        agree(turn, value)
    else:
        commands.again(turn)


def _bound_stop(turn: Turn, value: str) -> None:
    """What to stop; only while it is asked."""
    if turn.standing == "stop":
        commands.stopped(turn, value)
    else:
        commands.stop(turn)


def _bound_change(turn: Turn, value: str) -> None:
    """Take one answer out and ask it again; out of what was read in the person's own words, just take it."""
    if value.startswith("own."):
        return own_words.drop(turn, value.removeprefix("own."))
    known = value in turn.session.facts or (
        turn.session.draft is not None and value.removeprefix("report.") in turn.session.draft.answers
    )
    if known and asked(value):
        return commands.reopen(turn, value)
    return commands.again(turn)


_BOUND = {
    "send": _bound_send,
    "resume": _bound_resume,
    "delete": _bound_delete,
    "consent": _bound_consent,
    "stop": _bound_stop,
    "change": _bound_change,
    "solved": casework.solve,
    "refer": referral.answer,
    "rate": survey.answer,
    "own": own_words.answer,
}
"""Buttons that act rather than answer: each guards itself against being pressed late or twice."""
