"""Referrals, links, phrases, mentions, viewers, ratings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = ("ratings", "viewers", "mentions", "phrase_texts", "phrases", "case_links", "referrals")
"""In the order in which they can go."""


def upgrade() -> None:
    """The new tables; cases that are there have nothing in them yet."""
    _referrals()
    op.create_table(
        "case_links",
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("one", sa.String(length=64), nullable=False),
        sa.Column("other", sa.String(length=64), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["one"], ["cases.id"], name="fk_case_links_one"),
        sa.ForeignKeyConstraint(["other"], ["cases.id"], name="fk_case_links_other"),
        sa.PrimaryKeyConstraint("agency", "one", "other", name="pk_case_links"),
    )
    op.create_index("ix_case_links_other", "case_links", ["other"], unique=False)
    op.create_table(
        "phrases",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_phrases"),
    )
    op.create_index("ix_phrases_agency", "phrases", ["agency"], unique=False)
    op.create_table(
        "phrase_texts",
        sa.Column("phrase_id", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["phrase_id"], ["phrases.id"], name="fk_phrase_texts_phrase_id"),
        sa.PrimaryKeyConstraint("phrase_id", "locale", name="pk_phrase_texts"),
    )
    _people()


def _referrals() -> None:
    """Who may take a case, and whether they do."""
    op.create_table(
        "referrals",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("consented", sa.Boolean(), nullable=False),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("override", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_referrals_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_referrals"),
    )
    op.create_index("ix_referrals_case_id", "referrals", ["case_id"], unique=False)
    op.create_index(
        "ix_referrals_offers",
        "referrals",
        ["target", "changed_at"],
        unique=False,
        sqlite_where=sa.text("state = 'offered'"),
        postgresql_where=sa.text("state = 'offered'"),
    )


def _people() -> None:
    """Who is mentioned, who looks, how we did."""
    op.create_table(
        "mentions",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_mentions_case_id"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_mentions_event_id"),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name="fk_mentions_officer_id"),
        sa.PrimaryKeyConstraint("event_id", "officer_id", name="pk_mentions"),
    )
    op.create_index("ix_mentions_mine", "mentions", ["officer_id", "read_at"], unique=False)
    op.create_index("ix_mentions_case", "mentions", ["case_id", "officer_id"], unique=False)
    op.create_table(
        "viewers",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_viewers_case_id"),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name="fk_viewers_officer_id"),
        sa.PrimaryKeyConstraint("case_id", "officer_id", name="pk_viewers"),
    )
    op.create_table(
        "ratings",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_ratings_case_id"),
        sa.PrimaryKeyConstraint("case_id", name="pk_ratings"),
    )


def downgrade() -> None:
    """Back to what was before; a table takes its indexes with it."""
    for table in _TABLES:
        op.drop_table(table)
