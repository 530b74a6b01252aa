"""A run: a crowd that is never smaller than so many, one fault after another, then peace, then the balance."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

import msgspec
from sqlalchemy import select

from handlers.nouns import Outbound
from storage.cases import Cases
from storage.letters import listed, opened
from storage.queues import Lanes
from storage.redis import Lost
from storage.seal import Seal
from storage.sql.tables import attachments
from storage.sql.tables_machines import hook_deliveries
from tests.chaos.books import Line, Struck, balance
from tests.chaos.clean import Mind, bare
from tests.chaos.faults import KINDS
from tests.chaos.house import KEYS, SECRET, Town, queues, town
from tests.chaos.people import AGENCY, Desk, Person
from tests.servers import LivePostgres, LiveValkey
from tests.waiting import wait_until

log = logging.getLogger(__name__)

FIRST = 5_000_000_000
"""The first person's number on either channel; the next is one more."""


class Plan(NamedTuple):
    """A run. `people` talk at any time; each waits at most `patience` seconds for an answer."""

    seed: int
    people: int
    patience: float
    faults: Iterable[Sequence[str]]
    """Names of faults, those of one group at the same time, one group after another."""
    moves: int = 20
    """Answers that must reach the crowd between two faults."""
    lost: float = 0.0
    """The share of some words on WhatsApp that Twilio loses, so that only the sweep finds them, minutes later."""


class Crowd:
    """People who come as long as the doors are open, so many at a time."""

    def __init__(self, place: Town, cases: Cases, plan: Plan) -> None:
        """Nobody has come."""
        self.people: list[Person] = []
        self.open = True
        self.moves = 0
        self._place, self._plan = place, plan
        self._mind = Mind(SECRET, place.twilio.content)
        self._desk = Desk(cases)
        self._numbers = count(FIRST)

    async def talk(self) -> None:
        """Everybody, until the doors are closed and the last has been answered."""
        await asyncio.gather(*(self._place_taken() for _ in range(self._plan.people)))

    async def more(self, moves: int) -> None:
        """Wait until so many more answers have come, or nobody waits any more."""
        until = self.moves + moves
        with suppress(TimeoutError):
            async with asyncio.timeout(self._plan.patience):
                while self.moves < until:  # noqa: ASYNC110 - many tasks count
                    await asyncio.sleep(0.02)

    async def _place_taken(self) -> None:
        """One person after another."""
        while self.open:
            number = next(self._numbers)
            chance = random.Random(self._plan.seed * 1_000_003 + number)
            whatsapp = chance.random() < 0.35
            citizen = (
                self._place.twilio.citizen(f"whatsapp:+{number}") if whatsapp else self._place.telegram.citizen(number)
            )
            person = Person(citizen, self._mind, self._place.memory, chance)
            self.people.append(person)
            try:
                await person.live(self._desk, self._moved, self._plan.patience)
            except TimeoutError:
                log.warning("person %d waits in vain, after %d turns", number - FIRST, person.clean.turns)

    def _moved(self) -> None:
        """One more answer has come."""
        self.moves += 1


async def run(
    plan: Plan, valkeys: Sequence[LiveValkey], postgres: LivePostgres, database: str, folder: Path
) -> list[Line]:
    """The balance of a run on these stores; `database` is the address of an empty one."""
    chance = random.Random(plan.seed)
    async with town(valkeys, postgres, database, folder, chance, plan.lost) as place:
        cases = Cases(database, Seal(KEYS), folder / "var" / "attachments")
        try:
            await place.receiver.asks(cases, AGENCY)
            crowd = Crowd(place, cases, plan)
            async with beside(_look(place)), beside(crowd.talk()) as talking:
                struck = await _strike(place, plan, crowd, chance)
                crowd.open = False
                await talking
                await _peace(place, cases, plan.patience)
            lines = await balance(place, cases, crowd.people, struck)
        finally:
            await cases.close()
        lines.append(Line("stack traces in the logs", 0, place.house.logs.count("Traceback")))
        return lines


@asynccontextmanager
async def beside(work: Coroutine[None, None, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Work that goes on beside the block, and is over when the block is."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _strike(place: Town, plan: Plan, crowd: Crowd, chance: random.Random) -> list[Struck]:
    """The faults, each after a few answers more."""
    struck: list[Struck] = []
    for names in plan.faults:
        await crowd.more(plan.moves)
        log.warning("%s", " + ".join(names))
        struck += await asyncio.gather(*(_strike_one(place, name, random.Random(chance.random())) for name in names))
    await crowd.more(plan.moves)
    return struck


async def _strike_one(place: Town, name: str, chance: random.Random) -> Struck:
    """One fault, from its beginning to its end."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await KINDS[name].act(place, chance)
    return Struck(name, began, loop.time())


async def _look(place: Town) -> None:
    """See again and again which replies the service lists as of unknown fate."""
    seal, mind = Seal(KEYS), Mind(SECRET, place.twilio.content)
    async with queues(place.valkeys) as redis:
        while True:
            with suppress(Lost):
                for letter in await listed(Lanes(redis, seal), 100_000):
                    if letter.queue == "outbox" and letter.cause.startswith("unknown"):
                        out = msgspec.json.decode(opened(seal, letter), type=Outbound)
                        place.memory.unknown[out.chat].add(bare(mind.shown(out)))
            await asyncio.sleep(1.0)


async def _peace(place: Town, cases: Cases, patience: float) -> None:
    """Until nothing waits anywhere: updates, forms, queues, files, announcements."""
    with suppress(TimeoutError):  # the balance says what nobody took
        async with asyncio.timeout(patience):
            await place.telegram.settled(patience)
            await place.twilio.settled()
    async with queues(place.valkeys) as redis:
        lanes = Lanes(redis, Seal(KEYS))

        async def quiet() -> bool:
            with suppress(Lost):
                lag = await lanes.lag(range(64))
                waits = sum(length for queue, (length, _) in lag.items() if queue != "dead")
                return not waits and not await _pending(cases)
            return False

        with suppress(AssertionError):  # the balance says what is left
            await wait_until(quiet, patience, "peace")


async def _pending(cases: Cases) -> bool:
    """Whether files wait to be fetched, or events to be announced, posted or told."""
    async with cases._db.read() as connection:
        for id, state, waits in (
            (attachments.c.id, attachments.c.state, "pending"),
            (hook_deliveries.c.id, hook_deliveries.c.state, "waiting"),
        ):
            if (await connection.execute(select(id).where(state == waits).limit(1))).first():
                return True
    return bool(await cases.unpublished(1) or await cases.news(1))
