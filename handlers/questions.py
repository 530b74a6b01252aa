"""The questions: how each is put, which buttons it offers, how a typed answer is read. One entry a question.

A fact's question is named as the fact; a report's question `report.<field>`. The token of an answer is `question:value`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from handlers.answers import NOTHING, Reading, read_country, read_date, read_number
from handlers.labels import UNKNOWN, choice, closed
from handlers.nouns import Choice, Country, Raw, Say, Session
from handlers.report_words import PLACE_KIND, nearby, read_contact, read_place_name
from handlers.world import World

NOTE_MOST = 3000
"""Characters of a citizen's own words kept from one message; the rest of a longer one is kept as its own message."""

Prompt = Callable[[Session, World], Say]
Offer = Callable[[Session, World], tuple[Choice, ...]]
Read = Callable[[str, Session, World], Reading]


class Question(msgspec.Struct, frozen=True):
    """A question. `skip` says what typing *skip* means: a value, or nothing where it cannot be skipped."""

    ask: Prompt
    offer: Offer = lambda session, world: ()
    read: Read | None = None
    skip: str = ""
    device: Literal["", "location", "contact"] = ""


def _say(text: Say) -> Prompt:
    """The same prompt whatever the session."""
    return lambda session, world: text


def _dont_know(fact: str) -> Choice:
    """The button that leaves a fact open."""
    return choice(fact, UNKNOWN, Say("I do not know"))


def _closed(fact: str, unsure: bool = True) -> Offer:
    """All values of a closed fact, with *I do not know* unless it makes no sense."""
    return lambda session, world: (*closed(fact), *([_dont_know(fact)] if unsure else []))


def _states(fact: str) -> Offer:
    """The pack's states, and the rest of the world."""
    return lambda session, world: (
        *(choice(fact, code, Country(code)) for code in (world.pack.hosts if fact == "host" else world.pack.states)),
        choice(fact, "other", Say("Another country")),
    )


def _permits(session: Session, world: World) -> tuple[Choice, ...]:
    """The grounds of stay that the host knows."""
    return (*closed("permit", world.pack.permits(session.facts.get("host", ""))), _dont_know("permit"))


def _country(text: str, session: Session, world: World) -> Reading:
    """A country typed in the conversation's language."""
    return read_country(text, session.locale or "en")


def _date(toward: str) -> Read:
    """A day; one that had to be guessed comes back as options."""

    def read(text: str, session: Session, world: World) -> Reading:
        return read_date(text, session.locale or "en", world.today, "past" if toward == "past" else "near")

    return read


def _words(most: int) -> Read:
    """Anything a person writes, cut at `most` characters."""
    return lambda text, session, world: Reading(text.strip()[:most]) if text.strip() else NOTHING


def _count(most: int) -> Read:
    """A number of people, in digits or in the conversation's words; one in another language's words is only offered."""

    def read(text: str, session: Session, world: World) -> Reading:
        own = read_number(text, most, session.locale or "en")
        other = read_number(text, most)
        return own if own.status != "unknown" else Reading(options=(other.value,)) if other.value else other

    return read


def _numbers(fact: str, first: int, last: int) -> Offer:
    """Buttons with small numbers."""
    return lambda session, world: tuple(choice(fact, str(n), Raw(str(n))) for n in range(first, last + 1))


def _expires(session: Session, world: World) -> Say:
    """Ask for the last day in the words of the document the person holds."""
    if session.facts.get("permit") == "visa_free":
        return Say(
            "What is the last day you may stay without a visa? Count the days allowed from your entry. "
            "Write the date, for example 15 May 2020. If you are not sure, write your best estimate and tell the officer."
        )
    return Say("What is the last day on your document? Write the date, for example 15 May 2020.")


def _unsure_only(fact: str) -> Offer:
    """An open question that may be left open."""
    return lambda session, world: (_dont_know(fact),)


def _places(session: Session, world: World) -> tuple[Choice, ...]:
    """The airports or border points we know in the host state; a town is typed."""
    answers = session.draft.answers if session.draft else {}
    known = nearby(session, world) if answers.get("place") in PLACE_KIND else []
    skip = choice("report.place_name", "-", Say("Skip"))
    return (
        *(choice("report.place_name", f"={p.id}", Raw(p.called(session.locale))) for p in known[:9]),
        skip,
    )


def _report(field: str, unsure: bool = False, only: tuple[str, ...] = ()) -> Offer:
    """The values of a closed report question."""
    return lambda session, world: tuple(
        msgspec.structs.replace(c, value=f"report.{c.value}") for c in closed(field, only)
    )


_SKIP = Say("Skip")


def _skippable(field: str) -> Offer:
    """An open report question that may be skipped."""
    return lambda session, world: (choice(f"report.{field}", "-", _SKIP),)


QUESTIONS: dict[str, Question] = {
    "host": Question(_say(Say("Which country are you in now?")), _states("host"), _country),
    "nationality": Question(
        _say(Say("Which country issued your passport? (your citizenship)")), _states("nationality"), _country
    ),
    "permit": Question(_say(Say("On what ground do you stay there?")), _permits),
    "expires": Question(_expires, _unsure_only("expires"), _date("near"), skip=UNKNOWN),
    "entered": Question(
        _say(Say("On which day did you enter the country? Write the date, for example 15 March 2020.")),
        _unsure_only("entered"),
        _date("past"),
        skip=UNKNOWN,
    ),
    "purpose": Question(_say(Say("For what purpose did you come?")), _closed("purpose")),
    "place": Question(_say(Say("Where are you now?")), _closed("place", unsure=False)),
    "registered": Question(
        _say(Say("Are you registered with the authorities at the address where you stay?")), _closed("registered")
    ),
    "unable_to_leave": Question(
        _say(Say("Were you unable to leave because of closed borders, cancelled transport or quarantine?")),
        _closed("unable_to_leave"),
    ),
    "changed_conditions": Question(
        _say(Say("Has your employer, position, school or purpose of stay changed since your permit was given?")),
        _closed("changed_conditions"),
    ),
    "fee_paid_days": Question(
        _say(Say("Have you paid the state duty for an extension of your stay?")), _closed("fee_paid_days")
    ),
    "wants": Question(_say(Say("What do you want to do?")), _closed("wants")),
    "report.for_whom": Question(_say(Say("Who needs help?")), _report("for_whom")),
    "report.place": Question(
        _say(Say("Where exactly? You can also send your location.")), _report("place"), device="location"
    ),
    "report.place_name": Question(
        _say(Say("What is the place called? Write the town, airport, border point or address.")),
        _places,
        read_place_name,
        skip="-",
    ),
    "report.people": Question(
        _say(Say("How many people need help, you included?")), _numbers("report.people", 1, 6), _count(500)
    ),
    "report.minors": Question(
        _say(Say("How many of them are under 18?")), _numbers("report.minors", 0, 5), _count(500)
    ),
    "report.contact": Question(
        _say(
            Say(
                "How else can an officer reach you? Write a phone number or an e-mail address, or choose this chat only."
            )
        ),
        lambda session, world: (choice("report.contact", "-", Say("In this chat only")),),
        read_contact,
        skip="-",
        device="contact",
    ),
    "report.note": Question(
        _say(Say("Tell in your own words what happened and what you need most.")),
        _skippable("note"),
        _words(NOTE_MOST),
        skip="-",
    ),
    "report.files": Question(
        _say(
            Say("You can now send photos, documents or a voice message, one after another. Press Done when finished.")
        ),
        lambda session, world: (choice("report.files", "done", Say("Done")),),
        skip="done",
    ),
}
"""Every question a fact or a report can need. `report.needs` has its own shape (several answers): see report.py."""
