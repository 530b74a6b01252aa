"""The pool of connections to PostgreSQL: what happens when none is free, and behind a pooler that lends one for a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.faults import away
from bot.settings import Settings, SettingsError
from storage.cases import Cases
from storage.migrate import migrate
from storage.records import Filter
from storage.seal import Seal
from storage.sql.db import Pool
from tests.storage_sql.sample import Clock, opened

NARROW = Pool(size=1, overflow=0, wait=0.05)


@pytest.fixture
def pool(request: pytest.FixtureRequest) -> Pool:
    """The pool of `cases`: given by the test, or a narrow one."""
    given: Pool = getattr(request, "param", NARROW)
    return given


@pytest.fixture
async def cases(postgres_database: str, seal: Seal, tmp_path: Path, clock: Clock, pool: Pool) -> AsyncIterator[Cases]:
    """A store on PostgreSQL with this pool."""
    await migrate(postgres_database, pool)
    store = Cases(postgres_database, seal, tmp_path, {}, clock, secret="k" * 32, pool=pool)
    yield store
    await store.close()


async def test_who_finds_no_free_connection_is_told_to_come_again(cases: Cases) -> None:
    """As if the database were away: nothing is put aside as unfit, and the same batch is filed once when there is one."""
    case = opened()
    async with cases._db.read():
        with pytest.raises(PoolTimeout) as full:
            await cases.file([case])
        assert str(away(full.value)) == "cases: TimeoutError"
    await cases.file([case])
    await cases.file([case])
    assert len((await cases.queue("uz.mfa", Filter())).lines) == 1


@pytest.mark.parametrize("pool", [Pool(1, 0, 60.0), Pool(2, 1, 60.0)], indirect=True)
async def test_many_at_once_wait_their_turn(cases: Cases) -> None:
    """A pool far too small for the crowd makes it slow, and loses nobody."""
    crowd = [opened(f"p{n}") for n in range(40)]
    await asyncio.gather(*(cases.file([case]) for case in crowd))
    assert len((await cases.queue("uz.mfa", Filter(), limit=100)).lines) == len(crowd)


@pytest.mark.parametrize(("pool", "kept"), [(Pool(1, 0), True), (Pool(1, 0, prepared=False), False)], indirect=["pool"])
async def test_nothing_stays_prepared_for_a_pooler_that_keeps_nothing(cases: Cases, kept: bool) -> None:
    """The next transaction may be on another connection, where no statement of ours is known."""
    await cases.file([opened()])
    await cases.queue("uz.mfa", Filter())
    async with cases._db.read() as connection:
        held = (
            await connection.execute(text("SELECT count(*) FROM pg_prepared_statements WHERE name <> ''"))
        ).scalar_one()
    assert bool(held) is kept


@pytest.mark.parametrize("wrong", [{"database_pool": 0}, {"database_overflow": -1}, {"database_wait": 0.0}])
def test_a_pool_that_cannot_be_is_refused_at_the_start(wrong: dict[str, float]) -> None:
    """In one line."""
    with pytest.raises(SettingsError, match=r"^KOMEK_DATABASE_POOL.*at least"):
        Settings.read({f"KOMEK_{name.upper()}": str(value) for name, value in wrong.items()}).pool()
