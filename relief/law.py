"""What a lawyer writes in a pack's YAML files, as types. docs/law.md explains each field with an example."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from relief.nouns import Confidence, Service, Source, Verdict

Doubt = Literal["no", "unclear"]
"""What holds outside a window's edge: surely not covered, or the sources leave it open."""

Promise = Literal["covered", "covered_if", "no_penalty", "unclear", "none"]
"""What a measure can give. `none`: a notice. It changes no answer; whom it is for reads its note and duties beside theirs."""


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a YAML file. A field that is not listed is a fault."""


class When(Shape, frozen=True, kw_only=True):
    """A day, told in one of these ways.

    `date` itself; `open`, no last day; `unclear`, no day that an officer would not have to confirm; `fact` (a date fact
    of the person), `event` (a dated event of the pack) or `asked` (the day of asking), plus `days` or calendar `months`;
    or a day per `nationality`, with `otherwise` for the rest. An event that is not known yet gives an open day.
    """

    date: dt.date | None = None
    open: bool = False
    unclear: bool = False
    fact: str = ""
    event: str = ""
    asked: bool = False
    days: int = 0
    months: int = 0
    nationality: dict[str, When] = {}
    otherwise: When | None = None


class Test(Shape, frozen=True, kw_only=True):
    """What a fact must be. `is`: one of these; `not`: none of these; `from` and `to`: a day in this window, edges included.

    `unclear` lists values on which the sources disagree or are silent, `others` what holds of values that `is` does not name
    (`unclear` where a list is known in part only); `before` and `after` say what holds outside the window's edges.
    """

    __test__ = False  # pytest must not collect it

    is_: tuple[str, ...] = msgspec.field(default=(), name="is")
    not_: tuple[str, ...] = msgspec.field(default=(), name="not")
    unclear: tuple[str, ...] = ()
    others: Doubt = "no"
    first: When | None = msgspec.field(default=None, name="from")
    last: When | None = msgspec.field(default=None, name="to")
    before: Doubt = "no"
    after: Doubt = "no"


Tests = dict[str, Test]
"""Tests by the name of the fact; all must hold."""


class DutyRule(Shape, frozen=True, kw_only=True):
    """Something to do. `by` is its last day. It is told only once the event `after` is known, and only until `before` is.

    `when` narrows whom it is told to; `done` are the tests under which it is done already.
    """

    text: str
    by: When | None = None
    where: str = ""
    url: str = ""
    after: str = ""
    before: str = ""
    when: Tests = {}
    done: Tests = {}


class Exclusion(Shape, frozen=True, kw_only=True):
    """What a measure does not give. With `when`, the people for whom those tests hold are not covered by it."""

    text: str
    when: Tests = {}


class Grant(Shape, frozen=True, kw_only=True):
    """One of several things a measure gives: for whom (besides the measure's own `covers`), what, and until when.

    `boundary` says whether the last day itself is surely protected; if `unclear`, the person is told to act a day before.
    No `until` at all: the day is set for each person by an officer.
    """

    when: Tests = {}
    relief: Promise
    until: When | None = None
    boundary: Literal["inclusive", "unclear"] = "inclusive"
    duties: tuple[DutyRule, ...] = ()
    note: str = ""


class Example(Shape, frozen=True, kw_only=True):
    """A worked case: facts on a day, the outcomes that are right, and the right last days (`open` or ISO; none: any)."""

    as_of: dt.date
    facts: dict[str, str]
    outcome: tuple[Verdict, ...]
    until: tuple[str, ...] = ()
    id: str = ""


class Measure(Shape, frozen=True, kw_only=True):
    """A measure as a state gave it. `side: home` is help of a person's own state, valid wherever they are.

    `supersedes` names the measures that it replaces for everybody, `beside` those that hold beside it.
    """

    id: str
    host: str
    side: Literal["host", "home"] = "host"
    issuer: str
    title: str
    decided: dt.date
    known_from: dt.date
    covers: Tests = {}
    relief: Promise | None = None
    until: When | None = None
    boundary: Literal["inclusive", "unclear"] = "inclusive"
    note: str = ""
    grants: tuple[Grant, ...] = ()
    duties: tuple[DutyRule, ...] = ()
    excludes: tuple[Exclusion, ...] = ()
    supersedes: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    ask: str = ""
    confidence: Confidence
    sources: tuple[Source, ...]
    review_by: dt.date | None = None
    comment: str = ""
    examples: tuple[Example, ...] = ()


class Saying(Shape, frozen=True, kw_only=True):
    """What was known of an event from a day on. No `date`: it has not happened, or the end is open again."""

    known_from: dt.date
    date: dt.date | None = None
    unclear: bool = False
    nationality: tuple[str, ...] = ()
    confidence: Confidence
    sources: tuple[Source, ...] = ()
    comment: str = ""


class Event(Shape, frozen=True, kw_only=True):
    """Something that happened on a day which measures refer to; what is known of the day can change."""

    id: str
    state: str
    title: str
    says: tuple[Saying, ...]


class Question(Shape, frozen=True, kw_only=True):
    """A fact: its kind and, for a choice, its allowed values. Their order in the pack is the order of asking."""

    kind: Literal["choice", "country", "date", "text"]
    values: tuple[str, ...] = ()


class HostState(Shape, frozen=True, kw_only=True):
    """A host state of the pack. `gap` is what to tell while the pack holds no measure of it.

    `timezone` (IANA) decides which day it is there; where a state has several, the capital's.
    """

    lead: str
    timezone: str = ""
    gap: str = ""
    permits: tuple[str, ...] = ()


class RoutingRule(Shape, frozen=True, kw_only=True):
    """Whom a case goes to, if all of these hold: `facts` (any of the values), `needs` (any), `has` (any fact known)."""

    facts: dict[str, tuple[str, ...]] = {}
    needs: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    send: tuple[Literal["host", "home"], ...]


class Cover(Shape, frozen=True, kw_only=True):
    """pack.yaml: what the crisis is, its states and facts, routing, and the agency that takes what nobody else can.

    `demo`: the agencies whose officers a demonstration has. `service`: when agencies work and how soon they should answer.
    """

    title: str
    states: tuple[str, ...]
    hosts: dict[str, HostState]
    questions: dict[str, Question]
    routing: tuple[RoutingRule, ...]
    fallback: str
    demo: tuple[str, ...] = ()
    service: Service = Service()
