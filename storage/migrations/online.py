"""What a step may do to a table that is in use. docs/operations.md, "Changing tables"."""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op


def create_index(name: str, table: str, columns: Sequence[str]) -> None:
    """An index on a table that may hold millions of rows: in PostgreSQL made beside those who write, outside the transaction.

    A step that was cut short is run again: what it left is dropped first.
    """
    context = op.get_context()
    if context.dialect.name != "postgresql":
        op.create_index(name, table, columns)
        return
    with context.autocommit_block():
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True)
