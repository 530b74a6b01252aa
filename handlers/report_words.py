"""Two answers of a report that are any words: what the place is called, and how to reach the person. What is known in them is
told back; what is not is kept as it was written.
"""

from __future__ import annotations

from functools import lru_cache

from handlers import placenames
from handlers.nouns import Session
from handlers.phones import read_phone, spaced
from handlers.places import read_place
from handlers.reading import NOTHING, Reading
from handlers.text import fold, key
from handlers.world import World
from relief.nouns import Place

PLACE_KIND = {"airport_zone": "airport", "border_point": "border"}
"""Which of the pack's places a kind of place offers."""
_PLACE_MOST = 120
_CONTACT_MOST = 200
"""Characters kept of either answer."""


def nearby(session: Session, world: World) -> list[Place]:
    """The pack's airports and border points in the country the person is in, of the kind of place they named if they did."""
    host, kind = session.facts.get("host", ""), PLACE_KIND.get(_kind(session), "")
    return [p for p in world.pack.places if p.state == host and kind in ("", p.kind)]


def _kind(session: Session) -> str:
    """The kind of place the report says."""
    return session.draft.answers.get("place", "") if session.draft else ""


def known_place(text: str, session: Session, world: World) -> Reading:
    """The pack's place that these words surely name, by its id; those they may name as options; nothing for other words."""
    near = nearby(session, world)
    named = [p.id for p in near if key(text) in _keys((p.name, *p.names.values()))]
    reading = read_place(text)
    codes = {_code(value, _kind(session)) for value in (reading.value, *reading.options)}
    found = tuple(dict.fromkeys(named or [p.id for p in near if p.code and p.code in codes]))
    if len(found) == 1 and (named or reading.value):
        return Reading(found[0])
    return Reading(options=found[:3])


@lru_cache(maxsize=1024)
def _keys(names: tuple[str, ...]) -> frozenset[str]:
    """What a place's names are found by."""
    return frozenset(key(name) for name in names)


def _code(value: str, kind: str) -> str:
    """The airport that a reading means: its code, or a city's airport where an airport was asked for."""
    if kind == "airport_zone" and ":" in value:
        return placenames.MAIN.get(value, "")
    return value if len(value) == 3 else ""


def read_place_name(text: str, session: Session, world: World) -> Reading:
    """The words as they are; where they may name one of the pack's places, those as options (`=id`)."""
    words = text.strip()[:_PLACE_MOST]
    options = known_place(words, session, world).options
    return Reading(options=tuple(f"={place}" for place in options)) if options else Reading(words)


def with_name(words: str, name: str) -> str:
    """A place as written, and its name beside it where that says more."""
    return name if fold(words) in ("", fold(name)) else f"{words} ({name})"


def _bare(text: str) -> str:
    """Letters and figures alone."""
    return fold(text).replace(" ", "")


def read_contact(text: str, session: Session, world: World) -> Reading:
    """The words as they are, and beside them the phone number they surely hold, in international form.

    A number without its country is one of the host or of the person's own state; if it can be both, only the words are kept.
    """
    words = text.strip()[:_CONTACT_MOST]
    if not words:
        return NOTHING
    regions = [c for c in (session.facts.get("host", ""), session.facts.get("nationality", "")) if len(c) == 2]
    numbers = {read_phone(words, region).value for region in regions or [""]} - {""}
    if len(numbers) != 1:
        return Reading(words)
    number = spaced(numbers.pop())
    return Reading(number if _bare(words) == _bare(number) else f"{words} ({number})")
