"""A Valkey Cluster: a connection to each server that has slots, and each question to the server that has its key.

Every script and every command of ours touches one lane, so one slot (storage/keys.py). What the server answers MOVED, ASK
or CLUSTERDOWN to was not done: whoever asked gets Lost, as for any other fault, and asks again; meanwhile the map is learned
anew. A redirection is never followed by itself, because a script that ran on a slot of which only half has moved would
find half a lane. docs/decisions/0013.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count

from storage import slots
from storage.redis import Ask, Lost, Part, Redis, Script, answers, forget, lost
from storage.slots import SLOTS, Address, Range, View, slot_of

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds that one server of several may be silent: the lanes of the others wait no longer than that, and leases last 3."""
LOOK_SECONDS = 1.0
"""How often we ask who has which slots; at once when somebody says that it is not he."""
PAUSE = 0.05
"""Seconds between two looks at least."""

_DOUBT = frozenset({"MOVED", "CLUSTERDOWN"})
_ANYWHERE = frozenset({"PING", "PUBLISH"})
"""Commands without a key. What is published at one server is heard at all."""


class Cluster:
    """Several servers that share the slots. A Store (storage/store.py). `open` it first."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        """`url`: one or several of the servers, `redis://user:password@a:6379,b:6379`; the others are learned from these."""
        self._seeds = slots.seeds(url)
        self._patience = patience
        self._ranges: Sequence[Range] = ()
        self._nodes: dict[Address, Redis] = {}
        self._at: list[Redis | None] = [None] * SLOTS
        self._turns = count()
        self._doubt = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._away: set[str] = set()

    async def open(self) -> None:
        """Learn the map and connect. Raises Lost with one line that names the cause if no server can be had now."""
        await self._look()
        if not self._nodes:
            raise Lost(f"Redis at {self.where} is away: no server of the cluster answers, or none has slots")
        with suppress(TimeoutError):  # one of them may be away: the others work
            async with asyncio.timeout(self._patience):
                await asyncio.gather(*(node.back() for node in self._nodes.values()))
        self._keeper = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Hang up for good. What still waits fails with Lost."""
        if self._keeper:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        await asyncio.gather(*self._closing, *(node.close() for node in self._nodes.values()))
        self._nodes, self._at = {}, [None] * SLOTS

    @property
    def where(self) -> str:
        """The addresses of the setting, without the password."""
        return ",".join(str(slots.address(seed)) for seed in self._seeds)

    def servers(self) -> Sequence[Redis]:
        """Each server that has slots."""
        return list(self._nodes.values())

    def listener(
        self, channel: str, heard: Callable[[bytes], None], dialled: Callable[[], None] | None = None
    ) -> Redis:
        """A connection, not yet open, that listens to `channel` at one of the servers, at another when that one is away."""
        return Redis(self._somewhere, self._patience, channel, heard, dialled)

    def call(self, *parts: Part) -> Ask:
        """Ask one command of the server that has its key. The answer raises Lost."""
        node = self._any() if parts[0] in _ANYWHERE else self._at[slot_of(parts[3 if parts[0] == b"EVALSHA" else 1])]
        return lost() if node is None else node.call(*parts)

    def run(self, script: Script, keys: Sequence[Part], *args: Part) -> Ask:
        """Ask one script. All its keys are of one lane; `keys[0]` decides the server."""
        return self.call(b"EVALSHA", script.sha, len(keys), *keys, *args)

    def tell(self, *parts: Part) -> None:
        """A command whose answer nobody waits for, and which may be lost."""
        self.call(*parts).add_done_callback(forget)

    def up(self, key: Part = "") -> bool:
        """Whether the server that has `key` can be asked now; without one, any of them."""
        node = self._at[slot_of(key)] if key else self._any()
        return node is not None and node.up()

    async def back(self, key: Part = "") -> None:
        """Wait until the server that has `key` is there; without one, any of them."""
        while not self.up(key):  # noqa: ASYNC110 - it comes back, or another server takes its slot, or the map is new
            await asyncio.sleep(PAUSE)

    def _any(self) -> Redis | None:
        """A server that can be asked, another each time."""
        there = [node for node in self._nodes.values() if node.up()]
        return there[next(self._turns) % len(there)] if there else None

    def _somewhere(self) -> str:
        """The URL of such a server; of one in the setting where none can be asked."""
        there = [slots.elsewhere(self._seeds[0], at) for at, node in self._nodes.items() if node.up()] or self._seeds
        return there[next(self._turns) % len(there)]

    async def _keep(self) -> None:
        """Look at the map again and again, at once when it is in doubt."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._doubt.wait(), LOOK_SECONDS)
            self._doubt.clear()
            await self._look()
            self._tell_away()
            await asyncio.sleep(PAUSE)

    async def _look(self) -> None:
        """Ask all servers that are there, else those of the setting, and believe the one that knows best."""
        found = await asyncio.gather(*(_view(node, at) for at, node in self._nodes.items() if node.up()))
        views = [view for view in found if view is not None]
        for seed in self._seeds if not views else ():
            if (view := await self._asked(seed)) and view.ranges:
                views.append(view)
                break
        if views:
            self._believe(max(views))

    async def _asked(self, seed: str) -> View | None:
        """What a server of the setting says, on a line for this once."""
        node = Redis(seed, self._patience)
        try:
            await node.open()
            return await _view(node, slots.address(seed))
        except Lost:
            return None
        finally:
            await node.close()

    def _believe(self, view: View) -> None:
        """From now on this is the map. A view without slots is that of a server which was thrown out: no map."""
        if view.ranges == self._ranges or not view.ranges:
            return
        self._ranges = view.ranges
        now = slots.addresses(view.ranges)
        for gone in [at for at in self._nodes if at not in now]:
            closing = asyncio.create_task(self._nodes.pop(gone).close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        for at in now:
            if at not in self._nodes:
                self._nodes[at] = Redis(slots.elsewhere(self._seeds[0], at), self._patience, refused=self._refused)
                self._nodes[at].start()
        self._at = [None] * SLOTS
        for slot, at in slots.places(view.ranges):
            self._at[slot] = self._nodes[at]

    def _refused(self, word: str) -> None:
        """A server answered with an error."""
        if word in _DOUBT:
            self._doubt.set()

    def _tell_away(self) -> None:
        """One line for an operator when a server goes, one when it is there again."""
        away = {str(at) for at, node in self._nodes.items() if not node.up()}
        for where in sorted(away - self._away):
            log.warning("Redis at %s is away: its lanes wait", where)
        for where in sorted(self._away - away):
            log.warning("Redis at %s is there again, or has no lanes any more", where)
        self._away = away


async def _view(node: Redis, at: Address) -> View | None:
    """The cluster as this server sees it, None if it cannot be asked."""
    try:
        info, ranges = await answers([node.call("CLUSTER", "INFO"), node.call("CLUSTER", "SLOTS")])
        return slots.view(info, ranges, at)
    except Lost:
        return None
