"""Keys, webhooks and their deliveries."""

from __future__ import annotations

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The new tables and columns."""


def downgrade() -> None:
    """Back to what was before."""
