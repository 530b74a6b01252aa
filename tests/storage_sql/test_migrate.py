"""The tables: the steps and the models agree, and making them twice or at once is harmless."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from hashlib import sha256

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect, text, update
from sqlalchemy.exc import SQLAlchemyError

from storage.cases import Cases
from storage.files import Folder
from storage.migrate import config_for, migrate
from storage.seal import Seal
from storage.sql.db import address, connect
from storage.sql.schema import metadata
from storage.sql.tables import console_sessions
from tests.storage_sql.sample import Clock


async def test_the_steps_make_exactly_the_tables_we_use(database_url: str) -> None:
    """A column in the code and not in a step, or the other way round, is found here and not at an agency's."""
    await migrate(database_url)
    await migrate(database_url)
    engine = connect(database_url)
    async with engine.begin() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()


def _differences(connection: Connection) -> object:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return compare_metadata(context, metadata)


async def test_every_step_can_be_taken_back(database_url: str) -> None:
    """Down to nothing and up again."""
    await migrate(database_url)
    engine = connect(database_url)
    async with engine.execution_options(writes=True).begin() as connection:
        await connection.run_sync(lambda c: command.downgrade(config_for(c), "base"))
        assert await connection.run_sync(lambda c: inspect(c).get_table_names()) == ["alembic_version"]
    await engine.dispose()
    await migrate(database_url)


async def test_officers_and_their_sessions_outlive_the_step_to_second_factors(
    database_url: str, seal: Seal, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Who was signed in before it stays so, and signs in as before; who owes a code when it is taken back is signed out."""
    clock, folder = Clock(), tmp_path_factory.mktemp("files")
    engine = connect(database_url)
    token, stamp = "demo-token", {"created": clock(), "seen": clock(), "expires": clock() + timedelta(hours=12)}
    officer = {
        "id": "demo-id",
        "agency": "uz.mfa",
        "login": "demo1",
        "name": "Demo",
        "role": "officer",
        "password": None,
    }
    state = {"active": True, "failed": 0, "locked_until": None, "made": clock()}
    async with engine.execution_options(writes=True).begin() as connection:
        await connection.run_sync(lambda c: command.upgrade(config_for(c), "0002"))
        old = MetaData()
        await connection.run_sync(lambda c: old.reflect(c, only=["officers", "console_sessions"]))
        tables = old.tables
        await connection.execute(tables["officers"].insert().values(officer | state))
        session = {"token": sha256(token.encode()).hexdigest(), "officer_id": "demo-id", **stamp}
        await connection.execute(tables["console_sessions"].insert().values(session))
    await engine.dispose()
    await migrate(database_url)
    store = Cases(database_url, seal, folder, clock=clock)
    found = await store.officers.session(token)
    assert found
    assert (found.login, found.factor) == ("demo1", False)
    assert [s.way for s in await store.officers.sessions(found, token)] == ["password"]
    async with store._db.write() as connection:
        await connection.execute(update(console_sessions).values(code_due=True))
    async with store._db.engine.execution_options(writes=True).begin() as connection:
        await connection.run_sync(lambda c: command.downgrade(config_for(c), "0002"))
        assert (await connection.execute(text("SELECT count(*) FROM console_sessions"))).scalar_one() == 0
        assert (await connection.execute(text("SELECT login FROM officers"))).scalars().all() == ["demo1"]
    await store.close()


def test_two_processes_may_start_at_once(database_url: str) -> None:
    """A new version is rolled out to many machines at the same moment."""
    call = f"from storage.migrate import upgrade; upgrade({database_url!r})"
    both = [subprocess.Popen([sys.executable, "-c", call], stderr=subprocess.PIPE) for _ in range(3)]
    assert [(p.communicate()[1], p.returncode)[1] for p in both] == [0, 0, 0]


async def test_a_store_without_tables_says_so(
    database_url: str, seal: Seal, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`ready` is what a health check asks."""
    store = Cases(database_url, seal, tmp_path_factory.mktemp("files"))
    with pytest.raises(SQLAlchemyError):
        await store.ready()
    await migrate(database_url)
    await store.ready()
    await store.close()


def test_only_the_two_databases_are_spoken() -> None:
    """Any other is refused by name at start, not by an accident later."""
    assert address("postgres://u@h/d").drivername == "postgresql+asyncpg"
    assert address("sqlite:///var/k.db").drivername == "sqlite+aiosqlite"
    with pytest.raises(ValueError, match="postgresql"):
        address("mysql://u@h/d")


async def test_a_file_is_sealed_bound_and_whole(tmp_path_factory: pytest.TempPathFactory, seal: Seal) -> None:
    """What is on the disk is no picture; moved under another name it does not open; no id leads outside the folder."""
    folder = tmp_path_factory.mktemp("files")
    files = Folder(folder / "in", seal)
    await files.put("../../a", b"demo")
    await files.put("../../a", b"demo again")
    await files.put("b", b"other")
    assert await files.get("../../a") == b"demo again"
    kept = [p for p in folder.rglob("*") if p.is_file()]
    assert len(kept) == 2
    assert all(p.is_relative_to(folder / "in") and b"demo" not in p.read_bytes() for p in kept)
    assert {oct(p.stat().st_mode)[-3:] for p in kept} == {"600"}
    await files.remove("b")
    await files.remove("b")
    with pytest.raises(FileNotFoundError):
        await files.get("b")
