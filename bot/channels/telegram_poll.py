"""Fetching updates ourselves, for a machine that Telegram cannot reach. https://core.telegram.org/bots/api#getupdates

Updates are read as they come, not by PTB, whose getUpdates loses a whole batch for one update it cannot parse. The offset
moves, which tells Telegram to forget, only after the ear has kept them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import msgspec

from bot import metrics
from bot.channels.answer import Answer, Lost, TooLarge, Unreached

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


class Calls(Protocol):
    """What polling needs of the client."""

    async def __call__(self, method: str, body: object, total: float | None = None) -> Answer:
        """One raw Bot API call with a JSON body."""


class _Batch(msgspec.Struct):
    """A getUpdates answer, its updates untouched."""

    result: list[msgspec.Raw]


class _Number(msgspec.Struct):
    """What the offset is made of."""

    update_id: int


class _Press(msgspec.Struct):
    """The name of a pressed button's query."""

    id: str


class _Pressed(msgspec.Struct):
    """An update that may be a pressed button."""

    callback_query: _Press | None = None


async def batches(call: Calls, patience: float) -> AsyncIterator[Sequence[bytes]]:
    """Batches of raw updates, for ever. Each is confirmed when the next one is asked for.

    `patience` is the first pause in seconds after a fault; it doubles up to 60 times that, and each fault is one log line.
    """
    offset, faults = 0, 0
    while True:
        cause, updates = await _get(call, offset)
        if cause:
            log.warning("polling Telegram: %s", cause)
            metrics.PROVIDER.labels("telegram", "poll").inc()
            await asyncio.sleep(patience * min(2**faults, 60))
            faults = min(faults + 1, 6)
            continue
        faults = 0
        if updates:
            yield updates
            numbers = [number for update in updates if (number := _number(update)) is not None]
            offset = max(numbers, default=offset - 1) + 1
            if not numbers:  # a server that numbers nothing would send the same for ever
                await asyncio.sleep(patience)


async def _get(call: Calls, offset: int) -> tuple[str, Sequence[bytes]]:
    """Why there are no updates, or the updates."""
    try:
        wish = {"offset": offset, "timeout": LONGEST, "limit": 100, "allowed_updates": KINDS}
        answer = await call("getUpdates", wish, LONGEST + 10)
        if answer.status != 200:
            return _CAUSES.get(answer.status, f"answer {answer.status}"), ()
        return "", [bytes(raw) for raw in msgspec.json.decode(answer.body, type=_Batch).result]
    except (Unreached, Lost, TooLarge, msgspec.MsgspecError) as fault:
        return f"no answer ({type(fault).__name__})", ()


def _number(update: bytes) -> int | None:
    """The update's number, where it has one."""
    try:
        return msgspec.json.decode(update, type=_Number).update_id
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def pressed(update: bytes) -> str:
    """The id of the callback query in a raw update, which must be answered to stop the button's clock; or nothing."""
    try:
        query = msgspec.json.decode(update, type=_Pressed).callback_query
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ""
    return query.id if query else ""
