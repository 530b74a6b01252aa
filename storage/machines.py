"""Other programs at the desk: what they are told, their keys to the API, their webhooks, the lists taken out."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal, NamedTuple, get_args

from handlers.nouns import Noun
from storage.records import Officer

Scope = Literal["cases:read", "cases:write", "attachments:read", "measures:read", "assess", "export"]
"""What a key may do. cases:read: lists, cases with their words, events. cases:write: answer, note, status, refer."""

SCOPES: tuple[Scope, ...] = get_args(Scope)


class CaseEvent(Noun, frozen=True):
    """Something that happened to a case: that it happened, never what was said. docs/queue.md explains each field."""

    version: int
    event: str
    case: str
    ref: str
    seq: int
    agency: str
    owner: str
    what: str
    by: str
    at: datetime
    status: str
    priority: str
    reasons: tuple[str, ...]
    host: str
    nationality: str
    place: str
    outcome: str


class Key(Noun, frozen=True):
    """A program's key, without the key itself. `maker`: the officer's id, or `operator` for the command line."""

    id: str
    agency: str
    name: str
    scopes: tuple[Scope, ...]
    made: datetime
    maker: str
    expires: datetime
    used: datetime | None
    revoked: datetime | None
    shown: ClassVar[tuple[str, ...]] = ("id", "agency", "scopes", "expires")

    @property
    def officer(self) -> Officer:
        """The key as the one who acts. Its events bear `key:<id>`, and everybody reads them as the agency's."""
        return Officer(f"key:{self.id}", self.agency, "", self.name, "officer", active=True)


class Hook(Noun, frozen=True):
    """A webhook. `events`: what it is told of; empty: everything. `failing`: since when nothing reached it.

    `disabled`: since when nothing is sent any more, because nothing had reached it for `storage.sql.posting.PATIENCE`; or, if
    it is not `failing`, because an administrator stopped it. `waiting`: how many deliveries it still owes. `url` is empty if
    it cannot be opened any more: the data key that sealed it is gone.
    """

    id: str
    agency: str
    url: str
    events: tuple[str, ...]
    made: datetime
    failing: datetime | None
    disabled: datetime | None
    waiting: int
    shown: ClassVar[tuple[str, ...]] = ("id", "agency", "failing", "disabled", "waiting")


class Delivery(Noun, frozen=True):
    """One event on its way to one webhook. `code`: the last HTTP status, 0: no answer; `cause` says why not."""

    id: str
    event: str
    what: str
    case: str
    state: Literal["waiting", "done", "failed"]
    attempts: int
    code: int
    cause: str
    made: datetime
    tried: datetime | None
    next: datetime
    shown: ClassVar[tuple[str, ...]] = ("id", "event", "what", "state", "attempts", "code", "cause")


class Post(Noun, frozen=True):
    """A delivery to be made now: the address, the key of its signature, the body. No `secret`: neither can be opened any more."""

    id: str
    hook: str
    event: str
    url: str
    secret: str
    body: bytes
    shown: ClassVar[tuple[str, ...]] = ("id", "hook", "event")


class Result(NamedTuple):
    """What became of an attempt. `code`: the HTTP status, 0 if there was no answer, and then `cause` says why."""

    good: bool
    code: int
    cause: str = ""


class Taken(Noun, frozen=True):
    """A list that was taken out. `who`: an officer's id or `key:<id>`; `rows` is None if it was never read to its end."""

    who: str
    name: str
    at: datetime
    form: str
    asked: str
    rows: int | None
    shown: ClassVar[tuple[str, ...]] = ("who", "at", "form", "rows")


class Reused(Exception):
    """An idempotency key came again with other words: one of the two calls is a mistake."""
