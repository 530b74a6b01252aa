"""What an operator sees: counts, health of each process, a stop that is announced, tables that are behind."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families as families

from relief.pack import load
from storage.migrate import migrate
from tests.servers import LivePostgres, LiveValkey, free_port
from tests.waiting import WaitUntil
from tests.whole.conftest import Whole, opened
from tests.whole.service import Service
from tests.whole.test_providers import AGENCY, dialogue

pytestmark = pytest.mark.timeout(600)

KINDS = {
    "age": {"hour", "day", "week", "month", "older"},
    "agency": set(load("turkic-2020").agencies),
    "call": {"send", "fetch", "open", "poll"},
    "channel": {"telegram", "whatsapp", "sms", "web"},
    "kind": {"text", "choice", "command", "media", "location", "contact", "edit", "news", "tick"},
    "of": {"all"},
    "outcome": {"sent", "retry", "slow_down", "unknown", "blocked", "refused", "parked", "done", "failed"}
    | {"covered", "covered_if", "no_penalty", "unclear", "not_covered", "unknown"},
    "queue": {"inbox", "outbox", "broadcast", "effects", "dead", "raw", "session"},
    "room": {"reader", "sender", "clerk"},
    "state": {"used", "open", "working", "failing", "disabled"},
    "status": {"received", "reading", "waiting", "referred", "decided", "closed"},
    "what": {"used", "bound", "news", "events", "attachments", "posts"},
}
"""All that a label of ours may ever say."""


async def fetched(url: str) -> tuple[int, str]:
    """Status and body of a page."""
    async with aiohttp.ClientSession() as line, line.get(url) as answer:
        return answer.status, await answer.text()


class Counts:
    """What /metrics tells."""

    def __init__(self, text: str) -> None:
        self.samples = [one for family in families(text) for one in family.samples]

    @classmethod
    async def of(cls, *services: Service) -> Counts:
        """What these processes tell together."""
        return cls("\n".join([(await fetched(f"{service.url}/metrics"))[1] for service in services]))

    def of_name(self, name: str, **labels: str) -> float:
        """The sum of all samples with this name and these labels."""
        wanted = labels.items()
        return sum(one.value for one in self.samples if one.name == name and one.labels.items() >= wanted)


async def test_a_story_is_counted_by_each_process_and_no_label_is_a_persons(
    empty_valkey: str, postgres_database: str, tmp_path: Path, wait_until: WaitUntil
) -> None:
    """The web in one process, all other parts in another that answers for itself on its own port."""
    async with opened(empty_valkey, postgres_database, tmp_path, words=("run", "web")) as whole:
        inner = whole.service.beside(tmp_path / "inner", "run", "reader", "sender", "clerk", "timers")
        await inner.start_beside()
        try:
            await _story(whole, inner, wait_until)
        finally:
            inner.kill()


async def _story(whole: Whole, inner: Service, wait_until: WaitUntil) -> None:
    """A report by Telegram, and what the processes tell of it."""
    citizen = whole.telegram.citizen(7)
    await dialogue(citizen)
    assert (await fetched(f"{inner.url}/chat"))[0] == 404

    async def filed() -> Counts | None:
        found = await Counts.of(whole.service, inner)
        return found if found.of_name("komek_effects_filed_total") else None

    found = await wait_until(filed, 30, "the case to be filed")
    assert found is not None
    _of_turns(found)
    inner.kill()
    await inner.start_beside()  # counts the cases at its start, and then once a minute

    async def counted() -> Counts | None:
        found = await Counts.of(whole.service, inner)
        return found if found.of_name("komek_cases", status="received") else None

    found = await wait_until(counted, 30, "the case to be counted")
    assert found is not None
    _of_cases(found)


def _of_turns(found: Counts) -> None:
    """What was heard, thought and said."""
    assert found.of_name("komek_heard_total", channel="telegram") == found.of_name("komek_turns_total") > 10
    assert found.of_name("komek_assessments_total", outcome="covered") >= 1
    assert found.of_name("komek_sends_total", channel="telegram", outcome="sent") > 10
    _nothing_personal(found)


def _of_cases(found: Counts) -> None:
    """What is there."""
    assert found.of_name("komek_cases_open", agency=AGENCY, age="hour") == 1
    assert found.of_name("komek_cases_overdue", agency=AGENCY) == 0
    assert found.of_name("komek_lanes") == 3 * 64
    assert found.of_name("komek_ready") == 2
    assert found.of_name("komek_redis_memory_bytes", what="used") > 100_000
    assert found.of_name("komek_database_connections", state="open") >= 1
    assert found.of_name("process_resident_memory_bytes") > 10_000_000
    assert found.of_name("komek_backup_timestamp_seconds") == 0
    _nothing_personal(found)


def _nothing_personal(found: Counts) -> None:
    """No label tells of a person."""
    ours = [one for one in found.samples if one.name.startswith("komek_")]
    assert [one for one in ours for name, value in one.labels.items() if value not in KINDS.get(name, {value})] == []
    assert {name for one in ours for name in one.labels} <= KINDS.keys() | {"le"}


@pytest.fixture
async def fragile(
    valkey_server: LiveValkey, postgres_server: LivePostgres, postgres_database: str, tmp_path: Path
) -> AsyncIterator[Whole]:
    """An installation whose stores the test can kill, and which takes its time to stop."""
    port = str(free_port())
    async with opened(valkey_server.url, postgres_database, tmp_path, METRICS_PORT=port, DRAIN_SECONDS="60") as whole:
        yield whole


async def test_ready_tells_from_alive(
    fragile: Whole,
    valkey_server: LiveValkey,
    postgres_server: LivePostgres,
    postgres_database: str,
    wait_until: WaitUntil,
) -> None:
    """Each store away, the tables behind, the stop begun: alive, not ready, and it says why; /metrics is not for the public."""
    url = fragile.service.url
    assert (await fetched(f"{url}/metrics"))[0] == 404

    async def away(*names: str) -> None:
        async def told() -> bool:
            status, text = await fetched(f"{url}/health/ready")
            return status == (503 if names else 200) and all(f'"{name}"' in text for name in names)

        await wait_until(told, 60, f"away: {names}")
        assert (await fetched(f"{url}/health/live"))[0] == 200

    await asyncio.to_thread(valkey_server.kill)
    await away("redis", "leases")
    await asyncio.to_thread(valkey_server.start)
    await away()
    await asyncio.to_thread(postgres_server.kill)
    await away("sql")
    await asyncio.to_thread(postgres_server.start)
    await away()
    name = postgres_database.rpartition("/")[2]
    await asyncio.to_thread(postgres_server.sql, "UPDATE alembic_version SET version_num = '0004'", name)
    await away("tables")
    await asyncio.to_thread(postgres_server.sql, "UPDATE alembic_version SET version_num = '9999'", name)
    await away()
    fragile.service.process.send_signal(signal.SIGTERM)
    await away("stopping")
    fragile.service.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(fragile.service.process.wait, 60) == -signal.SIGTERM


@pytest.fixture
def late(empty_valkey: str, database_url: str, tmp_path: Path, data_keys: str) -> Iterator[Service]:
    """A service that leaves its tables to `komek migrate`."""
    settings = {"REDIS_URL": empty_valkey, "DATABASE_URL": database_url, "DATA_KEYS": data_keys, "MIGRATE": "wait"}
    service = Service(tmp_path, ("run",), settings | {"SECRET_KEY": "k" * 32, "TODAY": "2020-05-08"})
    yield service
    service.kill()


async def test_a_process_whose_tables_are_behind_waits_for_them(
    late: Service, database_url: str, wait_until: WaitUntil
) -> None:
    """One line, alive, 503; nothing else is answered; it begins once `komek migrate` is through."""
    await migrate(database_url, to="0004")
    starting = asyncio.create_task(late.start_beside())
    await wait_until(lambda: _waits(late), 120, "the process to wait")
    assert (await fetched(f"{late.url}/health/live"))[0] == 200
    assert (await fetched(f"{late.url}/chat"))[0] == 404
    assert "the tables are those of step 0004, this version needs 0005: run `komek migrate`" in late.log
    assert "up to date" in await asyncio.to_thread(late.tells, "migrate")
    await starting
    assert (await fetched(f"{late.url}/chat"))[0] == 200


async def test_a_process_that_waits_for_its_tables_stops_when_it_is_told_to(
    late: Service, wait_until: WaitUntil
) -> None:
    """At once, and as if nothing were wrong."""
    starting = asyncio.create_task(late.start_beside())
    await wait_until(lambda: _waits(late), 120, "the process to wait")
    assert await asyncio.to_thread(late.terminate) == 0
    await asyncio.wait([starting])
    assert starting.exception()


async def _waits(service: Service) -> bool:
    """Whether it says that it waits for its tables."""
    try:
        return (await fetched(f"{service.url}/health/ready")) == (503, '{"ready":false,"away":["tables"]}')
    except aiohttp.ClientError:
        return False
