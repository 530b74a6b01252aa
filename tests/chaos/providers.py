"""The fakes with a memory: what each person sent, in order, and when each message of ours arrived."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import aiohttp
import msgspec

from bot.channels import twilio_inbound
from bot.channels.telegram_inbound import read
from handlers.nouns import Inbound
from tests.fakes.telegram import BOT, FakeTelegram
from tests.fakes.telegram_rules import Update
from tests.fakes.twilio import Citizen, FakeTwilio, Said

LOSABLE = ("20 May 2020", "We are at gate 12.")
"""Words that are never one of several in a row: lost, they come minutes later and out of order."""
STATUSES = ("queued", "sent", "delivered", "read")


class Memory:
    """What both providers remember."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.sent: dict[str, list[Inbound]] = defaultdict(list)
        """By chat, what the person sent, as the channel reads it, in order."""
        self.arrived: dict[str, list[tuple[float, str]]] = defaultdict(list)
        """By chat, when (the loop's time) each text of ours arrived."""
        self.taken: set[str] = set()
        """The ids of the events that got a 2xx."""
        self.unknown: dict[str, set[str]] = defaultdict(set)
        """By chat, the texts that the service lists as of unknown fate: the line broke twice while they were said."""

    def arrives(self, chat: str, text: str) -> None:
        """A message of ours is taken."""
        self.arrived[chat].append((asyncio.get_running_loop().time(), text))


def event_of(update: Update) -> Inbound:
    """An update as the channel reads it."""
    event = read(msgspec.json.encode(update), BOT, datetime.now(UTC)).event
    assert event
    return event


class Telegram(FakeTelegram):
    """Telegram, remembered."""

    def __init__(self, reach: Mapping[str, str], memory: Memory) -> None:
        """Ten seconds of Telegram's patience are one here."""
        super().__init__(pace=0.1, reach=reach)
        self.memory = memory

    def post(self, update: Update) -> int:
        """Remember it in the order of sending."""
        number = super().post(update)
        event = event_of(update)
        self.memory.sent[event.chat].append(event)
        return number

    async def _knock(self, update: Update, tries: int) -> float | None:
        """Remember the 2xx."""
        wait = await super()._knock(update, tries)
        if wait is None:
            self.memory.taken.add(event_of(update).id)
        return wait

    def _do_sendMessage(self, params: dict[str, Any]) -> dict[str, Any]:
        result = super()._do_sendMessage(params)
        self.memory.arrives(f"telegram:{params['chat_id']}", params["text"])
        return result


class Twilio(FakeTwilio):
    """Twilio, remembered, and telling what became of our messages early, twice and in any order."""

    def __init__(
        self, webhook: str, reach: Mapping[str, str], memory: Memory, chance: random.Random, lost: float = 0.0
    ) -> None:
        """Its webhook is tried for as long as a restart takes. `lost`: the share of `LOSABLE` that only the sweep finds."""
        super().__init__(webhook, reach, content=True, retries=200)
        self.pace = 0.25
        self.memory, self.chance, self._lost = memory, chance, lost
        self.told: dict[str, set[str]] = defaultdict(set)
        """By the sid of a message of ours, the states that got a 2xx."""

    async def inbound(self, who: Citizen, fields: Mapping[str, str], files: tuple[tuple[str, bytes], ...] = ()) -> str:
        """Remember it in the order of sending."""
        sid = await super().inbound(who, fields, files)
        form = {"MessageSid": sid, "From": who.address, "Body": "", "NumMedia": str(len(files))} | dict(fields)
        form |= {f"MediaContentType{i}": mime for i, (mime, _) in enumerate(files)}
        self.memory.sent[who.chat].extend(self.events_of(form))
        return sid

    def events_of(self, form: Mapping[str, str]) -> Sequence[Inbound]:
        """A form as the channel reads it; where its files lie is of no interest here."""
        return twilio_inbound.read({"To": self.senders["whatsapp"]} | dict(form), datetime.now(UTC))

    async def _deliver(self, who: Citizen, form: Mapping[str, str]) -> str:
        """Lose some, remember the others' 2xx."""
        if form["Body"] in LOSABLE and self.chance.random() < self._lost:
            self.lost.append(form["MessageSid"])
            return "lost"
        end = await super()._deliver(who, form)
        if end == "taken":
            self.memory.taken.update(event.id for event in self.events_of(form))
        return end

    def _take(self, params: dict[str, str]) -> str:
        """Remember it, and begin to tell what became of it before it is even answered."""
        sid = super()._take(params)
        said = self.citizen(params["To"]).said[-1]
        self.memory.arrives(params["To"], said.text)
        self._later(self._tells_all(said))
        return sid

    async def _tells_all(self, said: Said) -> None:
        """All states, one of them twice, in any order. A callback that fails is tried a few times, and then it is lost."""
        for status in self.chance.sample((*STATUSES, "delivered"), 5):
            for _ in range(3):
                try:
                    if await self.tells(said, status) < 300:
                        self.told[said.sid].add(status)
                        break
                except (aiohttp.ClientError, TimeoutError):
                    pass
                await asyncio.sleep(self.pace)
