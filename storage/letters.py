"""Dead letters: what could not be done, kept sealed until an operator has looked. `komek dead list|replay|drop`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple, get_args

from storage.keys import LANES, Queue, key
from storage.queues import Entry, Lanes, about, add, ended
from storage.redis import Answer, answers, as_bytes, as_list
from storage.seal import Seal


class Letter(NamedTuple):
    """A dead letter. `queue` is where it came from, or `session`, or `raw`; `cause` names the fault and never quotes."""

    lane: int
    id: str
    at: datetime
    queue: str
    ref: str
    cause: str
    sealed: bytes

    @property
    def name(self) -> str:
        """How an operator names it: `07/1700000000000-0`."""
        return f"{self.lane:02d}/{self.id}"


async def listed(lanes: Lanes, limit: int = 1000, which: Iterable[int] = range(LANES)) -> list[Letter]:
    """The oldest dead letters, at most `limit`."""
    looked = list(which)
    found = await answers([lanes.redis.call("XRANGE", key(lane, "dead"), "-", "+", "COUNT", limit) for lane in looked])
    letters = [_letter(lane, one) for lane, many in zip(looked, found, strict=True) for one in as_list(many)]
    return sorted(letters, key=lambda letter: letter.at)[:limit]


async def found(lanes: Lanes, name: str) -> Letter | None:
    """The letter of this name, if it is still there. Raises ValueError for what is no name."""
    lane, _, id = name.partition("/")
    if not (lane.isdigit() and int(lane) < LANES and id.replace("-", "").isdigit()):
        raise ValueError("a dead letter's name looks like 07/1700000000000-0")
    rows = as_list(await lanes.redis.call("XRANGE", key(int(lane), "dead"), id, id))
    return _letter(int(lane), rows[0]) if rows else None


def opened(seal: Seal, letter: Letter) -> bytes:
    """What it holds: a person's words, perhaps. Raises storage.seal.Sealed."""
    return seal.open(letter.sealed[8:] if letter.queue == "session" else letter.sealed, _bound(letter))


async def replay(lanes: Lanes, letter: Letter) -> bool:
    """Put it back at the end of its queue, once. False: it is not there any more. Raises ValueError if it has no queue:
    a session, or a raw payload, which its channel must read first (bot/rereading.py).
    """
    queue = _queue(letter.queue)
    if queue is None:
        raise ValueError(f"{letter.name} came from no queue ({letter.queue}): it can be dropped, not replayed")
    return ended(await lanes.commit(_entry(letter), [add(queue, letter.ref, letter.sealed)])) == "done"


async def drop(lanes: Lanes, letter: Letter) -> bool:
    """Remove it for good. False: it is not there any more."""
    return ended(await lanes.commit(_entry(letter))) == "done"


def _letter(lane: int, row: Answer) -> Letter:
    """A row of the stream."""
    id, fields = as_list(row)
    _, queue, _, ref, _, sealed, _, cause = (as_bytes(part) for part in as_list(fields))
    name = as_bytes(id).decode()
    at = datetime.fromtimestamp(int(name.split("-")[0]) / 1000, UTC)
    return Letter(lane, name, at, queue.decode(), ref.decode(), cause.decode(), sealed)


def _entry(letter: Letter) -> Entry:
    """The letter as an entry of its own queue, the dead letters'."""
    return Entry(letter.lane, "dead", letter.id.encode(), letter.ref, letter.sealed, 0)


def _queue(name: str) -> Queue | None:
    """The queue of this name that letters can go back to."""
    return next((queue for queue in get_args(Queue) if queue == name != "dead"), None)


def _bound(letter: Letter) -> bytes:
    """What its sealed body is bound to."""
    return f"chat:{letter.ref}".encode() if letter.queue == "session" else about(letter.lane, letter.queue)
