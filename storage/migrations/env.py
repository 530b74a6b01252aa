"""Alembic's entry: runs the steps on the connection that `storage.migrate` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from storage.sql.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
