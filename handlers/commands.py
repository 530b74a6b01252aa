"""Menu words: what works at every moment, in every language, whatever question stands."""

from __future__ import annotations

from handlers import casework, measures, referral, report
from handlers.advice import agency, weigh
from handlers.interview import ask, asked, next_in_check, proceed
from handlers.labels import FIELDS, choice
from handlers.languages import language_of
from handlers.nouns import Block, Choice, Country, Raw, Say, Sentence
from handlers.own_data import delete, export, privacy
from handlers.reminding import forget_reminders, remind_me
from handlers.turn import Turn
from locales.say import NAMES, voice

MENU = (
    Choice("go:check", Say("Check my stay")),
    Choice("go:report", Say("Ask for help")),
    Choice("go:status", Say("My cases")),
    Choice("go:changes", Say("What has changed")),
    Choice("go:danger", Say("I am in danger")),
    Choice("go:human", Say("Talk to a person"), Say("To a person")),
    Choice("go:language", Say("Language")),
    Choice("go:privacy", Say("My data")),
)

KEPT = Say(
    "I keep what you write only to help you: a check is forgotten after one day, a report is kept only if you agree. "
    "Write: privacy - to read more."
)
"""What is kept, why and for how long, in one line."""


CALL = Say("Call for help now. If you cannot call, ask somebody near you to call.")


def choose_language(turn: Turn) -> None:
    """Each language named in itself; that of the person's words, or else the provider's hint, only comes first."""
    hint = (turn.session.own and language_of(turn.session.own.words)) or turn.event.extras.get("hint", "")
    first = next((t for t in turn.world.locales if t == hint or t == hint.partition("-")[0]), "")
    tags = sorted(turn.world.locales, key=lambda tag: tag != first)
    turn.say(
        Block((Raw("Kömek"), *(Raw(_greeting(tag)) for tag in tags))),
        choices=tuple(choice("language", tag, Raw(NAMES[tag])) for tag in tags),
        question="language",
    )


def _greeting(tag: str) -> str:
    """What this is, in one language: whoever writes first may read only that one. All ten fit one WhatsApp list (1024)."""
    what, choose = (
        voice(tag).gettext("help for people stranded abroad"),
        voice(tag).gettext("Please choose your language."),
    )
    return f"{NAMES[tag]}: {what}. {choose}"


def start(turn: Turn) -> None:
    """The first question of all: safety comes before the law."""
    turn.say(
        KEPT,
        Say("You can also write in your own words where you are and what happened."),
        Say("Are you in danger now?"),
        choices=(
            Choice("go:danger", Say("Yes, I am in danger"), Say("I am in danger")),
            Choice("go:check", Say("No. Check if I may stay"), Say("Check my stay")),
            Choice("go:report", Say("No. I need help"), Say("Ask for help")),
        ),
        question="start",
    )


def again(turn: Turn) -> None:
    """Put the standing question once more, or the menu."""
    if turn.standing in _ASIDE:
        return _ASIDE[turn.standing](turn)
    go_on(turn)


def go_on(turn: Turn) -> None:
    """Leave whatever was asked aside, back to what was going on: the report, the check, or the menu."""
    if turn.session.mode == "report" and turn.session.draft:
        return proceed(turn)
    if turn.session.mode == "check":
        return proceed(turn)
    menu(turn)


def menu(turn: Turn) -> None:
    """What can be done here. A report that was begun is offered first."""
    begun = (Choice("go:report", Say("Go on with my report")),) if turn.session.draft else ()
    rest = tuple(c for c in MENU if not (begun and c.value == "go:report"))
    turn.change(mode="")
    turn.say(Say("What do you want to do?"), choices=(*begun, *rest), question="menu")


def help_(turn: Turn) -> None:
    """How to talk to Kömek."""
    turn.note(
        Say(
            "Press a button, or write its number or words. These words always work: menu, help, status, language, human, "
            "back, stop, delete."
        ),
        *emergency(turn),
    )
    again(turn)


def emergency(turn: Turn, host: str = "") -> tuple[Sentence, ...]:
    """The emergency numbers of `host`, else of the country the person is in, or of all countries of the pack.

    Unconfirmed ones are left out.
    """
    pack = turn.world.pack
    host = host or turn.session.facts.get("host", "")
    out: list[Sentence] = []
    for state in (host,) if host in pack.hosts else pack.hosts:
        numbers = tuple(
            Say("{service}: {number}", {"service": Say(n.service), "number": n.number})
            for n in pack.emergency(state, turn.world.today)
            if n.confidence != "low"
        )
        if numbers:
            out.append(Block((Say("Emergency numbers, {country}:", {"country": Country(state)}), *numbers)))
    return tuple(out)


def danger(turn: Turn) -> None:
    """Emergency numbers at once; then a short report, marked as danger."""
    turn.note(CALL, *emergency(turn))
    turn.note(Say("I can also tell the authority. It takes a few short questions."))
    report.begin(turn, urgent=True)


def check(turn: Turn) -> None:
    """A new check of the person's stay. A report that was begun waits."""
    keep = dict(turn.session.facts) if turn.session.draft else {}
    turn.change(facts=keep, mode="check", trail=() if not keep else turn.session.trail)
    proceed(turn)


def begin_report(turn: Turn) -> None:
    """A report, or the one that was begun."""
    report.begin(turn)


def status(turn: Turn) -> None:
    """Where each case stands."""
    casework.tell_status(turn)


def language(turn: Turn) -> None:
    """Choose another language; nothing else changes."""
    choose_language(turn)


def human(turn: Turn) -> None:
    """A person, not a program: on the case if there is one, else by a report."""
    filed = casework.current(turn)
    if filed:
        casework.add(turn, filed, "human")
        turn.say(
            Say("I told the officer of your case {ref} that you want to talk to a person.", {"ref": filed.ref}),
            *((agency(filed.agency, turn.world),) if filed.agency in turn.world.pack.agencies else ()),
        )
        return
    turn.note(Say("A person answers every report. Tell me briefly what you need, and I pass it on."))
    report.begin(turn)


def stop(turn: Turn) -> None:
    """*Stop* may mean the form or the messages: ask."""
    draft = turn.session.draft
    turn.say(
        Say("What do you want to stop?"),
        choices=(
            *((choice("stop", "draft", Say("Throw away this report"), Say("Drop this report")),) if draft else ()),
            choice("stop", "all", Say("Send me no reminders"), Say("No reminders")),
            choice("stop", "delete", Say("Delete all my data")),
            Choice("go:on", Say("Nothing, go on")),
        ),
        question="stop",
    )


def stopped(turn: Turn, value: str) -> None:
    """The answer to *stop*."""
    if value == "draft":
        report.discard(turn)
        menu(turn)
    elif value == "delete":
        delete(turn)
    else:
        turn.change(stopped=True)
        forget_reminders(turn)
        turn.note(Say("I send you no reminders and no general news. Answers on your cases still come."))
        menu(turn)


def changes(turn: Turn) -> None:
    """The host's measures in force on the day, and ended ones as ended."""
    found = measures.changes(turn.session, turn.world)
    turn.note(*(found or (Say("Tell me first which country you are in: check your stay."),)))
    if found:
        again(turn)
    else:
        menu(turn)


def back(turn: Turn) -> None:
    """One question back: its answer is taken out and asked again."""
    trail = turn.session.trail
    if not trail:
        turn.note(Say("There is nothing to go back to."))
        return again(turn)
    turn.change(trail=trail[:-1])
    reopen(turn, trail[-1])


def reopen(turn: Turn, question: str) -> None:
    """Take one answer out and ask for it again."""
    field = question.removeprefix("report.")
    if question.startswith("report.") and turn.session.draft:
        turn.change_draft(answers={k: v for k, v in turn.draft.answers.items() if k not in (field, f"{field}+")})
        turn.change(mode="report")
        ask(turn, question)
    elif question == "start" or not turn.session.mode:
        start(turn)
    else:
        turn.change(facts={k: v for k, v in turn.session.facts.items() if k != field})
        ask(turn, question)


def change_one(turn: Turn) -> None:
    """Which answer is wrong?"""
    answered = turn.draft.answers if turn.session.mode == "report" and turn.session.draft else {}
    tokens = [choice("change", n, FIELDS[n]) for n in turn.session.facts if n in FIELDS and n not in answered]
    if turn.session.mode == "report" and turn.session.draft:
        tokens += [choice("change", f"report.{n}", FIELDS[n]) for n in turn.draft.answers if asked(f"report.{n}")]
    if not tokens:
        return again(turn)
    turn.say(
        Say("Which answer do you want to change?"),
        choices=(*tokens, Choice("go:on", Say("None, go on"))),
        question="change",
    )


def explain(turn: Turn) -> None:
    """Why: the trace of the assessment, then what can be done with it."""
    if next_in_check(turn):
        return again(turn)
    turn.say(
        *measures.why(turn.session, turn.world, weigh(turn.session, turn.world).because),
        choices=(
            Choice("go:report", Say("Send a report")),
            Choice("go:change", Say("Change an answer")),
            Choice("go:changes", Say("What has changed")),
            Choice("go:menu", Say("Menu")),
        ),
        question="answer",
    )


def write_on(turn: Turn) -> None:
    """The person wants to answer the officer: whatever comes next goes on the case."""
    turn.change(asking=None)
    turn.say(Say("Write your answer, or send a photo or document."))


def told_freely(turn: Turn) -> None:
    """What was read in the person's own words, as long as it is not confirmed."""
    if turn.session.own and turn.session.own.read:
        return ask(turn, "own")
    return go_on(turn)


_ASIDE = {
    "start": start,
    "language": choose_language,
    "stop": stop,
    "delete": delete,
    "privacy": privacy,
    "change": change_one,
    "resume": report.ask_to_resume,
    "referral": referral.put_first,
    "own": told_freely,
    "own.change": told_freely,
}
"""Questions beside the interview, by name."""

COMMANDS = {
    "menu": menu,
    "start": menu,
    "help": help_,
    "danger": danger,
    "check": check,
    "report": begin_report,
    "status": status,
    "language": language,
    "human": human,
    "stop": stop,
    "delete": delete,
    "export": export,
    "privacy": privacy,
    "changes": changes,
    "remind": remind_me,
    "back": back,
    "on": go_on,
    "change": change_one,
    "why": explain,
    "answer": write_on,
    "stay": again,
}
"""By menu word, by Telegram command (`/help`), and by the buttons `go:…`."""
