"""What the sweep promises: what the webhooks lost is heard, what they brought is not heard twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.contract import Away
from bot.channels.twilio import Account, Twilio
from bot.settings import Settings
from handlers.nouns import Outbound
from tests.channels.hearing import MemoryEar
from tests.fakes.twilio import FakeTwilio
from tests.waiting import wait_until

PERSON = "whatsapp:+99450000000"
LATER = timedelta(minutes=3)


async def sweep(channel: Twilio, ear: MemoryEar, later: timedelta = LATER) -> None:
    """One sweep over the last day, as it is `later`."""
    now = datetime.now(UTC)
    await channel.sweep_once(ear, now - timedelta(days=1), now + later)


async def test_what_the_webhook_lost_is_heard(whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar) -> None:
    """Messages that never reached us, on every sender, over all pages, files with them, and nothing of our own."""
    account.webhook, account.page = "", 2
    for i in range(5):
        await account.citizen(PERSON).says(f"word {i}")
    await account.citizen("+99450000001").says("sms")
    await account.citizen(PERSON).sends_photo(b"demo", "look", "image/png")
    await whatsapp.send(Outbound("o1", PERSON, "ours"))
    await sweep(whatsapp, ear)
    assert [e.body for e in ear.events] == [*(f"word {i}" for i in range(5)), "look", "sms"]
    media = next(e.media for e in ear.events if e.media)
    assert await whatsapp.fetch(media) == (b"demo", "image/png")


async def test_what_the_webhook_brought_keeps_its_token(whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar) -> None:
    """The list knows a pressed button's label only; the webhook's event with the token is the one that stays."""
    await whatsapp.send(Outbound("o1", PERSON, "Hello"))
    citizen = account.citizen(PERSON)
    await citizen.sends(Body="Yes", ButtonText="Yes", ButtonPayload="y")
    await citizen.sends_photo(b"demo")
    await account.settled()
    await sweep(whatsapp, ear)
    await sweep(whatsapp, ear)
    assert [(e.kind, e.body) for e in ear.events] == [("choice", "y"), ("media", "")]


async def test_a_young_message_is_left_to_its_webhook(whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar) -> None:
    """For two minutes the webhook, which tells more, may still come."""
    account.webhook = ""
    await account.citizen(PERSON).says("young")
    await sweep(whatsapp, ear, timedelta(minutes=1))
    assert ear.empty


async def test_a_store_that_is_away_loses_nothing(whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar) -> None:
    """A sweep that fails is made again."""
    account.webhook, ear.away = "", True
    await account.citizen(PERSON).says("word")
    with pytest.raises(Away):
        await sweep(whatsapp, ear)
    ear.away = False
    await sweep(whatsapp, ear)
    assert [e.body for e in ear.events] == ["word"]


async def test_the_loop_survives_a_fault(account: FakeTwilio, ear: MemoryEar, caplog: pytest.LogCaptureFixture) -> None:
    """Wrong credentials are one log line a round; once they are right, what was lost is heard."""
    account.webhook = ""
    old = datetime.now(UTC) - timedelta(minutes=5)
    await account.citizen(PERSON).says("word")
    account.messages[0] |= {"at": old, "date_sent": old.strftime("%a, %d %b %Y %H:%M:%S +0000")}
    right, account.token = account.token, "another"
    ours = {"KOMEK_TWILIO_AUTH_TOKEN": right, "KOMEK_PUBLIC_URL": "https://demo.example"}
    held = Account(Settings.read(account.env | ours), every=0.01)
    channel = Twilio("whatsapp", held, first=True)
    task = asyncio.get_running_loop().create_task(channel.sweep(ear))
    await wait_until(lambda: "the sweep of Twilio's list failed" in caplog.text, what="the log line")
    account.token = right
    await wait_until(lambda: ear.events, what="the lost message")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await channel.close()
    assert [(e.body, e.at) for e in ear.events] == [("word", old.replace(microsecond=0))]
