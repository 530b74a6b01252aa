"""Brings a database to the newest tables. Harmless to run again, and from several processes at once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.sql.db import POOL, Pool, connect

if TYPE_CHECKING:
    from alembic.config import Config

_HERE = Path(__file__).parent / "migrations"
_LOCK = 0x4B6F6D656B  # "Komek": the advisory lock that all our migrations of one PostgreSQL database share


def upgrade(database_url: str, pool: Pool = POOL) -> None:
    """Bring the database to the newest tables. Raises ValueError for a wrong URL, SQLAlchemyError or OSError if it is away."""
    asyncio.run(migrate(database_url, pool))


async def migrate(database_url: str, pool: Pool = POOL) -> None:
    """`upgrade`, for callers that are in an event loop already."""
    engine = connect(database_url, pool)
    try:
        await _migrate(engine)
    finally:
        await engine.dispose()


async def _migrate(engine: AsyncEngine) -> None:
    """All of it in one transaction, one process at a time: PostgreSQL by an advisory lock, SQLite by its write lock."""
    async with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    """Run what is missing on this connection, inside its transaction."""
    if _newest(connection):
        return
    from alembic import command  # only where there is work: it takes 11 MB for as long as the process lives

    command.upgrade(config_for(connection), "head")


def _newest(connection: Connection) -> bool:
    """Whether the tables are those of the last step, which is the last of the files by name."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    last = max(path.name for path in (_HERE / "versions").glob("[0-9]*.py"))
    stands = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return stands == [last.partition("_")[0]]


def config_for(connection: Connection) -> Config:
    """Alembic's configuration for an open connection. No .ini file: everything is here."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
