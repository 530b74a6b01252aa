"""Which lanes this process works, for each of its rooms: its fair share, taken when free, given back when others come."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Literal, Protocol

from bot.faults import report
from storage import leases
from storage.keys import LANES, tag
from storage.leases import Members
from storage.redis import Lost
from storage.store import Store

log = logging.getLogger(__name__)

Room = Literal["reader", "sender", "clerk"]
"""The rooms that own lanes. Web and timers need none: what they do is atomic whoever does it."""

BEAT_SECONDS = 1.0


class Gained(Protocol):
    """Told of each lane that this process begins to work."""

    def __call__(self, room: Room, lane: int) -> None:
        """`lane` is ours now in `room`: begin at its queues' beginning."""


class Owner:
    """Holds leases for the rooms of one process. `holds` may be asked at any time and costs nothing."""

    def __init__(
        self,
        redis: Store,
        rooms: Sequence[Room],
        gained: Gained,
        drained: Mapping[Room, Callable[[int], Awaitable[None]]] | None = None,
        name: str = "",
        lease_ms: int = leases.LEASE_MS,
    ) -> None:
        """`drained`: for a room with work in the air, finishes it for a lane that is given back. `name`: for tests."""
        self.name = name or leases.owner_here()
        self._redis = redis
        self._rooms = tuple(rooms)
        self._gained = gained
        self._drained = drained or {}
        self._lease = lease_ms / 1000
        self._until: dict[tuple[Room, int], float] = {}
        self._members = Members({}, frozenset())
        self._alone = False
        self._leaving: set[tuple[Room, int]] = set()
        self._giving: set[asyncio.Task[None]] = set()
        self._beaten = time.monotonic()

    @property
    def rooms(self) -> Sequence[Room]:
        """The rooms it was made for."""
        return self._rooms

    def silent(self) -> float:
        """Seconds since the leases were last renewed."""
        return time.monotonic() - self._beaten

    def holds(self, room: Room, lane: int) -> bool:
        """Whether this process may begin work on this lane now."""
        return self._until.get((room, lane), 0.0) > time.monotonic() and (room, lane) not in self._leaving

    def lanes(self, room: Room) -> list[int]:
        """The lanes it may work in this room now."""
        return [lane for lane in range(LANES) if self.holds(room, lane)]

    def leads(self, room: Room) -> bool:
        """Whether this process does what only one of the room's processes does: whoever works the first lane, of a cluster
        the first whose server is there.
        """
        return self.holds(room, next((lane for lane in range(LANES) if self._redis.up(tag(lane))), 0))

    def peers(self, room: Room) -> int:
        """How many processes work in this room, this one included."""
        return max(1, len(self._members.living.get(room, ())))

    async def run(self, stop: asyncio.Event) -> None:
        """Beat and renew until `stop`, then give everything back."""
        while not stop.is_set():
            try:
                await self.renew()
            except Lost as fault:
                log.debug("leases not renewed: Redis %s", fault)
            except Exception as fault:  # noqa: BLE001 - without its leases a process would stand idle for ever
                report(log, "leases not renewed", fault)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), BEAT_SECONDS)

    async def renew(self) -> None:
        """One beat: learn who works, give back what is too much, take or renew the rest. Raises Lost."""
        await self._meet()
        self._give_surplus()
        wanted = self._wanted()
        asked = time.monotonic()
        held = await leases.hold(self._redis, self.name, wanted, self._members.dead, int(self._lease * 1000))
        self._note([(room, lane) for lane, rooms in wanted.items() for room in rooms], held, asked + self._lease * 0.9)
        self._beaten = time.monotonic()
        self._give_surplus()  # two that start together may each have taken more than their share

    async def _meet(self) -> None:
        """Learn who works. In a cluster the server that knows may be the one that is away: then whoever works the others'
        lanes goes on, and takes what becomes free there, whatever the shares are; when it is back, they share again.
        """
        try:
            self._members = await leases.beat(self._redis, self.name, self._rooms, int(self._lease * 1000))
            self._alone = False
        except Lost:
            self._alone = True

    async def close(self) -> None:
        """Give every lease back, so that the next owner need not wait for it to lapse. Raises Lost."""
        for room, lane in list(self._until):
            self._give_back(room, lane)
        await self.given()
        await leases.leave(self._redis, self.name, self._rooms)

    async def given(self) -> None:
        """Wait until nothing is being given back."""
        await asyncio.gather(*self._giving, return_exceptions=True)

    def _share(self, room: Room) -> int:
        """How many lanes are fair."""
        return LANES if self._alone else -(-LANES // self.peers(room))

    def _wanted(self) -> dict[int, list[Room]]:
        """What to renew, and, where the share is not full, everything else to try for."""
        wanted: dict[int, list[Room]] = {}
        for room in self._rooms:
            mine = self.lanes(room)
            for lane in mine if len(mine) >= self._share(room) else range(LANES):
                wanted.setdefault(lane, []).append(room)
        for room, lane in self._leaving:  # what is in the air there still needs the lease
            if room not in wanted.setdefault(lane, []):
                wanted[lane].append(room)
        return wanted

    def _note(self, asked: Sequence[tuple[Room, int]], held: set[tuple[str, int]], until: float) -> None:
        """Believe the answer, and no longer than it is certain."""
        for room, lane in asked:
            if (room, lane) not in held:
                self._until.pop((room, lane), None)
                continue
            new = self._until.get((room, lane), 0.0) <= time.monotonic()
            self._until[room, lane] = until
            if new and (room, lane) not in self._leaving:
                self._gained(room, lane)

    def _give_surplus(self) -> None:
        """Give back what is more than the share."""
        for room in self._rooms:
            for lane in self.lanes(room)[self._share(room) :]:
                self._give_back(room, lane)

    def _give_back(self, room: Room, lane: int) -> None:
        """Begin nothing more on this lane; when what is in the air has landed, let go. Meanwhile the lease is renewed."""
        if (room, lane) not in self._leaving:
            self._leaving.add((room, lane))
            task = asyncio.create_task(self._let_go(room, lane))
            self._giving.add(task)
            task.add_done_callback(self._giving.discard)

    async def _let_go(self, room: Room, lane: int) -> None:
        """Land, release. What cannot be released, because Redis is away, lapses by itself."""
        try:
            if drain := self._drained.get(room):
                await drain(lane)
            self._until.pop((room, lane), None)
            with suppress(Lost):
                await leases.release(self._redis, self.name, lane, [room])
        finally:
            self._until.pop((room, lane), None)
            self._leaving.discard((room, lane))
