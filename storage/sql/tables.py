"""The tables. A column of type LargeBinary is sealed and bound to its record (`vault.py`); nothing else is about a person.

Events are appended and never changed, but for three marks (told, delivery) and for the day a person asks to be forgotten.
Ids of cases, events and attachments are derived by those who make them; nothing here draws an id but `announcements.n`,
which only keeps the order.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.sql.columns import Moment, metadata
from storage.sql.tables_queue import case_agencies

__all__ = [
    "announcements",
    "attachments",
    "case_agencies",
    "cases",
    "console_sessions",
    "events",
    "officers",
    "signins",
]

cases = Table(
    "cases",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("ref", String(32), nullable=True, unique=True),  # null only where a reference was given twice (filing.py)
    Column("chat_ref", String(64), nullable=False, index=True),
    Column("agency", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("priority", String(16), nullable=False),
    Column("urgency", Integer, nullable=False),  # the level's place in `tables_queue.LEVELS`
    Column("reasons", Text, nullable=False),  # a JSON list of codes
    Column("opened", Moment, nullable=False),
    Column("touched", Moment, nullable=False),
    Column("locale", String(16), nullable=False),
    Column("host", String(8), nullable=False),
    Column("nationality", String(8), nullable=False),
    Column("place", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),  # of the assessment; empty: none was made
    Column("last", Integer, nullable=False),  # the newest event's seq, also what a writer locks
    Column("chat", LargeBinary, nullable=True),
    Column("facts", LargeBinary, nullable=True),
    Column("report", LargeBinary, nullable=True),
    Column("assessment", LargeBinary, nullable=True),
    Column("consent", LargeBinary, nullable=True),
    Column("anonymised_at", Moment, nullable=True),
    Column("since", Moment, nullable=True),  # since when the citizen waits for us; null: they do not
    Column("ends", Date, nullable=True),  # the last day of relief or of the permit, as far as it is known
    Column("sorted", String(16), nullable=False, server_default=""),  # by which rules (`refreshing.py`)
    Index("ix_cases_lapsing", "status", "touched"),
    Index("ix_cases_sorted", "sorted"),
)

events = Table(
    "events",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("seq", Integer, nullable=False),  # 1, 2, … within the case, in the order they were filed
    Column("at", Moment, nullable=False),
    Column("what", String(32), nullable=False),
    Column("actor", String(80), nullable=False),  # citizen, system, staff:<officer id> or key:<key id>
    Column("agency", String(64), nullable=False),  # of the officer who acted; empty for citizen and system
    Column("only", String(64), nullable=True),  # the one agency that sees it (a note); null: all that see the case
    Column("status", String(16), nullable=False),  # the case's, once this had happened
    Column("body", LargeBinary, nullable=True),
    Column("extras", LargeBinary, nullable=True),
    Column("delivery", String(16), nullable=False),
    Column("cause", String(200), nullable=False),
    Column("delivered_at", Moment, nullable=True),
    Column("tell", Boolean, nullable=False),  # news for the chat
    Column("told_at", Moment, nullable=True),
    UniqueConstraint("case_id", "seq", name="uq_events_case_seq"),
    Index(
        "ix_events_news",
        "at",
        sqlite_where=text("tell AND told_at IS NULL"),
        postgresql_where=text("tell AND told_at IS NULL"),
    ),
)

announcements = Table(
    "announcements",
    metadata,
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("agency", String(64), nullable=False),
    Column("published_at", Moment, nullable=True),
    UniqueConstraint("event_id", "agency", name="uq_announcements_event_agency"),
    Index("ix_announcements_sent", "agency", "published_at", "n"),
    Index(
        "ix_announcements_due",
        "n",
        sqlite_where=text("published_at IS NULL"),
        postgresql_where=text("published_at IS NULL"),
    ),
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("mime", String(100), nullable=False),
    Column("name", LargeBinary, nullable=True),
    Column("size", BigInteger, nullable=False),
    Column("handle", LargeBinary, nullable=True),
    Column("channel", String(32), nullable=False),
    Column("state", String(16), nullable=False),  # pending, stored, gone; erasing: the file is still to be removed
    Column("cause", String(200), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try", Moment, nullable=False),
    Index("ix_attachments_work", "state", "next_try"),
)

officers = Table(
    "officers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("agency", String(64), nullable=False),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("role", String(32), nullable=False),
    Column("password", String(200), nullable=True),  # an argon2id hash; null: not yet chosen
    Column("active", Boolean, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("locked_until", Moment, nullable=True),
    Column("made", Moment, nullable=False),
    Column("totp", LargeBinary, nullable=True),  # the second factor's secret
    Column("totp_since", Moment, nullable=True),  # null with a secret: begun, not yet confirmed by a code
    Column("totp_step", BigInteger, nullable=True),  # the 30-second step of the last code used: none is used twice
    Column(
        "subject", String(255), nullable=True
    ),  # who this is at the agency's OpenID provider, once they came from there
    Index("uq_officers_agency_subject", "agency", "subject", unique=True),
)

signins = Table(
    "signins",
    metadata,
    Column("token", String(64), primary_key=True),  # SHA-256 of the one-time token
    Column("officer_id", ForeignKey("officers.id"), nullable=False, index=True),
    Column("expires", Moment, nullable=False),
    Column("used_at", Moment, nullable=True),
)

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("token", String(64), primary_key=True),  # SHA-256 of the cookie
    Column("officer_id", ForeignKey("officers.id"), nullable=False, index=True),
    Column("created", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("code_due", Boolean, nullable=False),  # the password was right; nothing else is open until the code is too
    Column("way", String(16), nullable=False),  # password, link or oidc
    Column("browser", String(40), nullable=False),  # its family alone
)
