"""What the channels' tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.channels.telegram import Telegram
from bot.channels.twilio import PATH, Twilio, channels
from bot.settings import Settings
from tests.channels.hearing import MemoryEar, serving
from tests.fakes.telegram import FakeTelegram
from tests.fakes.twilio import FakeTwilio


@pytest.fixture
def ear() -> MemoryEar:
    """An ear that has heard nothing."""
    return MemoryEar()


@pytest.fixture
async def bot_api() -> AsyncIterator[FakeTelegram]:
    """A Bot API server."""
    async with FakeTelegram() as server:
        yield server


@pytest.fixture
async def telegram(bot_api: FakeTelegram, ear: MemoryEar, free_port: int) -> AsyncIterator[Telegram]:
    """The Telegram channel, opened with a webhook and served."""
    ours = {"KOMEK_TELEGRAM_SECRET": "demo-secret", "KOMEK_PUBLIC_URL": f"http://127.0.0.1:{free_port}"}
    channel = Telegram(Settings.read(bot_api.env | ours), patience=0.01)
    async with serving(channel.routes(ear), free_port):
        await channel.open()
        yield channel
        await channel.close()


@pytest.fixture
async def polling(bot_api: FakeTelegram) -> AsyncIterator[Telegram]:
    """The Telegram channel without a secret: it polls."""
    channel = Telegram(Settings.read(bot_api.env), patience=0.01)
    await channel.open()
    yield channel
    await channel.close()


@pytest.fixture
async def account(free_port: int) -> AsyncIterator[FakeTwilio]:
    """A Twilio account with a template for every shape, whose webhook is ours."""
    async with FakeTwilio(f"http://127.0.0.1:{free_port}{PATH}", content=True) as server:
        yield server


@pytest.fixture
async def twilio(account: FakeTwilio, ear: MemoryEar, free_port: int) -> AsyncIterator[tuple[Twilio, Twilio]]:
    """WhatsApp and SMS, opened and served."""
    public = {"KOMEK_PUBLIC_URL": f"http://127.0.0.1:{free_port}"}
    whatsapp, sms = channels(Settings.read(account.env | public))
    async with serving([*whatsapp.routes(ear), *sms.routes(ear)], free_port):
        await whatsapp.open()
        yield whatsapp, sms
        await whatsapp.close()


@pytest.fixture
def whatsapp(twilio: tuple[Twilio, Twilio]) -> Twilio:
    """The WhatsApp channel."""
    return twilio[0]


@pytest.fixture
def sms(twilio: tuple[Twilio, Twilio]) -> Twilio:
    """The SMS channel."""
    return twilio[1]
