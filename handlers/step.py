"""The thinking: one event, one session, one step. A pure function, total: any input in any state gets an answer.

In what order an event is understood:
a timer or our own news; what waited outside the window; a language before anything else; a command or a menu word; a
pressed button, which answers its own question whatever stands now; then a file, a place, a contact, or typed words as the
answer to the question that stands; and with no question open, as a message on the person's case.
"""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from handlers import casework, commands, referral, report, tongue, typed
from handlers.delivering import unpark
from handlers.news import news, reached
from handlers.nouns import Inbound, Say, Session, Step
from handlers.press import press, take
from handlers.refs import read_ref
from handlers.reminding import remind
from handlers.turn import Turn
from handlers.words import menu_word
from handlers.world import World

DAY = 86_400
KEEP_CHECK = DAY
"""Seconds a check's session lives: nothing about a person outlasts a day without their consent."""
KEEP_DRAFT = 30 * DAY
KEEP_CASE = 400 * DAY


def step(session: Session, event: Inbound, world: World) -> Step:
    """The session after `event`, what to say and what to do. Never raises for anything a person or provider can send."""
    turn = Turn(_lapsed(session, event), event, world)
    if event.kind == "news":
        news(turn)
    elif event.kind == "tick":
        _tick(turn)
    else:
        _heard(turn)
    return _finish(turn)


def _heard(turn: Turn) -> None:
    """The person said something."""
    turn.replies.extend(unpark(turn))
    turn.change(heard=turn.event.at)
    reached(turn)  # who writes has let us in again; Telegram's own word of it comes in another queue, often later
    if turn.event.kind != "text" or turn.event.extras.get("edits"):
        tongue.settle(turn)
    if turn.event.extras.get("edits"):
        typed.correct(turn)
    else:
        _understood(turn)
    if turn.notes:
        commands.again(turn)
    if not turn.forget:
        referral.put_later(turn)


def _understood(turn: Turn) -> None:
    """A new message, button, file, place or contact."""
    _LISTEN.get(turn.event.kind, typed.listen)(turn)


def _lapsed(session: Session, event: Inbound) -> Session:
    """Facts of a bare check are gone after a day, even where the session lives on for its cases. What the desk asks stands:
    it is often asked days after the person's last word.
    """
    if session.draft or not session.heard or event.at - session.heard <= timedelta(seconds=KEEP_CHECK):
        return session
    asking = session.asking if session.asking and session.asking.question in ("referral", "rating") else None
    return replace(session, facts={}, asking=asking, mode="", trail=(), said=(), own=None)


def _tick(turn: Turn) -> None:
    """A timer ran down."""
    if turn.event.body != "draft":
        remind(turn)
    elif not turn.session.stopped:
        report.offer_again(turn)


def _command(turn: Turn) -> None:
    """`/start`, with or without a deep link's payload, and the other commands of the menu."""
    name = turn.event.body
    if name == "start":
        return _start(turn)
    meaning = menu_word(name) or (name if name in commands.COMMANDS else "")
    if not turn.session.locale:
        commands.choose_language(turn)
    elif meaning:
        commands.COMMANDS[meaning](turn)
    else:
        commands.help_(turn)


def _start(turn: Turn) -> None:
    """The beginning, or a link that points at a case."""
    ref = read_ref(turn.event.extras.get("start", ""))
    if not turn.session.locale:
        commands.choose_language(turn)
    elif ref:
        casework.tell_status(turn, ref)
    elif turn.session.draft or turn.session.cases:
        commands.menu(turn)
    else:
        turn.change(facts={}, trail=(), mode="", own=None)
        commands.start(turn)


def _choice(turn: Turn) -> None:
    """A pressed button."""
    press(turn, turn.event.body)


def _media(turn: Turn) -> None:
    """A photo, document, voice or video; or something we cannot keep."""
    media = turn.event.media
    if media is None:
        turn.note(
            Say("I cannot keep this kind of message. Photos, documents, voice messages and text reach the officer.")
        )
        return commands.again(turn)
    if not turn.session.locale:
        return commands.choose_language(turn)
    same_album = bool(turn.event.extras.get("album")) and turn.event.extras.get("album") == turn.session.album
    turn.change(album=turn.event.extras.get("album", ""))
    if turn.session.draft and turn.session.consent:
        return _media_in_draft(turn, same_album)
    if turn.session.cases:
        if same_album:
            return casework.add(turn, turn.session.cases[-1], "media", turn.event.body, media)
        casework.hear_about(turn, "media", turn.event.body, media)
        return None
    turn.note(Say("I can keep files only in a report, with your consent."))
    report.begin(turn)


def _media_in_draft(turn: Turn, same_album: bool) -> None:
    """Add a file to the draft; an album's later parts are taken without a word."""
    if turn.event.media:
        report.attach(turn, turn.event.media)
    if turn.event.body:
        report.add_words(turn, turn.event.body)
    if not same_album:
        turn.note(Say("I have added the file to your report."))
        commands.again(turn)


def _location(turn: Turn) -> None:
    """A place on the map."""
    point = f"{turn.event.extras.get('lat', '')},{turn.event.extras.get('lon', '')}"
    if not turn.session.locale:
        return commands.choose_language(turn)
    if turn.session.draft and turn.session.consent:
        turn.change_draft(answers=turn.draft.answers | {"place_point": point})
        turn.note(Say("I have added your location."))
        return commands.again(turn)
    if not casework.hear_about(turn, "location", point):
        turn.note(Say("I can keep your location only in a report, with your consent."))
        report.begin(turn)


def _contact(turn: Turn) -> None:
    """A shared contact: the answer to how to be reached, else a message."""
    phone = turn.event.extras.get("phone", "")
    if not turn.session.locale:
        return commands.choose_language(turn)
    if phone and turn.session.draft and turn.session.consent:
        return take(turn, "report.contact", phone)
    if not casework.hear_about(turn, "contact", phone):
        turn.note(Say("I keep a phone number only in a report, with your consent."))
        commands.again(turn)


_LISTEN = {
    "text": typed.listen,
    "choice": _choice,
    "command": _command,
    "media": _media,
    "location": _location,
    "contact": _contact,
}


def _finish(turn: Turn) -> Step:
    """Count the turn, set the timers, and say how long to keep the session."""
    if turn.forget:
        return Step(None, tuple(turn.replies), tuple(turn.effects), assessed=turn.assessed)
    session = turn.session
    if turn.event.kind not in ("news", "tick"):
        report.remind_later(turn)
    waits = session.parked or (session.draft and session.consent)
    keep = KEEP_CASE if session.cases else KEEP_DRAFT if waits else KEEP_CHECK
    after = replace(session, version=session.version + 1)
    return Step(after, tuple(turn.replies), tuple(turn.effects), keep, turn.assessed)
