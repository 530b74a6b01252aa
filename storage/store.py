"""What the rooms ask, be it one server or a cluster: `store = await connect(url)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from storage import cluster, slots
from storage.cluster import Cluster
from storage.redis import PATIENCE, Ask, Lost, Part, Redis, Script
from storage.wire import Refusal


class Line(Protocol):
    """A connection that only listens."""

    async def open(self) -> None:
        """Begin to listen. Raises Lost if no server can be had now; from then on the line comes back by itself."""

    async def close(self) -> None:
        """Hang up for good."""


class Store(Protocol):
    """One server (storage.redis.Redis) or several (storage.cluster.Cluster). All keys of a call are of one lane."""

    async def close(self) -> None:
        """Hang up for good. What still waits fails with Lost."""

    @property
    def where(self) -> str:
        """The address, or the addresses, without the password."""

    def servers(self) -> Sequence[Redis]:
        """Each server that holds a part of the keys."""

    def call(self, *parts: Part) -> Ask:
        """Ask one command; `parts[1]` is its key. The answer raises Lost."""

    def run(self, script: Script, keys: Sequence[Part], *args: Part) -> Ask:
        """Ask one script. The answer raises Lost."""

    def tell(self, *parts: Part) -> None:
        """A command whose answer nobody waits for, and which may be lost."""

    def up(self, key: Part = "") -> bool:
        """Whether the server that has `key` can be asked now; without a key, any of them."""

    async def back(self, key: Part = "") -> None:
        """Wait until the server that has `key` is there; without a key, any of them."""

    def listener(self, channel: str, heard: Callable[[bytes], None], dialled: Callable[[], None] | None = None) -> Line:
        """A connection, not yet open, that gives each message of `channel` to `heard` and calls `dialled` after a gap."""


async def connect(url: str, patience: float = PATIENCE) -> Store:
    """Open what is at `url`: a server, or a cluster if the server says that it is of one.

    `url`: `redis://user:password@host:port/db`, `rediss://…`, `unix://…`; of a cluster any of its servers, better several
    with commas between them. Raises Lost with one line that names the cause.
    """
    try:
        addresses = slots.seeds(url)
    except ValueError:
        raise Lost("an address of Redis is written like redis://host:6379/0, rediss://… or unix:///path") from None
    one = await _first(addresses, patience)
    if not await _of_a_cluster(one):
        if len(addresses) == 1:
            return one
        await one.close()
        raise Lost(f"Redis at {one.where} is not of a cluster, and of what is none only one server can be used")
    await one.close()
    several = Cluster(url, min(patience, cluster.PATIENCE))
    await several.open()
    return several


async def _first(addresses: Sequence[str], patience: float) -> Redis:
    """The first of these servers that is there, open. Raises Lost with the last one's cause."""
    for seed in addresses[:-1]:
        one = Redis(seed, patience)
        with suppress(Lost):
            await one.open()
            return one
    last = Redis(addresses[-1], patience)
    await last.open()
    return last


async def _of_a_cluster(one: Redis) -> bool:
    """Whether the server says so. One that does not let us ask is taken for a server of its own."""
    try:
        told = await one.call("INFO", "cluster")
    except Refusal:
        return False
    return isinstance(told, bytes) and b"cluster_enabled:1" in told
