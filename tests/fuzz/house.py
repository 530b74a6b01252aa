"""The installation under fire, as its operator has it: one process, its own Valkey and SQLite, and its vital signs."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import redis

import tests
from storage.embedded import Embedded
from tests.fuzz import forms, pages, providers, updates
from tests.fuzz.judge import PLANTED
from tests.fuzz.mutation import request
from tests.fuzz.wire import Line
from tests.whole.service import Service

PROGRAM = (sys.executable, "-c", "from bot.cli import main; main()")
_ROOT = Path(tests.__file__).parents[1]
_METRIC = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
_PATTERN = re.compile(r"\b[0-9a-z]{20,}\b|0x[0-9a-f]+|\b\d{5,}\b")
_TRACE = re.compile(r"^Traceback .*?(?=^\d{4}-|\Z)", re.MULTILINE | re.DOTALL)
_KINDS = re.compile(rb"\{\d\d\}:(\w+)(:\w+:\w+)?")


class Vitals(NamedTuple):
    """Of the process: bytes, open files. Of its Valkey: bytes."""

    rss: int
    files: int
    valkey: int


class House:
    """The service at work."""

    def __init__(self, folder: Path, service: Service) -> None:
        """Started already."""
        self.service = service
        self.folder = folder
        self._valkey = redis.Redis.from_url(Embedded(folder / "var" / "valkey").url)
        self._process = psutil.Process(service.process.pid)
        self._read = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.service.port

    def vitals(self) -> Vitals:
        """Now."""
        used = self._valkey.info("memory")["used_memory"]
        return Vitals(self._process.memory_info().rss, self._process.num_fds(), int(used))

    async def metrics(self) -> tuple[bytes, Mapping[str, float]]:
        """/metrics as it stands, and the values by name and labels."""
        line = Line(self.port)
        _, page = await line.ask(request("GET", "/metrics", {}))
        line.close()
        return page, {
            f"{name}{{{labels}}}" if labels else name: float(value)
            for name, labels, value in _METRIC.findall(page.decode())
        }

    def waiting(self) -> int:
        """Entries in all queues."""
        with self._valkey.pipeline(transaction=False) as pipe:
            for lane in range(64):
                for queue in ("inbox", "outbox", "broadcast", "effects"):
                    pipe.xlen(f"{{{lane:02d}}}:{queue}")
            return sum(pipe.execute())

    def keys(self) -> Mapping[str, tuple[int, int]]:
        """By kind of key, how many there are and about how many bytes they take."""
        found: Counter[str] = Counter()
        sizes: dict[str, list[int]] = {}
        for key in self._valkey.scan_iter(count=5000):
            match = _KINDS.match(key)
            kind = (
                (match[1].decode() + (":ids" if key.endswith(b":ids") else ":file" if b":file:" in key else ""))
                if match
                else "other"
            )
            found[kind] += 1
            if found[kind] <= 64 or found[kind] % 500 == 0:
                sizes.setdefault(kind, []).append(int(self._valkey.memory_usage(key) or 0))
        return {kind: (count, count * sum(sizes[kind]) // len(sizes[kind])) for kind, count in found.most_common()}

    def new_log(self) -> bytes:
        """What was printed since the last call."""
        with (self.folder / "service.log").open("rb") as log:
            log.seek(self._read)
            data = log.read()
        self._read += len(data)
        return data

    def log_lines(self) -> Counter[str]:
        """Which lines were printed, without times and numbers, and how often."""
        lines = (line[24:] for line in _TRACE.sub("", self.service.log).splitlines())
        return Counter(_PATTERN.sub("…", line) for line in lines)

    def traces(self) -> Counter[str]:
        """The stack traces, without numbers, and how often each was printed."""
        return Counter(_PATTERN.sub("…", trace) for trace in _TRACE.findall(self.service.log))

    def at_rest(self) -> list[str]:
        """Files in which something planted can be read."""
        return [path.name for path in (self.folder / "var").rglob("*") if path.is_file() and _holds(path)]


def _holds(path: Path) -> bool:
    """Whether something planted can be read in it. Pieces overlap."""
    with path.open("rb") as file:
        before = b""
        while data := file.read(2**24):
            if PLANTED.search(before + data):
                return True
            before = data[-100:]
    return False


@asynccontextmanager
async def house(folder: Path, providers_url: str) -> AsyncIterator[House]:
    """The service, started in `folder`, until the block ends."""
    settings = {
        "PUBLIC_URL": forms.PUBLIC,
        "SECRET_KEY": pages.SECRET,
        "DATA_KEYS": f"k1:{base64.b64encode(bytes(range(32))).decode()}",
        "TODAY": "2020-05-08",
        "TELEGRAM_SECRET": updates.SECRET,
        "TELEGRAM_RATE": "5000",
        "WHATSAPP_RATE": "5000",
    }
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
    service = Service(folder, ("run",), settings | providers.settings(providers_url), 0, PROGRAM, {"PYTHONPATH": path})
    try:
        await service.start_beside()
        yield House(folder, service)
    finally:
        if service.alive:
            await asyncio.to_thread(service.terminate)
