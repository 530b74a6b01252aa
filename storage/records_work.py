"""What the store tells of officers' work on cases: referrals, links, phrases, mentions, who looks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal

from handlers.nouns import Noun, Priority, Status

State = Literal["asked", "agreed", "declined", "offered", "accepted", "rejected", "withdrawn", "recalled"]
"""Where a referral stands. `withdrawn`: taken back before it was accepted; `recalled`: afterwards."""


class Original(Noun, frozen=True):
    """What an officer meant, in their own language, beside an answer in the citizen's."""

    text: str
    locale: str
    shown: ClassVar[tuple[str, ...]] = ("locale",)


PLAIN = Original("", "")
"""The officer wrote in the citizen's language."""


class Wish(Noun, frozen=True):
    """What an officer wants: the case to go to agency `target`. `why`: a code that the person is told in words.

    `reason` is read by the two agencies alone; so is `override`: why the person is not asked (life or health at risk).
    """

    target: str
    why: str
    reason: str
    override: str = ""
    shown: ClassVar[tuple[str, ...]] = ("target", "why")


class Handover(Noun, frozen=True):
    """A referral, as its two agencies see it. `key` opens the case: empty for an agency that does not see it (yet).

    Of the case an offer shows only these: host, nationality, place, priority. `by`: the officer, for their own agency.
    """

    id: str
    key: str
    origin: str
    target: str
    state: State
    why: str
    by: str
    consented: bool
    asked: datetime
    changed: datetime
    reason: str
    override: str
    answer: str
    priority: Priority
    host: str
    nationality: str
    place: str
    shown: ClassVar[tuple[str, ...]] = ("id", "origin", "target", "state")


class Linked(Noun, frozen=True):
    """A case that an agency holds to be the same person's or matter's."""

    key: str
    status: Status
    priority: Priority
    opened: datetime
    shown: ClassVar[tuple[str, ...]] = ("key", "status")


class Phrase(Noun, frozen=True):
    """An answer that an agency keeps ready: its name for officers, and its text by language."""

    id: str
    name: str
    texts: Mapping[str, str]
    shown: ClassVar[tuple[str, ...]] = ("id", "name")


class Mention(Noun, frozen=True):
    """A colleague's note that names an officer. `text` is empty once it was read: from then on it stands in the case alone."""

    key: str
    at: datetime
    who: str
    text: str
    read: bool
    shown: ClassVar[tuple[str, ...]] = ("key", "read")


class Viewer(Noun, frozen=True):
    """A colleague of the same agency who looks at the case now."""

    id: str
    name: str
    shown: ClassVar[tuple[str, ...]] = ("id",)


class Beside(Noun, frozen=True):
    """What stands beside a case for the officer who opens it. `score`: how the person rated us, 3 good to 1 not; None: not."""

    viewers: tuple[Viewer, ...]
    handovers: tuple[Handover, ...]
    linked: tuple[Linked, ...]
    score: int | None
    shown: ClassVar[tuple[str, ...]] = ("viewers", "handovers", "score")


class Barred(Exception):
    """It cannot be done as things stand: `owner` (another agency's turn), `own` (it is one's own turn), `pending` (a referral
    waits already), `target` (no such agency to refer to), `moved` (the referral is not at that point), `same` (a case is not
    linked to itself).
    """
