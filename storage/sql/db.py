"""One database, SQLite or PostgreSQL, and how a transaction on it begins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from sqlalchemy import Connection, Executable, Table, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import QueuePool

from storage.files import Files
from storage.seal import Seal
from storage.sql import auditing
from storage.sql.engine import AsyncConnection, AsyncEngine, create_async_engine
from storage.sql.finder import Finder
from storage.sql.sla import Clocks
from storage.sql.vault import Vault

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert

_DRIVERS = {"postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}
_UNPREPARED = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": str,  # "": PostgreSQL's unnamed statement, which leaves nothing behind
}
_BUSY = 10_000  # ms that a SQLite writer waits for the one before it


class _Cursor(Protocol):
    def execute(self, sql: str) -> object: ...
    def close(self) -> None: ...


class _Connection(Protocol):
    isolation_level: str | None

    def cursor(self) -> _Cursor: ...


def address(database_url: str) -> URL:
    """`postgresql://…` or `sqlite:///path` with our asynchronous driver. Raises ValueError for any other database."""
    url = make_url(database_url)
    driver = _DRIVERS.get(url.drivername.partition("+")[0])
    if driver is None:
        raise ValueError("the database must be postgresql:// or sqlite:///")
    return url.set(drivername=driver)


class Pool(NamedTuple):
    """The connections of one process to PostgreSQL."""

    size: int = 5
    """So many are kept open."""
    overflow: int = 10
    """So many more are opened while they are needed."""
    wait: float = 30.0
    """Seconds that a question waits for a free one, before it fails as if the database were away."""
    prepared: bool = True
    """Whether statements stay prepared on their connection. Not behind a pooler that gives each transaction another one."""


POOL = Pool()
"""Enough for one server."""


def connect(database_url: str, pool: Pool = POOL) -> AsyncEngine:
    """An engine on that database; a SQLite file's folder is made if it is missing. Its faults never tell what was written."""
    url = address(database_url)
    if not url.drivername.startswith("sqlite"):
        return create_async_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=pool.size,
            max_overflow=pool.overflow,
            pool_timeout=pool.wait,
            connect_args={} if pool.prepared else _UNPREPARED,
        )
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: _Connection, record: object) -> None:
    """SQLite as we use it: readers beside one writer, waiting instead of failing, foreign keys meant seriously."""
    connection.isolation_level = None  # the driver's own BEGIN comes too late to keep a read and its write together
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", f"busy_timeout={_BUSY}", "foreign_keys=ON", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """A writer takes SQLite's one write lock at once: upgrading a read lock half way would fail instead of waiting."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)


class Db:
    """What every question needs: the database, the seal, where attachments are, and the clock."""

    def __init__(
        self,
        database_url: str,
        seal: Seal,
        files: Files,
        clock: Callable[[], datetime] = now,
        clocks: Clocks | None = None,
        secret: str = "",
        pool: Pool = POOL,
    ) -> None:
        """Opens nothing yet; the first transaction does. Raises ValueError for a database we do not speak.

        `clocks`: when agencies work; `secret` keys the audit, and the words that can be searched for (none: nothing is found).
        """
        self.engine = connect(database_url, pool)
        self._writer = self.engine.execution_options(writes=True)
        self.vault = Vault(seal)
        self.files = files
        self.clock = clock
        self.chain = auditing.Chain(secret)
        self.clocks = clocks or Clocks()
        self.finder = Finder(secret)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads."""
        async with self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes: all of it, or nothing; what it recorded is chained into the audit at its end."""
        async with self._writer.begin() as connection:
            await auditing.begin(connection)
            yield connection
            await self.chain.append(connection, self.clock())

    def connections(self) -> dict[str, int]:
        """How many connections to the database are `used` now, and how many are `open`."""
        pool = self.engine.pool
        if not isinstance(pool, QueuePool):
            return {}
        return {"used": pool.checkedout(), "open": pool.checkedout() + pool.checkedin()}

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


async def insert_once(connection: AsyncConnection, table: Table, **values: object) -> bool:
    """Insert the row unless it (or its unique twin) is there. Whether it was inserted: the heart of doing things once."""
    return (await connection.execute(_once(connection.dialect.name, table), values)).scalar_one_or_none() is not None


@cache
def _once(dialect: str, table: Table) -> Executable:
    """The statement, made once: SQLAlchemy takes longer to make one than the database to obey it."""
    return fresh(dialect, table).returning(next(iter(table.primary_key.columns)))


def upsert(dialect: str, table: Table) -> Insert:
    """An INSERT that can say what a conflict means, in the words of this database. Only its dialect is loaded."""
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert

        return insert(table)
    from sqlalchemy.dialects import sqlite

    return cast("Insert", sqlite.insert(table))  # a class of its own, with the same methods


def fresh(dialect: str, table: Table) -> Insert:
    """An INSERT of rows, but for those that are there already."""
    return upsert(dialect, table).on_conflict_do_nothing()
