"""The embedded Valkey: durable, adopted, shared, and never two on one file."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from storage.embedded import Embedded, EmbeddedError
from storage.redis import Redis, as_list
from tests import servers
from tests.rooms.life import eventually
from tests.waiting import wait_for


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for its data; whatever still runs on it at the end is stopped."""
    with servers.folder("em-") as path:
        yield path / "valkey"
        last = Embedded(path / "valkey")
        last.start()
        last.stop()


def _pid(folder: Path) -> int:
    """The server's process."""
    return int((folder / "valkey.pid").read_text())


async def _redis(server: Embedded) -> Redis:
    """An open connection."""
    redis = Redis(server.url)
    await redis.open()
    return redis


async def test_what_was_written_is_there_after_a_restart(folder: Path) -> None:
    """Stopped and started again it has its data, and its append-only file is on."""
    server = Embedded(folder)
    server.start()
    redis = await _redis(server)
    assert as_list(await redis.call("CONFIG", "GET", "appendonly"))[1] == b"yes"
    assert as_list(await redis.call("CONFIG", "GET", "appendfsync"))[1] == b"everysec"
    await redis.call("SET", "k", "v")
    await redis.close()
    pid = _pid(folder)
    server.stop()
    assert not psutil.pid_exists(pid)
    server.start()
    redis = await _redis(server)
    assert await redis.call("GET", "k") == b"v"
    await redis.close()
    server.stop()


def test_the_next_process_takes_over_a_killed_ones_server(folder: Path) -> None:
    """After kill -9 of its user the server still runs; the next user works with the same one, and stops it."""
    code = f"from storage.embedded import Embedded; from pathlib import Path; Embedded(Path({str(folder)!r})).start()"
    user = subprocess.Popen(
        [sys.executable, "-c", f"{code}; import time; print(1, flush=True); time.sleep(60)"], stdout=-1
    )
    assert user.stdout is not None
    user.stdout.readline()
    before = _pid(folder)
    user.kill()
    user.wait()
    user.stdout.close()
    assert psutil.pid_exists(before)
    server = Embedded(folder)
    server.start()
    assert _pid(folder) == before
    server.stop()
    assert not psutil.pid_exists(before)


def test_the_last_of_its_users_shuts_it_down(folder: Path) -> None:
    """Two users share one server; it ends with the second."""
    one, two = Embedded(folder), Embedded(folder)
    one.start()
    two.start()
    pid = _pid(folder)
    one.stop()
    assert psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    two.stop()
    wait_for(lambda: not psutil.pid_exists(pid), what="its end")


async def test_a_server_that_dies_is_started_again(folder: Path) -> None:
    """Killed, it comes back on the same address with its data while we watch."""
    server = Embedded(folder)
    server.start()
    redis = await _redis(server)
    await redis.call("SET", "k", "v")
    assert await redis.call("CONFIG", "SET", "appendfsync", "always") == b"OK"
    await redis.call("SET", "k", "w")
    watching = asyncio.create_task(server.watch())
    os.kill(_pid(folder), signal.SIGKILL)
    await eventually(partial(_answers, redis))
    assert await redis.call("GET", "k") == b"w"
    watching.cancel()
    await redis.close()
    server.stop()


async def _answers(redis: Redis) -> bool:
    """Whether it can be asked."""
    try:
        return await redis.call("PING") == b"PONG"
    except Exception:  # noqa: BLE001 - whatever it is, it cannot be asked yet
        return False


def test_a_folder_far_down_has_its_socket_elsewhere(tmp_path: Path) -> None:
    """A Unix socket's path is short; a long folder name is no obstacle."""
    server = Embedded(tmp_path / ("long" * 40) / "valkey")
    server.start()
    assert len(server.url) < 110
    server.stop()


def test_a_broken_file_is_named(folder: Path) -> None:
    """A server that cannot read its file says so in one line, and nothing is overwritten."""
    server = Embedded(folder)
    server.start()
    server.stop()
    broken = next((folder / "appendonlydir").glob("*.manifest"))
    text = broken.read_text()
    broken.write_text("nonsense")
    with pytest.raises(EmbeddedError, match="Valkey did not start"):
        server.start()
    assert broken.read_text() == "nonsense"
    broken.write_text(text)
    server.stop()
