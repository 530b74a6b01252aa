"""Keys, webhooks and their deliveries, lists taken out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The new tables, and the index by which an agency's events are read on from a place."""
    op.create_index("ix_announcements_sent", "announcements", ["agency", "published_at", "n"], unique=False)
    _create_keys()
    _create_hooks()
    op.create_table(
        "lists_taken",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("asked", sa.String(length=400), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("n", name="pk_lists_taken"),
    )
    op.create_index("ix_lists_taken_agency", "lists_taken", ["agency"], unique=False)


def downgrade() -> None:
    """Back to what was before."""
    for table, names in {
        "lists_taken": ("agency",),
        "hook_deliveries": ("due", "made"),
        "hooks": ("agency",),
        "api_calls": ("made", "key_id"),
        "api_keys": ("agency",),
    }.items():
        for name in names:
            op.drop_index(f"ix_{table}_{name}", table_name=table)
        op.drop_table(table)
    op.drop_index("ix_announcements_sent", table_name="announcements")


def _create_keys() -> None:
    """Keys, and the calls they name so that they can be repeated."""
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("made", _moment, nullable=False),
        sa.Column("maker", sa.String(length=64), nullable=False),
        sa.Column("expires", _moment, nullable=False),
        sa.Column("used", _moment, nullable=True),
        sa.Column("revoked", _moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("token", name="uq_api_keys_token"),
    )
    op.create_index("ix_api_keys_agency", "api_keys", ["agency"], unique=False)
    op.create_table(
        "api_calls",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("print", sa.String(length=64), nullable=False),
        sa.Column("seen", sa.String(length=64), nullable=False),
        sa.Column("made", _moment, nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name="fk_api_calls_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_calls"),
    )
    op.create_index("ix_api_calls_key_id", "api_calls", ["key_id"], unique=False)
    op.create_index("ix_api_calls_made", "api_calls", ["made"], unique=False)


def _create_hooks() -> None:
    """Webhooks and what is on its way to them."""
    op.create_table(
        "hooks",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("url", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("made", _moment, nullable=False),
        sa.Column("maker", sa.String(length=64), nullable=False),
        sa.Column("fails", sa.Integer(), nullable=False),
        sa.Column("failing", _moment, nullable=True),
        sa.Column("rests", _moment, nullable=True),
        sa.Column("disabled", _moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_hooks"),
    )
    op.create_index("ix_hooks_agency", "hooks", ["agency"], unique=False)
    op.create_table(
        "hook_deliveries",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("hook_id", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("made", _moment, nullable=False),
        sa.Column("since", _moment, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("next_try", _moment, nullable=False),
        sa.Column("tried", _moment, nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_hook_deliveries_event_id"),
        sa.ForeignKeyConstraint(["hook_id"], ["hooks.id"], name="fk_hook_deliveries_hook_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hook_deliveries"),
    )
    op.create_index("ix_hook_deliveries_due", "hook_deliveries", ["hook_id", "state", "next_try"], unique=False)
    op.create_index("ix_hook_deliveries_made", "hook_deliveries", ["made"], unique=False)
