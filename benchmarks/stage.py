"""What a benchmark of turns stands on: real stores with full durability, programs of their own on a processor of their own,
and what each of them costs.
"""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, Self

import psutil
from redis import Redis

from benchmarks.provider import TOKEN
from storage.embedded import Embedded
from tests.servers import LivePostgres, free_port

ROOT = Path(__file__).parents[1]
KOMEK = (sys.executable, "-c", "from bot.cli import main; main()")
SECRET = "a secret for benchmarks only, not for anything else"  # noqa: S105 - opens nothing
KEY = bytes(range(32))
STOP_SECONDS = 20.0


class Cores(NamedTuple):
    """Where things run. Empty: the machine has only one processor, or does not let us choose."""

    service: frozenset[int] = frozenset()
    rest: frozenset[int] = frozenset()

    @classmethod
    def here(cls) -> Cores:
        """The first processor for the service, the second for everything else."""
        if not hasattr(os, "sched_getaffinity"):
            return cls()
        mine = sorted(os.sched_getaffinity(0))
        return cls(frozenset(mine[:1]), frozenset(mine[1:2])) if len(mine) > 1 else cls()


def stay(cores: frozenset[int]) -> None:
    """This process, and all that it starts from now on, runs on these."""
    if cores:
        os.sched_setaffinity(0, cores)


class Program:
    """A program under measurement, with all that it starts."""

    def __init__(self, line: Sequence[str], env: Mapping[str, str], log: Path, cores: frozenset[int]) -> None:
        """Started on these processors; what it prints goes to `log`."""
        self._log = log
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KOMEK_")}
        with log.open("ab") as file:
            self._process = subprocess.Popen(line, env=kept | dict(env), cwd=ROOT, stdout=file, stderr=file)
        if cores:
            psutil.Process(self._process.pid).cpu_affinity(sorted(cores))
        self.tree = Tree(self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.end()

    def end(self) -> None:
        """SIGTERM, and SIGKILL if that is not enough."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
            return
        self._process.kill()
        self._process.wait()

    @property
    def ended(self) -> str:
        """What it printed last if it has ended, else nothing."""
        if self._process.poll() is None:
            return ""
        return f"ended with {self._process.returncode}: " + self._log.read_text("utf-8", "replace")[-2000:]


class Tree:
    """A process with its children."""

    def __init__(self, pid: int) -> None:
        """Of this process."""
        self._root = psutil.Process(pid)

    def seconds(self) -> float:
        """Processor time that all of them have used, and those who ended before."""
        used = 0.0
        for process in self._all():
            with suppress(psutil.Error):
                times = process.cpu_times()
                used += times.user + times.system
        past = self._root.cpu_times()
        return used + past.children_user + past.children_system

    def megabytes(self) -> float:
        """Resident memory of all of them."""
        size = 0
        for process in self._all():
            with suppress(psutil.Error):
                size += process.memory_info().rss
        return size / 2**20

    def _all(self) -> Iterator[psutil.Process]:
        """The process, then its children."""
        yield self._root
        yield from self._root.children(recursive=True)


class Valkey:
    """The Valkey that an installation without one of its own starts, its append-only file synced every second."""

    def __init__(self, folder: Path) -> None:
        """Keeps its data in `folder`, whose path must be short enough for a socket's. Started."""
        self._server = Embedded(folder)
        self._server.start()
        self.url = self._server.url
        self.client = Redis.from_url(self.url)
        self.tree = Tree(int(self.info("server")["process_id"]))

    def info(self, section: str) -> dict[str, Any]:
        """A section of INFO."""
        found: dict[str, Any] = self.client.info(section)
        return found

    @property
    def used(self) -> int:
        """Bytes that its data and all around them take."""
        return int(self.info("memory")["used_memory"])

    def empty(self) -> None:
        """Forget everything."""
        self.client.flushall()

    def kill(self) -> None:
        """End it."""
        self.client.close()
        self._server.stop()


class Postgres(LivePostgres):
    """A PostgreSQL as it comes, fsync on."""

    _quick = "-c max_connections=200 -c shared_buffers=256MB"

    def __init__(self, folder: Path) -> None:
        """Keeps its data in `folder`. Started, with a database for us and one for the peer."""
        super().__init__(folder)
        self.start()
        for name in ("ours", "peer"):
            self.sql(f"CREATE DATABASE {name}")
        self.tree = Tree(int((folder / "data" / "postmaster.pid").read_text().split()[0]))

    def sizes(self, database: str) -> Counter[str]:
        """Bytes of each table there with its indexes and what it keeps aside."""
        self.sql("VACUUM ANALYZE", database)
        lines = self.sql(_SIZES, database).splitlines()
        return Counter({name: int(size) for name, _, size in (line.partition("|") for line in lines)})


_SIZES = "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


class Stores(NamedTuple):
    """Where a program keeps what it keeps."""

    redis: str
    database: str


def komek(stores: Stores, api: str, folder: Path, port: int, public: int = 0) -> dict[str, str]:
    """The settings of our service: on these stores, with this Bot API, listening on `port` and called on `public`."""
    settings = {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API": api,
        "TELEGRAM_SECRET": "Telegram-secret_1",
        "TELEGRAM_RATE": "0",
        "REDIS_URL": stores.redis,
        "DATABASE_URL": stores.database,
        "PUBLIC_URL": f"http://127.0.0.1:{public or port}",
        "PORT": str(port),
        "SECRET_KEY": SECRET,
        "DATA_KEYS": f"b:{base64.b64encode(KEY).decode()}",
        "TODAY": "2020-05-08",
        "VAR_DIR": str(folder / "var"),
    }
    return {f"KOMEK_{name}": value for name, value in settings.items()}


@contextmanager
def ours(
    stores: Stores, api: str, folder: Path, cores: Cores, parts: Sequence[str] = ("",)
) -> Iterator[dict[str, Program]]:
    """`komek run` in one process (a part without a name), or each of these parts in one of its own, by part."""
    ports = [free_port() for _ in parts]
    programs: dict[str, Program] = {}
    try:
        for part, port in zip(parts, ports, strict=True):
            env = komek(stores, api, folder, port, ports[0])
            line = [*KOMEK, "run", *filter(None, (part,))]
            programs[part] = Program(line, env, folder / f"{part or 'komek'}.log", cores.service)
        yield programs
    finally:
        for program in programs.values():
            program.end()


def version(python: Path) -> str:
    """The peer's, and of the client of its store."""
    ask = 'from importlib.metadata import version as v; print(f\'aiogram {v("aiogram")} with redis {v("redis")}\')'
    return subprocess.run([str(python), "-c", ask], check=True, capture_output=True, text=True).stdout.strip()


def peer(python: Path, options: Path, folder: Path, cores: Cores) -> Program:
    """The peer with these options, run by the Python that has its libraries."""
    return Program(
        [str(python), str(ROOT / "benchmarks" / "peer_aiogram.py"), str(options)],
        {},
        folder / "peer.log",
        cores.service,
    )
