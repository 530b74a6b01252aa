"""The nouns of the law that cross into other rooms. Dates are calendar days; `until` is the last protected day,
`open_ended` that there is protection with no fixed last day (written `open` in JSON).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Literal

import msgspec

Verdict = Literal["covered", "covered_if", "no_penalty", "unclear", "not_covered", "unknown"]
"""DESIGN.md, section 4, *Outcomes of an assessment*."""

Confidence = Literal["high", "medium", "low"]
"""How sure we are of a statement; `low` is never shown to a citizen as certain."""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where we know something from."""

    publisher: str
    title: str
    url: str
    confidence: Confidence
    date: date | None = None


class Because(msgspec.Struct, frozen=True):
    """One measure's part in the answer: what it said of these facts, and why in words (English source text)."""

    measure: str
    title: str
    issuer: str
    verdict: Verdict
    until: date | None
    open_ended: bool
    facts: dict[str, str]
    note: str = ""
    sources: tuple[Source, ...] = ()


class Duty(msgspec.Struct, frozen=True):
    """What the person must do: an English source text, the last day for it, and where."""

    text: str
    by: date | None = None
    where: str = ""
    url: str = ""
    done: bool = False


class Commitment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What states promised each other in public: words to show an officer, never the ground of a date.

    `hosts` and `nationalities` are ISO 3166 codes; no nationalities means everybody.
    """

    id: str
    title: str
    text: str
    hosts: tuple[str, ...]
    decided: date
    known_from: date
    sources: tuple[Source, ...]
    nationalities: tuple[str, ...] = ()


class Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An emergency number. `service` is an English source text; a `low` number is never said as a certain one.

    `since` and `until` bound the days on which it was the number to call, as far as a source says.
    """

    service: str
    number: str
    confidence: Confidence
    source: str = ""
    since: date | None = None
    until: date | None = None


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to reach an agency, and how sure we are of it."""

    kind: Literal["phone", "web", "email", "whatsapp", "address"]
    value: str
    confidence: Confidence
    source: str = ""
    note: str = ""


Level = Literal["danger", "minors", "medical", "urgent", "normal"]
"""How soon an agency must act on a case, the soonest first."""

TARGETS: Mapping[Level, int] = MappingProxyType({"danger": 1, "minors": 4, "medical": 4, "urgent": 8, "normal": 24})
"""Hours within which a case should be answered where a pack says nothing else. Our choice, no state's law."""


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When an agency works, in its state's time, and how soon it should answer. Public holidays are not listed: they are known.

    `opens` and `closes` are full hours, `days` ISO weekdays (1 is Monday), `targets` working hours by level (one not named has
    ours). Levels in `always` run round the clock. `idle`: working hours without a sign of an officer after which
    a case they hold is free again.
    """

    opens: Annotated[int, msgspec.Meta(ge=0, le=23)] = 9
    closes: Annotated[int, msgspec.Meta(ge=1, le=24)] = 18
    days: tuple[Annotated[int, msgspec.Meta(ge=1, le=7)], ...] = (1, 2, 3, 4, 5)
    targets: dict[Level, Annotated[int, msgspec.Meta(ge=1)]] = {}
    always: tuple[Level, ...] = ("danger",)
    idle: Annotated[int, msgspec.Meta(ge=1)] = 8

    def __post_init__(self) -> None:
        """Raises ValueError, which the pack's reader turns into a line, for an agency that would never work."""
        if self.closes <= self.opens or not self.days:
            raise ValueError("an agency opens before it closes, on one day of the week at least")

    def target(self, level: Level) -> int:
        """Hours within which a case of this level should be answered."""
        return self.targets.get(level, TARGETS[level])


class Agency(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An authority that takes cases: for foreigners in its state (host), for its citizens abroad (home), or for all (group).

    `name` is its English name, `names` its own names by language tag. `takes` narrows what it is asked for beside the
    side's lead (any one of the alternatives is enough); empty: it leads. `rank` orders agencies of one side, low first.
    `service` is when it works, if not as the pack says for all.
    """

    id: str
    state: str
    roles: tuple[Literal["host", "home", "group"], ...]
    name: str
    names: dict[str, str] = {}
    contacts: tuple[Contact, ...] = ()
    hours: str = ""
    languages: tuple[str, ...] = ()
    confidence: Confidence
    source: str = ""
    takes: tuple[dict[str, tuple[str, ...]], ...] = ()
    rank: int = 0
    service: Service | None = None

    def told(self) -> tuple[Contact, ...]:
        """The contacts that may be told to a person as fact: those of high and medium confidence."""
        return tuple(c for c in self.contacts if c.confidence != "low")


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An airport or border crossing point. `confirmed` is False until a state or a published list vouches for it."""

    id: str
    state: str
    kind: Literal["airport", "border"]
    name: str
    confirmed: bool
    names: dict[str, str] = {}
    code: str = ""
    neighbour: str = ""
    other_side: str = ""
    source: str = ""

    def called(self, language: str = "") -> str:
        """Its name in a language, else its English one, which for an airport is `name` itself."""
        return self.names.get(language) or self.names.get("en", self.name)


class Ordinary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An ordinary rule of a host state, in force beside any relief.

    `visa_free`: days of stay by nationality, 0 where a visa is needed, -1 where no limit is set; its text is said to one
    person, with `{country}` (theirs), `{host}` and, where days are counted, `{days}`. `advice` is what somebody whom no
    measure covers can still do; `permit` narrows it.
    """

    host: str
    topic: Literal["visa_free", "registration", "overstay", "renewal", "work", "advice"]
    text: str
    confidence: Confidence
    sources: tuple[Source, ...]
    days: dict[str, int] = {}
    permit: tuple[str, ...] = ()
    where: str = ""
    url: str = ""
    known_from: date | None = None
    until: date | None = None


class Assessment(msgspec.Struct, frozen=True):
    """The answer of the law to one person's facts on one day.

    `needs` names the missing facts that can still change the answer, most useful first. `excluded` lists, as English source
    texts, what the answer does not cover (work, other permits). `ask` is the id of the agency to confirm with. `note` is
    an English source text about the answer as a whole. `cite` is what the person may show an officer besides.
    """

    as_of: date
    outcome: Verdict
    until: date | None = None
    open_ended: bool = False
    because: tuple[Because, ...] = ()
    duties: tuple[Duty, ...] = ()
    needs: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    excluded: tuple[str, ...] = ()
    ask: str = ""
    note: str = ""
    cite: tuple[Commitment, ...] = ()
