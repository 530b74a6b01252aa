"""All tables, whatever file they stand in: what migrations compare the database with."""

from __future__ import annotations

from storage.sql import tables, tables_machines, tables_people, tables_queue, tables_work
from storage.sql.columns import metadata

__all__ = ["metadata", "tables", "tables_machines", "tables_people", "tables_queue", "tables_work"]
