"""Killed at any of its commands, a process loses nothing and doubles nothing: the next one ends where a clean run ends."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import pytest

from bot.channels.contract import Away
from handlers.nouns import Inbound, Session
from storage.queues import Lanes
from storage.redis import Redis
from storage.seal import Seal
from tests.rooms import toy
from tests.rooms.life import Cut, Fuse, Life, Tripwire, dead_name, lane, letters, life, session_of, waiting

CHATS = ("toy:1", "toy:2")
WORKED = [lane(chat) for chat in CHATS]
STORY = [
    toy.event(n, body, chat, **({"event": f"news{n}"} if body == "about" else {}))
    for chat in CHATS
    for n, body in enumerate(("hello", "report", "once", "about", "later", "boom", "report"))
]


class Books(NamedTuple):
    """Everything a run leaves behind."""

    sessions: list[Session | None]
    said: dict[str, list[str]]
    filed: list[str]
    dead: list[tuple[str, str]]
    timers: int


async def _tell(one: Life, story: Sequence[Inbound], hands: bool = False) -> None:
    """What the provider does: bring it again until it is taken. `hands`: each comes when the one before it was answered, so
    that the rooms hand it on.
    """
    for event in story:
        await one.ear.hear([event])
        if hands:
            await one.reader.work([])
            await one.sender.landed()


async def _end(store: Redis, seal: Seal, provider: toy.Toy, books: toy.Books) -> Books:
    """What this run leaves behind."""
    one = life(store, seal, provider, books)
    assert await waiting(one.lanes) == 0
    tries = [key for key in await _keys(store) if b":tries:" in key]
    assert tries == []
    return Books(
        [await session_of(one.lanes, seal, chat) for chat in CHATS],
        {chat: [text for text, _ in itertools.groupby(provider.said(chat))] for chat in CHATS},
        sorted(books.filed),
        sorted((letter.queue, letter.cause.split(" at ")[0]) for letter in await letters(one.lanes)),
        sum(key.endswith(b":timers") for key in await _keys(store)),
    )


async def _keys(store: Redis) -> list[bytes]:
    """Every key there is."""
    found = await store.call("KEYS", "*")
    assert isinstance(found, list)
    return [key for key in found if isinstance(key, bytes)]


async def _run(url: str, seal: Seal, k: int | None, late: bool, hands: bool) -> tuple[Books, toy.Toy, bool]:
    """One run of the story in which the first process is killed at its kth command. Was it?"""
    store = Redis(url)
    await store.open()
    await store.call("FLUSHALL")
    await store.call("CONFIG", "SET", "appendfsync", "no")  # here it is we who are killed, not Valkey
    provider, books = toy.Toy(), toy.Books()
    fuse = Fuse(-1 if k is None else k, late)
    doomed = Tripwire(url, fuse)
    await doomed.open()
    first = life(doomed, seal, provider, books, dead_name(1), hands=hands)._replace(worked=WORKED)
    await first.owner.renew()
    fuse.armed = True
    with suppress(Cut, Away):
        await _tell(first, STORY, hands)
        await first.live(Lanes(store, seal))
    await first.sender.landed()
    await doomed.close()
    second = life(store, seal, provider, books, dead_name(2), hands=hands)._replace(worked=WORKED)
    await second.owner.renew()
    await _tell(second, STORY)  # the provider brings what it got no 2xx for, and here, everything else too
    await second.live()
    assert not [key for key in await _keys(store) if key.endswith(b":waits")], "nothing waits, so nothing is counted"
    end = await _end(store, seal, provider, books)
    await store.call("CONFIG", "SET", "appendfsync", "always")
    await store.close()
    return end, provider, fuse.blown


def _doubles(provider: toy.Toy) -> list[str]:
    """What was said twice."""
    texts = [(out.chat, out.text) for out in provider.sent]
    return sorted({text for chat, text in texts if texts.count((chat, text)) > 1})


@pytest.mark.timeout(180)
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("hands", [False, True], ids=["by queue", "by hand"])
async def test_a_kill_at_any_command_ends_as_the_clean_run(
    empty_valkey: str, seal: Seal, late: bool, hands: bool
) -> None:
    """For every k: the same sessions, cases, timers and dead letters; everything said, in order; `once` at most once."""
    clean, provider, _ = await _run(empty_valkey, seal, None, late, hands)
    assert _doubles(provider) == []
    cases = [f"{event.id}/case" for event in STORY if event.body == "report"]
    carried = [f"{out.id}:sent" for out in provider.sent if out.about]
    assert clean.filed == sorted(cases + carried)
    for k in itertools.count():
        end, provider, tripped = await _run(empty_valkey, seal, k, late, hands)
        if not tripped:
            break
        _compare(clean, end, provider, k)
    assert k > 50


def _compare(clean: Books, end: Books, provider: toy.Toy, k: int) -> None:
    """The same books, but for a message whose fate nobody can know."""
    assert end.sessions == clean.sessions, k
    assert end.filed == clean.filed, k
    assert end.timers == clean.timers, k
    unknown = [cause for queue, cause in end.dead if queue == "outbox"]
    assert [one for one in end.dead if one[0] != "outbox"] == clean.dead, k
    assert all(cause.startswith("unknown") for cause in unknown), k
    for chat in CHATS:
        missing = [text for text in clean.said[chat] if text not in end.said[chat]]
        assert [text for text in clean.said[chat] if text not in missing] == end.said[chat], (k, chat)
        assert len(missing) <= len(unknown), k
    assert not any("once" in text for text in _doubles(provider)), k
