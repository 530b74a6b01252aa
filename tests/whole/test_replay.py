"""Thousands of generated stories with the real conversation, on a real Valkey, under crashes, repeats and races.

Each story is first played clean, by the pure step alone. Then its events go through the durable path: delivered twice and
late, two readers at once, the process killed at random commands. The end must be the clean one: session, replies, cases.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec
import pytest

from bot.channels.contract import Away
from bot.thinking import Thinking
from handlers.nouns import Delivered, Effect, Export, Inbound, Remind, Session
from storage.chats import Chats
from storage.keys import lane_of
from storage.queues import Lanes
from storage.redis import Redis
from storage.seal import Seal
from tests.dialogue import MAY_8, pack, world
from tests.handlers.test_any_input import ACTIONS, FORGED, FREELY, Walk
from tests.rooms import toy
from tests.rooms.life import EVERY, SECRET, Cut, Fuse, Life, Mind, Tripwire, dead_name, life, session_of, waiting

STORIES = int(os.environ.get("KOMEK_STORIES", "2000"))
AT_ONCE = 50
LENGTH = 26
LIVES = 6
KINDS = ["button"] * 60 + ["old", "token", "text", "command", "edit", "photo", "album", "place", "contact", "tick"]
KINDS += ["reply", "status", "blocked", "unblocked"]
TEXTS = [
    "1",
    "2",
    "Tashkent",
    "20 May 2020",
    "menu",
    "back",
    "stop",
    "delete",
    "status",
    "Özbekistan",
    "nothing I know",
    *FREELY,
]

EXPORT = "This is all that I keep about your cases"
"""The clerk's news after a wish for one's own data: it comes when the clerk comes, so it has no place in the order."""

THINKING = Thinking(pack(), SECRET, {"toy": toy.Toy.limits}, MAY_8)
MIND = Mind(THINKING.think, THINKING.render, THINKING.sorry)


@dataclass
class Story:
    """A chat's events, and where they lead when nothing goes wrong."""

    chat: str
    events: list[Inbound] = field(default_factory=list)
    session: Session | None = None
    said: list[str] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    exports: int = 0


def tell(chat: str, chance: random.Random) -> Story:
    """A story, played clean."""
    walk, story = Walk(chat), Story(chat)
    walk.d.world = world(demo=True)
    moves: list[tuple[str, object]] = [("command", "start"), ("token", "language:en"), ("token", "go:report")]
    moves += [_move(chance) for _ in range(LENGTH)]
    for move in moves:
        event = walk.event(*_onward(walk, move, chance))
        walk.d.hear(event)
        step = walk.d.last
        walk.seen += walk.d.tokens
        speaker = step.session or story.session or walk.d.known
        for n, reply in enumerate(step.replies):
            story.said += [out.text for out in THINKING.render(speaker, reply, f"{event.id}/{n}")]
        story.events.append(event)
        story.effects += [e for e in step.effects if not isinstance(e, Remind | Export)]
        story.exports += sum(isinstance(e, Export) for e in step.effects)
        story.session = step.session
    return story


def _move(chance: random.Random) -> tuple[str, object]:
    """Mostly forward, sometimes anywhere."""
    kind = chance.choice(KINDS)
    what: object = chance.choice([0, 0, 0, 0, 1, 2]) if kind == "button" else chance.randrange(60)
    if kind == "token":
        what = chance.choice(FORGED + ACTIONS)
    elif kind in ("text", "edit"):
        what = chance.choice(TEXTS)
    elif kind == "command":
        what = chance.choice(["start", "help", "menu"])
    return kind, what


def _onward(walk: Walk, move: tuple[str, object], chance: random.Random) -> tuple[str, object]:
    """The question about needs is left by its last button, which a person finds sooner than chance does."""
    done = "report.needs:done"
    return ("token", done) if move[0] == "button" and done in walk.d.tokens and chance.random() < 0.5 else move


def mixed(stories: Sequence[Story], chance: random.Random) -> Iterator[Inbound]:
    """All events, each chat's in order, some brought again, at once or much later."""
    ways = [list(story.events) for story in stories]
    told: list[Inbound] = []
    while any(ways):
        way = chance.choice([w for w in ways if w])
        told.append(way.pop(0))
        yield told[-1]
        if chance.random() < 0.2:
            yield chance.choice([told[-1], chance.choice(told)])


async def perform(url: str, seal: Seal, stories: Sequence[Story], chance: random.Random) -> tuple[toy.Toy, toy.Books]:
    """The stories through lives that end at random, and one that finishes."""
    provider, books = toy.Toy(), toy.Books()
    events = mixed(stories, chance)
    unheard: list[Inbound] = []
    for n in range(LIVES):
        fuse = Fuse(chance.randrange(10, 150), chance.random() < 0.5)
        store = Tripwire(url, fuse)
        await store.open()
        one = life(store, seal, provider, books, dead_name(n), mind=MIND)
        with suppress(Cut, Away):
            await one.owner.renew()
            fuse.armed = True
            for event in itertools.chain(unheard, events):
                unheard = [event]
                await one.ear.hear([event])
                unheard = []
                if chance.random() < 0.15:
                    await one.step()
        with suppress(Cut, Away):
            await one.sender.landed()
        await store.close()
    await _finish(url, seal, provider, books, [*unheard, *events])
    return provider, books


async def _finish(url: str, seal: Seal, provider: toy.Toy, books: toy.Books, events: Sequence[Inbound]) -> None:
    """Two readers race for the rest; then one process brings everything to its end."""
    first, second = Redis(url), Redis(url)
    await first.open()
    await second.open()
    one = life(first, seal, provider, books, dead_name(100), mind=MIND)
    two = life(second, seal, provider, books, dead_name(101), mind=MIND)
    await one.owner.renew()
    await first.call("DEL", *(f"{{{lane:02d}}}:lease:reader" for lane in EVERY))
    await two.owner.renew()
    for start in range(0, len(events), 20):
        await _surely_heard(one, events[start : start + 20])
        await asyncio.gather(one.reader.work(EVERY), two.reader.work(EVERY))
    await two.owner.close()
    await one.owner.renew()
    await one.live()
    assert await waiting(one.lanes) == 0
    assert not await first.call("EXISTS", *(f"{{{lane:02d}}}:waits" for lane in EVERY)), (
        "nothing waits, nothing is counted"
    )
    await first.close()
    await second.close()


async def _surely_heard(one: Life, events: Sequence[Inbound]) -> None:
    """Brought again until they are taken, as a provider does: of one chat only so much may wait."""
    while True:
        try:
            return await one.ear.hear(events)
        except Away:
            await one.step()


def once(said: Sequence[str]) -> list[str]:
    """What was said, a message that was said again at once counted once."""
    return [text for text, _ in itertools.groupby(said)]


def without_version(session: Session | None) -> Session | None:
    """A session but for the count of its turns, which the store keeps."""
    return msgspec.structs.replace(session, version=0) if session else None


@pytest.mark.timeout(400)
async def test_stories_end_the_same_however_they_are_disturbed(empty_valkey: str, seal: Seal) -> None:
    """Sessions, replies in order, and cases of thousands of stories."""
    chance = random.Random(20200508)
    watch = Redis(empty_valkey)
    await watch.open()
    await watch.call("CONFIG", "SET", "appendfsync", "no")  # here it is we who are killed, not Valkey
    filed = 0
    for start in range(0, STORIES, AT_ONCE):
        stories = [tell(f"toy:{start + n}", chance) for n in range(AT_ONCE)]
        provider, books = await perform(empty_valkey, seal, stories, chance)
        lanes = Lanes(watch, seal)
        for story in stories:
            session = await session_of(lanes, seal, story.chat)
            assert without_version(session) == without_version(story.session), story.chat
            said = [text for text in provider.said(story.chat) if not text.startswith(EXPORT)]
            assert once(said) == once(story.said), story.chat
            exports = {out.id for out in provider.sent if out.chat == story.chat and out.text.startswith(EXPORT)}
            assert len(exports) == story.exports, story.chat
        wanted = {effect.id: effect for story in stories for effect in story.effects}
        assert {id: effect for id, effect in books.filed.items() if not isinstance(effect, Delivered)} == wanted
        filed += len(wanted)
        assert len({lane_of(Chats(seal, SECRET).ref(story.chat)) for story in stories}) > 20
        await watch.call("FLUSHALL")
    await watch.call("CONFIG", "SET", "appendfsync", "always")
    await watch.close()
    assert filed > STORIES / 4
