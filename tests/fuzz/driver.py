"""The run: so many inputs over so many lines; in between, somebody who tells the whole story and must be answered."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from tests.fuzz import forms, pages, rough, updates, wire
from tests.fuzz.house import House, Vitals
from tests.fuzz.judge import Judge
from tests.fuzz.providers import Providers
from tests.fuzz.world import Input, Table, World
from tests.whole.player import Player

LINES = 48
MUCH, LITTLE = 4000, 1000
"""Entries in the queues above which the doors rest, so that the chats' own bounds are hardly reached, and until when."""
WITNESS = 7_700_000_000
"""The first number of those who tell the whole story."""
STORY_SECONDS = 180.0

ALL: Table[Callable[[World], Input]] = Table(
    {
        "telegram": (330, updates.right),
        "telegram, bent": (190, updates.bent),
        "telegram, torn": (60, updates.torn),
        "telegram, unproven": (30, updates.unproven),
        "twilio": (90, forms.right),
        "twilio, bent": (50, forms.bent),
        "twilio, torn": (20, forms.torn),
        "twilio, status": (40, forms.status),
        "twilio, unproven": (20, forms.unproven),
        "web": (120, pages.any_),
        "wire": (10, rough.any_),
        "again": (30, lambda world: world.pick(world.recent) if world.recent else updates.right(world)),
    }
)
"""Of a thousand inputs, about so many."""


class Run:
    """One run and what it saw."""

    def __init__(self, house: House, world: World, judge: Judge, providers: Providers, inputs: int) -> None:
        """Nothing sent."""
        self.house, self.world, self.judge, self.providers, self.inputs = house, world, judge, providers, inputs
        self.begin = house.vitals()
        self.marks: list[tuple[int, Vitals]] = []
        """The vital signs after each tenth."""
        self.stories: list[float] = []
        """How long each whole story took, in seconds; infinite if it had no end."""
        self.seconds = 0.0
        self._open = asyncio.Event()
        self._open.set()
        self._done = False
        self._twice: deque[Input] = deque()
        self._tenth = max(1, inputs // 10)

    async def go(self, tell: Callable[[str], None], minutes: float = math.inf) -> None:
        """All inputs, or as many as there is time for; `tell` hears a line a minute."""
        began = time.monotonic()
        watching = [asyncio.create_task(self._gate()), asyncio.create_task(self._progress(tell, began))]
        telling = asyncio.create_task(self._stories())
        await asyncio.gather(*(self._worker(began + minutes * 60) for _ in range(LINES)))
        self.seconds = time.monotonic() - began
        self._done = True
        await telling
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        await self._story()
        await self._rest()

    async def _worker(self, until: float) -> None:
        """One line, one input after another."""
        line = wire.Line(self.house.port)
        while self.world.made < self.inputs and time.monotonic() < until:
            await self._open.wait()
            one = self._next()
            if one.rough:
                status, answer = await wire.rough(self.house.port, one, self.world.often(0.3))
            else:
                status, answer = await line.ask(one.data)
            self.judge.answered(one, status, answer)
            if one.chat.startswith("browser") and (found := pages.BUTTON.findall(answer)):
                self.world.offer(one.chat, [button.decode() for button in found[-8:]])
        line.close()

    def _next(self) -> Input:
        """Another input, or an earlier one again while it is under way."""
        self.world.made += 1
        if self.world.made % self._tenth == 0:
            self.marks.append((self.world.made, self.house.vitals()))
        if self._twice:
            return self._twice.popleft()
        one = ALL.draw(self.world)[1](self.world)
        if not one.rough and self.world.often(0.01):
            self._twice.append(one)
        return one

    async def _gate(self) -> None:
        """See that the service is not asked more than it can do: providers come again, we only wait."""
        while True:
            await asyncio.sleep(0.5)
            waiting = self.house.waiting()
            if waiting > MUCH:
                self._open.clear()
            elif waiting < LITTLE:
                self._open.set()

    async def _progress(self, tell: Callable[[str], None], began: float) -> None:
        """A line a minute; logs and metrics are looked through."""
        while True:
            await asyncio.sleep(min(60.0, 5.0 + time.monotonic() - began))
            await self._look()
            vitals, passed = self.house.vitals(), time.monotonic() - began
            tell(
                f"{passed:6.0f} s {self.world.made:9} inputs {self.world.made / passed:6.0f}/s  {self.providers.sent} replies  "
                f"RSS {vitals.rss / 1e6:.1f} MB  files {vitals.files}  Valkey {vitals.valkey / 1e6:.0f} MB  "
                f"503 {self.judge.come_again}  faults {dict(self.judge.faults)}"
            )

    async def _look(self) -> None:
        """Logs and metrics hold nothing of anybody."""
        self.judge.read("the log", self.house.new_log())
        self.judge.read("the metrics", (await self.house.metrics())[0])

    async def _stories(self) -> None:
        """One story after another, the last one when all inputs were sent."""
        while not self._done:
            await self._story()

    async def _story(self) -> None:
        """The whole dialogue of one person: from the first word to the case's number."""
        number = WITNESS + len(self.stories)
        chat, player, began = f"telegram:{number}", Player(), time.monotonic()
        heard, line = self.providers.told[chat], wire.Line(self.house.port)
        move, told = "/start", 0
        try:
            async with asyncio.timeout(STORY_SECONDS):
                while not player.ref:
                    if move:
                        told += 1
                        one = updates.said(number, told, move)
                        status, _ = await line.ask(one.data)
                        self.judge.answered(one, status, b"")
                    text, tokens = await heard.get()
                    move = player.move(text, tokens)
        except TimeoutError:
            self.stories.append(float("inf"))
        else:
            self.stories.append(time.monotonic() - began)
        finally:
            line.close()
            del self.providers.told[chat]

    async def _rest(self) -> None:
        """Until nothing waits any more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STORY_SECONDS):
                while self.house.waiting():  # noqa: ASYNC110 - the service's own queues, in another process
                    await asyncio.sleep(0.2)
        await self._look()
