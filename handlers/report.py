"""A report: begun, answered, kept as a draft, sent once, thrown away. Everything here needs the person's consent first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from handlers.advice import agency, known, weigh
from handlers.interview import chosen_needs, next_in_report, proceed
from handlers.labels import choice
from handlers.nouns import Choice, Draft, Filed, Media, OpenCase, Remind, Say
from handlers.refs import case_id, case_ref
from handlers.report_words import known_place, with_name
from handlers.turn import Turn
from relief.routing import priority, route

REMIND_AFTER = timedelta(days=2)
"""A half-finished report is offered again once, so long after its last answer; earlier where the channel's window closes."""


def begin(turn: Turn, urgent: bool = False) -> None:
    """Start a report, or go on with the one that was begun. What the person told before is in it already."""
    if turn.session.draft is None:
        n = turn.session.drafts + 1
        turn.change(draft=Draft(n, turn.event.at, urgent=urgent), drafts=n, trail=())
    elif urgent and not turn.draft.urgent:
        turn.change_draft(urgent=True)
    turn.change(mode="report")
    fill(turn)
    proceed(turn)


def take(turn: Turn, field: str, value: str) -> None:
    """Keep one answer of the report."""
    answers = dict(turn.draft.answers)
    if field == "needs":
        return _take_need(turn, value)
    if field == "place_name":
        return _take_place_name(turn, value)
    if field == "note":
        turn.change_draft(answers={k: v for k, v in answers.items() if k != "note"})
        return add_words(turn, "" if value == "-" else value)
    if field == "place":
        answers = {k: v for k, v in answers.items() if k not in ("place_id", "place_name", "place_name+")}
        if "place" in turn.session.facts:
            turn.change(facts=turn.session.facts | {"place": value})
    answers[field] = value
    turn.change_draft(answers=answers)


def _take_place_name(turn: Turn, value: str) -> None:
    """A place by its button (`=id`), the words that were waiting for one (`+`), or words: those surely a place's get its id."""
    answers = dict(turn.draft.answers)
    waiting = answers.pop("place_name+", "")
    answers.pop("place_id", None)
    place = value[1:] if value.startswith("=") else ""
    words = waiting if place or value == "+" else value
    if not place and value not in ("-", "+"):
        place = known_place(value, turn.session, turn.world).value
    name = turn.world.place(place)
    if name:
        answers["place_id"] = place
    answers["place_name"] = with_name(words, name) if name else words or "-"
    turn.change_draft(answers=answers)


def add_words(turn: Turn, text: str) -> None:
    """More of the person's own words for the report, after those that are there: its note is answered."""
    answers = dict(turn.draft.answers)
    parts = (answers.pop("note+", ""), answers.get("note", ""), text)
    answers["note"] = "\n".join(part for part in parts if part not in ("", "-")) or "-"
    turn.change_draft(answers=answers)


def fill(turn: Turn) -> None:
    """Take over what the person told in their own words, once its reading is confirmed or given up.

    Their words are the report's note. Where nothing was read in them, the note is still asked, and they are kept with it.
    """
    own = turn.session.own
    if own is None or own.read:
        return
    for field in ("place", "place_name", "people", "minors"):
        if field in own.sure and own.sure[field] != turn.draft.answers.get(field):
            take(turn, field, own.sure[field])
    if "needs" in own.sure:
        take_needs(turn, own.sure["needs"].split(","))
    if own.words and (own.right or "note" in turn.draft.answers):
        add_words(turn, own.words)
    elif own.words:
        begun = "\n".join(filter(None, (turn.draft.answers.get("note+"), own.words)))
        turn.change_draft(answers=turn.draft.answers | {"note+": begun})
    turn.change(own=None)


def _take_need(turn: Turn, value: str) -> None:
    """One more need, several typed together, or *done*."""
    chosen = chosen_needs(turn)
    answers = dict(turn.draft.answers)
    if value == "done":
        answers["needs"] = ",".join(chosen)
        answers.pop("needs+", None)
        if not chosen:
            answers.pop("needs", None)
    else:
        more = dict.fromkeys((*chosen, *value.split(",")))
        answers.pop("needs", None)
        answers["needs+"] = ",".join(more)
    turn.change_draft(answers=answers)


def take_needs(turn: Turn, needs: Sequence[str]) -> None:
    """Several needs typed in one message: that is the whole answer."""
    take(turn, "needs", ",".join(needs))
    take(turn, "needs", "done")


def attach(turn: Turn, media: Media) -> bool:
    """Add a file to the draft. False if it is there already (the same message told twice by hand)."""
    if media.handle in {m.handle for m in turn.draft.media}:
        return False
    turn.change_draft(media=(*turn.draft.media, media))
    return True


def send(turn: Turn, n: int) -> None:
    """File the report and tell the number. A button of an earlier draft sends nothing."""
    draft = turn.session.draft
    if draft is None or draft.n != n:
        last = turn.session.cases[-1] if turn.session.cases else None
        turn.note(
            Say("That report was sent already. Its number is {ref}.", {"ref": last.ref})
            if last
            else Say("That button belongs to an earlier report; nothing was sent now.")
        )
        return
    if next_in_report(turn):
        proceed(turn)
        return
    _file(turn, draft)


def _file(turn: Turn, draft: Draft) -> None:
    """The case, its agencies, its urgency, and the words to the person."""
    session, world = turn.session, turn.world
    facts = known(session.facts)
    report = {k: v for k, v in draft.answers.items() if v not in ("-", "done") and not k.endswith("+")}
    if draft.urgent:
        report["danger"] = "yes"
    needs = tuple(filter(None, report.get("needs", "").split(",")))
    facts |= {"place": report["place"]} if "place" in report else {}
    agencies = route(world.pack, facts, needs)
    assessment = weigh(session, world)
    left = (assessment.until - world.today).days if assessment.until else None
    urgency, reasons = priority(facts, report, left)
    case = case_id(session.ref, draft.n, draft.began)
    if session.consent is None:
        raise LookupError("a report without consent")
    turn.effects.append(
        OpenCase(
            id=case,
            ref=case_ref(case),
            chat=session.chat,
            chat_ref=session.ref,
            at=turn.event.at,
            locale=session.locale or "en",
            agencies=agencies,
            priority=urgency,
            facts=facts,
            report=report,
            consent=session.consent,
            reasons=reasons,
            media=draft.media,
            assessment=assessment,
        )
    )
    filed = Filed(case, case_ref(case), agency=agencies[0], opened=turn.event.at)
    turn.change(cases=(*session.cases, filed), draft=None, mode="", asking=None, trail=())
    turn.effects.append(Remind(f"{session.ref}:draft", session.chat, None, "draft"))
    turn.say(
        Say("Your report is sent. Your case number is {ref}. Keep it.", {"ref": filed.ref}),
        Say("It is with:"),
        agency(agencies[0], world),
        Say(
            "The answer comes here, in this chat. You can write or send photos here at any time; I add them to your case."
        ),
        choices=(Choice("go:status", Say("My cases")), Choice("go:menu", Say("Menu"))),
    )


def discard(turn: Turn, n: int | None = None) -> None:
    """Throw the draft away. A button of an earlier draft does nothing."""
    draft = turn.session.draft
    if draft is None or (n is not None and draft.n != n):
        turn.note(Say("That report is not open any more; nothing was thrown away."))
        return
    turn.change(draft=None, mode="", asking=None, trail=(), own=None)
    turn.effects.append(Remind(f"{turn.session.ref}:draft", turn.session.chat, None, "draft"))
    turn.note(Say("The report was thrown away. Nothing of it was sent."))


def remind_later(turn: Turn) -> None:
    """Offer an unfinished report again after days, once; inside the channel's window where it has one."""
    draft = turn.session.draft
    if draft is None or draft.reminded or turn.session.consent is None:
        return
    window = turn.world.window(turn.session.chat)
    wait = min(REMIND_AFTER, window - timedelta(hours=1)) if window else REMIND_AFTER
    turn.effects.append(Remind(f"{turn.session.ref}:draft", turn.session.chat, turn.event.at + wait, "draft"))


def offer_again(turn: Turn) -> None:
    """The reminder's time has come."""
    draft = turn.session.draft
    if draft is None or draft.reminded:
        return
    turn.change_draft(reminded=True)
    ask_to_resume(turn)


def ask_to_resume(turn: Turn) -> None:
    """Go on with the half-finished report, or throw it away?"""
    draft = turn.session.draft
    if draft is None:
        return proceed(turn)
    turn.say(
        Say("You began a report and have not sent it yet. Do you want to go on?"),
        choices=(
            choice("resume", f"yes@{draft.n}", Say("Go on")),
            choice("resume", f"no@{draft.n}", Say("Throw it away")),
        ),
        question="resume",
    )
