"""The words of a case: its statuses, what happened to it, what the law said. English source texts, said by a Voice."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.labels import COUNTRY_FACTS, YES_NO, told
from handlers.sentence import spoken
from locales.mark import N_
from locales.say import Voice

STATUSES: Mapping[str, str] = {
    "received": N_("Received"),
    "reading": N_("Being read"),
    "waiting": N_("Waiting for the citizen"),
    "referred": N_("With another agency"),
    "decided": N_("Decided"),
    "closed": N_("Closed"),
}
"""Where a case stands, as the desk says it, in the order it usually goes. To the citizen: `handlers.casework.STATUS`."""

OUTCOMES: Mapping[str, str] = {
    "covered": N_("Covered"),
    "covered_if": N_("Covered once the duty is done"),
    "no_penalty": N_("No fine or ban if gone in time"),
    "unclear": N_("Unclear: an officer must confirm"),
    "not_covered": N_("Not covered"),
    "unknown": N_("Facts are missing"),
}
"""What the permit check said."""

TOLD: Mapping[str, str] = {
    "opened": N_("You sent your report."),
    "message": N_("You wrote:"),
    "edit": N_("You corrected a message:"),
    "media": N_("You sent a file."),
    "location": N_("You sent a location."),
    "contact": N_("You sent a phone number."),
    "human": N_("You asked for a person."),
    "solved": N_("You said that it is solved."),
    "reply": N_("An officer answered:"),
    "status": N_("The status changed:"),
    "agency": N_("Your case went to another agency."),
    "reopened": N_("Your case was opened again."),
    "referral_asked": N_("You were asked whether your case may go to another agency."),
    "referral_agreed": N_("You agreed that your case may go to another agency."),
    "referral_declined": N_("You did not agree that your case goes to another agency."),
    "referral_offered": N_("Your case was offered to another agency."),
    "referral_rejected": N_("The other agency did not take your case."),
    "referral_withdrawn": N_("Your case was not passed on after all."),
    "let_go": N_("An agency that had seen your case sees it no more."),
    "rating": N_("You told us how we did."),
}
"""What happened, said to the citizen. Notes are not among them: they are the agency's own."""

EXTRAS: Mapping[str, str] = {"phone": N_("Phone"), "lat": N_("Latitude"), "lon": N_("Longitude")}
"""What an event carries besides words. The providers' message numbers are not for people."""


def answer(say: Voice, name: str, value: str) -> str:
    """A fact's value in words; several are a list, and one that no table knows, the person's own words, stays as it is."""
    if name == "danger" and value in YES_NO:
        return spoken(say, YES_NO[value][0])
    if name in COUNTRY_FACTS:
        return country(say, value)
    parts = [part for part in value.split(",") if part] if name == "needs" else [value]
    try:
        return say.listing([spoken(say, told(name, part)) for part in parts])
    except ValueError:  # a date that is none
        return value


def country(say: Voice, code: str) -> str:
    """A country's name; the conversation's `other` is another country."""
    return say.gettext("Another country") if code == "other" else say.country(code)
