"""Whose fault it is: the database's, then everything waits; or the data's, then it is put aside."""

from __future__ import annotations

from contextlib import suppress

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from bot.faults import away
from storage.sql.db import connect
from tests.servers import LivePostgres


class Coded(Exception):
    """An error of the driver's with PostgreSQL's code."""

    def __init__(self, sqlstate: str | None) -> None:
        """`sqlstate`: five characters."""
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    "code",
    [
        "08006",
        "25006",
        "26000",
        "42P05",
        "40P01",
        "40001",
        "53100",
        "53300",
        "42P01",
        "42703",
        "42501",
        "55P03",
        "57P01",
        "57P03",
        "58030",
    ],
)
def test_a_database_that_cannot_now_is_away(code: str) -> None:
    """Starting, stopping, full, deadlocked, read-only: nothing of it is the fault of what was to be written."""
    assert away(DBAPIError("", {}, Coded(code)))


@pytest.mark.parametrize("code", ["22021", "23502", "23503", "42601", None])
def test_data_that_cannot_be_written_is_not_away(code: str | None) -> None:
    """Waiting would not help."""
    assert away(DBAPIError("", {}, Coded(code))) is None


async def test_too_many_connections_are_not_the_datas_fault(postgres_server: LivePostgres) -> None:
    """A real server with no connection left: what is to be filed waits, and is not put aside as unfit."""
    url = postgres_server.url()
    held: list[asyncpg.Connection] = []
    engine = connect(url)
    try:
        with suppress(asyncpg.TooManyConnectionsError):
            while True:
                held.append(await asyncpg.connect(url))
        with pytest.raises(DBAPIError) as refused:
            await engine.connect()
        assert away(refused.value)
    finally:
        for one in held:
            await one.close()
        await engine.dispose()
