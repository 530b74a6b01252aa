"""A step that the next version might bring: what is new beside what is there, for versions that do not know of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from storage.migrate import STEPS

_NEXT = '''"""A step of a test."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.online import create_index

revision = "0099"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("cases", sa.Column("next_column", sa.String(length=8), nullable=True))
    op.create_table("next_table", sa.Column("id", sa.Integer(), primary_key=True))
    create_index("ix_next", "events", ["what", "at"])
'''


def with_next(folder: Path) -> Sequence[Path]:
    """The folders of steps, with one more behind the last."""
    (folder / "0099_next.py").write_text(_NEXT, "utf-8")
    return (*STEPS, folder)
