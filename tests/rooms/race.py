"""Two owners of one lane whose commands are let through one by one, in a given order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from handlers.nouns import Session
from storage.redis import Answer, Ask, Part, Redis
from storage.seal import Seal
from tests.rooms import toy
from tests.rooms.life import Life, lane, letters, life, outbox, session_of, waiting

TURNS = 8
"""Turns of the loop that let everything happen which an answer makes possible."""


class Held(Redis):
    """A connection whose commands wait until they are let through, one at a time."""

    def __init__(self, url: str) -> None:
        """Open it before `holding`."""
        super().__init__(url)
        self.holding = False
        self._held: deque[tuple[tuple[Part, ...], asyncio.Future[Answer]]] = deque()

    def call(self, *parts: Part) -> Ask:
        """Wait for `let`."""
        if not self.holding:
            return super().call(*parts)
        answer: Ask = asyncio.get_running_loop().create_future()
        self._held.append((parts, answer))
        return answer

    async def let(self) -> bool:
        """Let one command through, and let happen what follows. False: none waits."""
        if not self._held:
            return False
        parts, answer = self._held.popleft()
        answer.set_result(await super().call(*parts))
        for _ in range(TURNS):
            await asyncio.sleep(0)
        return True


class Result(NamedTuple):
    """What is left when both are done."""

    session: Session | None
    said: list[str]
    dead: int
    waits: int


async def race(url: str, seal: Seal, picks: Sequence[str], story: Sequence[str]) -> Result:
    """Both handle the story's events; `picks` says whose next command is let through. Then whoever has one."""
    stores = {name: Held(url) for name in "AB"}
    for store in stores.values():
        await store.open()
    await stores["A"].call("FLUSHALL")
    lives = {name: life(store, seal, toy.Toy(), toy.Books(), f"{name}:1:1.0") for name, store in stores.items()}
    for n, body in enumerate(story):
        await lives["A"].ear.hear([toy.event(n, body)])
    for one in lives.values():
        await one.owner.renew()
        await one.lanes.redis.call("DEL", *(f"{{{lane():02d}}}:lease:{room}" for room in ("reader", "sender", "clerk")))
    works = {name: asyncio.create_task(_read(stores[name], one)) for name, one in lives.items()}
    await asyncio.sleep(0)
    for name in picks:
        await stores[name].let()
    while not all(work.done() for work in works.values()):
        for store in stores.values():
            await store.let()
    for store in stores.values():
        store.holding = False
    end = lives["A"]
    result = Result(
        await session_of(end.lanes, seal),
        [out.text for out in await outbox(end.lanes)],
        len(await letters(end.lanes)),
        await waiting(end.lanes) - len(await outbox(end.lanes)),
    )
    for work, store in zip(works.values(), stores.values(), strict=True):
        work.result()
        await store.close()
    return result


async def _read(store: Held, one: Life) -> None:
    """Two rounds of one owner, every command held."""
    store.holding = True
    for _ in range(2):
        await one.reader.work([lane()])
