"""Reminders before a duty's last day and before relief ends: asked for with one press, ended with *stop*.

A reminder carries only its day, its language and, for a duty, the duty's text: none of the person's facts outlives the day
for which a check is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from handlers.advice import weigh
from handlers.delivering import deliver
from handlers.nouns import Choice, Day, Remind, Reply, Say
from handlers.turn import Turn
from relief.nouns import Assessment

BEFORE = (7, 3, 1)
"""Days before the last day on which to remind: the first of these that is still ahead."""
_MOST = 4
"""Duties of one answer that are reminded of."""


class Due(NamedTuple):
    """Something with a last day: the timer's name, the day, and the duty's text (empty: the end of relief)."""

    name: str
    day: date
    text: str = ""


def dues(a: Assessment) -> Iterator[Due]:
    """What of an answer has a last day that can be reminded of."""
    if a.until and a.outcome in ("covered", "covered_if", "no_penalty"):
        yield Due("relief", a.until)
    timed = [(duty.by, duty.text) for duty in a.duties if duty.by and not duty.done]
    for n, (by, text) in enumerate(timed[:_MOST]):
        yield Due(f"duty{n}", by, text)


def ahead(due: Due, today: date) -> int | None:
    """Days from today until the reminder; None where it is too late for one."""
    left = (due.day - today).days
    return next((left - before for before in BEFORE if left - before > 0), None)


def can_remind(a: Assessment, today: date) -> bool:
    """Whether anything of this answer can still be reminded of."""
    return any(ahead(due, today) is not None for due in dues(a))


def remind_me(turn: Turn) -> None:
    """The person wants to be reminded: set the timers, and say when."""
    today = turn.world.today
    days: list[date] = []
    for due in dues(weigh(turn.session, turn.world)):
        wait = ahead(due, today)
        if wait is not None:
            body = f"{due.name}|{turn.session.locale}|{due.day.isoformat()}|{due.text}"
            at = turn.event.at + timedelta(days=wait)
            turn.effects.append(Remind(_id(turn, due.name), turn.session.chat, at, body))
            days.append(today + timedelta(days=wait))
    if not days:
        turn.say(Say("It is too late for a reminder. Act today."))
        return
    turn.change(stopped=False)
    turn.say(
        Say(
            "I will remind you on {day}. For that I keep only the day, what is to be done by then, and your language.",
            {"day": Day(min(days))},
        ),
        Say("To stop reminders, write: stop."),
        choices=(Choice("go:menu", Say("Menu")),),
    )


def forget_reminders(turn: Turn) -> None:
    """Cancel all reminders of this chat."""
    for name in ("draft", "relief", *(f"duty{n}" for n in range(_MOST))):
        turn.effects.append(Remind(_id(turn, name), turn.session.chat, None, name))


def remind(turn: Turn) -> None:
    """A reminder's time has come. What it cannot read, a newer version wrote: it stays silent rather than guess."""
    name, _, rest = turn.event.body.partition("|")
    locale, _, rest = rest.partition("|")
    iso, _, text = rest.partition("|")
    if not iso or turn.session.stopped:
        return
    if not turn.session.locale:
        turn.change(locale=locale if locale in turn.world.locales else "en")
    day = Day(date.fromisoformat(iso))
    first = (
        Say("Reminder: the protection of your stay ends on {day}.", {"day": day})
        if name == "relief"
        else Say("Reminder, last day {day}: {duty}", {"day": day, "duty": Say(text)})
    )
    deliver(
        turn,
        Reply(
            (first, Say("The rules may have changed since you asked. Check your stay again now.")),
            (Choice("go:check", Say("Check my stay")), Choice("go:report", Say("Ask for help"))),
        ),
    )


def _id(turn: Turn, name: str) -> str:
    """The timer's id: a later one of the same kind replaces it."""
    return f"{turn.session.ref}:{name}"
