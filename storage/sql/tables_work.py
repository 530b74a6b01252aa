"""Officers' work on cases: referrals, links, phrases, mentions, who looks at what, how people rate us.

As in `tables.py`, a column of type LargeBinary is sealed; nothing else is about a person.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from storage.sql.columns import Moment, metadata

referrals = Table(
    "referrals",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("origin", String(64), nullable=False),  # the agency that refers
    Column("target", String(64), nullable=False),  # the agency that is to take the case
    Column("state", String(16), nullable=False),  # storage/sql/referring.py, MOVES
    Column("why", String(32), nullable=False),  # a code the person is told in words: handlers.referral.WHY
    Column("by", String(64), nullable=False),  # the officer who referred
    Column("consented", Boolean, nullable=False),  # the person agreed
    Column("joined", Boolean, nullable=False),  # the target sees the case by this referral alone
    Column("asked_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("reason", LargeBinary, nullable=True),  # between the two agencies, like the next two
    Column("override", LargeBinary, nullable=True),  # why the person was not asked
    Column("answer", LargeBinary, nullable=True),  # why it was rejected or taken back
    Index(
        "ix_referrals_offers",
        "target",
        "changed_at",
        sqlite_where=text("state = 'offered'"),
        postgresql_where=text("state = 'offered'"),
    ),
)

case_links = Table(
    "case_links",
    metadata,
    Column("agency", String(64), primary_key=True),  # the link is this agency's own
    Column("one", ForeignKey("cases.id"), primary_key=True),  # the lesser id of the two
    Column("other", ForeignKey("cases.id"), primary_key=True, index=True),
    Column("times", Integer, nullable=False),  # linked or unlinked so often: odd means linked
)

phrases = Table(
    "phrases",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("agency", String(64), nullable=False, index=True),
    Column("name", String(80), nullable=False),
)

phrase_texts = Table(
    "phrase_texts",
    metadata,
    Column("phrase_id", ForeignKey("phrases.id"), primary_key=True),
    Column("locale", String(16), primary_key=True),
    Column("text", Text, nullable=False),
)

mentions = Table(
    "mentions",
    metadata,
    Column("event_id", ForeignKey("events.id"), primary_key=True),
    Column("officer_id", ForeignKey("officers.id"), primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("read_at", Moment, nullable=True),
    Index("ix_mentions_mine", "officer_id", "read_at"),
    Index("ix_mentions_case", "case_id", "officer_id"),
)

viewers = Table(
    "viewers",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("officer_id", ForeignKey("officers.id"), primary_key=True),
    Column("agency", String(64), nullable=False),
    Column("seen", Moment, nullable=False),
)

ratings = Table(
    "ratings",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("score", Integer, nullable=False),  # 3 helped, 2 partly, 1 not; it stays for counting
    Column("at", Moment, nullable=False),
)
