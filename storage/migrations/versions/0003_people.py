"""Second factors, recovery codes, tries to sign in, the audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """The new tables and columns. Whoever is signed in stays so."""
    for column in _officers():  # in place: SQLite cannot make a table anew to which others' rows point
        op.add_column("officers", column)
    op.create_index("uq_officers_agency_subject", "officers", ["agency", "subject"], unique=True)
    added: tuple[sa.Column[object], ...] = (
        sa.Column("code_due", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("way", sa.String(length=16), nullable=False, server_default="password"),
        sa.Column("browser", sa.String(length=40), nullable=False, server_default=""),
    )
    with op.batch_alter_table("console_sessions") as table:
        for column in added:
            table.add_column(column)
    with op.batch_alter_table("console_sessions") as table:
        for column in added:
            table.alter_column(column.name, server_default=None)
    op.create_table(
        "recovery_codes",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name="fk_recovery_codes_officer_id"),
        sa.PrimaryKeyConstraint("code", name="pk_recovery_codes"),
    )
    op.create_index("ix_recovery_codes_officer_id", "recovery_codes", ["officer_id"], unique=False)
    op.create_table(
        "signin_tries",
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("login", name="pk_signin_tries"),
    )
    op.create_index("ix_signin_tries_since", "signin_tries", ["since"], unique=False)
    _audit()


def _officers() -> tuple[sa.Column[object], ...]:
    """The new columns of an existing table."""
    return (
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("totp_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=True),
    )


def _audit() -> None:
    """The chain, empty, and its head."""
    op.create_table(
        "audit",
        sa.Column("n", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_audit"),
    )
    op.create_index("ix_audit_agency", "audit", ["agency", "n"], unique=False)
    op.create_index("ix_audit_who", "audit", ["agency", "who", "n"], unique=False)
    op.create_index("ix_audit_subject", "audit", ["agency", "subject", "n"], unique=False)
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", _NUMBER, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.bulk_insert(head, [{"id": 1, "n": 0, "hash": "", "mark": ""}])


def downgrade() -> None:
    """Back to what was before; whoever owes a code is signed out, not let in."""
    for name in ("audit_head", "audit", "signin_tries", "recovery_codes"):
        op.drop_table(name)
    op.execute("DELETE FROM console_sessions WHERE code_due")
    with op.batch_alter_table("console_sessions") as table:
        for name in ("code_due", "way", "browser"):
            table.drop_column(name)
    op.drop_index("uq_officers_agency_subject", table_name="officers")
    for column in _officers():
        op.drop_column("officers", column.name)
