"""The sender: says what the outbox holds, each chat's messages in order and one at a time, many chats at once.

What becomes of a message is the receipt's word, and each word has its consequence (bot/outcome.py). Neither provider
takes an idempotency key, so a message whose fate nobody knows is said again only where saying it twice is harmless.
Otherwise a mark is set before speaking (`Lanes.begin`), and what is found marked later is put aside as `unknown`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import attrgetter
from secrets import token_hex
from typing import NamedTuple, ParamSpec, TypeVar

import msgspec

from bot import metrics
from bot.bell import Bell
from bot.channels.contract import Away, Channel, Ear
from bot.ear import utc_now
from bot.faults import place, report
from bot.outcome import Attempts, follows
from bot.owner import Owner, Room
from bot.pace import Pace
from handlers.nouns import Inbound, Outbound, Receipt
from storage.keys import Queue
from storage.queues import Entry, Follow, Lanes, bury, ended
from storage.redis import Answer, Lost
from storage.seal import Sealed

log = logging.getLogger(__name__)

BATCH = 64
"""Entries taken from a lane at once."""
HELD: Mapping[Queue, int] = {"outbox": 4096, "broadcast": 1024}
"""Messages held in memory above which nothing more is taken of a queue: broadcasts leave room for replies."""
LOOK = 0.5
"""Seconds after which a lane's broadcasts are looked for again."""
AT_ONCE = 256
"""Sends in the air, in each channel: a slow provider does not hold another."""
PAUSE, LONGEST = 0.05, 1.0
"""Seconds before Redis is asked again, at first and later."""

_decoder = msgspec.json.Decoder(Outbound)
P = ParamSpec("P")
T = TypeVar("T")


class Item(NamedTuple):
    """A message and the entry it lies in."""

    entry: Entry
    out: Outbound


class Talk:
    """One chat's waiting messages of one queue, and the task that says them. `speaking`: one is in the air."""

    __slots__ = ("items", "speaking", "task")

    def __init__(self) -> None:
        """Nothing waits yet."""
        self.items: deque[Item] = deque()
        self.speaking = False
        self.task: asyncio.Task[None] | None = None


class Sender:
    """Works the outboxes of the lanes this process owns."""

    room: Room = "sender"

    def __init__(
        self,
        lanes: Lanes,
        owner: Owner,
        bell: Bell,
        ear: Ear,
        channels: Mapping[str, Channel],
        rates: Mapping[str, float] | None = None,
        patience: float = 86_400,
        first_wait: float = 1.0,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`rates`: messages a second by channel, 0 or absent: no limit. `patience`: seconds after which a message that the
        provider never took is put aside. `first_wait`: seconds before the second attempt.
        """
        self._lanes = lanes
        self._owner = owner
        self._bell = bell
        self._ear = ear
        self._channels = channels
        self._paces = {name: Pace((rates or {}).get(name, 0.0), partial(owner.peers, self.room)) for name in channels}
        self._patience = patience
        self._first_wait = first_wait
        self._clock = clock
        self._talks: dict[tuple[Queue, int, str], Talk] = {}
        self._seen: dict[tuple[Queue, int], bytes] = {}
        self._held: set[tuple[Queue, int, bytes]] = set()
        self._gone: set[tuple[Queue, int, bytes]] = set()
        """What came to its end since the last look was asked for: its answer may still tell of it."""
        self._quiet: set[int] = set()
        self._looked: dict[int, float] = {}
        self._air = {name: asyncio.Semaphore(AT_ONCE) for name in channels}

    async def work(self, rung: Iterable[int]) -> None:
        """Take what waits in these lanes and see that it is said. Returns before it is. Raises Lost."""
        mine = [lane for lane in rung if self._owner.holds(self.room, lane)]
        for queue, bound in HELD.items():
            if len(self._held) >= bound:
                continue  # `_let_go` rings when there is room again
            lanes = mine if queue == "outbox" else self._idle(mine)
            await self._take(queue, {lane: self._seen.get((queue, lane)) for lane in lanes})

    async def _take(self, queue: Queue, seen: Mapping[int, bytes | None]) -> None:
        """Take what stands behind what was seen. What was asked from a place that is not ours any more is asked again: since
        then something was taken otherwise (`say`), or everything is to be looked at anew (`begin`).
        """
        places = {lane: f"({id.decode()}" if id else "-" for lane, id in seen.items()}
        self._gone.clear()
        entries, _ = await self._lanes.take(queue, places, BATCH)
        for lane, group in groupby(entries, attrgetter("lane")):
            found, at = list(group), seen[lane]
            for entry in found:
                if self._seen.get((queue, lane)) is not at:
                    break
                at = self._seen[queue, lane] = entry.id
                await self._accept(entry)
            if at is not found[-1].id or len(found) == BATCH:
                self._looked.pop(lane, None)
                self._bell.wake(self.room, lane)

    def say(self, after: bytes, entries: Sequence[Entry]) -> bool:
        """Take these of one lane, which were just put into the outbox behind `after`: no need to ask Redis for them. False,
        and nothing is taken, unless all in front of them was: their chats' messages keep their order.
        """
        lane = entries[0].lane
        seen = self._seen.get(("outbox", lane), b"0-0")
        if not self._ours(lane) or len(self._held) >= HELD["outbox"] or _order(seen) < _order(after):
            return False
        try:
            items = [self._read(entry) for entry in entries]
        except (Sealed, msgspec.DecodeError):
            return False  # whoever takes it puts it aside
        self._seen["outbox", lane] = entries[-1].id
        for item in items:
            self._queue(item)
        return True

    def _idle(self, lanes: Iterable[int]) -> list[int]:
        """The lanes whose broadcasts were not looked for just now: nobody waits for one, and every reply rings."""
        now = time.monotonic()
        due = [lane for lane in lanes if self._looked.get(lane, 0.0) < now - LOOK]
        self._looked.update(dict.fromkeys(due, now))
        return due

    def begin(self, lane: int) -> None:
        """This lane became ours, or Redis was away: look at its queues from the beginning. What is held is not taken twice."""
        self._looked.pop(lane, None)
        for queue in HELD:
            self._seen.pop((queue, lane), None)

    async def landed(self) -> None:
        """Wait until nothing of what was taken waits any more."""
        while tasks := [talk.task for talk in self._talks.values() if talk.task]:
            await asyncio.wait(tasks)

    async def drain(self, lane: int) -> None:
        """Begin nothing more on this lane; return when what is in the air has landed."""
        self._quiet.add(lane)
        tasks: list[asyncio.Task[None]] = []
        for talk in [talk for (_, whose, _), talk in self._talks.items() if whose == lane]:
            if talk.task:
                tasks.append(talk.task)
                if not talk.speaking:
                    talk.task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.begin(lane)
        self._quiet.discard(lane)

    async def close(self, seconds: float = 5.0) -> None:
        """Let what is in the air land, for so many seconds. The rest is still in the outbox for the next owner."""
        tasks = [talk.task for talk in self._talks.values() if talk.task]
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(self.drain(lane) for lane in {lane for _, lane, _ in self._talks}))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, entry: Entry) -> None:
        """Put a message behind the others of its chat. Raises Lost."""
        mark = (entry.queue, entry.lane, entry.id)
        if mark in self._held or mark in self._gone:
            return
        try:
            item = self._read(entry)
        except (Sealed, msgspec.DecodeError) as fault:
            left = [bury(entry.queue, entry.sealed, place(fault))]
            self._tell(entry, left, await self._commit(entry, left))
            return
        self._queue(item)

    def _read(self, entry: Entry) -> Item:
        """What an entry holds. Raises Sealed or msgspec.DecodeError."""
        return Item(entry, _decoder.decode(self._lanes.open(entry)))

    def _queue(self, item: Item) -> None:
        """Behind the others of its chat."""
        entry = item.entry
        self._held.add((entry.queue, entry.lane, entry.id))
        talk = self._talks.setdefault((entry.queue, entry.lane, entry.ref), Talk())
        talk.items.append(item)
        if talk.task is None:
            talk.task = asyncio.create_task(self._talk(talk, entry))

    async def _talk(self, talk: Talk, first: Entry) -> None:
        """Say what this chat waits for, one by one, as long as the lane is ours."""
        try:
            while talk.items and self._ours(first.lane):
                await self._say(talk)
        except Exception as fault:  # noqa: BLE001 - what was not said lies in the outbox and is taken again
            report(log, f"talk with {first.ref} stopped", fault)
            self.begin(first.lane)
        finally:
            del self._talks[first.queue, first.lane, first.ref]
            if talk.items:
                self.begin(first.lane)
            for item in talk.items:
                self._let_go(item.entry)

    async def _say(self, talk: Talk) -> None:
        """Say the first of the waiting, as often as it takes, and keep what became of it."""
        item = talk.items[0]
        name = metrics.channel_of(item.out.chat)
        attempts = Attempts(item.out.again, self._first_wait)
        if item.entry.tries > 1 and item.out.again:
            metrics.RESENT.labels(name).inc()  # perhaps: an earlier owner had taken it
        while True:
            receipt = await self._attempt(talk, item)
            if receipt is None:
                return
            late = self._clock().timestamp() - item.entry.since > self._patience
            wait = attempts.wait(receipt, late)
            if wait is None:
                break
            if receipt.outcome == "slow_down":
                self._paces[name].slow_down(item.entry.ref, wait)
            elif receipt.outcome == "unknown":
                metrics.RESENT.labels(name).inc()
            if not item.out.again:
                await self._surely(item.entry.lane, self._lanes.unsaid, item.entry)
            talk.speaking = False
            await asyncio.sleep(wait)
        try:
            await self._settle(talk, item, receipt)
        finally:
            talk.speaking = False

    def _ours(self, lane: int) -> bool:
        """Whether we may begin to say something on this lane now."""
        return lane not in self._quiet and self._owner.holds(self.room, lane)

    async def _attempt(self, talk: Talk, item: Item) -> Receipt | None:
        """One attempt in its turn; None: when its turn came, the lane was not ours any more.

        From `speaking` on it is not interrupted until its result is kept.
        """
        name, attempt = metrics.channel_of(item.out.chat), "" if item.out.again else token_hex(8)
        channel = self._channels.get(name)
        if channel is None:
            return Receipt("retry", cause=f"no channel {name} here")
        await self._paces[name].turn(item.entry.ref, item.entry.queue == "broadcast")
        while True:
            async with self._air[name]:
                if not self._ours(item.entry.lane):
                    return None
                talk.speaking = True
                with suppress(Lost):
                    return await self._speak(channel, item, attempt)
            talk.speaking = False
            await asyncio.sleep(PAUSE)  # out of the air: others' lanes may be on another server, which is there
            await self._lanes.back(item.entry.lane)

    async def _speak(self, channel: Channel, item: Item, attempt: str) -> Receipt:
        """Say it. Raises Lost only before a word was said; then it may be asked again as the same attempt."""
        if not item.out.again and not await self._lanes.begin(item.entry, attempt):
            return Receipt("unknown", cause="an earlier attempt was cut short")
        try:
            receipt = await channel.send(item.out)
        except Exception as fault:  # noqa: BLE001 - a channel that breaks its word: it may have been said
            receipt = Receipt("unknown", cause=place(fault))
        metrics.one(metrics.SENDS, channel.name, receipt.outcome).inc()
        if receipt.outcome not in ("sent", "blocked"):
            metrics.PROVIDER.labels(channel.name, "send").inc()
        return receipt

    async def _settle(self, talk: Talk, item: Item, receipt: Receipt) -> None:
        """Keep what became of it, for good. *Blocked* deals with all that waits for the chat."""
        done = [item]
        if receipt.outcome == "blocked":
            done = list(talk.items)
            await self._surely(item.entry.lane, self._ear.hear, [self._blocked(item.out)])
        for one in done:
            await self._end(one.entry, follows(self._lanes, *one, receipt, self._clock()))
            talk.items.popleft()
            self._gone.add((one.entry.queue, one.entry.lane, one.entry.id))
            self._let_go(one.entry)

    async def _end(self, entry: Entry, left: list[Follow]) -> None:
        """The entry leaves its queue, and this follows. Asked until it is certain."""
        self._tell(entry, left, await self._surely(entry.lane, self._commit, entry, left))

    def _tell(self, entry: Entry, left: list[Follow], answer: Answer) -> None:
        """Wake whoever has work from this commit, if it was ours, and count it."""
        if ended(answer) != "done":
            return
        for follow in left:
            if follow.verb == "add":
                self._bell.ring("clerk", entry.lane)
            elif follow.verb == "bury":
                log.error("message to %s put aside: %s", entry.ref, follow.c)
                metrics.DEAD.labels(entry.queue).inc()

    async def _commit(self, entry: Entry, left: list[Follow]) -> Answer:
        """The one atom, here without a session."""
        return await self._lanes.commit(entry, left)

    async def _surely(self, lane: int, ask: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask until this lane's Redis answers. What is asked here may be repeated without harm."""
        pause = PAUSE
        while True:
            try:
                return await ask(*args, **kwargs)
            except (Lost, Away):
                await asyncio.sleep(pause)
                await self._lanes.back(lane)
                pause = min(pause * 2, LONGEST)

    def _blocked(self, out: Outbound) -> Inbound:
        """The news that this person does not want to hear from us."""
        return Inbound(f"blocked:{out.id}", out.chat, self._clock(), "news", extras={"what": "blocked"})

    def _let_go(self, entry: Entry) -> None:
        """Not held any more. Where that makes room again, look for what waits."""
        full = len(self._held) in HELD.values()
        self._held.discard((entry.queue, entry.lane, entry.id))
        if full:
            self._looked.clear()
            for lane in self._owner.lanes(self.room):
                self._bell.wake(self.room, lane)


def _order(id: bytes) -> tuple[int, int]:
    """A stream entry's id as what it is compared by."""
    milliseconds, _, n = id.partition(b"-")
    return int(milliseconds), int(n)
