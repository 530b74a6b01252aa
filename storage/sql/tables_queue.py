"""The queue's own tables: who sees a case and what their queue sorts by, what is searched, saved views."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    text,
)

from relief.nouns import Level
from storage.sql.columns import FAR, Moment, metadata

LEVELS: tuple[Level, ...] = ("danger", "minors", "medical", "urgent", "normal")
"""How soon somebody must act; a level's place here is what the queue sorts by."""

REASONS = ("danger", "minors", "medical", "safety", "airport_zone", "border_point", "detention", "ends_soon")
"""The reasons that can be filtered by. A reason's place is its bit in `why`: add at the end, never move one."""

OPEN = ("received", "reading", "waiting", "referred")
"""The statuses that still want somebody. The others are `shut`."""

_UNREAD = text("unread AND shut = 0")
_HELD = text("holder <> ''")

case_agencies = Table(
    "case_agencies",
    metadata,
    Column("agency", String(64), primary_key=True),
    Column("case_id", ForeignKey("cases.id"), primary_key=True, index=True),
    # What follows repeats the case, so that a page of one agency's queue is one stretch of one index. It is written by
    # `urgency.settle` and nowhere else. A row that was just added is right after the next `settle` of its case.
    Column("shut", Integer, nullable=False, server_default="0"),
    Column("status", String(16), nullable=False, server_default="received"),
    Column("level", Integer, nullable=False, server_default="4"),
    Column("due", Moment, nullable=False, default=FAR),  # by when this agency must act; FAR: not at all
    Column("opened", Moment, nullable=False, default=FAR),
    Column("why", Integer, nullable=False, server_default="0"),
    Column("host", String(8), nullable=False, server_default=""),
    Column("nationality", String(8), nullable=False, server_default=""),
    Column("place", String(32), nullable=False, server_default=""),
    Column("outcome", String(16), nullable=False, server_default=""),
    Column("locale", String(16), nullable=False, server_default=""),
    # The agency's own: who holds the case (an officer's id; empty: nobody; `claims.py` writes it), whether the citizen wrote
    # after its last act, and the newest event that it sees.
    Column("holder", String(64), nullable=False, server_default=""),
    Column("held_at", Moment, nullable=True),
    Column("unread", Boolean, nullable=False, server_default=text("false")),
    Column("newest", String(64), nullable=False, server_default=""),
    Index("ix_case_agencies_queue", "agency", "shut", "level", "due", "opened", "case_id"),
    Index("ix_case_agencies_status", "agency", "status", "level", "due", "opened", "case_id"),
    Index("ix_case_agencies_host", "agency", "shut", "host", "level", "due", "opened", "case_id"),
    Index("ix_case_agencies_nationality", "agency", "shut", "nationality", "level", "due", "opened", "case_id"),
    Index("ix_case_agencies_due", "agency", "shut", "due"),
    Index(
        "ix_case_agencies_unread",
        *("agency", "level", "due", "opened", "case_id"),
        sqlite_where=_UNREAD,
        postgresql_where=_UNREAD,
    ),
    Index(
        "ix_case_agencies_held",
        *("agency", "holder", "level", "due", "opened", "case_id"),
        sqlite_where=_HELD,
        postgresql_where=_HELD,
    ),
)

case_words = Table(
    "case_words",
    metadata,
    # The first 8 bytes of a keyed digest of a word (`search.py`): nobody without the key can tell which word it was.
    Column("word", BigInteger, primary_key=True, autoincrement=False),
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("only", String(64), primary_key=True, server_default=""),  # the one agency whose note has it; empty: all
    Index("ix_case_words_case", "case_id", "word", "only"),  # whether a case has a word, without reading all it has
)

views = Table(
    "views",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("agency", String(64), nullable=False),
    Column("officer_id", ForeignKey("officers.id"), nullable=False, index=True),  # who keeps it
    Column("shared", Boolean, nullable=False),  # with the whole agency
    Column("name", LargeBinary, nullable=False),  # an officer's words
    Column("query", String(400), nullable=False),  # a filter's codes, never words to search for
    Column("made", Moment, nullable=False),
    Index("ix_views_agency", "agency", "shared"),
)
