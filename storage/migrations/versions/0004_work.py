"""Referrals, links, phrases, mentions, viewers."""

from __future__ import annotations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The new tables and columns."""


def downgrade() -> None:
    """Back to what was before."""
