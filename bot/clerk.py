"""The clerk: files what the conversation decided, carries news from the desk to the chats, and cases into agencies' streams.

Nothing is written to two stores at once: an effect leaves its queue after SQL has it, and filing it twice files it once,
because its id is derived. So wherever we die, doing it again ends in the same books.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple, Protocol

import msgspec

from bot import metrics
from bot.bell import Bell
from bot.channels.contract import Away, Ear
from bot.faults import away, place
from bot.owner import Owner, Room
from handlers.nouns import Effect, Export, Inbound, Subscribe
from storage.queues import Entry, Lanes, bury, ended
from storage.redis import PUBLISH, Lost, answers, each
from storage.seal import Sealed

log = logging.getLogger(__name__)

BATCH = 512
"""Effects filed at once, from all lanes together; a rung lane gives at least `LEAST`."""
LEAST = 8
TOGETHER = 32
"""Effects filed in one transaction: more are no faster, and hold more memory."""
LIMIT = 200
"""Rows of news and case events moved at once."""
KEPT = 2_000
"""Rows that a closed lane or an absent server may keep back before those behind them wait too."""
PUBLISHED_SECONDS = 48 * 3600
"""How long an agency's stream remembers an event, against publishing it twice: far longer than a row stays unmarked."""
STREAM_MS = 30 * 86_400_000
"""How long an agency's stream keeps an event, in milliseconds. Whoever did not read for longer asks the API (docs/queue.md)."""

_decoder: msgspec.json.Decoder[Effect] = msgspec.json.Decoder(Effect)


class Cases(Protocol):
    """The books, as the clerk needs them. A method raises an operational fault of SQLAlchemy, OSError or Away while the
    database cannot be had (it is asked again); anything else it raises is the data's fault (the effect is put aside).
    """

    async def file(self, effects: Sequence[Effect], /) -> None:
        """File these in one transaction: all or none. One that is filed already changes nothing."""

    async def export(self, effect: Export, /) -> str:
        """All that the person's cases hold, as text for their chat."""

    async def news(self, limit: int, /) -> Sequence[Inbound]:
        """Words from the desk that their chats have not been told, oldest first, with derived ids."""

    async def told(self, ids: Sequence[str], /) -> None:
        """The news with these ids are in their chats' inboxes."""

    async def unpublished(self, limit: int, /) -> Sequence[tuple[str, str, bytes]]:
        """Case events that their agencies' streams lack: agency, event id, JSON. Oldest first."""

    async def published(self, pairs: Sequence[tuple[str, str]], /) -> None:
        """These (agency, event id) are in their streams."""


class Work(NamedTuple):
    """An effect and the entry it lies in."""

    entry: Entry
    effect: Effect


class Clerk:
    """Works the effects of the lanes this process owns."""

    room: Room = "clerk"

    def __init__(self, lanes: Lanes, owner: Owner, bell: Bell, ear: Ear, cases: Cases) -> None:
        """`ear` takes the news from the desk to the chats' inboxes."""
        self._lanes = lanes
        self._owner = owner
        self._bell = bell
        self._ear = ear
        self._cases = cases
        self._kept_news = self._kept_rows = 0

    async def work(self, rung: Iterable[int]) -> None:
        """File what waits in these lanes; then what the desk said. Raises Lost or Away; nothing is lost by it."""
        mine = [lane for lane in rung if self._owner.holds(self.room, lane)]
        count = max(LEAST, BATCH // max(1, len(mine)))
        entries, _ = await self._lanes.take("effects", dict.fromkeys(mine, "-"), count)
        works = [work for entry in entries if (work := await self._read(entry))]
        for export, some in groupby(works, lambda work: isinstance(work.effect, Export)):
            group = list(some)
            for n in range(0, len(group), TOGETHER):
                await (self._export if export else self._file)(group[n : n + TOGETHER])
        for lane, taken in Counter(entry.lane for entry in entries).items():
            if taken == count:
                self._bell.wake(self.room, lane)  # there may be more behind
        await self.look()

    async def look(self) -> None:
        """Carry news and case events on, as far as their lanes take them. One clerk does it for all."""
        if not self._owner.leads(self.room):
            return
        try:
            while await self._news() + await self._publish() >= LIMIT:
                continue
        except Exception as fault:  # noqa: BLE001 - sorted by `away`, and raised again in any case
            raise away(fault) or fault from None

    async def _read(self, entry: Entry) -> Work | None:
        """The entry's effect. One that cannot be read is a dead letter."""
        try:
            return Work(entry, _decoder.decode(self._lanes.open(entry)))
        except (Sealed, msgspec.DecodeError) as fault:
            await self._put_aside(entry, place(fault))
            return None

    async def _file(self, works: Sequence[Work]) -> None:
        """File these together. Where the data is at fault, halves tell which one it is."""
        # A wish to be told of new measures needs the announcements' own list, which this release does not have yet:
        # the citizen is not offered it, so a Subscribe can only come from a newer version's session and is let go.
        effects = [work.effect for work in works if not isinstance(work.effect, Subscribe)]
        try:
            if effects:
                await self._cases.file(effects)
        except Exception as fault:  # noqa: BLE001 - sorted by `away`: one effect must not stop the others
            if lost := away(fault):
                raise lost from None
            if len(works) == 1:
                await self._put_aside(works[0].entry, place(fault))
                return
            half = len(works) // 2
            await self._file(works[:half])
            await self._file(works[half:])
            return
        await answers([self._lanes.commit(work.entry) for work in works])
        metrics.FILED.inc(len(effects))

    async def _export(self, works: Sequence[Work]) -> None:
        """Each person's own data go back to their chat as news."""
        for entry, effect in works:
            if not isinstance(effect, Export):
                continue
            try:
                text = await self._cases.export(effect)
            except Exception as fault:  # noqa: BLE001 - sorted by `away`: one effect must not stop the others
                if lost := away(fault):
                    raise lost from None
                await self._put_aside(entry, place(fault))
                continue
            extras = {"what": "export"}
            await self._ear.hear([Inbound(f"{effect.id}:export", effect.chat, effect.at, "news", text, extras)])
            await self._lanes.commit(entry)

    async def _put_aside(self, entry: Entry, cause: str) -> None:
        """A dead letter."""
        if ended(await self._lanes.commit(entry, [bury("effects", entry.sealed, cause)])) == "done":
            log.error("effect of %s put aside: %s", entry.ref or "a receipt", cause)
            metrics.DEAD.labels("effects").inc()

    async def _news(self) -> int:
        """Words from the desk into their chats' inboxes. The door drops those that a crash makes us bring again."""
        news = await self._cases.news(LIMIT + self._kept_news)
        heard = await self._heard(news)
        self._kept_news = min(len(news) - len(heard), KEPT)
        if heard:
            await self._cases.told([event.id for event in heard])
        return len(heard)

    async def _heard(self, news: Sequence[Inbound]) -> Sequence[Inbound]:
        """Bring them all; if that cannot be, one by one, and of a chat nothing that would overtake. Those that were taken."""
        try:
            if news:
                await self._ear.hear(news)
        except Away:
            waits: set[str] = set()
            heard: list[Inbound] = []
            for event in news:
                if event.chat in waits or not await self._one(event):
                    waits.add(event.chat)
                else:
                    heard.append(event)
            return heard
        return news

    async def _one(self, event: Inbound) -> bool:
        """Bring this one, if its lane takes it."""
        try:
            await self._ear.hear([event])
        except Away:
            return False
        return True

    async def _publish(self) -> int:
        """Case events into their agencies' streams, each once."""
        rows = await self._cases.unpublished(LIMIT + self._kept_rows)
        # `agency:ID` has no braces, so its slot is that of its whole name, which is the mark's tag
        said = await each(
            [
                self._lanes.redis.run(
                    PUBLISH,
                    [f"agency:{agency}", f"seen:{{agency:{agency}}}:{event}"],
                    body,
                    PUBLISHED_SECONDS,
                    STREAM_MS,
                )
                for agency, event, body in rows
            ]
        )
        done = [(row[0], row[1]) for row, answer in zip(rows, said, strict=True) if not isinstance(answer, Lost)]
        self._kept_rows = min(len(rows) - len(done), KEPT)
        if done:
            await self._cases.published(done)
        return len(done)
