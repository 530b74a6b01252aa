"""Second factors, recovery codes, the audit chain."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The new tables and columns."""


def downgrade() -> None:
    """Back to what was before."""
