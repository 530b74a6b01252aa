"""The two updates that nearly all are, a text and a pressed button in a private chat, read without a detour.

python-telegram-bot makes an object of every field of an update, which costs more than the whole turn that follows.
Here only the fields that count are decoded, and strictly: whatever is not plainly one of the two is left to
`telegram_inbound`, which reads every kind. Tests hold both to the same words.
https://core.telegram.org/bots/api#update
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from bot.channels.door import clean, likely
from bot.channels.telegram_inbound import command
from handlers.nouns import Inbound


class _Person(msgspec.Struct):
    """https://core.telegram.org/bots/api#user"""

    id: int
    is_bot: bool
    first_name: str
    language_code: str = ""


class _Chat(msgspec.Struct):
    """https://core.telegram.org/bots/api#chat"""

    id: int
    type: str


class _Text(msgspec.Struct):
    """https://core.telegram.org/bots/api#message with a text: what else it may carry is told by nobody here."""

    message_id: int
    date: int
    chat: _Chat
    text: str
    from_: _Person = msgspec.field(name="from")


class _Shown(msgspec.Struct):
    """https://core.telegram.org/bots/api#maybeinaccessiblemessage"""

    message_id: int
    chat: _Chat


class _Query(msgspec.Struct):
    """https://core.telegram.org/bots/api#callbackquery"""

    id: str
    chat_instance: str
    data: str
    message: _Shown
    from_: _Person = msgspec.field(name="from")


class _Update(msgspec.Struct):
    """One or the other."""

    update_id: int
    message: _Text | None = None
    callback_query: _Query | None = None


class Quick(NamedTuple):
    """What was said, and the id of the callback query that waits for a word (empty: none does)."""

    event: Inbound
    query: str = ""


_decoder = msgspec.json.Decoder(_Update)


def read_quickly(raw: bytes, bot: int, now: datetime) -> Quick | None:
    """The text or the pressed button in an update's JSON; None: read it the long way. `now` (UTC) dates a pressed button."""
    try:
        update = _decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    name = f"telegram:{bot}:{update.update_id}"
    text, query = update.message, update.callback_query
    if text and not query and text.chat.type == "private":
        return _text(text, name)
    if query and not text and query.message.chat.type == "private":
        extras = {"message": str(query.message.message_id)} | _hint(query.from_)
        return Quick(
            Inbound(name, f"telegram:{query.message.chat.id}", now, "choice", clean(query.data), extras), query.id
        )
    return None


def _text(text: _Text, name: str) -> Quick | None:
    """A text or a command; None for a date that is none."""
    try:
        at = datetime.fromtimestamp(text.date, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    if not likely(at):
        return None
    kind, body, more = command(text.text)
    extras = more | {"message": str(text.message_id)} | _hint(text.from_)
    return Quick(Inbound(name, f"telegram:{text.chat.id}", at, kind, clean(body), extras))


def _hint(person: _Person) -> dict[str, str]:
    """The language of the app."""
    return {"hint": person.language_code} if person.language_code else {}
