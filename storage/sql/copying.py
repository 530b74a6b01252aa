"""All rows of all tables as they are at one moment, and putting them into an empty database, of either engine.

What is sealed stays sealed. Tables and columns are those that the database has, not those of this version of the code: a copy
goes into tables of the same step, and these are brought up to date afterwards.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, Date, DateTime, MetaData, Table, func, select, update

from storage.sql.engine import AsyncConnection, AsyncEngine

_ROWS = 500
_STEP = "alembic_version"
_MADE = {"audit_head"}

Row = Sequence[object]


async def step_of(connection: AsyncConnection) -> str:
    """The step at which the tables are. Raises ValueError where there are none."""
    meta = await _tables(connection)
    if _STEP not in meta.tables:
        raise ValueError("the database has no tables")
    return str((await connection.execute(select(meta.tables[_STEP].c.version_num))).scalar_one())


async def copied(connection: AsyncConnection) -> AsyncIterator[tuple[str, Sequence[str], Sequence[Row]]]:
    """Each table's name, its columns and some rows, in an order in which they can be put back. `connection`: of `moment`."""
    for table in await _ours(connection):
        names = [str(column.name) for column in table.columns]
        async for rows in (await connection.stream(select(table))).partitions(_ROWS):
            yield str(table.name), names, [[_out(value) for value in row] for row in rows]


def moment(engine: AsyncEngine) -> AsyncEngine:
    """The engine, whose transactions see all tables as they are at one moment."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine  # a SQLite transaction always does


async def empty(connection: AsyncConnection) -> bool:
    """Whether no table of ours holds a row, but for those that are made with a row in them."""
    tables = [table for table in await _ours(connection) if table.name not in _MADE]
    rows = [(await connection.execute(select(table).limit(1))).first() for table in tables]
    return not any(rows)


class Putting:
    """Rows on their way into the tables of one transaction."""

    def __init__(self, connection: AsyncConnection, tables: Mapping[str, Table]) -> None:
        """`tables`: by name."""
        self._connection = connection
        self._tables = tables

    @classmethod
    async def into(cls, connection: AsyncConnection) -> Putting:
        """Into the tables that are there."""
        tables = {table.name: table for table in await _ours(connection)}
        for name in _MADE & tables.keys():
            await connection.execute(tables[name].delete())
        return cls(connection, tables)

    async def put(self, name: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Some rows. Raises LookupError for a table or column that is not there."""
        table = self._tables[name]
        kinds = [table.columns[column].type for column in columns]
        values = [
            {column: _in(kind, value) for column, kind, value in zip(columns, kinds, row, strict=True)} for row in rows
        ]
        await self._connection.execute(table.insert(), values)

    async def end(self) -> None:
        """Numbers that the database gives go on after those that were put in."""
        if self._connection.dialect.name != "postgresql":
            return
        for table in self._tables.values():
            for column in table.columns:
                if column.autoincrement is True or "nextval" in str(getattr(column.server_default, "arg", "")):
                    name = func.pg_get_serial_sequence(table.name, column.name)
                    await self._connection.execute(
                        select(func.setval(name, func.coalesce(select(func.max(column)).scalar_subquery(), 1)))
                    )


async def untell(connection: AsyncConnection, since: datetime) -> None:
    """What was carried on to chats and agencies' streams after `since` is to be carried on again: its mark is newer than the
    copy of Redis. What that copy has heard of it is dropped there.
    """
    tables = {table.name: table for table in await _ours(connection)}
    for name, mark in (("events", "told_at"), ("announcements", "published_at")):
        column = tables[name].columns[mark]
        moment = since if connection.dialect.name == "postgresql" else since.replace(tzinfo=None)
        await connection.execute(update(tables[name]).where(column > moment).values({mark: None}))


def margin(begun: datetime) -> datetime:
    """From when on marks are not believed, for a copy of Redis that was begun then: clocks differ."""
    return begun - timedelta(minutes=10)


async def _ours(connection: AsyncConnection) -> list[Table]:
    """All tables with something in them to keep, those that others refer to first."""
    return [table for table in (await _tables(connection)).sorted_tables if table.name != _STEP]


async def _tables(connection: AsyncConnection) -> MetaData:
    """What the database has."""
    meta = MetaData()

    def reflect(there: Connection) -> None:
        meta.reflect(there)

    await connection.run_sync(reflect)
    return meta


def _out(value: object) -> object:
    """A value as it is written: moments with their zone, since SQLite keeps none."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _in(kind: object, value: object) -> object:
    """A value as its column takes it."""
    if isinstance(kind, Date) and isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(kind, DateTime) and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value
