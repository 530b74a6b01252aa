"""What is asked next. In a check the law asks: its first missing fact is the next question. In a report, the agency's needs.

`proceed` is called after every answer and finds the way from what is known alone, so that changing any answer, at any
moment, leads back to the right place by itself.
"""

from __future__ import annotations

from hashlib import sha256

from msgspec.structs import replace

from handlers.advice import SURE, advise, known, weigh
from handlers.labels import FIELDS, UNKNOWN, choice, closed, told
from handlers.nouns import Arg, Block, Choice, Consent, Country, Day, Many, Say, Sentence
from handlers.questions import QUESTIONS
from handlers.reminding import can_remind
from handlers.turn import Turn
from relief.ordinary import visa_free_stay

CONSENT = "2026-11-23.1"
"""The version of the consent text below. Change both together."""

_ROUTINE = (
    "for_whom",
    "host",
    "nationality",
    "place",
    "place_name",
    "needs",
    "people",
    "minors",
    "contact",
    "note",
    "files",
)
_URGENT = ("host", "place", "place_name", "note", "contact", "nationality")
_FACTS = ("host", "nationality")


def ask(turn: Turn, question: str, *before: Sentence) -> None:
    """Put a question by its name."""
    if question in _OWN:
        return _OWN[question](turn)
    entry = QUESTIONS[question]
    turn.say(
        *before,
        entry.ask(turn.session, turn.world),
        choices=entry.offer(turn.session, turn.world),
        question=question,
        ask=entry.device,
    )


def asked(question: str) -> bool:
    """Whether there is such a question: a shared location, for one, answers none."""
    return question in QUESTIONS or question in _OWN


def proceed(turn: Turn) -> None:
    """Ask what is still missing, or give the answer, or show the review."""
    if turn.session.mode == "report" and turn.session.draft:
        ask(turn, next_in_report(turn) or "report.review")
        return
    question = next_in_check(turn)
    if question:
        ask(turn, question)
    else:
        answer(turn)


def next_in_check(turn: Turn) -> str | None:
    """The first missing fact that can still change the law's answer; host and citizenship before all others."""
    if _unconfirmed(turn):
        return "own"
    facts = turn.session.facts
    for name in _FACTS:
        if name not in facts:
            return name
    if facts["host"] == facts["nationality"]:
        return None
    if facts.get("expires") == UNKNOWN and facts.get("permit") == "visa_free" and "entered" not in facts:
        return "entered"  # from it the ordinary rules tell when a visa-free stay ends
    assessment = weigh(turn.session, turn.world)
    if assessment.outcome != "unknown":
        return None  # a further fact could only name a later day: nobody is kept from the answer for that
    return next((name for name in assessment.needs if name not in facts and name in QUESTIONS), None)


def offer_last_day(turn: Turn) -> bool:
    """Somebody who does not know their last day has told when they entered: offer the day that the ordinary rule gives.

    False where there is no such rule: nothing is guessed.
    """
    facts = turn.session.facts
    if facts.get("expires") != UNKNOWN or facts.get("permit") != "visa_free":
        return False
    stay = visa_free_stay(turn.world.pack, known(facts))
    if stay is None or stay.last is None:
        return False
    turn.say(
        Say(
            stay.rule.text,
            {"country": Country(facts["nationality"]), "host": Country(facts["host"]), "days": str(stay.days)},
        ),
        Say("Counted from your day of entry, your last day is {day}. Is that right?", {"day": Day(stay.last)}),
        SURE[stay.confidence],
        choices=(
            choice("expires", stay.last.isoformat(), Say("Yes, use this day")),
            choice("expires", UNKNOWN, Say("I do not know")),
        ),
        question="expires",
    )
    return True


def answer(turn: Turn) -> None:
    """The law's answer, and what one can do with it."""
    assessment = weigh(turn.session, turn.world)
    turn.assessed = assessment.outcome
    report = Say("Go on with my report") if turn.session.draft else Say("Send a report")
    remind = (Choice("go:remind", Say("Remind me")),) if can_remind(assessment, turn.world.today) else ()
    choices = (
        Choice("go:report", report),
        Choice("go:why", Say("Why?")),
        *remind,
        Choice("go:change", Say("Change an answer")),
        Choice("go:menu", Say("Menu")),
    )
    demo = (Say("Demonstration: I answer as on {day}.", {"day": Day(turn.world.today)}),) if turn.world.demo else ()
    turn.say(*advise(assessment, turn.session, turn.world), *demo, choices=choices, question="answer")


def next_in_report(turn: Turn) -> str | None:
    """The first thing the agency needs that is not answered yet."""
    draft, facts = turn.draft, turn.session.facts
    if turn.session.consent is None or turn.session.consent.version != CONSENT:
        return "consent"
    if _unconfirmed(turn):
        return "own"
    for field in _URGENT if draft.urgent else _ROUTINE:
        if field in _FACTS:
            if field not in facts:
                return field
        elif field not in draft.answers and not _needless(field, draft.answers):
            return f"report.{field}"
    return None


def _unconfirmed(turn: Turn) -> bool:
    """Whether facts were read in the person's own words that they have not confirmed: nothing goes on before that."""
    return turn.session.own is not None and bool(turn.session.own.read)


def _needless(field: str, answers: dict[str, str]) -> bool:
    """Whether earlier answers make a field pointless."""
    return (field == "minors" and answers.get("people") == "1" and answers.get("for_whom") == "self") or (
        field == "place_name" and answers.get("place") == "sea" and "place_point" in answers
    )


def _ask_consent(turn: Turn) -> None:
    """What happens with a report, before anything of it is kept."""
    turn.say(
        Say(
            "A report goes to the migration authority responsible for you, and to your own state's where that helps. They see "
            "your answers, not your phone number or account, unless you write it yourself. I keep it until the case is "
            "closed and one year more. "
            "You can have it deleted at any time by writing: delete."
        ),
        Say("Do you agree?"),
        choices=(choice("consent", "yes", Say("I agree")), choice("consent", "no", Say("No"))),
        question="consent",
    )


def agree(turn: Turn, value: str) -> None:
    """Take the answer to the consent question. Without consent there is no report, and nothing of it stays."""
    if value == "yes":
        turn.change(consent=Consent(CONSENT, turn.event.at))
        proceed(turn)
        return
    turn.change(draft=None, mode="", asking=None, own=None)
    turn.say(
        Say("Nothing was kept or sent. You can still check your stay, and the emergency numbers stay open to you."),
        choices=(Choice("go:check", Say("Check my stay")), Choice("go:menu", Say("Menu"))),
        question="menu",
    )


def _ask_needs(turn: Turn) -> None:
    """Several kinds of help, one press each, then Done; or typed together. Every kind keeps its number, and Done is the last."""
    chosen = chosen_needs(turn)
    needs = tuple(
        replace(c, value=f"report.{c.value}", chosen=c.value.partition(":")[2] in chosen) for c in closed("needs")
    )
    done = (choice("report.needs", "done", Say("Done")),) if chosen else ()
    if chosen:
        told_so_far = tuple(_word("needs", need) for need in chosen)
        lines: tuple[Sentence, ...] = (Say("Chosen: {needs}. Anything else?", {"needs": told_so_far}),)
    else:
        lines = (Say("What help is needed? Choose one or more."),)
    turn.say(*lines, choices=(*needs, *done), question="report.needs")


def chosen_needs(turn: Turn) -> tuple[str, ...]:
    """The needs chosen so far."""
    text = turn.draft.answers.get("needs", "") or turn.draft.answers.get("needs+", "")
    return tuple(filter(None, text.split(",")))


def _word(fact: str, value: str) -> Say:
    """A closed answer in words."""
    word = told(fact, value)
    return word if isinstance(word, Say) else Say("Other")


def _ask_own(turn: Turn) -> None:
    """What was read in the person's own words. It counts only when they have said that it is right."""
    read = turn.session.own.read if turn.session.own else {}
    lines = tuple(
        Say("{field}: {value}", {"field": FIELDS[name], "value": in_words(name, read[name])}) for name in read
    )
    seal = own_seal(read)
    turn.say(
        Say("I understood this from your words. Is it correct?"),
        Block(lines),
        choices=(
            choice("own", f"yes@{seal}", Say("Correct")),
            choice("own", f"no@{seal}", Say("Change")),
            Choice("go:danger", Say("I am in danger")),
        ),
        question="own",
    )


def own_seal(read: dict[str, str]) -> str:
    """Binds the button *Correct* to the facts that it was shown with."""
    return sha256(repr(sorted(read.items())).encode()).hexdigest()[:8]


def in_words(name: str, value: str) -> Arg:
    """An answer in words, several needs as a list."""
    return tuple(_word("needs", need) for need in value.split(",")) if name == "needs" else told(name, value)


def _ask_review(turn: Turn) -> None:
    """Everything as it will be sent; each answer can be changed."""
    lines = tuple(Say("{field}: {value}", {"field": FIELDS[name], "value": value}) for name, value in review(turn))
    n = turn.draft.n
    turn.say(
        Say("Please look at it once more:"),
        Block(lines),
        choices=(
            choice("send", f"yes@{n}", Say("Send it now")),
            Choice("go:change", Say("Change an answer")),
            choice("send", f"no@{n}", Say("Throw it away")),
        ),
        question="report.review",
    )


def review(turn: Turn) -> list[tuple[str, Arg]]:
    """What is known, field by field, in words, in the order it is asked. Open answers are left out."""
    draft, facts = turn.draft, turn.session.facts
    out: list[tuple[str, Arg]] = [
        (name, told(name, value))
        for name, value in facts.items()
        if name in FIELDS and value != UNKNOWN and name not in draft.answers
    ]
    for name in (*_ROUTINE, "place_point"):
        value = draft.answers.get(name, draft.answers.get(f"{name}+", "-"))
        if name == "place_name" and "place_id" in draft.answers:
            place = draft.answers["place_id"]
            known = turn.world.place(place)
            value = (
                turn.world.place(place, turn.session.locale) if value == known else value.removesuffix(f" ({known})")
            )
        if value not in ("-", "done", ""):
            out.append((name, in_words(name, value)))
    if draft.media:
        out.append(("files", Many("{n} file", "{n} files", len(draft.media))))
    return out


_OWN = {"consent": _ask_consent, "own": _ask_own, "report.needs": _ask_needs, "report.review": _ask_review}
"""Questions with a shape of their own."""
