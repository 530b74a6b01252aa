"""What a webhook lost is still in Twilio's list. https://www.twilio.com/docs/messaging/api/message-resource#read-multiple

Twilio tries a webhook hardly more than once. So the list of inbound messages is read again and again and all of it heard:
the ear drops what it knows. The list has no pressed button's token, only its label, so a message is left to its webhook
for two minutes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import quote, urlencode

import msgspec

from bot.channels.door import Unreadable
from bot.channels.twilio_inbound import read
from handlers.nouns import Inbound

YOUNG = timedelta(minutes=2)
"""A message this young may still come by its webhook, which tells more."""

OVERLAP = timedelta(minutes=15)
"""How far a sweep reaches behind the one before."""

FIRST = timedelta(hours=24)
"""How far the first sweep reaches: longer than an outage, shorter than the ear's memory of 48 hours."""

PAGES = 200
"""Pages of one sweep at most; a list that never ends is a fault."""


class Get(Protocol):
    """A GET to the account's API."""

    async def __call__(self, path: str) -> bytes:
        """The body of a 200. Raises Away for everything else."""


class _Message(msgspec.Struct):
    """What the list tells of a message."""

    sid: str
    direction: str = ""
    to: str | None = None
    body: str | None = None
    num_media: str = "0"
    date_sent: str | None = None
    date_created: str | None = None
    sender: str | None = msgspec.field(default=None, name="from")


class _Messages(msgspec.Struct):
    """A page of the list."""

    messages: list[_Message]
    next_page_uri: str | None = None


class _File(msgspec.Struct):
    """What the list tells of a file."""

    uri: str
    content_type: str = ""


class _Files(msgspec.Struct):
    """The files of a message."""

    media_list: list[_File] = []


async def missed(get: Get, account: str, sender: str, since: datetime, now: datetime) -> Sequence[Inbound]:
    """Everything sent to `sender` from `since` until YOUNG before `now`, in the order it was said.

    `account` is the path of the account's resources. Raises Away. What cannot be read is passed over: its webhook buried it.
    """
    query = urlencode(
        {"To": sender, "DateSent>": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "PageSize": 200}
    )
    path: str | None = f"{account}/Messages.json?{query}"
    newest_first: list[Sequence[Inbound]] = []
    for _ in range(PAGES):
        if not path or not path.startswith("/"):
            break
        page = msgspec.json.decode(await get(path), type=_Messages)
        newest_first += [await _read(get, account, message, now) for message in page.messages]
        path = page.next_page_uri
    # Twilio's times are whole seconds: within one the list's own order, turned round, is the order.
    return sorted((event for events in reversed(newest_first) for event in events), key=lambda event: event.at)


async def _read(get: Get, account: str, message: _Message, now: datetime) -> Sequence[Inbound]:
    """The events of one message of the list."""
    at = _when(message, now)
    if message.direction != "inbound" or at > now - YOUNG:
        return ()
    fields = {
        "MessageSid": message.sid,
        "From": message.sender or "",
        "To": message.to or "",
        "Body": message.body or "",
        "NumMedia": message.num_media,
    }
    try:
        files = await _files(get, account, message.sid) if message.num_media != "0" else {}
        return read(fields | files, at)
    except Unreadable:
        return ()


async def _files(get: Get, account: str, sid: str) -> dict[str, str]:
    """The files of a message as a webhook would name them."""
    found = msgspec.json.decode(
        await get(f"{account}/Messages/{quote(sid, safe='')}/Media.json"), type=_Files
    ).media_list
    urls = {f"MediaUrl{i}": file.uri.removesuffix(".json") for i, file in enumerate(found)}
    return urls | {f"MediaContentType{i}": file.content_type for i, file in enumerate(found)}


def _when(message: _Message, now: datetime) -> datetime:
    """When it was sent (RFC 2822); `now`, which is too young to be heard, where the list says no time."""
    try:
        return parsedate_to_datetime(message.date_sent or message.date_created or "").astimezone(UTC)
    except ValueError:
        return now
