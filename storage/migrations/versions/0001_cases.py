"""Cases, their events and files; officers and how they sign in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """All tables."""
    op.create_table(
        "cases",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=True),
        sa.Column("chat_ref", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.String(length=16), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("opened", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("host", sa.String(length=8), nullable=False),
        sa.Column("nationality", sa.String(length=8), nullable=False),
        sa.Column("place", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("chat", sa.LargeBinary(), nullable=True),
        sa.Column("facts", sa.LargeBinary(), nullable=True),
        sa.Column("report", sa.LargeBinary(), nullable=True),
        sa.Column("assessment", sa.LargeBinary(), nullable=True),
        sa.Column("consent", sa.LargeBinary(), nullable=True),
        sa.Column("anonymised_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("ref", name="uq_cases_ref"),
    )
    op.create_index("ix_cases_chat_ref", "cases", ["chat_ref"], unique=False)
    op.create_index("ix_cases_queue", "cases", ["status", "urgency", "opened", "id"], unique=False)
    op.create_table(
        "officers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_officers"),
        sa.UniqueConstraint("login", name="uq_officers_login"),
    )
    op.create_table(
        "case_agencies",
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_agencies_case_id"),
        sa.PrimaryKeyConstraint("agency", "case_id", name="pk_case_agencies"),
    )
    op.create_index("ix_case_agencies_case_id", "case_agencies", ["case_id"], unique=False)
    op.create_table(
        "console_sessions",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name="fk_console_sessions_officer_id"),
        sa.PrimaryKeyConstraint("token", name="pk_console_sessions"),
    )
    op.create_index("ix_console_sessions_officer_id", "console_sessions", ["officer_id"], unique=False)
    op.create_table(
        "events",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("only", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("extras", sa.LargeBinary(), nullable=True),
        sa.Column("delivery", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tell", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_events_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("case_id", "seq", name="uq_events_case_seq"),
    )
    op.create_index(
        "ix_events_news",
        "events",
        ["at"],
        unique=False,
        sqlite_where=sa.text("tell AND told_at IS NULL"),
        postgresql_where=sa.text("tell AND told_at IS NULL"),
    )
    op.create_table(
        "signins",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=64), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name="fk_signins_officer_id"),
        sa.PrimaryKeyConstraint("token", name="pk_signins"),
    )
    op.create_index("ix_signins_officer_id", "signins", ["officer_id"], unique=False)
    op.create_table(
        "announcements",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_announcements_event_id"),
        sa.PrimaryKeyConstraint("n", name="pk_announcements"),
        sa.UniqueConstraint("event_id", "agency", name="uq_announcements_event_agency"),
    )
    op.create_index(
        "ix_announcements_due",
        "announcements",
        ["n"],
        unique=False,
        sqlite_where=sa.text("published_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("mime", sa.String(length=100), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("handle", sa.LargeBinary(), nullable=True),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_attachments_case_id"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_attachments_event_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
    )
    op.create_index("ix_attachments_case_id", "attachments", ["case_id"], unique=False)
    op.create_index("ix_attachments_work", "attachments", ["state", "next_try"], unique=False)


def downgrade() -> None:
    """No tables."""
    op.drop_index("ix_attachments_work", table_name="attachments")
    op.drop_index("ix_attachments_case_id", table_name="attachments")
    op.drop_table("attachments")
    op.drop_index(
        "ix_announcements_due",
        table_name="announcements",
        sqlite_where=sa.text("published_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.drop_table("announcements")
    op.drop_index("ix_signins_officer_id", table_name="signins")
    op.drop_table("signins")
    op.drop_index(
        "ix_events_news",
        table_name="events",
        sqlite_where=sa.text("tell AND told_at IS NULL"),
        postgresql_where=sa.text("tell AND told_at IS NULL"),
    )
    op.drop_table("events")
    op.drop_index("ix_console_sessions_officer_id", table_name="console_sessions")
    op.drop_table("console_sessions")
    op.drop_index("ix_case_agencies_case_id", table_name="case_agencies")
    op.drop_table("case_agencies")
    op.drop_table("officers")
    op.drop_index("ix_cases_queue", table_name="cases")
    op.drop_index("ix_cases_chat_ref", table_name="cases")
    op.drop_table("cases")
