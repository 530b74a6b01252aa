"""What the API takes and gives. These are the contract: docs/openapi.json is made of them, and `make interfaces` writes it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from console.forms import LONGEST
from console.listing import CaseLine, Form, Which
from handlers.nouns import Status
from relief.answer import Answer
from relief.asked import Given
from relief.law import Measure
from relief.nouns import Confidence, Source
from storage.machines import CaseEvent

Place = Annotated[
    str, msgspec.Meta(max_length=400, description="where the last page ended: its `after`, as it was given")
]
Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]
Seen = Annotated[
    str,
    msgspec.Meta(max_length=64, description="the case's `seen` as you read it; or send its ETag as If-Match instead"),
]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)]
Why = Literal["citizens", "documents", "travel", "stay", "work", "health", "place"]
"""The codes of `handlers.referral.WHY`."""
Host = Annotated[str, msgspec.Meta(pattern="^([A-Z]{2})?$", description="ISO 3166 alpha-2; empty: any")]


class Paged(Which, kw_only=True):
    """A page of the queue."""

    after: Place = ""
    limit: Limit = 50


class Taking(Which, kw_only=True):
    """A list to be taken out."""

    form: Form = "csv"


class Since(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Events behind a place; empty: from the first."""

    after: Place = ""
    limit: Limit = 100


class Lawful(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Measures of a host state, known on a day; unset: all."""

    host: Host = ""
    as_of: date | None = None


class CasePage(msgspec.Struct, kw_only=True):
    """The most urgent first. `after` asks for what follows; empty: there is no more."""

    cases: list[CaseLine]
    after: str


class EventPage(msgspec.Struct, kw_only=True):
    """The agency's events in the order in which they were published. Keep `after` and ask with it again: it never ends."""

    events: tuple[CaseEvent, ...]
    after: str


class CaseFileInfo(msgspec.Struct, kw_only=True):
    """A citizen's file. `state`: pending (still at the provider), stored, gone (`cause` says why); `size` in bytes."""

    id: str
    kind: str
    mime: str
    name: str
    size: int
    state: str
    cause: str


class Happened(msgspec.Struct, kw_only=True):
    """Something that happened to the case. `by`: citizen, staff, key (a program of the agency) or system.

    `who`: the officer's name, if they work for your agency, else the agency. `status`: the case's, once it had happened.
    `told`: the citizen's chat has it; `delivery`: what became of it there (docs/api.md), `cause` the provider's code.
    `extras`: phone, lat and lon of what the person shared.
    """

    event: str
    seq: int
    at: datetime
    what: str
    by: str
    who: str
    status: Status
    text: str
    extras: dict[str, str]
    told: bool
    delivery: str
    cause: str
    files: list[CaseFileInfo]


class Agreed(msgspec.Struct, kw_only=True):
    """Which text the person agreed to, and when."""

    version: str
    at: datetime


class CaseInFull(CaseLine, kw_only=True):
    """All that your agency may see of one case. `agencies`: all that see it. `facts`: for the permit check, and `assessment` its
    answer when they were told; `report`: what the person reported. `seen`: hand it back with whatever you do.
    """

    agencies: tuple[str, ...]
    channel: str
    facts: dict[str, str]
    report: dict[str, str]
    assessment: Answer | None
    consent: Agreed | None
    events: list[Happened]
    seen: str


class Words(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An answer to the citizen, in a language they read (the case's `locale`), or a note for your own agency."""

    text: Text
    seen: Seen = ""


class Standing(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Where the case stands now. The citizen is told."""

    status: Status
    seen: Seen = ""


class Referral(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The wish that agency `target` take the case. The person is asked first, with `why` in words.

    `reason` is read by the two agencies alone; so is `override`: why the person is not asked, since life or health is at risk.
    """

    target: Annotated[str, msgspec.Meta(max_length=64, description="the other agency's id")]
    why: Why
    reason: Text
    override: Annotated[str, msgspec.Meta(max_length=LONGEST)] = ""
    seen: Seen = ""


class Referred(msgspec.Struct, kw_only=True):
    """The referral, by its id. Whoever repeats the call gets the same one."""

    referral: str


class Done(msgspec.Struct, kw_only=True):
    """It is in the case: the event that says so. Whoever repeats the call gets the same one."""

    event: str


class MeasureLine(msgspec.Struct, kw_only=True):
    """A measure in short. `side` home: help of a person's own state, wherever they are."""

    id: str
    host: str
    side: Literal["host", "home"]
    issuer: str
    title: str
    decided: date
    known_from: date
    note: str
    supersedes: tuple[str, ...]
    ask: str
    confidence: Confidence
    sources: tuple[Source, ...]
    review_by: date | None


class Measures(msgspec.Struct, kw_only=True):
    """Measures, in the order of their ids."""

    measures: list[MeasureLine]


class MeasureInFull(msgspec.Struct, kw_only=True):
    """A measure as its lawyers wrote it: docs/law.md explains every field."""

    measure: Measure


class Question(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Facts about a person (docs/law.md lists them) on a day (unset: today). Nothing of it is kept."""

    facts: dict[str, Given]
    as_of: date | None = None
