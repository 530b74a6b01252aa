"""Why a measure does not hold, or is in doubt, in whole sentences (English source texts, translated through locales)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal


def N_(text: str) -> str:  # gettext's own name for it, so that every extractor knows the mark
    """`text` itself, marked for translation."""
    return text


ENDED = N_("This measure had ended before this day.")
NOT_PUBLISHED = N_(
    "This measure was decided, but its publication on this day is not certain. An officer must confirm it."
)
UNTIL_UNCLEAR = N_("No last day was published for you. An officer must confirm until when this holds.")
ACT_BEFORE = N_("Act by this day: the sources do not say whether the last day itself is still protected.")
SUPERSEDED = N_("A later measure replaced this one.")
UNKNOWN_YET = N_("This measure was not known on this day.")

Side = Literal["before", "after", "other"]
"""How a value misses its test: a day before or after the window, or anything else."""

_REFUSALS: Mapping[tuple[str, Side], str] = {
    ("expires", "before"): N_("Your document ran out before the days that this measure protects."),
    ("expires", "after"): N_("Your document runs out after the days that this measure protects."),
    ("entered", "before"): N_("You entered before the days that this measure is for."),
    ("entered", "after"): N_("You entered after the days that this measure is for."),
    ("permit", "other"): N_("This measure does not name your kind of permit."),
    ("nationality", "other"): N_("This measure does not name your nationality."),
    ("purpose", "other"): N_("This measure does not name the purpose of your stay."),
    ("place", "other"): N_("This measure does not name the place where you are."),
    ("registered", "other"): N_("This measure holds only for people who are registered at their place of stay."),
    ("unable_to_leave", "other"): N_("This measure holds only for people who cannot leave."),
    ("changed_conditions", "other"): N_("This measure holds only if the conditions of your stay have not changed."),
    ("fee_paid_days", "other"): N_("This measure depends on the fee that you have paid."),
    ("wants", "other"): N_("This measure is not for what you want to do."),
}
_REFUSAL = N_("This measure is not for your situation.")

_DOUBTS: Mapping[tuple[str, Side], str] = {
    ("expires", "before"): N_(
        "The sources do not say whether this also holds for a document that had run out earlier."
    ),
    ("expires", "after"): N_("The sources do not say whether this also holds for a document that runs out later."),
    ("expires", "other"): N_("The sources do not say whether a document that runs out on this very day is meant."),
    ("nationality", "other"): N_("The sources do not say whether this holds for your nationality."),
    ("permit", "other"): N_("The sources do not say whether this holds for your kind of permit."),
}
_DOUBT = N_("The sources do not say whether this holds in your situation.")


def refusal(fact: str, side: Side) -> str:
    """Why this fact rules a measure out."""
    return _REFUSALS.get((fact, side), _REFUSAL)


def doubt(fact: str, side: Side) -> str:
    """Why this fact leaves a measure in doubt."""
    return _DOUBTS.get((fact, side), _DOUBT)


def side_of(day: date, first: date, last: date) -> Side:
    """On which side of its window a day lies; `other` is inside."""
    return "before" if day < first else "after" if day > last else "other"
