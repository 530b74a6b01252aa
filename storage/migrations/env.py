"""Alembic's entry: runs the steps on the connection that `storage.migrate` hands over."""

from __future__ import annotations

from alembic import context

from storage.sql.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
)
with context.begin_transaction():
    if context.get_context().dialect.name == "postgresql":
        context.execute(f"SET LOCAL lock_timeout = '{context.config.attributes['lock_seconds']}s'")
    context.run_migrations()
