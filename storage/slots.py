"""The map of a Valkey Cluster: which slot a key belongs to, and which server has which slots.

https://valkey.io/topics/cluster-spec/ - 16384 slots, CRC16 (XMODEM) of the key, or of its hash tag if it has one.
"""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from storage.wire import Answer, Lost, Part

SLOTS = 16_384


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        """`host:port`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Range(NamedTuple):
    """The slots from `first` to `last`, both included, and the server that has them."""

    first: int
    last: int
    at: Address


class View(NamedTuple):
    """The cluster as one of its servers sees it. Of two views the greater counts: that of a server in working order
    (`sound`), and of those the one that has heard of the latest change (`epoch`).
    """

    sound: bool
    epoch: int
    ranges: tuple[Range, ...]


def slot_of(key: Part) -> int:
    """The slot of a key."""
    name = key if isinstance(key, bytes) else str(key).encode()
    start = name.find(b"{")
    if start >= 0 and (end := name.find(b"}", start + 1)) > start + 1:
        name = name[start + 1 : end]
    return _slot(name)


@lru_cache(maxsize=1024)
def _slot(name: bytes) -> int:
    """The slot of a hash tag: those of the lanes, and an agency's."""
    return crc_hqx(name, 0) % SLOTS


def view(info: Answer, slots: Answer, asked: Address) -> View:
    """What the server at `asked` answered to CLUSTER INFO and CLUSTER SLOTS. Raises Lost if it is of another shape.

    A server that does not know its own name leaves it empty: then it is where we reached it.
    """
    told = info.decode() if isinstance(info, bytes) else ""
    facts = dict(line.split(":", 1) for line in told.split() if ":" in line)
    epoch = facts.get("cluster_current_epoch", "")
    if not isinstance(slots, list) or not epoch.isdigit():
        raise Lost("an answer of another shape")
    ranges = tuple(sorted(_range(row, asked) for row in slots))
    return View(facts.get("cluster_state") == "ok", int(epoch), ranges)


def _range(row: Answer, asked: Address) -> Range:
    """A row of CLUSTER SLOTS: first slot, last slot, the server that has them, its replicas."""
    match row:
        case [int(first), int(last), [(bytes() | None) as host, int(port), *_], *_]:
            name = (host or b"?").decode()
            return Range(first, last, Address(asked.host if name in ("", "?") else name, port))
    raise Lost("an answer of another shape")


def seeds(url: str) -> list[str]:
    """The addresses in `url`, each as one of its own: `redis://user:password@a:6379,b:6379` is two. Raises ValueError for one
    that cannot be.
    """
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    found = [urlunsplit(parts._replace(netloc=f"{user}{at}{host.strip()}")) for host in hosts.split(",")]
    if parts.scheme not in ("redis", "rediss", "unix") or 0 in [urlsplit(one).port for one in found]:
        raise ValueError("no address of Redis")
    return found if len(found) > 1 else [url]


def elsewhere(url: str, at: Address) -> str:
    """`url` with the same user, password and manner of connection, but for the server at `at`."""
    parts = urlsplit(url)
    user, mark, _ = parts.netloc.rpartition("@")
    scheme = "redis" if parts.scheme == "unix" else parts.scheme
    path = "" if parts.scheme == "unix" else parts.path
    return urlunsplit((scheme, f"{user}{mark}{at}", path, "", ""))


def address(url: str) -> Address:
    """Where a URL of one server leads."""
    parts = urlsplit(url)
    return Address(parts.hostname or "127.0.0.1", parts.port or 6379)


def places(ranges: Iterable[Range]) -> Iterator[tuple[int, Address]]:
    """Each slot that somebody has, and who has it."""
    for first, last, at in ranges:
        for slot in range(first, last + 1):
            yield slot, at


def addresses(ranges: Sequence[Range]) -> list[Address]:
    """The servers that have slots, each once, in the order of their slots."""
    return list(dict.fromkeys(one.at for one in ranges))
