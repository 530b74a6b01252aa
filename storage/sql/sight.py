"""What an agency may see. Every read for an agency passes here; there is no second place.

A case is seen by the agencies listed for it; an event by all of them, but for one that is marked for one agency only;
a file by those who see its event; a word is found by those who may read what it stands in; a referral by the agency that makes
it, and by the other one from the offer on.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from storage.sql.tables import announcements, attachments, case_agencies, cases, events, officers
from storage.sql.tables_machines import api_keys, hooks, lists_taken
from storage.sql.tables_people import audit
from storage.sql.tables_queue import case_words
from storage.sql.tables_work import referrals

OFFERED = ("offered", "accepted", "rejected", "recalled")
"""The states of a referral that its target may know of: not that somebody was only asked, or said no."""

PARTS = ("agency", "let_go")
"""Events by which an agency may cease to see a case: the last that it is told of it."""


def _listed(agency: str) -> Select[tuple[str]]:
    """The ids of the cases that list the agency."""
    return select(case_agencies.c.case_id).where(case_agencies.c.agency == agency)


def sees_line(agency: str) -> ColumnElement[bool]:
    """Rows of `case_agencies` that are the agency's own: its queue."""
    return case_agencies.c.agency == agency


def sees_word(agency: str) -> ColumnElement[bool]:
    """Rows of `case_words` that the agency may find a case by: words of all, and of its own notes. Beside `sees_line`."""
    return case_words.c.only.in_(("", agency))


def sees_case(agency: str) -> ColumnElement[bool]:
    """Rows of `cases` that the agency may see."""
    return cases.c.id.in_(_listed(agency))


def sees_event(agency: str) -> ColumnElement[bool]:
    """Rows of `events` that the agency may see."""
    return and_(events.c.case_id.in_(_listed(agency)), or_(events.c.only.is_(None), events.c.only == agency))


def sees_attachment(agency: str) -> ColumnElement[bool]:
    """Rows of `attachments` that the agency may see."""
    return attachments.c.event_id.in_(select(events.c.id).where(sees_event(agency)))


def sees_officer(agency: str) -> ColumnElement[bool]:
    """Rows of `officers` that the agency's administrators may see and change: its own."""
    return officers.c.agency == agency


def sees_deed(agency: str) -> ColumnElement[bool]:
    """Rows of `audit` that the agency's administrators may see: what its own people did, and what was done to its accounts."""
    return audit.c.agency == agency


def opens(agency: str, case: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the agency may see the case with this id: asked row by row, where listing all its cases would be slow."""
    return exists().where(case_agencies.c.agency == agency, case_agencies.c.case_id == case)


def sees_referral(agency: str) -> ColumnElement[bool]:
    """Rows of `referrals` that the agency may see."""
    own = and_(referrals.c.origin == agency, opens(agency, referrals.c.case_id))
    return or_(own, and_(referrals.c.target == agency, referrals.c.state.in_(OFFERED)))


# Other programs. `None` is the operator at the command line, who works for no agency.


def own_key(agency: str | None) -> list[ColumnElement[bool]]:
    """Rows of `api_keys` that the agency's administrators may see."""
    return [] if agency is None else [api_keys.c.agency == agency]


def own_hook(agency: str | None) -> list[ColumnElement[bool]]:
    """Rows of `hooks` that the agency's administrators may see, and with them their deliveries."""
    return [] if agency is None else [hooks.c.agency == agency]


def own_list(agency: str) -> ColumnElement[bool]:
    """Rows of `lists_taken` that the agency's administrators may see."""
    return lists_taken.c.agency == agency


def hears(agency: str) -> ColumnElement[bool]:
    """Rows of `announcements` joined to `events` that are the agency's: its stream. Of a case that it may no longer see it is
    told nothing again but that it left.
    """
    parts = events.c.what.in_(PARTS)
    return and_(announcements.c.agency == agency, or_(parts, opens(agency, events.c.case_id)))
