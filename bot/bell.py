"""The bell: a room sleeps until it is rung for one of its lanes, here or by another process. Whoever rings here may bring
the work along.

A ring may be lost (Redis pub/sub promises nothing), so every room also looks at all its lanes every `FALLBACK` seconds:
a lost ring costs that delay and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import cast, get_args

from bot.owner import Room
from storage.queues import Entry
from storage.store import Store

FALLBACK = 1.0
"""Seconds."""
CHANNEL = "bell"


class Bell:
    """One process's bells. In a single process no ring ever leaves it."""

    def __init__(self, redis: Store, holds: Callable[[Room, int], bool]) -> None:
        """`holds(room, lane)`: whether this process works the lane; if not, the ring goes out to the others."""
        self._redis = redis
        self._holds = holds
        self._rung: dict[str, set[int]] = {room: set() for room in get_args(Room)}
        self._awake: dict[str, asyncio.Event] = {room: asyncio.Event() for room in get_args(Room)}
        self._brought: dict[str, dict[int, list[Entry]]] = {room: {} for room in get_args(Room)}
        self._out: set[tuple[Room, int]] = set()

    def here(self, room: Room, lane: int) -> bool:
        """Whether this process works the lane, so that work can be brought."""
        return self._holds(room, lane)

    def ring(self, room: Room, lane: int) -> None:
        """There is work for this room on this lane."""
        if self._holds(room, lane):
            self.wake(room, lane)
            return
        if not self._out:
            asyncio.get_running_loop().call_soon(self._tell)
        self._out.add((room, lane))

    def bring(self, room: Room, lane: int, entries: Sequence[Entry]) -> None:
        """There is this work for a room of this process, and nothing in front of it. Where the lane is rung for too, it is
        let go: whoever looks finds it.
        """
        if lane not in self._rung[room]:
            self._brought[room].setdefault(lane, []).extend(entries)
        self._awake[room].set()

    def brought(self, room: Room) -> Mapping[int, Sequence[Entry]]:
        """By lane, what was brought since this was last asked."""
        brought, self._brought[room] = self._brought[room], {}
        return brought

    def wake(self, room: Room, lane: int) -> None:
        """Ring here, whoever works the lane."""
        self._rung[room].add(lane)
        self._brought[room].pop(lane, None)
        self._awake[room].set()

    def heard(self, message: bytes) -> None:
        """A ring from another process."""
        room, _, lane = message.decode().partition(" ")
        if room in self._rung and lane.isdigit():
            self.wake(cast("Room", room), int(lane))

    def rouse(self) -> None:
        """Wake every room without a lane, to look around (at stop, after Redis was away)."""
        for awake in self._awake.values():
            awake.set()

    def _tell(self) -> None:
        """Ring at the other processes: once, however often a batch has rung the same."""
        out, self._out = self._out, set()
        for room, lane in out:
            self._redis.tell("PUBLISH", CHANNEL, f"{room} {lane}")

    async def wait(self, room: Room, seconds: float = FALLBACK) -> set[int] | None:
        """The lanes rung since the last call, as soon as there is one or something was brought; None when roused or after
        `seconds`: look at all.
        """
        awake = self._awake[room]
        if not awake.is_set():
            timer = asyncio.get_running_loop().call_later(seconds, awake.set)
            try:
                await awake.wait()
            finally:
                timer.cancel()
        awake.clear()
        rung, self._rung[room] = self._rung[room], set()
        return rung if rung or self._brought[room] else None
