"""Fetching updates ourselves, for a machine that Telegram cannot reach. https://core.telegram.org/bots/api#getupdates

Updates are read one by one, so that none is lost for a neighbour that cannot be parsed. The offset moves, which tells
Telegram to forget, only after the ear has kept them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence

import msgspec

from bot import metrics
from bot.channels.post import PostLine
from bot.channels.telegram_calls import Failed, ask

log = logging.getLogger(__name__)

LONGEST = 25
"""Seconds that Telegram holds an empty getUpdates open."""

KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
"""The updates we ask for. Omitted, Telegram would keep an earlier setting."""

_CAUSES = {
    401: "Telegram refuses the bot's token: check KOMEK_TELEGRAM_TOKEN",
    404: "Telegram refuses the bot's token: check KOMEK_TELEGRAM_TOKEN",
    409: "another process polls with this token, or a webhook is set: stop the other one",
}


class _Number(msgspec.Struct):
    """What the offset is made of."""

    update_id: int


async def batches(line: PostLine, patience: float) -> AsyncIterator[Sequence[bytes]]:
    """Batches of raw updates, for ever. Each is confirmed when the next one is asked for.

    `patience` is the first pause in seconds after a fault; it doubles up to 60 times that, or is as long as Telegram says,
    and each fault is one log line.
    """
    offset, faults = 0, 0
    while True:
        try:
            updates = await _get(line, offset)
        except Failed as fault:
            log.warning("polling Telegram: %s", _CAUSES.get(fault.status, fault))
            metrics.PROVIDER.labels("telegram", "poll").inc()
            await asyncio.sleep(patience * max(fault.wait, min(2**faults, 60)))
            faults = min(faults + 1, 6)
            continue
        faults = 0
        if updates:
            yield updates
            numbers = [number for update in updates if (number := _number(update)) is not None]
            offset = max(numbers, default=offset - 1) + 1
            if not numbers:  # a server that numbers nothing would send the same for ever
                await asyncio.sleep(patience)


async def _get(line: PostLine, offset: int) -> Sequence[bytes]:
    """The next updates, or none. Raises Failed."""
    wish = {"offset": offset, "timeout": LONGEST, "limit": 100, "allowed_updates": KINDS}
    return [bytes(raw) for raw in await ask(line, "getUpdates", wish, list[msgspec.Raw], LONGEST + 10)]


def _number(update: bytes) -> int | None:
    """The update's number, where it has one."""
    try:
        return msgspec.json.decode(update, type=_Number).update_id
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
