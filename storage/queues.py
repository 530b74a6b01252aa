"""The queues of a lane: taking what waits, and the commit by which an entry leaves together with all that follows from it.

No consumer groups: one owner at a time works a lane (storage/leases.py), and an entry is removed by the very script that
keeps its result, so the stream is exactly what remains to be done. docs/decisions/0002.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Literal, NamedTuple, TypeAlias

from storage.keys import LANES, QUEUES, Queue, key, lane_of, tag
from storage.redis import (
    COMMIT,
    INTAKE,
    LAG,
    MEMORY,
    TAKE,
    Answer,
    Ask,
    Lost,
    Part,
    answers,
    as_bytes,
    as_int,
    as_list,
    some,
)
from storage.seal import Seal
from storage.store import Store

SEEN_SECONDS = 48 * 3600
"""How long an event's id is remembered: Telegram redelivers for 24 h, WhatsApp has been seen to after minutes."""
CARRY_SECONDS = 7 * 86_400
"""How long a provider's word on a sent message still finds the case event it carried."""

CHAT_BOUND = 30
"""Messages of one chat that may wait, its own and our replies together, before its provider is told to come again: more
than a person writes at a stretch or sends as an album, and little enough that a lane's others hardly wait for them.
docs/decisions/0012.
"""

Ended = Literal["done", "gone", "moved"]


class Entry(NamedTuple):
    """One thing that waits. `tries` counts this taking. `session` is as stored, None if there is none or it was not asked."""

    lane: int
    queue: Queue
    id: bytes
    ref: str
    sealed: bytes
    tries: int
    session: bytes | None = None

    @property
    def since(self) -> float:
        """When it came, by the server's clock, in seconds since 1970."""
        return int(self.id.split(b"-", 1)[0]) / 1000


News: TypeAlias = "Entry | bool | None"
"""Whether an event was new, as its entry where it counts as taken; None: it is to come again."""


class Arrival(NamedTuple):
    """An event at the door: the digest of its id, its chat's reference, its sealed body. `hold`: its provider can hold
    this chat back alone, so that it may be told to come again when too much of the chat waits.
    """

    digest: str
    ref: str
    sealed: bytes
    hold: bool = False


class Follow(NamedTuple):
    """Something that follows from an entry and is kept in the same commit. Made by the functions below."""

    verb: Literal["add", "carry", "remind", "cancel", "bury"]
    a: Part = ""
    b: Part = ""
    c: Part = ""


class Change(NamedTuple):
    """What becomes of the chat's session if its version is still the one that was `read`: it is set for so many seconds,
    deleted or left. `apart`: no session is involved.
    """

    verb: Literal["set", "del", "leave", "apart"]
    read: bytes = b""
    session: bytes = b""
    seconds: int = 0


APART = Change("apart")


def add(queue: Queue, ref: str, sealed: bytes) -> Follow:
    """Put an entry into a queue of the same lane."""
    return Follow("add", queue, ref, sealed)


def carry(outbound: str, about: str) -> Follow:
    """Remember which case event an outbound message carries."""
    return Follow("carry", outbound, about, CARRY_SECONDS)


def bury(queue: str, sealed: bytes, cause: str) -> Follow:
    """Keep a dead letter. `cause` names the fault and never quotes."""
    return Follow("bury", queue, sealed, cause)


def about(lane: int, queue: str) -> bytes:
    """What an entry's sealed body is bound to: its lane and queue. A dead letter keeps that of the queue it came from."""
    return f"{lane:02d}:{queue}".encode()


def _none(lane: int) -> bool:
    """No lane."""
    return False


class Lanes:
    """The queues of all lanes. Every call raises Lost while Redis is away, and may then be repeated. Of a cluster one server
    may be away alone: what is asked of several lanes is answered for those that are there.
    """

    def __init__(self, redis: Store, seal: Seal, bound: int = 10_000) -> None:
        """`bound`: entries in one lane's inbox above which the door is closed."""
        self.redis = redis
        self._seal = seal
        self._bound = bound

    def seal(self, lane: int, queue: Queue, body: bytes) -> bytes:
        """A body as it lies in this queue."""
        return self._seal.seal(body, about(lane, queue))

    def open(self, entry: Entry) -> bytes:
        """An entry's body. Raises storage.seal.Sealed."""
        return self._seal.open(entry.sealed, about(entry.lane, entry.queue))

    async def admit(
        self, arrivals: Mapping[int, Sequence[Arrival]], mine: Callable[[int], bool] = _none
    ) -> dict[int, list[News] | None]:
        """Put events into their lanes' inboxes, each once. For each lane which ones were new, None for one that is to come
        again because too much of its chat waits; None for a whole lane: its inbox is full. A lane whose server is away is
        left out.

        Of a lane that is `mine`, where nothing waits in front, a new event counts as taken and is told as its entry.
        """
        bounds = (self._bound, SEEN_SECONDS, CHAT_BOUND)
        asks = [
            self.redis.run(
                INTAKE, [tag(lane)], *bounds, _TAKE[mine(lane)], *(part for one in many for part in _parts(one))
            )
            for lane, many in arrivals.items()
        ]
        found = zip(arrivals, await some(asks), strict=True)
        told = {lane: as_list(answer) for lane, answer in found if not isinstance(answer, Lost)}
        return {
            lane: [_news(lane, one, new) for one, new in zip(arrivals[lane], news, strict=False)] or None
            for lane, news in told.items()
        }

    async def take(
        self,
        queue: Queue,
        places: Mapping[int, str],
        count: int,
        *,
        sessions: bool = False,
        wary: int = 0,
        alone: bool = False,
    ) -> tuple[list[Entry], list[int]]:
        """Take up to `count` entries from each lane, from its place on (`-`, or `(ID` for after ID), counting the attempt.

        `sessions`: with each chat's first entry comes its session. `wary`: an entry already taken so often is a suspect and
        is left, with what stands behind it, unless it is taken `alone`. Answer: the entries, and the lanes with a suspect.
        """
        rest = (count, "session" if sessions else "", wary, "alone" if alone else "")
        asks = [self.redis.run(TAKE, [tag(lane)], queue, place, *rest) for lane, place in places.items()]
        entries: list[Entry] = []
        suspects: list[int] = []
        for lane, answer in zip(places, await some(asks), strict=True):
            if isinstance(answer, Lost):
                continue
            taken, suspect = as_list(answer)
            entries += [_entry(lane, queue, as_list(one)) for one in as_list(taken)]
            suspects += [lane] * bool(suspect)
        return entries, suspects

    async def sessions(self, refs: Mapping[str, int]) -> dict[str, bytes | None]:
        """The stored sessions of these chats (reference to lane)."""
        found = await answers([self.redis.call("GET", key(lane, "chat", ref)) for ref, lane in refs.items()])
        return {ref: None if value is None else as_bytes(value) for ref, value in zip(refs, found, strict=True)}

    def commit(
        self, entry: Entry, follows: Iterable[Follow] = (), change: Change = APART, *, take: bool = False
    ) -> Ask:
        """Ask for the one atom. Commits asked one after another are done in that order. `ended` reads the answer. `take`:
        what it puts into the outbox counts as taken, and `taken` tells it.
        """
        parts = [part for follow in follows for part in follow]
        return self.redis.run(COMMIT, [tag(entry.lane)], entry.queue, entry.id, entry.ref, *change, _TAKE[take], *parts)

    async def begin(self, entry: Entry, attempt: str) -> bool:
        """Mark that this attempt begins to say it. False: an earlier one did, and nobody knows how it ended."""
        tries = key(entry.lane, "tries", entry.queue)
        asks = [self.redis.call("HSETNX", tries, _mark(entry), attempt), self.redis.call("HGET", tries, _mark(entry))]
        return (await answers(asks))[1] == attempt.encode()

    async def unsaid(self, entry: Entry) -> None:
        """Take that mark back: the provider told us that it was not said."""
        await self.redis.call("HDEL", key(entry.lane, "tries", entry.queue), _mark(entry))

    async def carried(self, lane: int, outbound: str) -> str | None:
        """The case event that an outbound message carries, if it carries one."""
        found = await self.redis.call("GET", key(lane, "sent", outbound))
        return found.decode() if isinstance(found, bytes) else None

    async def bury_raw(self, body: bytes, cause: str) -> None:
        """Keep a payload that nobody can read as a dead letter of the queue `raw`. It belongs to no chat."""
        lane = lane_of(sha256(body).hexdigest())
        sealed = self._seal.seal(body, about(lane, "raw"))
        await self.redis.call(
            "XADD", key(lane, "dead"), "*", "queue", "raw", "ref", "", "sealed", sealed, "cause", cause
        )

    async def push(self, lane: int, queue: Queue, ref: str, body: bytes) -> None:
        """Put one entry into a queue. Not protected against being done twice: its body's id must be."""
        await self.redis.call("XADD", key(lane, queue), "*", "ref", ref, "sealed", self.seal(lane, queue, body))

    async def back(self, lane: int) -> None:
        """Wait until this lane's server is there."""
        await self.redis.back(tag(lane))

    async def lag(self, lanes: Iterable[int]) -> dict[Queue, tuple[int, float | None]]:
        """For each queue how many entries wait in these lanes, and since when (seconds since 1970) the oldest does."""
        asks = [self.redis.run(LAG, [tag(lane)], *QUEUES, "dead") for lane in lanes]
        sums: dict[Queue, tuple[int, float | None]] = dict.fromkeys((*QUEUES, "dead"), (0, None))
        for answer in await some(asks):
            if isinstance(answer, Lost):
                continue
            for queue, pair in zip(sums, as_list(answer), strict=True):
                length, first = as_list(pair)
                sums[queue] = _older(sums[queue], as_int(length), first if isinstance(first, bytes) else None)
        return sums

    async def memory(self) -> tuple[int, int]:
        """Bytes that the fullest server uses, and bytes that it may (0: no bound, or it does not say)."""
        asks = [self.redis.run(MEMORY, [tag(lane)]) for lane in range(LANES)]
        found = [tuple(as_int(one) for one in as_list(answer)) for answer in await answers(asks)]
        used, bound = max(found, key=lambda pair: pair[0] / (pair[1] or float("inf")))
        return used, bound


def ended(answer: Answer) -> Ended:
    """What a commit's answer says."""
    return "done" if isinstance(answer, list) else _ENDED[answer if isinstance(answer, bytes) else b""]


def taken(lane: int, follows: Iterable[Follow], answer: Answer) -> tuple[bytes, list[Entry]]:
    """What a commit with `take` put into this lane's outbox, and the id that was the last there before it."""
    if not isinstance(answer, list):
        return b"", []
    last, *ids = (as_bytes(id) for id in answer)
    sent = (follow for follow in follows if follow.verb == "add" and follow.a == "outbox")
    return last, [
        Entry(lane, "outbox", id, str(one.b), one.c if isinstance(one.c, bytes) else b"", 1)
        for id, one in zip(ids, sent, strict=True)
    ]


def _parts(one: Arrival) -> tuple[str, str, bytes, str]:
    """An arrival as intake.lua is told of it."""
    return one.digest, one.ref, one.sealed, "hold" if one.hold else ""


def _news(lane: int, one: Arrival, new: Answer) -> News:
    """What intake.lua says of an arrival."""
    if not isinstance(new, list):
        return _NEW[as_int(new)]
    id, session = new
    return Entry(lane, "inbox", as_bytes(id), one.ref, one.sealed, 1, None if session is None else as_bytes(session))


def _entry(lane: int, queue: Queue, parts: list[Answer]) -> Entry:
    """An entry as take.lua tells it."""
    match parts:
        case [bytes(id), bytes(ref), bytes(sealed), int(tries), (bytes() | None) as session]:
            return Entry(lane, queue, id, ref.decode(), sealed, tries, session)
    raise ValueError("take.lua answered in another shape")


def _mark(entry: Entry) -> bytes:
    """The field that says that we began to say it."""
    return entry.id + b"!"


def _older(known: tuple[int, float | None], length: int, first: bytes | None) -> tuple[int, float | None]:
    """Two lanes' lags as one."""
    since = None if first is None else int(first.split(b"-", 1)[0]) / 1000
    return known[0] + length, min((at for at in (known[1], since) if at is not None), default=None)


_TAKE = {True: "take", False: ""}
_NEW: Mapping[int, bool | None] = {1: True, 0: False, -1: None}
_ENDED: Mapping[bytes, Ended] = {b"done": "done", b"gone": "gone", b"moved": "moved"}
