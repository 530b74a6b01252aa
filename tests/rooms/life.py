"""One process's life, step by step: the rooms without their loops, so that a test decides what happens when, and where it
ends. Also a Redis that cuts the life short at any of its commands.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import msgspec

from bot.bell import Bell
from bot.clerk import Cases, Clerk
from bot.ear import StreamEar
from bot.owner import Owner, Room
from bot.reader import Reader, Render, Sorry, Think, nobody
from bot.sender import Sender
from handlers.nouns import Outbound, Session
from storage.chats import Chats
from storage.keys import LANES, Queue, lane_of
from storage.letters import Letter, listed
from storage.queues import Lanes
from storage.redis import Answer, Ask, Part, Redis
from storage.seal import Seal
from storage.store import Store
from tests.rooms import toy

SECRET = "k" * 32
EVERY = range(LANES)
LEASE_MS = 600_000
"""Nobody renews here: a lease outlasts the test, on however busy a machine."""


class Cut(Exception):
    """The process was killed here."""


class Fuse:
    """Ends a life at its kth step, counted from 0 once it is `armed`: before it is done, or (`late`) after, its end unheard."""

    def __init__(self, k: int, late: bool) -> None:
        """Not armed yet."""
        self.armed = False
        self.blown = False
        self._left, self._late = k, late

    def step(self) -> tuple[bool, bool]:
        """For the step that begins: whether it is done, and whether its end is heard."""
        if not self.armed or self.blown:
            return not self.blown, not self.blown
        self.blown = self._left == 0
        self._left -= 1
        return not self.blown or self._late, not self.blown


class Tripwire(Redis):
    """A connection on which a life may end at any command."""

    def __init__(self, url: str, fuse: Fuse) -> None:
        """`fuse` may be that of other steps too."""
        super().__init__(url)
        self._fuse = fuse

    def call(self, *parts: Part) -> Ask:
        """The command, or the end."""
        done, heard = self._fuse.step()
        if heard:
            return super().call(*parts)
        if done:
            super().call(*parts).add_done_callback(_unheard)
        cut: Ask = asyncio.get_running_loop().create_future()
        cut.set_exception(Cut())
        cut.exception()  # whoever was killed does not look at it
        return cut


def _unheard(ask: asyncio.Future[Answer]) -> None:
    """Nobody hears this answer."""
    if not ask.cancelled():
        ask.exception()


class Life(NamedTuple):
    """The rooms of one process."""

    lanes: Lanes
    chats: Chats
    owner: Owner
    ear: StreamEar
    reader: Reader
    sender: Sender
    clerk: Clerk
    worked: Sequence[int] = EVERY

    async def step(self) -> None:
        """Every room once, until what was taken is done."""
        await self.reader.work([])
        await self.reader.work(self.worked)
        await self.sender.work(self.worked)
        await self.sender.landed()
        await self.clerk.work(self.worked)

    async def live(self, watch: Lanes | None = None) -> None:
        """Step until nothing waits, as `watch` (a connection of its own) sees it."""
        while await waiting(watch or self.lanes):
            await self.step()


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> None:
    """Wait until an answer from elsewhere is yes."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - the answer comes from another process, which sets no Event here
            await asyncio.sleep(0.01)


def dead_name(n: int) -> str:
    """The name of a process of this host that is not there any more: its leases are free at once."""
    return f"{socket.gethostname()}:{2**22 + n}:1.00"


class Mind(NamedTuple):
    """A conversation, as the reader needs it."""

    think: Think = toy.think
    render: Render = toy.render
    sorry: Sorry = toy.sorry


TOY = Mind()
"""The toy conversation."""


def life(
    store: Store,
    seal: Seal,
    provider: toy.Toy,
    books: Cases,
    name: str = "",
    patience: float = 86_400,
    mind: Mind = TOY,
    *,
    hands: bool = False,
) -> Life:
    """The rooms on this connection, under this owner's name. `hands`: the reader hands its replies to the sender."""
    lanes, chats = Lanes(store, seal), Chats(seal, SECRET)
    rooms: list[Room] = ["reader", "sender", "clerk"]
    owner = Owner(store, rooms, lambda room, lane: None, {}, name, LEASE_MS)
    bell = Bell(store, owner.holds)
    ear = StreamEar(lanes, chats, bell)
    sender = Sender(lanes, owner, bell, ear, {"toy": provider}, patience=patience, first_wait=0.001)
    reader = Reader(lanes, chats, owner, bell, *mind, sender.say if hands else nobody)
    return Life(lanes, chats, owner, ear, reader, sender, Clerk(lanes, owner, bell, ear, books))


async def waiting(lanes: Lanes) -> int:
    """How many entries wait in all queues, dead letters not counted."""
    return sum(length for queue, (length, _) in (await lanes.lag(EVERY)).items() if queue != "dead")


async def session_of(lanes: Lanes, seal: Seal, chat: str = "toy:1") -> Session | None:
    """A chat's session as it is stored."""
    chats = Chats(seal, SECRET)
    ref = chats.ref(chat)
    return chats.read(ref, (await lanes.sessions({ref: lane_of(ref)}))[ref])


async def outbox(lanes: Lanes, queue: Queue = "outbox") -> list[Outbound]:
    """What waits to be said."""
    entries, _ = await lanes.take(queue, dict.fromkeys(EVERY, "-"), 10_000)
    return [msgspec.json.decode(lanes.open(entry), type=Outbound) for entry in entries]


async def letters(lanes: Lanes) -> list[Letter]:
    """The dead letters."""
    return await listed(lanes)


def lane(chat: str = "toy:1") -> int:
    """The lane of a chat."""
    return lane_of(Chats(Seal({"x": b"x" * 32}), SECRET).ref(chat))
