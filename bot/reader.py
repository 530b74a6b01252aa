"""The reader: takes what people said, thinks, and commits the answer. Read this file first.

    take      from every lane that rang, in one packet: events, and their chats' sessions, unless the door has brought them
    think     for each chat its events in order, each from the session the one before it left
    commit    each turn by one script: the entry out; session, replies, effects and timers in; or nothing

A turn that finds its session moved (another reader was faster) is thought again from the new one. A turn that raises is a
dead letter, and the citizen hears that we could not do it. Whatever dies in between, the entry still lies in the inbox.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from bot import metrics
from bot.bell import Bell
from bot.faults import place, report
from bot.owner import Owner, Room
from handlers.nouns import Effect, Inbound, Outbound, Remind, Reply, Session, Step
from storage import timers
from storage.chats import Chats, Unreadable, version
from storage.keys import Queue, outbound_id
from storage.queues import Change, Entry, Follow, Lanes, add, bury, carry, ended, taken
from storage.redis import Answer, Ask, Lost, each

log = logging.getLogger(__name__)

Think = Callable[[Session | None, Inbound], Step]
"""What one event does to one session: pure. An exception in it costs this event only."""
Render = Callable[[Session, Reply, str], tuple[Outbound, ...]]
"""A reply in the chat's language and within its channel's limits; the messages' ids begin with the given one."""
Sorry = Callable[[Session], Outbound]
"""The sentence for a person whose message we could not handle. Its id does not matter."""

Say = Callable[[bytes, Sequence[Entry]], bool]
"""Say what was just put into one lane's outbox, behind the entry of this id. False: it must be looked for there."""


def nobody(after: bytes, entries: Sequence[Entry]) -> bool:
    """Nobody here."""
    return False


BATCH = 64
"""Entries taken at once from all lanes together; a rung lane gives at least `LEAST`."""
LEAST = 2
WARY = 2
"""An entry taken this often already may be what kills readers: it is taken alone from now on."""
TRIES = 5
"""Taken more often than this, an entry is a dead letter without being looked at."""

_decoder = msgspec.json.Decoder(Inbound)
_encode = msgspec.json.Encoder().encode
_OUT = frozenset({"done", "gone"})
"""How a commit ends after which the entry is not in the inbox any more."""
_SPOKEN_TO = frozenset({"text", "choice", "location", "media", "contact", "command"})


class State(NamedTuple):
    """Where a chat stands: the version that a commit must find, and the session (None: a chat that is new to us)."""

    read: bytes
    session: Session | None


class Turn(NamedTuple):
    """An entry, all that follows from it, and what becomes of the session."""

    entry: Entry
    change: Change
    follows: Sequence[Follow]
    kind: str = ""
    dead: str = ""
    assessed: str = ""


class Reader:
    """Works the inboxes of the lanes this process owns."""

    room: Room = "reader"

    def __init__(
        self,
        lanes: Lanes,
        chats: Chats,
        owner: Owner,
        bell: Bell,
        think: Think,
        render: Render,
        sorry: Sorry,
        say: Say = nobody,
    ) -> None:
        """`think`, `render` and `sorry` are pure; everything that waits is here. `say` is the sender of this process."""
        self._lanes = lanes
        self._chats = chats
        self._owner = owner
        self._bell = bell
        self._think = think
        self._render = render
        self._sorry = sorry
        self._say = say
        self._excused: Counter[tuple[int, bytes]] = Counter()

    async def work(self, rung: Iterable[int]) -> None:
        """Handle what waits in these lanes, and what was brought. Raises Lost; nothing is lost by it."""
        mine = {lane for lane in rung if self._owner.holds(self.room, lane)}
        brought = [
            entry
            for lane, entries in self._bell.brought(self.room).items()
            if lane not in mine and self._owner.holds(self.room, lane)
            for entry in entries
        ]
        count = max(LEAST, BATCH // max(1, len(mine)))
        entries, suspects = await self._take(sorted(mine), count)
        await self.settle([*entries, *brought])
        for lane in suspects:
            alone, _ = await self._take([lane], 1, alone=True)
            await self.settle(alone)
        full = (lane for lane, taken in Counter(entry.lane for entry in entries).items() if taken == count)
        for lane in (*full, *suspects):
            self._bell.wake(self.room, lane)  # there may be more behind

    async def settle(self, entries: Sequence[Entry]) -> None:
        """Think and commit until every one of these entries is out of the inbox, by us or by somebody else. Raises Lost when
        all that could be has been.
        """
        stored = {entry.ref: entry.session for entry in reversed(entries)}
        while entries:
            turns = list(self._turns(entries, stored))
            said = await each([self._commit(turn) for turn in turns])
            ends = ["lost" if isinstance(answer, Lost) else ended(answer) for answer in said]
            for turn, end, answer in zip(turns, ends, said, strict=True):
                if end == "done" and not isinstance(answer, Lost):
                    self._tell(turn, answer)
                if end in _OUT:
                    self._excused.pop((turn.entry.lane, turn.entry.id), None)
            entries = [turn.entry for turn, end in zip(turns, ends, strict=True) if end not in _OUT]
            metrics.MOVED.inc(ends.count("moved"))
            stored = await self._again(entries, said) if entries else {}

    def _commit(self, turn: Turn) -> Ask:
        """Ask for a turn's commit, and for what it puts into the outbox if that is said here."""
        take = self._bell.here("sender", turn.entry.lane)
        return self._lanes.commit(turn.entry, turn.follows, turn.change, take=take)

    async def _again(self, entries: Sequence[Entry], said: Sequence[Answer | Lost]) -> dict[str, bytes | None]:
        """The sessions from which these are thought again. Raises Lost if their commits did: they are taken anew then, in
        their order, and are not to blame.
        """
        try:
            for answer in said:
                if isinstance(answer, Lost):
                    raise answer
            return await self._lanes.sessions({entry.ref: entry.lane for entry in entries})
        except Lost:
            self._excused.update((entry.lane, entry.id) for entry in entries)
            raise

    async def _take(self, lanes: Sequence[int], count: int, alone: bool = False) -> tuple[list[Entry], list[int]]:
        """What waits in these lanes, from the beginning: all that was settled is not there any more."""
        places = dict.fromkeys(lanes, "-")
        return await self._lanes.take("inbox", places, count, sessions=True, wary=WARY, alone=alone)

    def _turns(self, entries: Sequence[Entry], stored: dict[str, bytes | None]) -> Iterator[Turn]:
        """Every entry's turn; those of one chat follow from each other."""
        states: dict[str, State] = {}
        lost: list[Follow] = []
        for entry in entries:
            if entry.ref not in states:
                states[entry.ref], lost = self._state(entry.ref, stored[entry.ref])
            turn, states[entry.ref] = self._turn(entry, states[entry.ref])
            yield turn._replace(follows=[*turn.follows, *lost])
            lost = []

    def _state(self, ref: str, stored: bytes | None) -> tuple[State, list[Follow]]:
        """The stored session as a state. One that cannot be read begins anew, and is kept for an operator."""
        try:
            return State(version(stored), self._chats.read(ref, stored)), []
        except Unreadable as fault:
            log.warning("session %s begins anew: %s", ref, fault)
            return State(version(stored), None), [bury("session", stored or b"", str(fault))]

    def _turn(self, entry: Entry, state: State) -> tuple[Turn, State]:
        """One entry's turn from this state, and the state after it. Never raises."""
        event: Inbound | None = None
        try:
            event = _decoder.decode(self._lanes.open(entry))
            tries = entry.tries - self._excused[entry.lane, entry.id]
            if tries > TRIES:
                return self._fail(entry, state, event, f"taken {tries - 1} times and never finished")
            return self._answer(entry, state, event)
        except Exception as fault:  # noqa: BLE001 - whatever it is, this event is put aside and the chat lives on
            return self._fail(entry, state, event, place(fault))

    def _answer(self, entry: Entry, state: State, event: Inbound) -> tuple[Turn, State]:
        """Think, say it in the chat's language, and put it together."""
        step = self._think(state.session, event)
        change, session = self._chats.write(entry.ref, state.read, step.session, step.keep)
        speaker = session or state.session or Session(event.chat, entry.ref)
        follows = [
            *self._replies(entry, event, speaker, step.replies),
            *(self._effect(entry, event, effect) for effect in step.effects),
        ]
        after = State(version(change.session), session)
        return Turn(entry, change, follows, event.kind, assessed=step.assessed), after

    def _replies(self, entry: Entry, event: Inbound, speaker: Session, replies: Sequence[Reply]) -> Iterator[Follow]:
        """The replies, rendered and sealed; replies go before broadcasts, so these have a queue of their own."""
        for n, reply in enumerate(replies):
            for out in self._render(speaker, reply, outbound_id(entry.lane, event.id, n)):
                queue: Queue = "broadcast" if out.broadcast else "outbox"
                yield add(queue, entry.ref, self._lanes.seal(entry.lane, queue, _encode(out)))
                if out.about:
                    yield carry(out.id, out.about)

    def _effect(self, entry: Entry, event: Inbound, effect: Effect) -> Follow:
        """A reminder is a timer of this lane; everything else is the clerk's."""
        if isinstance(effect, Remind):
            if effect.chat != event.chat:
                raise ValueError("a reminder for another chat: it would lie in the wrong lane")
            return timers.follow(self._lanes, entry.lane, entry.ref, effect)
        return add("effects", entry.ref, self._lanes.seal(entry.lane, "effects", _encode(effect)))

    def _fail(self, entry: Entry, state: State, event: Inbound | None, cause: str) -> tuple[Turn, State]:
        """The event is a dead letter, the session stays as it was, and a person who waits for an answer hears a sentence."""
        log.error("event of %s put aside: %s", entry.ref, cause)
        follows = [bury("inbox", entry.sealed, cause)]
        if event is not None and event.kind in _SPOKEN_TO:
            follows += self._apology(entry, state, event)
        return Turn(entry, Change("leave", state.read), follows, dead=cause), state

    def _apology(self, entry: Entry, state: State, event: Inbound) -> list[Follow]:
        """The prepared sentence; nothing if even that cannot be said."""
        try:
            out = self._sorry(state.session or Session(event.chat, entry.ref))
        except Exception as fault:  # noqa: BLE001 - the very last resort must not stop the lane
            report(log, f"no apology to {entry.ref}", fault)
            return []
        out = msgspec.structs.replace(out, id=outbound_id(entry.lane, event.id, 0), chat=event.chat)
        return [add("outbox", entry.ref, self._lanes.seal(entry.lane, "outbox", _encode(out)))]

    def _tell(self, turn: Turn, answer: Answer) -> None:
        """Bring its work to whoever has some from this turn, or wake them, and count it."""
        last, replies = taken(turn.entry.lane, turn.follows, answer)
        said = bool(replies) and self._say(last, replies)
        for follow in turn.follows:
            if follow.verb == "add" and not (said and follow.a == "outbox"):
                self._bell.ring("clerk" if follow.a == "effects" else "sender", turn.entry.lane)
            elif follow.verb == "bury":
                metrics.DEAD.labels(str(follow.a)).inc()
        if not turn.dead:
            metrics.one(metrics.TURNS, turn.kind).inc()
            if turn.assessed:
                metrics.one(metrics.ASSESSED, turn.assessed).inc()
            metrics.TURN_SECONDS.observe(max(0.0, time.time() - turn.entry.since))
