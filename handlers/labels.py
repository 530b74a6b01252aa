"""The words of the facts: each fact's name, and each of its values, as English source texts.

A value that fits no 20-character button has a short form beside it (facts/channels.md, 2.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from handlers.nouns import Choice, Country, Day, Raw, Say

FIELDS: Mapping[str, Say] = {
    "host": Say("Country you are in"),
    "nationality": Say("Citizenship"),
    "permit": Say("Ground of stay"),
    "expires": Say("Last day of your permitted stay"),
    "entered": Say("Day of entry"),
    "purpose": Say("Purpose of stay"),
    "place": Say("Place"),
    "place_name": Say("Name of the place"),
    "registered": Say("Registered at your address"),
    "unable_to_leave": Say("Unable to leave"),
    "changed_conditions": Say("Changed since the permit was given"),
    "fee_paid_days": Say("State duty paid"),
    "wants": Say("Your wish"),
    "for_whom": Say("Who needs help"),
    "place_point": Say("Location"),
    "needs": Say("Help needed"),
    "people": Say("People, with you"),
    "minors": Say("Children under 18"),
    "contact": Say("How to reach you"),
    "note": Say("In your words"),
    "files": Say("Photos, documents, voice"),
}
"""What each answer is called in the review and in corrections."""

VALUES: Mapping[str, Mapping[str, tuple[Say, Say | None]]] = {
    "permit": {
        "visa_free": (Say("Without a visa (visa-free)"), Say("Visa-free")),
        "visa": (Say("Visa"), None),
        "visa_short": (Say("Short-stay visa (C)"), None),
        "visa_long": (Say("Long-stay visa (D)"), None),
        "e_visa": (Say("Electronic visa"), None),
        "residence_temporary": (Say("Residence permit (temporary)"), Say("Residence permit")),
        "residence_permanent": (Say("Permanent residence"), None),
        "residence_certificate": (Say("Certificate of temporary residence"), Say("Stay certificate")),
        "work_permit": (Say("Work permit"), None),
        "registration": (Say("Registration at the place of stay"), Say("Registration")),
        "passport": (Say("My passport has expired"), Say("Expired passport")),
        "none": (Say("I have no permit"), None),
    },
    "purpose": {
        "visit": (Say("Visit, holiday"), None),
        "work": (Say("Work"), None),
        "study": (Say("Study"), None),
        "family": (Say("Family"), None),
        "business": (Say("Business"), None),
        "treatment": (Say("Medical treatment"), None),
        "transit": (Say("Transit"), None),
    },
    "place": {
        "city": (Say("Town or village"), None),
        "airport_zone": (Say("Airport waiting zone"), None),
        "border_point": (Say("Border crossing point"), Say("Border crossing")),
        "detention": (Say("Detention or police"), None),
        "sea": (Say("On a ship"), None),
        "other": (Say("Somewhere else"), None),
    },
    "fee_paid_days": {
        "0": (Say("Not paid"), None),
        "30": (Say("Paid for 30 days"), None),
        "60": (Say("Paid for 60 days"), None),
    },
    "wants": {
        "stay": (Say("To stay"), None),
        "leave": (Say("To leave"), None),
        "work": (Say("To work"), None),
    },
    "for_whom": {
        "self": (Say("For me"), None),
        "other": (Say("For somebody else"), None),
    },
    "needs": {
        "medical": (Say("Doctor or medicine"), None),
        "food": (Say("Food or water"), None),
        "shelter": (Say("A place to sleep"), None),
        "money": (Say("Money"), None),
        "documents": (Say("Documents"), None),
        "legal": (Say("Stay, visa or fine"), None),
        "safety": (Say("Safety"), None),
        "travel": (Say("Travel home"), None),
    },
}
"""The closed answers, in the order they are offered."""

YES_NO: Mapping[str, tuple[Say, Say | None]] = {"yes": (Say("Yes"), None), "no": (Say("No"), None)}
YES_NO_FACTS = ("registered", "unable_to_leave", "changed_conditions")
DATE_FACTS = ("expires", "entered")
COUNTRY_FACTS = ("host", "nationality")
UNKNOWN = "unknown"
"""The token of *I do not know*; the law never sees it: a missing answer stays unknown."""


def values(fact: str) -> Mapping[str, tuple[Say, Say | None]]:
    """The closed answers of `fact`, empty where it is open."""
    return YES_NO if fact in YES_NO_FACTS else VALUES.get(fact, {})


def told(fact: str, value: str) -> Say | Raw | Country | Day:
    """An answer in words, for the review and for corrections."""
    if value == UNKNOWN:
        return Say("I do not know")
    if fact in COUNTRY_FACTS:
        return Country(value)
    if fact in DATE_FACTS:
        return Day(date.fromisoformat(value))
    known = values(fact).get(value)
    return known[0] if known else Raw(value)


def choice(question: str, value: str, text: Say | Raw | Country | Day, short: Say | None = None) -> Choice:
    """A button that answers `question` with `value`."""
    return Choice(f"{question}:{value}", text, short)


def closed(fact: str, only: tuple[str, ...] = ()) -> tuple[Choice, ...]:
    """The buttons of a closed question: all its values, or `only` these."""
    known = values(fact)
    return tuple(choice(fact, v, *known[v]) for v in (only or known) if v in known)
