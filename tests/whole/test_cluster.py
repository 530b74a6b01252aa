"""Many processes on a Valkey Cluster: lanes move when a process dies, within seconds, and nobody notices."""

from __future__ import annotations

import asyncio
import base64
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage.cases import Cases
from storage.keys import LANES, key
from storage.redis import each
from storage.seal import Seal
from storage.store import Store, connect
from tests.cluster import LiveCluster
from tests.fakes.telegram import FakeTelegram
from tests.fakes.twilio import FakeTwilio
from tests.servers import free_port
from tests.waiting import WaitUntil
from tests.whole.conftest import KEY, PUBLIC, SECRET, Whole
from tests.whole.crowd import Crowd, filed
from tests.whole.player import REF
from tests.whole.service import Service

pytestmark = pytest.mark.timeout(300)
PEOPLE = 40
PROCESSES: Mapping[str, tuple[str, ...]] = {
    "web-1": ("web", "clerk"),
    "web-2": ("web", "sender", "timers"),
    "work-1": ("reader", "sender"),
    "work-2": ("reader", "clerk"),
}
"""Two of each kind, in as few processes as that takes."""


@dataclass
class Town:
    """The processes, what they stand on, and who talks to them."""

    processes: Mapping[str, Service]
    whole: Whole
    store: Store

    async def holders(self, room: str) -> Counter[str]:
        """Who works how many lanes of a room."""
        said = await each([self.store.call("GET", key(lane, "lease", room)) for lane in range(LANES)])
        return Counter(one.decode() for one in said if isinstance(one, bytes))

    def shared(self, room: str) -> Callable[[], Awaitable[bool]]:
        """Whether two work this room, half of the lanes each."""

        async def look() -> bool:
            return list((await self.holders(room)).values()) == [LANES // 2] * 2

        return look


@pytest.fixture
async def town(valkey_cluster: LiveCluster, postgres_database: str, tmp_path: Path) -> AsyncIterator[Town]:
    """The processes at work."""
    async with AsyncExitStack() as stack:
        port = free_port()
        reach = {PUBLIC: f"http://127.0.0.1:{port}"}
        telegram = await stack.enter_async_context(FakeTelegram(reach=reach))
        twilio = await stack.enter_async_context(FakeTwilio(f"{PUBLIC}/in/twilio", reach, content=True))
        settings = {
            "REDIS_URL": valkey_cluster.url,
            "DATABASE_URL": postgres_database,
            "PUBLIC_URL": PUBLIC,
            "SECRET_KEY": "k" * 40,
            "DATA_KEYS": f"k1:{base64.b64encode(KEY).decode()}",
            "TODAY": "2020-05-08",
            "TELEGRAM_SECRET": SECRET,
            "TELEGRAM_RATE": "0",
            "WHATSAPP_RATE": "0",
            "VAR_DIR": str(tmp_path / "var"),
        }
        settings |= {name.removeprefix("KOMEK_"): value for name, value in telegram.env.items()}
        processes: dict[str, Service] = {}
        for name, parts in PROCESSES.items():
            (tmp_path / name).mkdir()
            processes[name] = Service(tmp_path / name, ("run", *parts), settings, port if name == "web-1" else 0)
            stack.callback(processes[name].kill)
        await asyncio.gather(*(process.start_beside() for process in processes.values()))
        cases = Cases(postgres_database, Seal({"k1": KEY}), tmp_path / "var" / "attachments", secret="k" * 40)
        stack.push_async_callback(cases.close)
        store = await connect(valkey_cluster.url)
        stack.push_async_callback(store.close)
        yield Town(processes, Whole(processes["web-1"], telegram, twilio, cases), store)


async def test_a_reader_dies_in_the_crowd(town: Town, wait_until: WaitUntil) -> None:
    """kill -9, with its sender: the other has its lanes within seconds; everybody has one whole conversation and one case."""
    crowd = Crowd(PEOPLE, town.whole)
    for room in ("reader", "sender", "clerk"):
        await wait_until(town.shared(room), 60, f"two to share {room}")
    talking = asyncio.create_task(crowd.talk())
    await crowd.reached(PEOPLE * 4)
    await asyncio.to_thread(town.processes["work-2"].kill)
    dead = time.monotonic()

    async def moved() -> bool:
        return list((await town.holders("reader")).values()) == [LANES]

    await wait_until(moved, 60, "the other to have all lanes")
    print(f"all {LANES} lanes with the other reader {time.monotonic() - dead:.2f} s after kill -9")  # noqa: T201 - pytest -s
    await crowd.reached(PEOPLE * 9)
    await town.processes["work-2"].start_beside()
    await wait_until(town.shared("reader"), 60, "the new one to have its share")
    await talking
    refs = Counter(player.ref for player in crowd.players)
    assert len(refs) == PEOPLE
    found = await wait_until(lambda: filed(town.whole, PEOPLE), 60, "every case in the queue")
    assert Counter(found) == refs
    talks: dict[int, list[str]] = {}
    for said in town.whole.telegram.called("sendMessage"):
        talks.setdefault(int(said["chat_id"]), []).append(REF.sub("REF", said["text"]))
    assert len(talks) == PEOPLE
    assert len({tuple(talk) for talk in talks.values()}) == 1, "nobody was told anything twice, or not at all"
    assert not any("Traceback" in process.log for process in town.processes.values())
