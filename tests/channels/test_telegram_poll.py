"""What polling promises: nothing is confirmed before it is kept, and nothing stops it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from bot.channels.contract import Away
from bot.channels.telegram import Telegram
from handlers.nouns import Inbound
from tests.channels.hearing import MemoryEar
from tests.fakes import telegram as fakes
from tests.fakes.telegram import FakeTelegram, Fault
from tests.waiting import wait_until


@asynccontextmanager
async def polled(channel: Telegram, ear: MemoryEar) -> AsyncIterator[None]:
    """The channel polls while the block runs."""
    task = asyncio.get_running_loop().create_task(channel.poll(ear))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_waited_is_heard_in_order(polling: Telegram, bot_api: FakeTelegram, ear: MemoryEar) -> None:
    """What was said while we were down is not dropped: a webhook goes, the updates stay."""
    bot_api.webhook = ""
    for text in ("one", "two", "three"):
        await bot_api.citizen(7).says(text)
    async with polled(polling, ear):
        await bot_api.settled()
    assert [e.body for e in ear.events] == ["one", "two", "three"]
    assert bot_api.called("deleteWebhook")[0].get("drop_pending_updates") in (None, False)


async def test_nothing_is_confirmed_before_it_is_kept(polling: Telegram, bot_api: FakeTelegram, ear: MemoryEar) -> None:
    """While the store is away Telegram keeps the updates; a poller that dies then loses nothing."""
    ear.away = True
    await bot_api.citizen(7).says("one")
    async with polled(polling, ear):
        await wait_until(lambda: ear.refused > 2, what="tries")
        assert {call["offset"] for call in bot_api.called("getUpdates")} == {0}
    ear.away = False
    async with polled(polling, ear):
        await bot_api.settled()
    assert [e.body for e in ear.events] == ["one"]


async def test_one_poison_update_does_not_hold_its_batch(
    polling: Telegram, bot_api: FakeTelegram, ear: MemoryEar
) -> None:
    """What cannot be read is buried; its neighbours are heard."""
    await bot_api.citizen(7).says("one")
    bot_api.post({"message": {"message_id": 1, "chat": "poison"}})
    await bot_api.citizen(7).says("two")
    async with polled(polling, ear):
        await bot_api.settled()
    assert [e.body for e in ear.events] == ["one", "two"]
    assert len(ear.buried) == 1


async def test_while_a_batch_waits_its_poison_is_buried_once(polling: Telegram, bot_api: FakeTelegram) -> None:
    """The store takes the dead letter and then no more for a while: one letter, and everything is heard."""

    class Full(MemoryEar):
        async def hear(self, events: Sequence[Inbound], *, insist: bool = False) -> None:
            self.refused += 1
            if self.refused < 3:
                raise Away("the store is full")
            await super().hear(events, insist=insist)

    ear = Full()
    bot_api.post({"message": {"message_id": 1, "chat": "poison"}})
    await bot_api.citizen(7).says("one")
    async with polled(polling, ear):
        await bot_api.settled()
    assert [e.body for e in ear.events] == ["one"]
    assert len(ear.buried) == 1


async def test_a_long_nights_messages_come_in_one_answer(
    polling: Telegram, bot_api: FakeTelegram, ear: MemoryEar
) -> None:
    """A hundred messages as long as Telegram allows, in letters that JSON writes with six bytes each."""
    for _ in range(100):
        await bot_api.citizen(7).says("ə" * 4096)
    async with polled(polling, ear):
        await bot_api.settled()
    assert len(ear.events) == 100


async def test_a_pressed_button_is_confirmed(polling: Telegram, bot_api: FakeTelegram, ear: MemoryEar) -> None:
    """Polling answers callback queries itself."""
    query = {"id": "q9", "from": {"id": 7, "is_bot": False, "first_name": "Demo"}, "chat_instance": "1", "data": "y"}
    message = {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}}
    bot_api.post({"callback_query": query | {"message": message}})
    async with polled(polling, ear):
        await wait_until(lambda: bot_api.called("answerCallbackQuery"), what="the confirmation")
    assert bot_api.called("answerCallbackQuery") == [{"callback_query_id": "q9"}]
    assert ear.events[0].body == "y"


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (Fault(409, "Conflict: terminated"), "another process polls with this token"),
        (Fault(401, "Unauthorized"), "check KOMEK_TELEGRAM_TOKEN"),
        (fakes.BROKEN, "answer 502"),
        (fakes.DROPPED_BEFORE, "no answer"),
        (fakes.GARBAGE, "getUpdates: an answer that is not as documented"),
        (fakes.TRUE, "getUpdates: an answer that is not as documented"),
        (fakes.TOO_MANY, "answer 429, wait 3 s"),
    ],
)
async def test_a_fault_is_one_line_and_then_it_goes_on(
    polling: Telegram,
    bot_api: FakeTelegram,
    ear: MemoryEar,
    fault: Fault,
    line: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever Telegram answers, polling names it once and asks again."""
    bot_api.fails(fault, method="getUpdates")
    await bot_api.citizen(7).says("one")
    async with polled(polling, ear):
        await bot_api.settled()
    assert [e.body for e in ear.events] == ["one"]
    assert [line in record.getMessage() for record in caplog.records].count(True) == 1


async def test_a_webhook_that_cannot_be_taken_away_yet(
    polling: Telegram, bot_api: FakeTelegram, ear: MemoryEar
) -> None:
    """deleteWebhook is tried until Telegram hears it."""
    bot_api.webhook = "https://demo.example/in/telegram"
    bot_api.fails(fakes.BROKEN, fakes.DROPPED_BEFORE, method="deleteWebhook")
    async with polled(polling, ear):
        await wait_until(lambda: bot_api.webhook == "", what="the webhook's end")
