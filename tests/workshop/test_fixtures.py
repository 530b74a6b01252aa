"""The servers and fixtures that other tests stand on."""

from __future__ import annotations

import socket
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Broken

from bot.settings import Settings
from storage.seal import Seal
from tests.servers import LivePostgres, LiveValkey
from tests.servers import free_port as another_port
from tests.waiting import WaitUntil, wait_for


async def test_valkey_is_real_and_keeps_an_append_only_file(redis: Redis) -> None:
    """The Valkey of the tests speaks the protocol and runs with its append-only file, as an installation does."""
    await redis.set("key", "value")
    assert await redis.get("key") == b"value"
    assert (await redis.config_get("appendonly"))["appendonly"] == "yes"


@pytest.mark.parametrize("turn", [1, 2])
async def test_valkey_is_empty_for_each_test(redis: Redis, turn: int) -> None:
    """What one test leaves in Valkey, the next one does not see."""
    assert await redis.dbsize() == 0
    await redis.set("left", turn)


async def test_a_killed_valkey_comes_back_with_its_data(redis: Redis, valkey_server: LiveValkey) -> None:
    """kill() breaks connections as a crash does; start() brings back the port and every acknowledged write."""
    await redis.set("kept", "yes")
    valkey_server.kill()
    with pytest.raises(Broken):
        await redis.get("kept")
    valkey_server.start()
    assert await redis.get("kept") == b"yes"


async def test_postgres_is_real_and_the_database_empty(postgres_database: str) -> None:
    """A fresh PostgreSQL database has no table of ours and takes one."""
    line = await asyncpg.connect(postgres_database)
    try:
        assert "PostgreSQL" in await line.fetchval("SELECT version()")
        assert await line.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
        await line.execute("CREATE TABLE person (id int)")
    finally:
        await line.close()


async def test_a_killed_postgres_comes_back(postgres_database: str, postgres_server: LivePostgres) -> None:
    """kill() makes PostgreSQL refuse connections; start() brings it back on its port."""
    postgres_server.kill()
    with pytest.raises(ConnectionRefusedError):
        await asyncpg.connect(postgres_database)
    postgres_server.start()
    line = await asyncpg.connect(postgres_database)
    await line.close()


def test_a_database_address_names_one_of_two_engines(database_url: str, tmp_path: Path) -> None:
    """`database_url` is an address as the settings take it: a SQLite file of this test, or PostgreSQL on loopback."""
    assert database_url.startswith((f"sqlite:///{tmp_path}", "postgresql://postgres@127.0.0.1:"))


def test_the_keys_of_tests_are_the_keys_of_the_seal(data_keys: str, seal: Seal) -> None:
    """`data_keys` and `seal` agree, so that a running service opens what a test sealed."""
    assert Seal(Settings(data_keys=data_keys).keys()).open(seal.seal(b"plain", b"about"), b"about") == b"plain"


def test_a_free_port_can_be_listened_on(free_port: int) -> None:
    """Nobody listens on the port given, and no two ports given are the same."""
    assert another_port() != free_port
    with socket.create_server(("127.0.0.1", free_port)):
        pass


async def test_waiting_ends_when_the_condition_holds(wait_until: WaitUntil) -> None:
    """Both ways of waiting return the condition's value, and fail naming it when the time runs out."""
    steps = iter([0, 0, 7])
    assert await wait_until(lambda: next(steps)) == 7
    with pytest.raises(AssertionError, match="the moon did not hold within 0"):
        await wait_until(lambda: False, timeout=0, what="the moon")
    assert wait_for(lambda: "now") == "now"


def test_chromium_is_there(chromium: str) -> None:
    """A browser test finds a browser that can be run."""
    assert Path(chromium).is_file()
