"""People who talk with the bot at the same time, each to their case number, and the queue in which their cases end."""

from __future__ import annotations

import asyncio

from storage.records import Filter
from tests.fakes.telegram import Citizen
from tests.whole.conftest import Whole
from tests.whole.player import Player

AGENCY = "uz-migration"


class Crowd:
    """People who talk at the same time, and a count of all their moves."""

    def __init__(self, people: int, whole: Whole) -> None:
        """Nobody has said anything."""
        self.citizens = [whole.telegram.citizen(1000 + n) for n in range(people)]
        self.players = [Player() for _ in self.citizens]
        self.moves = 0
        self._moved = asyncio.Condition()

    async def talk(self) -> None:
        """All dialogues to their end."""
        await asyncio.gather(*(self._one(c, p) for c, p in zip(self.citizens, self.players, strict=True)))

    async def _one(self, citizen: Citizen, player: Player) -> None:
        """One person, to their case number."""
        await citizen.says("/start")
        while not player.ref:
            said = await citizen.reply(120)
            move = player.move(said.text, [token for _, token in said.buttons])
            if move:
                await self._count()
                await (citizen.presses if ":" in move else citizen.says)(move)

    async def reached(self, moves: int) -> None:
        """Wait until the crowd has made so many moves."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.moves >= moves)

    async def _count(self) -> None:
        """One more move."""
        async with self._moved:
            self.moves += 1
            self._moved.notify_all()


async def filed(whole: Whole, people: int) -> list[str]:
    """All references in the agency's queue; none while the clerk is not done."""
    found: list[str] = []
    page = await whole.cases.queue(AGENCY, Filter())
    found += [line.key for line in page.lines]
    while page.after:
        page = await whole.cases.queue(AGENCY, Filter(), page.after)
        found += [line.key for line in page.lines]
    return found if len(found) >= people else []
