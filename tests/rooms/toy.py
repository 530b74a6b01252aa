"""A toy conversation and a toy provider, for tests of the path that carries them.

The dialogue counts: each message is answered with its number and its text, `report` opens a case, `later` sets a timer,
`forget` ends the session, `boom` raises. All of it a pure function, as the real one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from starlette.routing import BaseRoute

from bot.channels.contract import Away, Background, Ear, Limits
from handlers.nouns import AddToCase, Effect, Inbound, Media, Outbound, Raw, Receipt, Remind, Reply, Session, Step

NOON = datetime(2020, 5, 8, 12, 0, tzinfo=UTC)


class Boom(Exception):
    """The toy conversation's own fault. Its text stands for a citizen's words, which nobody may print."""


def event(n: int, body: str = "hello", chat: str = "toy:1", **extras: str) -> Inbound:
    """The nth message of a chat."""
    return Inbound(f"{chat}/{n}", chat, NOON + timedelta(seconds=n), "text", body, extras)


def think(session: Session | None, event: Inbound) -> Step:
    """Count, and do what the word says."""
    before = session or Session(event.chat, "ref")
    heard = [*before.facts.get("heard", "").split(), event.body or event.kind]
    after = msgspec.structs.replace(before, drafts=before.drafts + 1, facts={"heard": " ".join(heard)})
    says = (
        Reply((Raw(f"{after.drafts} {event.body}"),), about=event.extras.get("event", ""), again=event.body != "once"),
    )
    if event.body == "boom":
        raise Boom("secret words")
    if event.body == "forget":
        return Step(None, says)
    return Step(after, says, tuple(_effects(event)), keep=3600)


def _effects(event: Inbound) -> list[Effect]:
    """What follows from the word."""
    if event.body == "report":
        return [AddToCase(f"{event.id}/case", "case", event.at, "message", event.body)]
    if event.body == "later":
        return [Remind("reminder", event.chat, event.at + timedelta(days=1), "tick")]
    if event.body == "never":
        return [Remind("reminder", event.chat, None, "")]
    return []


def render(session: Session, reply: Reply, id: str) -> tuple[Outbound, ...]:
    """The first line as it is."""
    text = " ".join(line.text for line in reply.lines if isinstance(line, Raw))
    if "unrenderable" in text:
        raise Boom("secret words")
    return (Outbound(id, session.chat, text, about=reply.about, again=reply.again, broadcast="broadcast" in text),)


def sorry(session: Session) -> Outbound:
    """The prepared sentence."""
    return Outbound("", session.chat, "sorry")


class Toy:
    """A provider that does what `script` says with each message, and remembers what it was given, in order."""

    name = "toy"
    limits = Limits(text=4096, buttons=3, button=20, items=10, item=24)

    def __init__(self, script: Callable[[Outbound, int], Receipt] | None = None) -> None:
        """`script(message, how often it came before)` answers; by default everything is sent."""
        self._script = script or (lambda out, before: Receipt("sent"))
        self.given: list[Outbound] = []
        self.sent: list[Outbound] = []
        self.times: list[float] = []
        self.open_now: dict[str, int] = {}
        self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def send(self, out: Outbound) -> Receipt:
        """Take it when the gate is open."""
        before = sum(1 for given in self.given if given.id == out.id)
        self.given.append(out)
        self.times.append(asyncio.get_running_loop().time())
        self.open_now[out.chat] = self.open_now.get(out.chat, 0) + 1
        self.most_at_once = max(self.most_at_once, *self.open_now.values())
        try:
            await self.gate.wait()
        finally:
            self.open_now[out.chat] -= 1
        receipt = self._script(out, before)
        if receipt.outcome == "sent":
            self.sent.append(out)
        return receipt

    def said(self, chat: str = "toy:1") -> list[str]:
        """What this chat was told, in order."""
        return [out.text for out in self.sent if out.chat == chat]

    @property
    def loops(self) -> Sequence[Background]:
        """None."""
        return ()

    def routes(self, ear: Ear) -> Sequence[BaseRoute]:
        """None."""
        return ()

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def fetch(self, media: Media) -> tuple[bytes, str]:
        """The handle as a file."""
        return media.handle.encode(), "text/plain"


class Books:
    """Cases in memory, by the clerk's contract: filing twice files once."""

    def __init__(self) -> None:
        """Nothing filed yet."""
        self.filed: dict[str, Effect] = {}
        self.batches: list[list[str]] = []
        self.poison: set[str] = set()
        self.away: Exception | None = None
        self.waiting: list[Inbound] = []
        self.events: list[tuple[str, str, bytes]] = []

    async def file(self, effects: Sequence[Effect], /) -> None:
        """All or none; a poisoned one spoils its batch."""
        if self.away:
            raise self.away
        self.batches.append([effect.id for effect in effects])
        if any(effect.id in self.poison for effect in effects):
            raise ValueError("secret words")
        for effect in effects:
            self.filed.setdefault(effect.id, effect)

    async def export(self, effect: Effect, /) -> str:
        """A count."""
        return f"{len(self.filed)} effects"

    async def news(self, limit: int, /) -> Sequence[Inbound]:
        """What the desk said."""
        return self.waiting[:limit]

    async def told(self, ids: Sequence[str], /) -> None:
        """Those are not news any more."""
        self.waiting = [event for event in self.waiting if event.id not in ids]

    async def unpublished(self, limit: int, /) -> Sequence[tuple[str, str, bytes]]:
        """What the agencies lack."""
        return self.events[:limit]

    async def published(self, pairs: Sequence[tuple[str, str]], /) -> None:
        """Those they have."""
        self.events = [row for row in self.events if (row[0], row[1]) not in pairs]


async def heard(ear: Ear, one: Inbound) -> bool:
    """What a provider does: bring it, and come again if it was not taken."""
    try:
        await ear.hear([one])
    except Away:
        return False
    return True
