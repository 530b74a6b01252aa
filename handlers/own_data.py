"""What is kept about a person: told, sent to them, and deleted, by a word in the chat."""

from __future__ import annotations

from handlers.interview import in_words, review
from handlers.labels import FIELDS, UNKNOWN, choice, told
from handlers.nouns import Block, Choice, Export, Forget, Many, Raw, Say
from handlers.reminding import forget_reminders
from handlers.turn import Turn
from locales.say import NAMES


def delete(turn: Turn) -> None:
    """Deletion, after one question, because it cannot be undone."""
    count = len(turn.session.cases)
    cases = (
        (
            Many(
                "This also ends your {n} case: nobody can answer it any more.",
                "This also ends your {n} cases: nobody can answer them any more.",
                count,
            ),
        )
        if count
        else ()
    )
    turn.say(
        Say("Delete everything I know about you? This cannot be undone."),
        *cases,
        choices=(
            choice("delete", f"yes@{turn.session.version}", Say("Yes, delete all")),
            Choice("go:on", Say("No, keep it")),
        ),
        question="delete",
    )


def deleted(turn: Turn) -> None:
    """Forget the person: the session now, the words in their cases through the clerk."""
    session = turn.session
    turn.effects.append(
        Forget(turn.derived("forget"), session.chat, session.ref, tuple(c.id for c in session.cases), turn.event.at)
    )
    forget_reminders(turn)
    turn.forget = True
    turn.notes.clear()
    turn.say(Say("Everything about you is being deleted now. If you write again, we begin anew."))


def export(turn: Turn) -> None:
    """All that is kept: this chat's part now, the cases' part as soon as the clerk has written it out."""
    session = turn.session
    lines: list[Say | Raw] = [Say("Language: {name}", {"name": NAMES[session.locale or "en"]})]
    if session.draft:
        lines += [Say("{field}: {value}", {"field": FIELDS[name], "value": value}) for name, value in review(turn)]
    else:
        lines += [
            Say("{field}: {value}", {"field": FIELDS[name], "value": told(name, value)})
            for name, value in session.facts.items()
            if name in FIELDS and value != UNKNOWN
        ]
    if session.own:
        told_freely = {"note": session.own.words} | session.own.sure | session.own.read
        lines += [
            Say("{field}: {value}", {"field": FIELDS[n], "value": in_words(n, v)}) for n, v in told_freely.items()
        ]
    lines += [Say("Case {ref}", {"ref": c.ref}) for c in session.cases]
    turn.say(Say("This is what I keep in this chat:"), Block(tuple(lines)))
    if session.cases:
        turn.effects.append(
            Export(turn.derived("export"), session.chat, tuple(c.id for c in session.cases), turn.event.at)
        )


def privacy(turn: Turn) -> None:
    """What is kept, why, where, for how long, and how to see or delete it."""
    turn.say(
        Say(
            "A check: your answers stay in this chat's memory for one day, then they are gone. "
            "A report: your answers, messages and files go to the authority you see at the end, encrypted, until one year after "
            "the case is closed. Officers see a case number, not your phone number or account name, "
            "unless you write it yourself. "
            "The operator of the messenger you use sees your messages as it sees all others."
        ),
        choices=(
            Choice("go:export", Say("Send me my data")),
            Choice("go:delete", Say("Delete my data")),
            Choice("go:on", Say("Go on")),
        ),
        question="privacy",
    )
