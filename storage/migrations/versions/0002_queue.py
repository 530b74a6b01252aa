"""What the queue sorts, filters and searches by."""

from __future__ import annotations

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The new tables and columns."""


def downgrade() -> None:
    """Back to what was before."""
