"""A Valkey full of sessions as finished dialogues leave them: real ones, sealed anew for people who never were."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from benchmarks.stage import KEY, SECRET, Valkey
from handlers.nouns import Session
from storage.chats import Chats
from storage.keys import key, lane_of
from storage.redis import Ask, Redis, answers
from storage.seal import Seal

FIRST = 5_000_000_000
"""The number of the first of them: far from everybody who talks."""
PACKET = 1_000
"""Sessions written in one packet."""


def chats() -> Chats:
    """Reads and writes sessions with the keys of the benchmark's service."""
    return Chats(Seal({"b": KEY}), SECRET)


def left(valkey: Valkey, people: Sequence[int]) -> tuple[list[Session], int, float]:
    """What these people's dialogues left: their sessions, the seconds until one lapses, bytes of memory of one with its key."""
    known, found, size, ttl = chats(), [], 0, 0
    for person in people:
        ref = known.ref(f"telegram:{person}")
        name = key(lane_of(ref), "chat", ref)
        session = known.read(ref, valkey.client.get(name))  # type: ignore[arg-type]  # this client is not asynchronous
        if session is None:
            raise LookupError("a dialogue left no session")
        found.append(session)
        size += int(valkey.client.memory_usage(name) or 0)
        ttl = int(valkey.client.ttl(name))
    return found, ttl, size / len(people)


async def fill(valkey: Valkey, sessions: Sequence[Session], number: int, seconds: int) -> tuple[float, float]:
    """So many sessions like these, each lapsing after so many seconds. Bytes of memory and of the append-only file, rewritten
    as the server rewrites it from time to time, that each takes.
    """
    before = valkey.used
    redis, known = Redis(valkey.url, patience=120), chats()
    await redis.open()
    try:
        for start in range(FIRST, FIRST + number, PACKET):
            people = range(start, min(start + PACKET, FIRST + number))
            await answers([_keep(redis, known, n, sessions[n % len(sessions)], seconds) for n in people])
    finally:
        await redis.close()
    memory = (valkey.used - before) / number
    return memory, _rewritten(valkey) / number


def _keep(redis: Redis, known: Chats, person: int, session: Session, seconds: int) -> Ask:
    """One session, as the commit would keep it."""
    chat = f"telegram:{person}"
    ref = known.ref(chat)
    change, _ = known.write(ref, b"", msgspec.structs.replace(session, chat=chat, ref=ref), seconds)
    return redis.call("SET", key(lane_of(ref), "chat", ref), change.session, "EX", change.seconds)


def _rewritten(valkey: Valkey) -> int:
    """The size of the append-only file in bytes once it has been rewritten; nothing goes on in the background then."""
    _wait(valkey)
    valkey.client.bgrewriteaof()
    _wait(valkey)
    return int(valkey.info("persistence")["aof_current_size"])


def _wait(valkey: Valkey) -> None:
    """Until no rewriting goes on, nor waits."""
    while any(valkey.info("persistence")[f"aof_rewrite_{state}"] for state in ("in_progress", "scheduled")):
        time.sleep(0.1)
