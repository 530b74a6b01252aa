"""A Telegram update as an Inbound. https://core.telegram.org/bots/api#update

Only private chats are heard. What a person cannot have meant for us (groups, service messages, a live location moving)
is None; what is not an update as documented is Unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from telegram import CallbackQuery, ChatMemberUpdated, Message, PhotoSize, Update
from telegram.constants import ChatType, MessageType

from bot.channels.door import Unreadable, checked, clean, point
from handlers.nouns import Inbound, Kind, Media

FILE_LIMIT = 20_000_000
"""Bytes that getFile gives at most. https://core.telegram.org/bots/api#getfile"""

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")

_SILENT = frozenset(
    {
        MessageType.BOOST_ADDED,
        MessageType.CHAT_BACKGROUND_SET,
        MessageType.CHECKLIST_TASKS_ADDED,
        MessageType.CHECKLIST_TASKS_DONE,
        MessageType.CONNECTED_WEBSITE,
        MessageType.MESSAGE_AUTO_DELETE_TIMER_CHANGED,
        MessageType.NEW_CHAT_PHOTO,
        MessageType.NEW_CHAT_TITLE,
        MessageType.PINNED_MESSAGE,
        MessageType.PROXIMITY_ALERT_TRIGGERED,
        MessageType.WRITE_ACCESS_ALLOWED,
    }
)
"""Service messages of a private chat: Telegram's own notes, to which nobody expects an answer."""

_ATTRIBUTES = frozenset({MessageType.BUSINESS_CONNECTION_ID, MessageType.EFFECT_ID, MessageType.SENDER_BOOST_COUNT})
"""What PTB lists among the kinds though it only accompanies one."""

_STANDING = {"kicked": "blocked", "member": "unblocked"}
"""my_chat_member in a private chat: `kicked` is a person who blocked the bot."""

Said = tuple[Kind, str, dict[str, str], Media | None]


class _File(Protocol):
    """What every Telegram attachment has."""

    @property
    def file_id(self) -> str:
        """The handle for getFile."""

    @property
    def file_size(self) -> int | None:
        """Bytes, where Telegram says so."""


def read(update: object, bot: int, now: datetime) -> Inbound | None:
    """What the update says; None where it asks for nothing. `now` (UTC) dates a pressed button, which has no date.

    Raises Unreadable for whatever is not an update as Telegram documents it, and nothing else.
    """
    try:
        event = _read(update, bot, now)
    except Unreadable:
        raise
    except Exception as fault:  # noqa: BLE001  # PTB raises whatever the fault would have it, and none may block a chat
        raise Unreadable(f"not an update as documented ({type(fault).__name__})") from None
    return event and checked(event)


def _read(update: object, bot: int, now: datetime) -> Inbound | None:
    """`read`, but for the faults."""
    if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
        raise Unreadable("no update_id")
    parsed = Update.de_json(update, None)
    name = f"telegram:{bot}:{parsed.update_id}"
    if parsed.callback_query:
        return _pressed(parsed.callback_query, name, now)
    if parsed.my_chat_member:
        return _standing(parsed.my_chat_member, name)
    message = parsed.message or parsed.edited_message
    return _message(message, name, edited=parsed.message is None) if message else None


def _message(message: Message, name: str, edited: bool) -> Inbound | None:
    """A message, or the correction of one."""
    if message.chat is None:
        raise Unreadable("a message without a chat")
    said = None if message.chat.type != ChatType.PRIVATE or (edited and message.location) else _said(message, edited)
    if said is None:
        return None
    kind, body, extras, media = said
    number = str(message.message_id)
    extras |= {"message": number} | ({"edits": number} if edited else {})
    extras |= _hint(message.from_user.language_code if message.from_user else None)
    if message.media_group_id:
        extras["album"] = message.media_group_id
    at = (edited and message.edit_date) or message.date
    return Inbound(name, f"telegram:{int(message.chat.id)}", at, kind, clean(body), extras, media)


def _said(message: Message, edited: bool) -> Said | None:
    """Kind, body, extras and file of a private message."""
    if message.text is not None:
        return ("text", message.text, {}, None) if edited else (*command(message.text), None)
    if message.contact:
        return _contact(message)
    if message.location:
        return _location(message)
    return _file(message)


def command(text: str) -> tuple[Kind, str, dict[str, str]]:
    """`/start PAYLOAD` and its kind, with the payload or the rest as extras; anything else is text."""
    found = _COMMAND.fullmatch(text.strip()) if "/" in text else None
    if not found:
        return "text", text, {}
    name, rest = found[1].lower(), (found[2] or "").strip()
    known = name == "start" and _PAYLOAD.fullmatch(rest)
    return "command", name, {"start": rest} if known else {"rest": clean(rest)} if rest else {}


def _contact(message: Message) -> Said:
    """A contact card; `own` says whether it is the sender's own."""
    card, sender = message.contact, message.from_user
    if card is None:
        raise Unreadable("a contact without a card")
    own = "yes" if sender and card.user_id == sender.id else "no"
    whole = " ".join(filter(None, (card.first_name, card.last_name)))
    return "contact", whole, {"phone": clean(card.phone_number), "own": own}, None


def _location(message: Message) -> Said:
    """A point, with the venue's name and address where there is one."""
    place, venue = message.location, message.venue
    if place is None:
        raise Unreadable("a location without a point")
    body = ", ".join(filter(None, (venue.title, venue.address))) if venue else ""
    return "location", body, point(place.latitude, place.longitude), None


def _file(message: Message) -> Said | None:
    """The file in a message; a kind that we cannot read; or None for Telegram's own notes."""
    caption = message.caption or ""
    media, found = next(((take(message), kind) for kind, take in _FILES if getattr(message, kind)), (None, None))
    if media and media.size <= FILE_LIMIT:
        return "media", caption, {}, media
    if found:
        return "media", caption, {"unreadable": "too_large"}, None
    other = next((k for k in MessageType if k not in _ATTRIBUTES and getattr(message, k, None)), None)
    return None if other in _SILENT else ("media", caption, {"unreadable": str(other or "unknown")}, None)


def _photo(message: Message) -> Media | None:
    """The largest size that may be fetched; of those too large the smallest, which says so."""
    sizes: Sequence[PhotoSize] = sorted(message.photo, key=lambda s: (s.file_size or 0, s.width * s.height))
    fitting = [s for s in sizes if (s.file_size or 0) <= FILE_LIMIT]
    best = (fitting or sizes[:1])[-1]
    return Media("photo", best.file_id, "image/jpeg", "", best.file_size or 0)


def _document(message: Message) -> Media | None:
    """A document, an animation among them, with the name the sender gave it."""
    file = message.document
    name = clean(file.file_name or "") if file else ""
    return Media("document", file.file_id, file.mime_type or "", name, file.file_size or 0) if file else None


def _voice(message: Message) -> Media | None:
    """A voice message, or a sound file, which is how some phones send one."""
    file = message.voice or message.audio
    return Media("voice", file.file_id, file.mime_type or "audio/ogg", "", file.file_size or 0) if file else None


def _video(message: Message) -> Media | None:
    """A video, round ones too."""
    file: _File | None = message.video or message.video_note
    mime = (message.video.mime_type if message.video else "") or "video/mp4"
    return Media("video", file.file_id, mime, "", file.file_size or 0) if file else None


_FILES: Sequence[tuple[str, Callable[[Message], Media | None]]] = (
    ("photo", _photo),
    ("document", _document),
    ("voice", _voice),
    ("audio", _voice),
    ("video", _video),
    ("video_note", _video),
)


def _pressed(query: CallbackQuery, name: str, now: datetime) -> Inbound | None:
    """A pressed button. Its message may be too old for Telegram to show, but still has a chat and a number."""
    message = query.message
    if message is None or query.data is None or message.chat.type != ChatType.PRIVATE:
        return None
    extras = {"message": str(message.message_id)} | _hint(query.from_user.language_code)
    return Inbound(name, f"telegram:{int(message.chat.id)}", now, "choice", clean(query.data), extras)


def _standing(change: ChatMemberUpdated, name: str) -> Inbound | None:
    """A person blocked the bot, or let it back in."""
    what = _STANDING.get(change.new_chat_member.status)
    if what is None or change.chat.type != ChatType.PRIVATE:
        return None
    return Inbound(name, f"telegram:{int(change.chat.id)}", change.date, "news", "", {"what": what})


def _hint(tag: str | None) -> dict[str, str]:
    """The language of the app: a hint, never the choice."""
    return {"hint": tag} if tag else {}
