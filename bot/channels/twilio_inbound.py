"""A Twilio form as Inbounds. https://www.twilio.com/docs/messaging/guides/webhook-request

Fields are added without notice: what is unknown is passed over. A WhatsApp person may have no number (`whatsapp:US.…`),
so an address is never read as a telephone number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.channels.door import Unreadable, checked, clean, point
from handlers.nouns import Inbound, Kind, Media

FILES = 10
"""Files of one message. WhatsApp sends one, MMS up to ten."""

CARDS = frozenset({"text/vcard", "text/x-vcard", "text/directory"})
"""The types of a contact card."""

_SID = re.compile(r"[A-Za-z0-9]{1,64}")
_ADDRESS = re.compile(r"[^\s:]{1,160}")
_CHANNELS = frozenset({"whatsapp", "sms"})
_OPT_OUTS = {"STOP": "blocked", "START": "unblocked"}
_KINDS: Mapping[str, Literal["photo", "document", "voice", "video"]] = {
    "image": "photo",
    "audio": "voice",
    "video": "video",
}

_NAME = re.compile(r"^(?:\w+\.)?FN[^:\r\n]*:(.+)$", re.MULTILINE | re.IGNORECASE)
_TEL = re.compile(r"^(?:\w+\.)?TEL[^:\r\n]*:(?:tel:)?(.+)$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class _Message:
    """One form, with what every event of it shares."""

    fields: Mapping[str, str]
    sid: str
    chat: str
    at: datetime

    def event(self, kind: Kind, body: str, extras: dict[str, str] | None = None, media: Media | None = None) -> Inbound:
        """An event of this message."""
        return Inbound(
            f"twilio:{self.sid}", self.chat, self.at, kind, clean(body), {"message": self.sid} | (extras or {}), media
        )

    def get(self, name: str) -> str:
        """A field, empty where it is missing."""
        return self.fields.get(name, "")


def read(fields: Mapping[str, str], at: datetime) -> Sequence[Inbound]:
    """What the message says: one event, or one for each file. `at` is when it came: the form has no time of its own.

    Raises Unreadable for a form without a message id or a sender, and for one that is no inbound message.
    """
    sid = fields.get("MessageSid") or fields.get("SmsMessageSid") or fields.get("SmsSid") or ""
    if not _SID.fullmatch(sid):
        raise Unreadable("no MessageSid")
    if fields.get("SmsStatus", "received") != "received" or fields.get("MessageStatus", "received") != "received":
        raise Unreadable("a status posted to the address for messages")
    message = _Message(fields, sid, _chat(fields), at)
    events = next((events for said in _ORDER if (events := said(message))), (_unreadable(message),))
    return [checked(event) for event in events]


def _chat(fields: Mapping[str, str]) -> str:
    """`whatsapp:+…`, `whatsapp:US.…` or `sms:+…`. The prefix has been seen missing in From while To had it."""
    parties = [fields.get(name, "").strip() for name in ("From", "ExternalUserId", "To")]
    channel = next((party.partition(":")[0] for party in parties if ":" in party), "sms")
    address = (parties[0] or parties[1]).rpartition(":")[2]
    if channel not in _CHANNELS or not _ADDRESS.fullmatch(address):
        raise Unreadable("no sender of a channel we have")
    return f"{channel}:{address}"


def _opt_out(message: _Message) -> Sequence[Inbound]:
    """STOP or START with Advanced Opt-Out: Twilio has already answered. HELP we answer better ourselves."""
    what = _OPT_OUTS.get(message.get("OptOutType").upper())
    return (message.event("news", "", {"what": what}),) if what else ()


def _choice(message: _Message) -> Sequence[Inbound]:
    """A pressed button or a picked row: its id is our token, and Body only repeats the label."""
    token = message.get("ButtonPayload") or message.get("ListId")
    return (message.event("choice", token),) if token else ()


def _location(message: _Message) -> Sequence[Inbound]:
    """A shared place; what is no place on Earth is read as text."""
    try:
        place = point(message.get("Latitude"), message.get("Longitude"))
    except Unreadable:
        return ()
    body = ", ".join(filter(None, (message.get("Label"), message.get("Address")))) or message.get("Body")
    return (message.event("location", body, place),)


def _files(message: _Message) -> Sequence[Inbound]:
    """One event a file, numbered; the words stand with the first."""
    count = message.get("NumMedia")
    events = []
    for i in range(min(int(count), FILES) if count.isascii() and count.isdigit() and len(count) < 4 else 0):
        mime = message.get(f"MediaContentType{i}").partition(";")[0].strip().lower()
        kind = _KINDS.get(mime.partition("/")[0], "document")
        media = Media(kind, clean(message.get(f"MediaUrl{i}")), clean(mime))
        event = message.event("media", "" if i else message.get("Body"), {}, media)
        events.append(_renamed(event, i))
    return events


def _renamed(event: Inbound, i: int) -> Inbound:
    """The event of the i-th file of its message."""
    return Inbound(f"{event.id}:{i}", event.chat, event.at, event.kind, event.body, event.extras, event.media)


def _text(message: _Message) -> Sequence[Inbound]:
    """Words."""
    return (message.event("text", message.get("Body")),) if message.get("Body").strip() else ()


def _unreadable(message: _Message) -> Inbound:
    """A message with neither words nor a file: a kind that Twilio does not pass on."""
    return message.event("media", "", {"unreadable": clean(message.get("MessageType"))[:32] or "unknown"})


_ORDER: Sequence[Callable[[_Message], Sequence[Inbound]]] = (_opt_out, _choice, _location, _files, _text)
"""The first that has something to say reads the message."""


def is_card(event: Inbound) -> bool:
    """Whether the event is a contact card still at Twilio."""
    return event.media is not None and event.media.mime in CARDS


def as_contact(event: Inbound, card: bytes) -> Inbound:
    """The card's first number as a contact; the event as it was if the card has none. RFC 6350, sections 6.2.1, 6.4.1."""
    text = card.decode("utf-8", "replace")
    phone = _TEL.search(text)
    digits = re.sub(r"[^\d+]", "", phone[1]) if phone else ""
    if not digits:
        return event
    own = "yes" if event.chat.rpartition(":")[2].lstrip("+") == digits.lstrip("+") else "no"
    name = _NAME.search(text)
    extras = event.extras | {"phone": digits, "own": own}
    return checked(Inbound(event.id, event.chat, event.at, "contact", clean(name[1].strip()) if name else "", extras))
