"""Leases: at most one process works a lane for a room at a time, and the others know who.

A lease only keeps two owners from doing the same work; it is not what keeps the books right. That is the commit, which
compares the entry and the session's version, so an owner that slept through its lease does no harm to them.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import psutil

from storage.keys import tag
from storage.redis import BEAT, LEASE, RELEASE, Ask, Lost, as_bytes, as_list, some
from storage.store import Store

LEASE_MS = 3000
"""A lease that is not renewed lapses after this. Renewed every second."""
REMEMBERED_MS = 60_000
"""How long a member that does not beat any more is remembered, so that its leases can be seen to be a dead process's."""
MEMBERS = "members"


class Members(NamedTuple):
    """Who works: `living` owners by room, and the owners known to be `dead`."""

    living: Mapping[str, Sequence[str]]
    dead: Collection[str]


def owner_here() -> str:
    """This process's name among owners: host, pid and start time, so that a reused pid is another owner."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid()):.2f}"


def is_dead(owner: str) -> bool:
    """Whether the owner is certainly dead: a process of this host that is not there any more. Of other hosts we cannot know."""
    host, _, rest = owner.rpartition(":")[0].rpartition(":")
    started = owner.rpartition(":")[2]
    return host == socket.gethostname() and rest.isdigit() and f"{_started(int(rest)):.2f}" != started.partition("#")[0]


async def beat(redis: Store, owner: str, rooms: Iterable[str], late_ms: int = LEASE_MS) -> Members:
    """Say that this owner works in these rooms, and learn who else does."""
    said = [f"{room}|{owner}" for room in rooms]
    in_time, late = as_list(await redis.run(BEAT, [MEMBERS], late_ms, REMEMBERED_MS, *said))
    names = [as_bytes(one).decode().split("|", 1) for one in as_list(in_time)]
    known = {name for _, name in names} | {as_bytes(one).decode().split("|", 1)[1] for one in as_list(late)}
    dead = {name for name in known if is_dead(name)}
    living: dict[str, list[str]] = {}
    for room, name in names:
        if name not in dead:
            living.setdefault(room, []).append(name)
    return Members(living, dead)


async def leave(redis: Store, owner: str, rooms: Iterable[str]) -> None:
    """Say that this owner works there no more."""
    if said := [f"{room}|{owner}" for room in rooms]:
        await redis.call("ZREM", MEMBERS, *said)


async def hold(
    redis: Store, owner: str, wanted: Mapping[int, Sequence[str]], dead: Collection[str], ms: int
) -> set[tuple[str, int]]:
    """Take or renew the leases of these rooms in these lanes. Which of them this owner holds now: of a lane whose server is
    away, none.
    """
    held: set[tuple[str, int]] = set()
    asks = [redis.run(LEASE, [tag(lane)], owner, ms, len(dead), *dead, *rooms) for lane, rooms in wanted.items()]
    for (lane, rooms), answer in zip(wanted.items(), await some(asks), strict=True):
        if isinstance(answer, Lost):
            continue
        holders = [as_bytes(one).decode() for one in as_list(answer)]
        held |= {(room, lane) for room, holder in zip(rooms, holders, strict=True) if holder == owner}
    return held


def release(redis: Store, owner: str, lane: int, rooms: Sequence[str]) -> Ask:
    """Give back the leases of these rooms in this lane, if they are still this owner's."""
    return redis.run(RELEASE, [tag(lane)], owner, *rooms)


def _started(pid: int) -> float:
    """When the process began, 0 if it is not there. A zombie is dead: nobody works in it."""
    try:
        process = psutil.Process(pid)
        return 0.0 if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return 0.0
