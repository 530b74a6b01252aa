"""Copies of everything of ours in Redis, and putting them back into an empty one, through commands that every server knows.

A lane is copied by one script: its queues, sessions and timers as they are at one moment, so no message is in the copy
both as waiting and as answered, and none is in neither. Lanes, web chats and agencies' streams depend on each other only
through ids that make doing a thing twice harmless; their order is told in docs/operations.md. Values are what the server holds
(DUMP): ciphertext, under keyed references. They go back into the same kind of server, of the same version or a later one.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from storage.keys import LANES, QUEUES, tag
from storage.leases import MEMBERS
from storage.redis import COPY, Answer, answers, as_bytes, as_int, as_list
from storage.store import Store

MARK = "komek:backup"
"""When the last backup was whole: seconds since 1970. It is in no copy."""

_FEW = 500  # keys asked for at once where they need not be of one moment
_LANE = re.compile(rb"\{(\d\d)\}:(.+)", re.DOTALL)
_HEAD = len(tag(0))
_ALWAYS = (
    *(name.encode() for name in (*QUEUES, "dead", "waits", "timers", "ticks")),
    *(f"tries:{queue}".encode() for queue in QUEUES),
)
"""What a lane may have gained since its keys were listed and must not lack."""


class Kept(NamedTuple):
    """A key: its name, when it lapses (ms since 1970; -1: never), and the server's own form of its value."""

    name: bytes
    lapses: int
    held: bytes


class _Names(NamedTuple):
    """Keys by how they are copied: by lane without its tag; web chats' bubbles; the rest, in the order of their copying."""

    lanes: list[set[bytes]]
    chats: list[bytes]
    rest: list[bytes]


async def last(redis: Store) -> float:
    """When the last backup was whole, seconds since 1970; 0: never."""
    said = await redis.call("GET", MARK)
    return float(said) if isinstance(said, bytes) else 0.0


async def note(redis: Store, at: float) -> None:
    """A backup is whole."""
    await redis.call("SET", MARK, at)


async def empty(redis: Store) -> bool:
    """Whether nothing of ours lies there and no process of ours works with it."""
    async for name in _scanned(redis):
        if name == MEMBERS.encode() or _LANE.match(name) or name.startswith((b"agency:", b"seen:{agency:")):
            return False
    return True


async def copied(redis: Store) -> AsyncIterator[Sequence[Kept]]:
    """Everything of ours, lane by lane, then what follows the lanes. Raises Lost: then begin anew."""
    names = await _names(redis)
    for lane in range(LANES):
        begun = time.monotonic()
        yield await _together(redis, lane, sorted(names.lanes[lane]))
        # others' turn: the server does nothing else while it copies a lane
        await asyncio.sleep(time.monotonic() - begun)
    # a bubble and its mark, of one moment; later than the lane, where it may still wait to be said
    for chat in names.chats:
        lane, name = int(chat[1:3]), chat[_HEAD:]
        yield await _together(redis, lane, [name, name + b":ids"])
    for some in (names.rest[n : n + _FEW] for n in range(0, len(names.rest), _FEW)):
        yield await _each(redis, some)


async def put(redis: Store, many: Sequence[Kept]) -> None:
    """Put keys back. One that would have lapsed by now is left out. Raises Lost, also for a key that is there already."""
    await answers([redis.call("RESTORE", k.name, max(0, k.lapses), k.held, *_absolute(k)) for k in many])


def _absolute(kept: Kept) -> tuple[str, ...]:
    """How its time is meant."""
    return ("ABSTTL",) if kept.lapses > 0 else ()


async def _together(redis: Store, lane: int, names: Sequence[bytes]) -> list[Kept]:
    """These keys of a lane as they are at one moment."""
    found = as_list(await redis.run(COPY, [tag(lane)], *names))
    rows = [as_list(row) for row in found]
    return [Kept(tag(lane).encode() + as_bytes(name), as_int(at), as_bytes(held)) for name, at, held in rows]


async def _each(redis: Store, names: Sequence[bytes]) -> list[Kept]:
    """These keys, each as it is when it is asked for."""
    asks = [redis.call(verb, name) for name in names for verb in ("PEXPIRETIME", "DUMP")]
    said: list[Answer] = await answers(asks)
    pairs = zip(names, said[::2], said[1::2], strict=True)
    return [Kept(name, as_int(at), held) for name, at, held in pairs if isinstance(held, bytes)]


async def _names(redis: Store) -> _Names:
    """What there is."""
    found = _Names([set(_ALWAYS) for _ in range(LANES)], [], [])
    async for name in _scanned(redis):
        lane = _LANE.fullmatch(name)
        if lane is None:
            if name.startswith((b"agency:", b"seen:{agency:")):
                found.rest.append(name)
        elif lane[2].startswith((b"seen:", b"sent:")):
            found.rest.append(name)  # they never change
        elif lane[2].startswith(b"web:"):
            _web(found, name, lane[2].count(b":"))
        elif int(lane[1]) < LANES and not lane[2].startswith(b"lease:"):
            found.lanes[int(lane[1])].add(lane[2])
    # a mark that an event is in its stream goes before the stream: in between it may come twice, but never not at all
    found.rest.sort(key=lambda name: not name.startswith(b"seen:"))
    return found


def _web(found: _Names, name: bytes, colons: int) -> None:
    """A web chat's key: its bubbles take their marks along; its files are by themselves."""
    if colons == 1:
        found.chats.append(name)
    elif not name.endswith(b":ids"):
        found.rest.append(name)


async def _scanned(redis: Store) -> AsyncIterator[bytes]:
    """All names that are there from the beginning to the end of the walk, each once."""
    seen: set[bytes] = set()
    for server in redis.servers():
        cursor = b"0"
        while True:
            at, names = as_list(await server.call("SCAN", cursor, "COUNT", 1000))
            for name in map(as_bytes, as_list(names)):
                if name not in seen:
                    seen.add(name)
                    yield name
            cursor = as_bytes(at)
            if cursor == b"0":
                break
