"""What the store gives to the desk and to the clerk. As everywhere, `repr` shows nothing about a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar, Literal

from handlers.nouns import Consent, Media, Noun, Priority, Status
from relief.nouns import Assessment, Level

Role = Literal["officer", "supervisor", "administrator", "observer"]
"""What an officer is. What each may do stands in console/permits.py."""


class Fetch(Noun, frozen=True):
    """A file still at its provider: its id here, the channel to ask, and how often that failed."""

    id: str
    channel: str
    media: Media
    tries: int
    shown: ClassVar[tuple[str, ...]] = ("id", "channel", "tries")


class Officer(Noun, frozen=True):
    """Somebody who works for an agency. `factor`: whether a second factor stands behind them."""

    id: str
    agency: str
    login: str
    name: str
    role: Role
    active: bool
    factor: bool = False
    shown: ClassVar[tuple[str, ...]] = ("id", "agency", "role", "active")

    @property
    def actor(self) -> str:
        """As an event names who did it: `staff:<id>`, or `key:<id>` for another program of the agency."""
        return self.id if self.id.startswith("key:") else f"staff:{self.id}"


class Account(Noun, frozen=True):
    """An officer as administrators see them: whether there is a password, a link to the agency's provider, a lock; sessions."""

    officer: Officer
    password: bool
    linked: bool
    locked: bool
    sessions: int
    shown: ClassVar[tuple[str, ...]] = ("officer", "sessions")


class Session(Noun, frozen=True):
    """A browser in which an officer is signed in: its family alone. `way`: password, link or oidc. `id` is not its token."""

    id: str
    began: datetime
    seen: datetime
    browser: str
    way: str
    current: bool
    shown: ClassVar[tuple[str, ...]] = ("id", "current")


class Deed(Noun, frozen=True):
    """A row of the audit: `who` (an officer's id, `key:<id>`, `operator`) did `act` to `subject` (a case's or officer's id)."""

    n: int
    at: datetime
    agency: str
    who: str
    act: str
    subject: str
    detail: str
    shown: ClassVar[tuple[str, ...]] = ("n", "act")


class Verdict(Noun, frozen=True):
    """What became of the audit's chain: its end, and the first row that is not as it was written (0: all are).

    `how`: changed, missing, or head (the chain's end was changed, or written with another secret).
    """

    n: int
    hash: str
    broken: int
    how: str
    shown: ClassVar[tuple[str, ...]] = ("n", "hash", "broken", "how")


class Filter(Noun, frozen=True):
    """What the queue shows. Empty means any. `statuses` empty: all but decided and closed. `ref`: as the citizen quotes it.

    `holder`: an officer's id, `-` for cases that nobody holds, `+` for those that somebody does. `words`: to be found in what
    the case says; several must all be there, and then a case of any status is found, as with `ref`.
    """

    statuses: tuple[Status, ...] = ()
    priority: Priority | None = None
    level: Level | None = None
    reason: str = ""
    host: str = ""
    nationality: str = ""
    place: str = ""
    locale: str = ""
    outcome: str = ""
    holder: str = ""
    unread: bool = False
    overdue: bool = False
    ref: str = ""
    words: str = ""
    shown: ClassVar[tuple[str, ...]] = ("statuses", "priority", "level", "host", "nationality", "place")


class Line(Noun, frozen=True):
    """One case in the queue. `key` opens it; `owner` is the agency whose turn it is; `outcome` what the law said.

    `since`: since when the citizen waits for us; `due`: by when the agency that looks must act (None: it need not);
    `ends`: the last day of relief, or of the permit. `holder`: the officer of that agency who has it, by id and name.
    `unread`: the citizen wrote after that agency's last act. `seen`: the newest event it sees.
    """

    id: str
    key: str
    owner: str
    status: Status
    priority: Priority
    reasons: tuple[str, ...]
    opened: datetime
    touched: datetime
    locale: str
    host: str
    nationality: str
    place: str
    outcome: str
    forgotten: bool
    level: Level = "normal"
    since: datetime | None = None
    due: datetime | None = None
    ends: date | None = None
    holder: str = ""
    holding: str = ""
    unread: bool = False
    seen: str = ""
    shown: ClassVar[tuple[str, ...]] = ("id", "key", "owner", "status", "priority", "level")


class Page(Noun, frozen=True):
    """Some of the queue, in its order. `after` asks for what follows; empty: there is no more."""

    lines: tuple[Line, ...]
    after: str
    shown: ClassVar[tuple[str, ...]] = ("after",)


class View(Noun, frozen=True):
    """A saved view of the queue: its name, the filter as an address has it, whether all of the agency have it, whose it is."""

    id: str
    name: str
    query: str
    shared: bool
    own: bool
    shown: ClassVar[tuple[str, ...]] = ("id", "shared", "own")


class Attachment(Noun, frozen=True):
    """A citizen's file. `state`: pending (still at the provider), stored, gone; `size` in bytes; `case` its case's id."""

    id: str
    event: str
    kind: str
    mime: str
    name: str
    size: int
    state: str
    cause: str
    case: str = ""
    shown: ClassVar[tuple[str, ...]] = ("id", "kind", "state")


class Happening(Noun, frozen=True):
    """One event of a case. `who` is an officer's name for that officer's own agency, otherwise the officer's agency.

    `delivery` is empty until the sender reported, `delivered` when it did; `told` says whether the chat was told.
    """

    id: str
    seq: int
    at: datetime
    what: str
    actor: str
    who: str
    status: Status
    body: str
    extras: Mapping[str, str]
    news: bool
    told: bool
    delivery: str
    cause: str
    delivered: datetime | None
    attachments: tuple[Attachment, ...]
    shown: ClassVar[tuple[str, ...]] = ("id", "seq", "what", "status", "delivery")


class CaseFile(Noun, frozen=True):
    """All that an agency may see of one case. `seen` is the newest event shown: hand it back with an answer."""

    line: Line
    agencies: tuple[str, ...]
    channel: str
    facts: Mapping[str, str]
    report: Mapping[str, str]
    assessment: Assessment | None
    consent: Consent | None
    events: tuple[Happening, ...]
    seen: str
    shown: ClassVar[tuple[str, ...]] = ("line", "agencies", "seen")


class Stale(Exception):
    """The case has moved on since the page was loaded: read it again before you answer."""


class HeldBy(Exception):
    """A colleague has the case: take it over first. `name` is theirs, for an officer of their own agency."""

    def __init__(self, name: str) -> None:
        """The text names nobody: exceptions may be logged."""
        super().__init__("a colleague holds the case")
        self.name = name


class Missing(Exception):
    """There is no such case for this agency, or none any more that could be answered."""
