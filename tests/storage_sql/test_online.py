"""Changing tables while people work with them: nobody waits for long, one process at a time, and it ends."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from storage import migrate as migration
from storage.cases import Cases
from storage.migrate import Behind, migrate
from storage.seal import Seal
from storage.sql.db import address, connect
from tests.storage_sql.sample import Clock, opened
from tests.storage_sql.steps import with_next
from tests.waiting import WaitUntil


async def test_the_desk_goes_on_while_a_step_waits_for_a_lock(
    postgres_database: str, seal: Seal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's long question keeps a step from its lock: it steps back and lets others by, and gets it in the end."""
    monkeypatch.setattr(migration, "LOCK_SECONDS", 1)
    await migrate(postgres_database)
    cases = Cases(postgres_database, seal, tmp_path / "files", clock=Clock())
    engine = create_async_engine(address(postgres_database))
    async with engine.connect() as long:
        await long.execute(text("SELECT count(*) FROM cases"))
        (tmp_path / "steps").mkdir()
        changing = asyncio.create_task(migrate(postgres_database, steps=with_next(tmp_path / "steps")))
        async with asyncio.timeout(60):
            for n in range(20):
                await cases.file([opened(f"citizen-{n}")])
                await cases.counts("uz.mfa")
                await asyncio.sleep(0.1)
        assert not changing.done()
        await long.rollback()
    async with asyncio.timeout(60):
        await changing
    assert sum((await cases.counts("uz.mfa")).values()) == 20
    await cases.ready()
    await cases.close()
    await engine.dispose()


async def test_a_second_migration_waits_and_says_so(
    postgres_database: str, caplog: pytest.LogCaptureFixture, wait_until: WaitUntil
) -> None:
    """Whoever comes second does nothing until the first is through."""
    engine = create_async_engine(address(postgres_database))
    with caplog.at_level(logging.INFO):
        async with engine.begin() as first:
            await first.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": migration._LOCK})
            second = asyncio.create_task(migrate(postgres_database))
            await wait_until(lambda: "another process brings the tables up to date" in caplog.text, 30)
            assert not second.done()
        async with asyncio.timeout(60):
            await second
    await engine.dispose()


async def test_an_older_version_lives_with_newer_tables(database_url: str, seal: Seal, tmp_path: Path) -> None:
    """What one step adds does not disturb the version before it: it works, is ready, and starts again."""
    await migrate(database_url, steps=with_next(tmp_path))
    await migrate(database_url)
    cases = Cases(database_url, seal, tmp_path / "files", clock=Clock())
    await cases.ready()
    await cases.file([opened()])
    assert sum((await cases.counts("uz.mfa")).values()) == 1
    await cases.close()


async def test_a_version_whose_tables_are_behind_says_which_it_needs(
    database_url: str, seal: Seal, tmp_path: Path
) -> None:
    """One line that names both steps."""
    await migrate(database_url, to="0003")
    cases = Cases(database_url, seal, tmp_path / "files")
    with pytest.raises(Behind, match=r"^the tables are those of step 0003, this version needs 0\d+$"):
        await cases.ready()
    await cases.close()


async def test_an_index_that_was_cut_short_is_made_anew(postgres_database: str, tmp_path: Path) -> None:
    """What a killed step left invalid is dropped first."""
    await migrate(postgres_database)
    engine = connect(postgres_database)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE INDEX ix_next ON events (what)"))
        await connection.execute(text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_next'::regclass"))
    await migrate(postgres_database, steps=with_next(tmp_path))
    async with engine.connect() as connection:
        query = text("SELECT indisvalid, indnatts FROM pg_index WHERE indexrelid = 'ix_next'::regclass")
        assert tuple((await connection.execute(query)).one()) == (True, 2)
    await engine.dispose()
