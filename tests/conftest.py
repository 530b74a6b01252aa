"""Fixtures that every test may ask for. Servers are real, one of each per worker, started when first asked for.

- Valkey: `redis` (a client on an empty server), `valkey_url` (its address; ask for `redis` or `empty_valkey` too if you
  need it empty), `valkey_server` (to kill and start it), `valkey_cluster` (three of them that are one, empty, to kill and
  start). `store` is our own client; the tests of the modules in `EITHER` run twice, on one server and on the cluster.
- SQL: `database_url` (the test runs twice: SQLite and PostgreSQL), `sqlite_url`, `postgres_database` (each a fresh, empty
  database), `postgres_url` (the cluster's own), `postgres_server` (to kill and start it).
- `s3`: a store of files (moto's; no real one comes as a package), its bucket `files` and its key.
- `data_keys`, `seal`, `chromium`, `free_port`, `wait_until`.

`tests.waiting.wait_for` waits in a test without an event loop; `tests.servers.free_port()` gives further ports.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from redis.asyncio import Redis

from storage.seal import Seal
from storage.store import Store, connect
from tests import servers, waiting
from tests.cluster import LiveCluster, cluster
from tests.servers import LivePostgres, LiveS3, LiveValkey

_databases = itertools.count(1)

EITHER = {
    *(f"tests.storage_redis.test_{name}" for name in ("queues", "leases", "letters", "timers")),
    *(f"tests.rooms.test_{name}" for name in ("bell", "path", "owner", "reader", "sender", "clerk")),
    *("tests.webchat.test_history", "tests.bot.test_rereading"),
}
"""Modules whose tests of the durable path run on one server and on a cluster."""

# The same examples at every run, and no verdict by the clock: a red run can be repeated, a busy machine stays green.
# `--hypothesis-profile=search` looks for new ones.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", settings.get_profile("search"), derandomize=True, database=None)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def _valkey() -> Iterator[LiveValkey]:
    """The worker's one Valkey."""
    with servers.folder("kv-") as folder:
        server = LiveValkey(folder)
        server.start()
        try:
            yield server
        finally:
            server.kill()


@pytest.fixture(scope="session")
def valkey_url(_valkey: LiveValkey) -> str:
    """The address of the worker's Valkey, `redis://127.0.0.1:PORT/0`. It may hold what an earlier test left."""
    return _valkey.url


@pytest.fixture
def valkey_server(_valkey: LiveValkey) -> Iterator[LiveValkey]:
    """The worker's Valkey, empty, to `kill()` and `start()`. It runs again when the test ends, whatever the test did."""
    _valkey.start()
    _valkey.wipe()
    yield _valkey
    _valkey.start()


@pytest.fixture
def empty_valkey(valkey_server: LiveValkey) -> str:
    """The address of the worker's Valkey, which holds nothing."""
    return valkey_server.url


@pytest.fixture
async def redis(empty_valkey: str) -> AsyncIterator[Redis]:
    """A client (bytes in, bytes out) on the worker's Valkey, which holds nothing; closed at the end."""
    client = Redis.from_url(empty_valkey)
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
def _cluster() -> Iterator[LiveCluster]:
    """The worker's one cluster."""
    with cluster() as live:
        yield live


@pytest.fixture
def valkey_cluster(_cluster: LiveCluster) -> Iterator[LiveCluster]:
    """The worker's cluster, empty, to kill and start servers of it. All run again when the test ends."""
    _cluster.start()
    _cluster.wipe()
    yield _cluster
    _cluster.start()


@pytest.fixture
def empty_cluster(valkey_cluster: LiveCluster) -> str:
    """The address of the worker's cluster, which holds nothing."""
    return valkey_cluster.url


@pytest.fixture
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """An open connection of ours to the worker's Valkey or its cluster, which holds nothing; closed at the end."""
    store = await connect(request.getfixturevalue(getattr(request, "param", "empty_valkey")), patience=1.0)
    yield store
    await store.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What works on a store and asks for no certain server works on one server and on a cluster."""
    asked = set(metafunc.fixturenames)
    if (
        metafunc.module.__name__ in EITHER
        and "store" in asked
        and not asked & {"redis", "empty_valkey", "valkey_server"}
    ):
        metafunc.parametrize("store", ["empty_valkey", "empty_cluster"], indirect=True, ids=["one", "cluster"])


@pytest.fixture(scope="session")
def _postgres() -> Iterator[LivePostgres]:
    """The worker's one PostgreSQL."""
    with servers.folder("pg-") as folder:
        server = LivePostgres(folder)
        server.start()
        try:
            yield server
        finally:
            server.kill()


@pytest.fixture(scope="session")
def postgres_url(_postgres: LivePostgres) -> str:
    """The worker's PostgreSQL, at its database `postgres`. Make no tables there: ask for `postgres_database`."""
    return _postgres.url()


@pytest.fixture
def postgres_server(_postgres: LivePostgres) -> Iterator[LivePostgres]:
    """The worker's PostgreSQL, to `kill()` and `start()`. It runs again when the test ends, whatever the test did."""
    _postgres.start()
    yield _postgres
    _postgres.start()


@pytest.fixture
def postgres_database(postgres_server: LivePostgres) -> Iterator[str]:
    """The address of a fresh, empty PostgreSQL database, dropped at the end with all its connections."""
    name = f"test_{next(_databases)}"
    postgres_server.sql(f"CREATE DATABASE {name}")
    yield postgres_server.url(name)
    postgres_server.start()
    postgres_server.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def s3() -> Iterator[LiveS3]:
    """The worker's S3. Its bucket `files` may hold what an earlier test left: use a prefix of your own."""
    server = LiveS3()
    server.start()
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'komek.sqlite3'}"


@pytest.fixture(params=["sqlite_url", "postgres_database"], ids=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database's address as `KOMEK_DATABASE_URL` takes it; the test runs once for each of the two engines."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture(scope="session")
def data_keys() -> str:
    """`KOMEK_DATA_KEYS` with two keys: `b` seals, `a` still opens. Known to everybody, for tests only."""
    return ",".join(f"{name}:{base64.b64encode(name.encode() * 32).decode()}" for name in ("b", "a"))


@pytest.fixture(scope="session")
def seal() -> Seal:
    """Seals and opens with the keys of `data_keys`."""
    return Seal({name: name.encode() * 32 for name in ("b", "a")})


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a real Chromium. Fails if there is none: `make browser` brings it."""
    try:
        return servers.chromium()
    except LookupError as fault:
        pytest.fail(str(fault), pytrace=False)


@pytest.fixture
def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nobody listens."""
    return servers.free_port()


@pytest.fixture
def wait_until() -> waiting.WaitUntil:
    """To be awaited with a condition, and `timeout` (seconds) and `what` if wanted: see `tests.waiting.wait_until`."""
    return waiting.wait_until
