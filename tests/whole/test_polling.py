"""A newcomer with a token is live in one minute: `komek demo` polls Telegram, without an address or a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.telegram import FakeTelegram
from tests.whole.service import Service
from tests.whole.test_providers import dialogue

pytestmark = pytest.mark.timeout(120)


async def test_the_demonstration_polls_telegram(tmp_path: Path) -> None:
    """The whole dialogue through getUpdates; the bot has introduced itself; its address was printed."""
    async with FakeTelegram() as telegram:
        env = {name.removeprefix("KOMEK_"): value for name, value in telegram.env.items()}
        service = Service(tmp_path, ("demo",), env)
        await service.start_beside()
        assert await dialogue(telegram.citizen(5))
        assert f"https://t.me/{telegram.username}" in service.log
        assert telegram.called("setMyCommands")
        assert service.interrupt() == 0
