"""Reading a payload anew that nobody could read when it came: after a fix, what a person said then is heard after all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.channels.contract import Ear
from bot.channels.door import Unreadable
from bot.settings import Settings
from handlers.nouns import Inbound
from storage import letters
from storage.queues import Lanes
from storage.seal import Seal

Read = Callable[[bytes, datetime, Settings], Sequence[Inbound]]


def _telegram(raw: bytes, at: datetime, settings: Settings) -> Sequence[Inbound]:
    """An update. The bot's number is part of its events' ids, so its token must be set."""
    from bot.channels.telegram_inbound import read

    bot = settings.telegram_token.partition(":")[0]
    if not bot.isdigit():
        raise ValueError("KOMEK_TELEGRAM_TOKEN is not set: it names the bot that heard this")
    event = read(raw, int(bot), at).event
    return (event,) if event else ()


def _twilio(raw: bytes, at: datetime, settings: Settings) -> Sequence[Inbound]:
    """A form. Its signature was proven when it came."""
    from bot.channels.twilio_inbound import read
    from bot.channels.twilio_signature import form

    fields = form(raw)
    if fields is None:
        raise Unreadable("not a form")
    return read(fields, at)


READS: Mapping[str, Read] = {"telegram": _telegram, "whatsapp": _twilio, "sms": _twilio}
"""How each channel's payloads are read."""


async def replay(lanes: Lanes, seal: Seal, ear: Ear, settings: Settings, letter: letters.Letter) -> bool:
    """Hear what this raw letter says, then remove it. False: it is not there any more.

    A crash in between lets it be replayed again, and the ear hears each event once. Raises ValueError, one line that
    quotes nothing, where it still cannot be read or says nothing to us.
    """
    read = READS.get(letter.cause.partition(":")[0])
    if read is None:
        raise ValueError(f"{letter.name} came from no channel that can read it")
    try:
        events = read(letters.opened(seal, letter), letter.at, settings)
    except Unreadable as fault:
        raise ValueError(f"still cannot be read: {fault}") from None
    if not events:
        raise ValueError("can be read now, and asks for nothing: it can be dropped")
    await ear.hear(events, insist=True)
    return await letters.drop(lanes, letter)
