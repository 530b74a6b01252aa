"""The service as it is run: a process of its own, with its environment, its port, its logs, and ways to end it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tests.servers import free_port
from tests.waiting import wait_for

KOMEK = str(Path(sys.executable).with_name("komek"))
PARTS = {"reader", "sender", "clerk", "timers"}
"""A process that works some of these and not the web answers for its health alone."""
START_SECONDS = 180.0
"""A loaded machine imports slowly."""


class Service:
    """`komek` with these words, its settings, and its data in a folder of its own."""

    def __init__(
        self,
        folder: Path,
        words: tuple[str, ...],
        settings: Mapping[str, str],
        port: int = 0,
        program: tuple[str, ...] = (KOMEK,),
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Not started yet. `settings` without their prefix; `program` and `env` for a `komek` with something around it."""
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "service.log"
        self._line = [*program, *words]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KOMEK_")}
        door = "METRICS_PORT" if set(words) & PARTS and "web" not in words else "PORT"
        ours = {door: str(self.port), "VAR_DIR": str(folder / "var"), **settings}
        self._env = kept | dict(env or {}) | {f"KOMEK_{name}": value for name, value in ours.items()}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready. Fails with its log if it ends instead."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._line, env=self._env, stdout=log, stderr=log)
        wait_for(self._ready_or_dead, START_SECONDS, "the service to be ready")
        assert self.alive, self.log

    async def start_beside(self) -> None:
        """`start`, while the test's own servers go on answering."""
        await asyncio.to_thread(self.start)

    def tells(self, *words: str) -> str:
        """What `komek` with these words prints, run beside the service with the same settings."""
        done = subprocess.run([KOMEK, *words], env=self._env, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode == 0, done
        return done.stdout

    def fails(self, *words: str) -> str:
        """What `komek` with these words says on standard error; it must end with a fault of its settings."""
        done = subprocess.run([KOMEK, *words], env=self._env, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode == 2, done
        return done.stderr

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """All that it printed since the first start."""
        return self._log.read_text("utf-8") if self._log.exists() else ""

    def interrupt(self, seconds: float = 20.0) -> int:
        """Ctrl-C. Its exit code."""
        return self._end(signal.SIGINT, seconds)

    def kill(self) -> None:
        """kill -9."""
        if self.alive:
            self._end(signal.SIGKILL, 10.0)

    def terminate(self, seconds: float = 60.0) -> int:
        """SIGTERM, as a deployment stops it. Its exit code."""
        return self._end(signal.SIGTERM, seconds)

    def pause(self) -> None:
        """SIGSTOP: it stands still, its connections stand, its leases lapse."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self.process.send_signal(signal.SIGCONT)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process that was started last."""
        assert self._process is not None
        return self._process

    def beside(self, folder: Path, *words: str, **more: str) -> Service:
        """Another process of the same installation, not started yet: its settings, but for `more`, and a port of its own."""
        folder.mkdir()
        same = {n.removeprefix("KOMEK_"): v for n, v in self._env.items() if n.startswith("KOMEK_")}
        kept = {n: v for n, v in same.items() if n not in ("PORT", "METRICS_PORT")}
        return Service(folder, words, kept | more)

    def _end(self, how: signal.Signals, seconds: float) -> int:
        """Send the signal and wait."""
        self.process.send_signal(how)
        return self.process.wait(seconds)

    def _ready_or_dead(self) -> bool:
        """Whether there is nothing more to wait for."""
        return not self.alive or answers(f"{self.url}/health/ready")


def answers(url: str) -> bool:
    """Whether this address answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own service on loopback
            return bool(answer.status == 200)
    except urllib.error.HTTPError as fault:
        fault.close()  # it holds the connection
        return False
    except OSError:  # URLError is one
        return False
