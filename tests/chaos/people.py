"""People who play the real dialogue, some on Telegram and some on WhatsApp, and an officer who answers them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from handlers.nouns import Inbound
from storage.cases import Cases
from storage.records import Missing, Officer, Stale
from tests.chaos.clean import Clean, Mind, bare, match
from tests.chaos.providers import Memory
from tests.fakes.telegram import Citizen as TelegramCitizen
from tests.fakes.twilio import Citizen as WhatsAppCitizen
from tests.whole.player import Player

AGENCY = "uz-migration"
PHOTO = b"\xff\xd8\xff demo photo " + bytes(1_200_000)
"""Larger than what the disk takes while it is full (faults.py)."""
LISTED_AFTER = 10.0
"""Seconds of silence after which a person may believe that an answer is lost, if the service lists it."""
BUTTON = "go:status"
"""Under the message with the case number."""
WORDS = ("Is there news?", "Is anybody there?", "The child has a fever.", "Thank you", "1", "status")


class Desk:
    """An officer's hands, while the database comes and goes."""

    def __init__(self, cases: Cases) -> None:
        """Nobody has signed in."""
        self._cases = cases
        self._officer: Officer | None = None
        self._signing_in = asyncio.Lock()

    async def answer(self, ref: str, text: str, patience: float) -> str:
        """Answer the case once it is there; the id of the event. Asked again it is the same act, so it may be."""
        async with asyncio.timeout(patience):
            seen = ""
            while True:
                try:
                    officer = await self._who()
                    seen = seen or (await self._cases.case(AGENCY, ref)).seen
                    return await self._cases.reply(officer, ref, text, seen)
                except (Missing, SQLAlchemyError, OSError):
                    await asyncio.sleep(0.2)
                except Stale:
                    seen = ""

    async def learns(self, ref: str, event: str, patience: float) -> str:
        """Wait until something is known of the answer's fate; what."""
        async with asyncio.timeout(patience):
            known = ""
            while not known:
                await asyncio.sleep(0.2)
                with suppress(SQLAlchemyError, OSError):
                    known = next(e.delivery for e in (await self._cases.case(AGENCY, ref)).events if e.id == event)
            return known

    async def _who(self) -> Officer:
        """The officer, made if missing."""
        async with self._signing_in:
            self._officer = self._officer or await self._cases.officers.find("demo")
            self._officer = self._officer or await self._cases.officers.add("demo", AGENCY, "Demo officer")
            return self._officer


class Unheard(Exception):
    """An answer did not arrive, and the service lists it as of unknown fate: whoever waits for it waits no longer."""


class Person:
    """One person: from the first word to the case number, then a few more words. `cleans` is what must come of it: one of
    these, where it cannot be known in which order the service hears two things, or whether it heard the one.
    """

    def __init__(
        self, citizen: TelegramCitizen | WhatsAppCitizen, mind: Mind, memory: Memory, chance: random.Random
    ) -> None:
        """Has said nothing yet."""
        self.chat = citizen.chat
        self.cleans = [Clean(mind, citizen.chat)]
        self.content = False
        """Whether the whole story was told to its end."""
        self.refused: set[str] = set()
        """Events whose message was answered with 403."""
        self._citizen, self._memory, self._chance = citizen, memory, chance
        self._desks = iter(
            chance.sample(range(1, 100), 9)
        )  # no two answers are alike: the books know them by their words
        self._player = Player()
        self._heard = 0

    async def live(self, desk: Desk, moved: Callable[[], None], patience: float) -> None:
        """The whole story. Raises TimeoutError where an answer did not come within `patience` seconds."""
        with suppress(Unheard):
            await self._report(moved, patience)
            await self._go_on(desk, moved, patience)
        self.content = True

    async def _report(self, moved: Callable[[], None], patience: float) -> None:
        """From the first word to the case number."""
        await self._citizen.says("/start")
        await self._answered(moved, patience)
        while move := self._next():
            await (self._citizen.presses if ":" in move else self._citizen.says)(move)
            await self._answered(moved, patience)

    async def _go_on(self, desk: Desk, moved: Callable[[], None], patience: float) -> None:
        """With a case: words in a row, a photo, a button pressed while writing, an officer's answer, heard or refused."""
        acts = self._chance.sample(("words", "photo", "officer", "refuse", "press", "words"), 4)
        for act in acts:
            match act:
                case "words":
                    for word in self._chance.choices(WORDS, k=self._chance.randint(1, 5)):
                        await self._citizen.says(word)
                case "photo":
                    await self._citizen.sends_photo(PHOTO)
                case "press":
                    await self._presses_and_says()
                case "refuse" if isinstance(self._citizen, TelegramCitizen):
                    await self._refuses(self._citizen, desk, patience)
                case _:
                    await self._officer(desk, patience)
            await self._answered(moved, patience)

    async def _presses_and_says(self) -> None:
        """A button and a word. Telegram brings them by two queues, so that either may be heard first."""
        await self._citizen.presses(BUTTON)
        await self._citizen.says(self._chance.choice(WORDS))
        both = self._new()
        orders = (both, both[::-1]) if isinstance(self._citizen, TelegramCitizen) else (both,)
        self.cleans = [clean.twin().hear(order) for clean in self.cleans for order in orders]

    async def _refuses(self, citizen: TelegramCitizen, desk: Desk, patience: float) -> None:
        """Telegram says 403 to the officer's answer, and the desk hears of it. Then the person lets us in again, which comes
        in another queue than their next words.
        """
        citizen.blocked = True
        told = [len(clean.texts) for clean in self.cleans]
        event = await self._officer(desk, patience)
        for clean, length in zip(self.cleans, told, strict=True):
            del clean.texts[length:]
        self.refused.add(event)
        fate = await desk.learns(self._player.ref, event, patience)
        blocked = Inbound("blocked", self.chat, datetime.now(UTC), "news", extras={"what": "blocked"})
        # of an answer whose fate is unknown, one attempt may have been refused before another was lost
        without = [] if fate == "blocked" else [clean.twin() for clean in self.cleans]
        self.cleans = [*(clean.hear([blocked]) for clean in self.cleans), *without]
        await citizen.unblocks()

    async def _officer(self, desk: Desk, patience: float) -> str:
        """The officer answers, as news to the conversation. The event's id."""
        text = f"Come to desk {next(self._desks)}."
        event = await desk.answer(self._player.ref, text, patience)
        for clean in self.cleans:
            case = clean.session.cases[0] if clean.session else None
            assert case
            about = {"case": case.id, "ref": case.ref, "event": event, "what": "reply", "status": case.status}
            extras = about | {"agency": AGENCY}
            clean.hear([Inbound(f"news:{event}", self.chat, datetime.now(UTC), "news", text, extras)])
        return event

    async def _answered(self, moved: Callable[[], None], patience: float) -> None:
        """Wait until all that must come has come."""
        new = self._new()
        for clean in self.cleans:
            clean.hear(new)
        async with asyncio.timeout(patience):
            while True:
                found = [match(clean.texts, self.texts) for clean in self.cleans]
                if fit := [clean for clean, one in zip(self.cleans, found, strict=True) if not one.missing]:
                    break
                with suppress(TimeoutError):
                    await self._citizen.reply(LISTED_AFTER)
                    continue
                if any(self._memory.unknown[self.chat].issuperset(one.missing) for one in found):
                    raise Unheard
        self.cleans = fit
        moved()

    def _new(self) -> Sequence[Inbound]:
        """What the person said since this was last asked."""
        said = self._memory.sent[self.chat][self._heard :]
        self._heard += len(said)
        return said

    @property
    def clean(self) -> Clean:
        """The first of them; the only one, once the books have chosen."""
        return self.cleans[0]

    @property
    def channel(self) -> str:
        """Where the person writes."""
        return self.chat.partition(":")[0]

    @property
    def texts(self) -> Sequence[str]:
        """All that arrived, in order, without references."""
        return [bare(text) for _, text in self._memory.arrived[self.chat]]

    def _next(self) -> str:
        """The next move, by the messages of the last turn; none with a case number."""
        moves = [self._player.move(said.text, [token for _, token in said.buttons]) for said in self._citizen.said]
        known = [move for move in moves if move]
        assert known or self._player.ref, "the person does not know what to answer"
        return "" if self._player.ref else known[-1]
