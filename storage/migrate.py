"""Brings a database to the newest tables while the service works. Harmless to run again, and from several processes at once.

Each step is a transaction of its own and waits for a lock no longer than `LOCK_SECONDS`: whoever comes after it in PostgreSQL's
line waits too, so a step that does not get its lock steps back, lets the desk go on, and tries again. docs/operations.md.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from storage.sql.db import POOL, Pool, connect
from storage.sql.engine import AsyncConnection, AsyncEngine

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

LOCK_SECONDS = 3
"""How long a step waits for a lock that it needs, and so how long it may make others wait."""
TRIES = 200
"""How often a step that did not get its lock is tried again."""
PAUSE = 1.0
"""Seconds between two tries."""

_HERE = Path(__file__).parent / "migrations"
STEPS = (_HERE / "versions",)
"""The folders that hold the steps."""
_LOCK = 0x4B6F6D656B  # "Komek": the advisory lock that all our migrations of one PostgreSQL database share
_BUSY = "55P03"  # lock_not_available


class Behind(Exception):
    """The tables are older than this version of the service needs. One line that names both."""


def upgrade(database_url: str, pool: Pool = POOL) -> None:
    """Bring the database to the newest tables. Raises ValueError for a wrong URL, SQLAlchemyError or OSError if it is away."""
    asyncio.run(migrate(database_url, pool))


async def migrate(database_url: str, pool: Pool = POOL, *, steps: Sequence[Path] = STEPS, to: str = "") -> None:
    """`upgrade`, for callers that are in an event loop already. `to`: the step to end with, if not the last.

    Of `pool` only the manner counts: one connection guards while the others make the steps.
    """
    engine = connect(database_url, Pool(prepared=pool.prepared))
    try:
        if engine.dialect.name == "postgresql":
            await _beside_the_service(engine, steps, to)
        else:
            async with engine.execution_options(writes=True).begin() as connection:
                if not await _done(connection, steps, to):
                    await connection.run_sync(_upgrade, steps, to or "head")
    finally:
        await engine.dispose()


async def standing(connection: AsyncConnection) -> Collection[str]:
    """The step at which the tables are; nothing where there are none."""
    return await connection.run_sync(_standing)


def behind(stands: Collection[str], steps: Sequence[Path] = STEPS) -> str:
    """What is older than this version needs, in a line; nothing if all is well, also where the tables are newer than it.

    A newer table holds all that the version before it needs, until a later step takes it away.
    """
    names = known(steps)
    if stands and not any(one in names[:-1] for one in stands):
        return ""
    return f"the tables are those of step {', '.join(stands) or 'none'}, this version needs {names[-1]}"


async def _beside_the_service(engine: AsyncEngine, steps: Sequence[Path], to: str) -> None:
    """One process at a time, one step after another."""
    if await _over(engine, steps, to):
        return
    async with engine.connect() as guard:
        waits = False
        while not (await guard.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK})).scalar_one():
            if not waits:
                log.info("another process brings the tables up to date; waiting for it")
            waits = True
            await asyncio.sleep(PAUSE)
        # The last that it says: a question's snapshot lives on until the next, and CREATE INDEX CONCURRENTLY waits for it.
        await guard.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        while not await _over(engine, steps, to):
            await _step(engine, steps)


async def _over(engine: AsyncEngine, steps: Sequence[Path], to: str) -> bool:
    """`_done`, on a connection of its own."""
    async with engine.connect() as connection:
        return await _done(connection, steps, to)


async def _done(connection: AsyncConnection, steps: Sequence[Path], to: str) -> bool:
    """Whether the tables stand there, or, without a place to end, are as new as this version needs."""
    stands = await standing(connection)
    return list(stands) == [to] if to else not behind(stands, steps)


async def _step(engine: AsyncEngine, steps: Sequence[Path]) -> None:
    """The next step, tried until it gets its locks. Raises DBAPIError."""
    for left in reversed(range(TRIES)):
        try:
            async with engine.connect() as connection:
                return await connection.run_sync(_upgrade, steps, "+1")
        except DBAPIError as fault:
            if getattr(fault.orig, "sqlstate", "") != _BUSY or not left:
                raise
            log.info("a table is in use; the next try is in %g s", PAUSE)
            await asyncio.sleep(PAUSE)
    return None


def _upgrade(connection: Connection, steps: Sequence[Path], to: str) -> None:
    """Run what is missing on this connection."""
    from alembic import command  # only where there is work: it takes 11 MB for as long as the process lives

    command.upgrade(config_for(connection, steps), to)


def _standing(connection: Connection) -> Collection[str]:
    """See `standing`."""
    if not inspect(connection).has_table("alembic_version"):
        return ()
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()


def known(steps: Sequence[Path] = STEPS) -> list[str]:
    """The steps' names, in order."""
    return sorted(path.name.partition("_")[0] for folder in steps for path in folder.glob("[0-9]*.py"))


def config_for(connection: Connection, steps: Sequence[Path] = STEPS) -> Config:
    """Alembic's configuration for an open connection. No .ini file: everything is here."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", _plain(_HERE))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", os.pathsep.join(map(_plain, steps)))
    config.attributes["connection"] = connection
    config.attributes["lock_seconds"] = LOCK_SECONDS
    return config


def _plain(path: Path) -> str:
    """A path as Alembic's configuration takes it."""
    return str(path).replace("%", "%%")
