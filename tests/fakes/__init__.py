"""Providers that are not there: real HTTP servers on 127.0.0.1 that keep the providers' documented rules.

    async with FakeTelegram() as telegram:
        citizen = telegram.citizen(7)
        await citizen.says("/start")
        said = await citizen.reply()
        await citizen.presses("Türkçe")

`FakeTwilio` is used in the same way. Both record everything, can be told to misbehave, and invent nothing.
"""

from __future__ import annotations

from tests.fakes.telegram import FakeTelegram
from tests.fakes.twilio import FakeTwilio

__all__ = ["FakeTelegram", "FakeTwilio"]
