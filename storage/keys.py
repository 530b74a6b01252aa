"""Lanes and keys. A lane is the hash tag of every key of its chats, so that one turn touches one slot of one server.

{07}:inbox {07}:outbox {07}:broadcast {07}:effects   queues: streams of `ref`, `sealed`; what is in one is what remains
{07}:tries:QUEUE                                      hash: entry -> times taken; `entry!` -> we began to say it
{07}:chat:REF                                         8 bytes of version, then the sealed session
{07}:seen:DIGEST                                      an event's id, heard within the last 48 hours
{07}:sent:OUTBOUND                                    the case event that an outbound message carries
{07}:timers {07}:ticks                                sorted set `REF:DIGEST` by its time; hash: the sealed tick of each
{07}:dead                                             stream of `queue`, `ref`, `sealed`, `cause`
{07}:lease:ROOM                                       who works this lane now
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Literal

LANES = 64
"""Changing it moves every chat to another lane: only with empty queues, never in a running installation."""

Queue = Literal["inbox", "outbox", "broadcast", "effects", "dead"]

QUEUES: tuple[Queue, ...] = ("inbox", "outbox", "broadcast", "effects")
"""The queues that work waits in. `dead` is where it ends that could not be done."""


AT_HAND = 2048
"""Names remembered that took some work to make: more than there are people in one talk, and half a megabyte."""


@lru_cache(maxsize=AT_HAND)
def lane_of(ref: str) -> int:
    """The lane of the chat with this keyed reference (storage.seal.chat_ref): 0 to 63, the same for ever."""
    return int.from_bytes(sha256(ref.encode()).digest()[:4], "big") % LANES


def tag(lane: int) -> str:
    """What every key of a lane begins with, `{07}:`. A script is given this and touches no key outside it."""
    return _TAGS[lane]


def key(lane: int, *parts: str) -> str:
    """A key of a lane: `key(7, "chat", ref)` is `{07}:chat:REF`."""
    return _TAGS[lane] + ":".join(parts)


def digest(text: str) -> str:
    """A short stable name for an id (96 bits): for keys, callback addresses and logs, where the id itself has no place."""
    return sha256(text.encode()).hexdigest()[:24]


def outbound_id(lane: int, event: str, n: int) -> str:
    """The id of the nth reply to an event, `07-…-0`: derived, impersonal, fit for an address, and it tells its lane."""
    return f"{lane:02d}-{digest(event)}-{n}"


def lane_of_outbound(outbound: str) -> int | None:
    """The lane an outbound id tells, None if it is not one of ours."""
    head, _, rest = outbound.partition("-")
    known = rest and len(head) == 2 and head.isascii() and head.isdigit()
    return int(head) if known and int(head) < LANES else None


_TAGS = tuple(f"{{{lane:02d}}}:" for lane in range(LANES))
