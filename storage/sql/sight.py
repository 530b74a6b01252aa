"""What an agency may see. Every read for an agency passes here; there is no second place.

A case is seen by the agencies listed for it; an event by all of them, but for one that is marked for one agency only;
a file by those who see its event; a word is found by those who may read what it stands in.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, or_, select

from storage.sql.tables import attachments, case_agencies, cases, events
from storage.sql.tables_queue import case_words


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
