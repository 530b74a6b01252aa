"""The promises of bot/channels/contract.py, over Telegram, WhatsApp and SMS alike."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol

import pytest

from bot.channels.contract import Away, Channel, Gone
from bot.channels.telegram import Telegram
from bot.channels.twilio import channels
from bot.settings import Settings
from handlers.nouns import Button, Media, Outbound
from tests.channels.hearing import MemoryEar, serving
from tests.fakes import FakeTelegram, FakeTwilio
from tests.fakes import telegram as telegrams
from tests.fakes import twilio as twilios


class Seen(Protocol):
    """A message as the person sees it."""

    @property
    def text(self) -> str:
        """Its words."""

    @property
    def labels(self) -> list[str]:
        """Its choices."""


class Person(Protocol):
    """A citizen of either fake."""

    chat: str

    async def says(self, text: str) -> object:
        """Words."""

    async def presses(self, what: str) -> object:
        """A choice."""

    async def reply(self) -> Seen:
        """What we say."""


@dataclass
class Side:
    """A channel, a person on it, and its provider: how to wait for it and how to break its line."""

    channel: Channel
    person: Person
    settled: Callable[[], Awaitable[None]]
    breaks: Callable[[], None]


async def _telegram(stack: AsyncExitStack, ear: MemoryEar, port: int) -> Side:
    """Telegram by webhook."""
    fake = await stack.enter_async_context(FakeTelegram())
    ours = {"KOMEK_TELEGRAM_SECRET": "demo", "KOMEK_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    channel = Telegram(Settings.read(fake.env | ours))
    await stack.enter_async_context(serving(channel.routes(ear), port))
    return Side(channel, fake.citizen(7), fake.settled, lambda: fake.fails(telegrams.DROPPED_AFTER))


async def _twilio(stack: AsyncExitStack, ear: MemoryEar, port: int, name: str, address: str) -> Side:
    """WhatsApp or SMS by webhook."""
    fake = await stack.enter_async_context(FakeTwilio(f"http://127.0.0.1:{port}/in/twilio", content=True))
    found = channels(Settings.read(fake.env | {"KOMEK_PUBLIC_URL": f"http://127.0.0.1:{port}"}))
    await stack.enter_async_context(serving([route for c in found for route in c.routes(ear)], port))
    channel = next(c for c in found if c.name == name)
    return Side(channel, fake.citizen(address), fake.settled, lambda: fake.fails(twilios.DROPPED_AFTER))


_SIDES: Mapping[str, Callable[[AsyncExitStack, MemoryEar, int], Awaitable[Side]]] = {
    "telegram": _telegram,
    "whatsapp": lambda stack, ear, port: _twilio(stack, ear, port, "whatsapp", "whatsapp:+99450000000"),
    "whatsapp without a number": lambda stack, ear, port: _twilio(stack, ear, port, "whatsapp", "whatsapp:US.1234abc"),
    "sms": lambda stack, ear, port: _twilio(stack, ear, port, "sms", "+99450000000"),
}


@pytest.fixture(params=_SIDES)
async def side(request: pytest.FixtureRequest, ear: MemoryEar, free_port: int) -> AsyncIterator[Side]:
    """Each channel in turn, opened and served."""
    async with AsyncExitStack() as stack:
        found = await _SIDES[request.param](stack, ear, free_port)
        await found.channel.open()
        yield found
        await found.channel.close()


def _choices(side: Side, count: int) -> tuple[Button, ...]:
    """As many choices as asked, with labels that every channel carries."""
    return tuple(Button(f"Label {i}", f"token.{i}") for i in range(1, count + 1))


async def test_what_a_person_says_is_heard_under_their_address(side: Side, ear: MemoryEar) -> None:
    """The chat is the channel's name and the person's address, and each thing said has an id of its own."""
    for text in ("one", "two"):
        await side.person.says(text)
    await side.settled()
    assert [(e.chat, e.kind, e.body) for e in ear.events] == [(side.person.chat, "text", t) for t in ("one", "two")]
    assert len({e.id for e in ear.events}) == 2
    assert side.person.chat.startswith(f"{side.channel.name}:")


async def test_an_answer_to_the_heard_address_arrives(side: Side, ear: MemoryEar) -> None:
    """What was heard can be answered; the receipt names the provider's message."""
    await side.person.says("Salam")
    await side.settled()
    receipt = await side.channel.send(Outbound("o1", ear.events[0].chat, "Salam 🌍\n\nSecond line"))
    assert (receipt.outcome, bool(receipt.external)) == ("sent", True)
    assert (await side.person.reply()).text == "Salam 🌍\n\nSecond line"


@pytest.mark.parametrize("count", [1, 2, 3, 7, 10])
async def test_an_offered_choice_comes_back(side: Side, ear: MemoryEar, count: int) -> None:
    """As a token where the channel has buttons or a list for so many, else as the typed number."""
    await side.person.says("Salam")
    await side.settled()
    await side.channel.send(Outbound("o1", side.person.chat, "Which one?", _choices(side, count)))
    seen = await side.person.reply()
    assert seen.labels == [f"Label {i}" for i in range(1, count + 1)]
    await side.person.presses(f"Label {count}")
    await side.settled()
    carried = count <= max(side.channel.limits.buttons, side.channel.limits.items)
    assert (ear.events[-1].kind, ear.events[-1].body) == (
        ("choice", f"token.{count}") if carried else ("text", str(count))
    )


async def test_a_text_as_long_as_the_limit_arrives(side: Side) -> None:
    """What the limits promise is carried, whole; one character more is refused or split before."""
    await side.person.says("Salam")
    text = "ə" * side.channel.limits.text
    assert (await side.channel.send(Outbound("o1", side.person.chat, text))).outcome == "sent"
    assert (await side.person.reply()).text == text


async def test_a_line_that_breaks_is_unknown_and_said_once(side: Side) -> None:
    """Where the provider may have taken it, we do not say it again by ourselves."""
    await side.person.says("Salam")
    side.breaks()
    assert (await side.channel.send(Outbound("o1", side.person.chat, "once"))).outcome == "unknown"
    assert (await side.channel.send(Outbound("o2", side.person.chat, "twice"))).outcome == "sent"
    assert [(await side.person.reply()).text, (await side.person.reply()).text] == ["once", "twice"]


async def test_what_cannot_be_written_is_refused(side: Side) -> None:
    """A text that UTF-8 cannot carry is a receipt like any other, not an error."""
    await side.person.says("Salam")
    assert (await side.channel.send(Outbound("o1", side.person.chat, "\ud800"))).outcome == "refused"


async def test_many_at_once_all_arrive(side: Side) -> None:
    """Sending is safe from many tasks."""
    await side.person.says("Salam")
    outs = [Outbound(f"o{i}", side.person.chat, f"word {i}") for i in range(50)]
    receipts = await asyncio.gather(*(side.channel.send(out) for out in outs))
    assert {r.outcome for r in receipts} == {"sent"}
    assert {(await side.person.reply()).text for _ in outs} == {out.text for out in outs}


@pytest.mark.parametrize("handle", ["", "nothing", "../../etc", "https://elsewhere.example/x"])
async def test_a_handle_of_nobodys_file_raises_and_fetches_nothing(side: Side, handle: str) -> None:
    """A handle that the provider did not give is Gone, or Away where the provider will not say."""
    with pytest.raises((Gone, Away)):
        await side.channel.fetch(Media("photo", handle))


async def test_nothing_said_is_written_down(side: Side, ear: MemoryEar, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a word nor an address reaches a log line, heard or sent, whole or broken."""
    caplog.set_level(logging.DEBUG)
    await side.person.says("a secret word")
    await side.settled()
    side.breaks()
    for text in ("another secret", "a third"):
        await side.channel.send(Outbound("o1", side.person.chat, text))
    lines: Sequence[str] = [r.getMessage() for r in caplog.records if not r.name.startswith(("aiohttp.", "asyncio"))]
    assert not any(word in line for line in lines for word in ("secret", "third", side.person.chat.rpartition(":")[2]))
