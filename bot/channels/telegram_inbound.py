"""A Telegram update as an Inbound. https://core.telegram.org/bots/api#update

Only private chats are heard. What a person cannot have meant for us (groups, service messages, a live location moving)
is nothing; what is not an update as documented is Unreadable. Only the fields that count are decoded, and strictly: that
is quick, and a field that Telegram adds or changes elsewhere costs nobody their words. docs/decisions/0011.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, NamedTuple

import msgspec

from bot import faults
from bot.channels.door import Unreadable, clean, point
from handlers.nouns import Inbound, Kind, Media

FILE_LIMIT = 20_000_000
"""Bytes that getFile gives at most. https://core.telegram.org/bots/api#getfile"""

SILENT = frozenset(
    (
        "boost_added chat_background_set checklist_tasks_added checklist_tasks_done connected_website "
        "message_auto_delete_timer_changed new_chat_photo new_chat_title pinned_message proximity_alert_triggered "
        "write_access_allowed"
    ).split()
)
"""Service messages of a private chat: Telegram's own notes, to which nobody expects an answer."""

KINDS = SILENT | frozenset(
    (
        "animation channel_chat_created chat_owner_changed chat_owner_left chat_shared checklist delete_chat_photo dice "
        "direct_message_price_changed forum_topic_closed forum_topic_created forum_topic_edited forum_topic_reopened game "
        "general_forum_topic_hidden general_forum_topic_unhidden gift gift_upgrade_sent giveaway giveaway_completed "
        "giveaway_created giveaway_winners group_chat_created invoice left_chat_member live_photo managed_bot_created "
        "migrate_to_chat_id new_chat_members paid_media paid_message_price_changed passport_data poll poll_option_added "
        "poll_option_deleted refunded_payment reply_to_story sender_business_bot sticker story successful_payment "
        "suggested_post_approval_failed suggested_post_approved suggested_post_declined suggested_post_info "
        "suggested_post_paid suggested_post_refunded supergroup_chat_created unique_gift users_shared venue "
        "video_chat_ended video_chat_participants_invited video_chat_scheduled video_chat_started web_app_data"
    ).split()
)
"""The fields of a message that say of what kind it is, but for the kinds we read. https://core.telegram.org/bots/api#message"""

_STANDING = {"kicked": "blocked", "member": "unblocked"}
"""my_chat_member in a private chat: `kicked` is a person who blocked the bot."""

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a deep link may carry. https://core.telegram.org/bots/features#deep-linking"""

Said = tuple[Kind, str, dict[str, str], Media | None]


class Heard(NamedTuple):
    """What an update says (None: nothing to us), and the id of the callback query that waits for a word (empty: none)."""

    event: Inbound | None
    query: str = ""


class _Part(msgspec.Struct, gc=False):
    """A part of an update: nothing in one ever points back, so that the garbage collector need not look."""


_Time = Annotated[int, msgspec.Meta(ge=0, lt=4_102_444_800)]
"""Unix time before the year 2100: days are added to it later, which the last ones of 9999 do not bear."""


class _Person(_Part):
    """https://core.telegram.org/bots/api#user"""

    id: int
    language_code: str | None = None


class _Chat(_Part):
    """https://core.telegram.org/bots/api#chat"""

    id: int
    type: str


class _Contact(_Part):
    """https://core.telegram.org/bots/api#contact"""

    phone_number: str
    first_name: str
    last_name: str | None = None
    user_id: int | None = None


class _Location(_Part):
    """https://core.telegram.org/bots/api#location"""

    latitude: float
    longitude: float


class _Venue(_Part):
    """https://core.telegram.org/bots/api#venue"""

    title: str
    address: str


class _File(_Part):
    """What every attachment has of https://core.telegram.org/bots/api#document"""

    file_id: str
    file_size: Annotated[int, msgspec.Meta(ge=0)] | None = None
    file_name: str | None = None
    mime_type: str | None = None


class _Size(_File):
    """https://core.telegram.org/bots/api#photosize"""

    width: int = 0
    height: int = 0


class _Message(_Part, kw_only=True):
    """https://core.telegram.org/bots/api#message, in the order in which Telegram writes it, which is read quickest."""

    message_id: int
    from_: _Person | None = msgspec.field(default=None, name="from")
    chat: _Chat
    date: _Time
    edit_date: _Time | None = None
    media_group_id: str | None = None
    text: str | None = None
    photo: Sequence[_Size] | None = None
    document: _File | None = None
    voice: _File | None = None
    audio: _File | None = None
    video: _File | None = None
    video_note: _File | None = None
    caption: str | None = None
    contact: _Contact | None = None
    venue: _Venue | None = None
    location: _Location | None = None


class _Shown(_Part):
    """https://core.telegram.org/bots/api#maybeinaccessiblemessage"""

    message_id: int
    chat: _Chat


class _Query(_Part, kw_only=True):
    """https://core.telegram.org/bots/api#callbackquery"""

    id: str
    from_: _Person = msgspec.field(name="from")
    message: _Shown | None = None
    data: str | None = None


class _Member(_Part):
    """https://core.telegram.org/bots/api#chatmember"""

    status: str


class _Change(_Part):
    """https://core.telegram.org/bots/api#chatmemberupdated"""

    chat: _Chat
    date: _Time
    new_chat_member: _Member


class _Update(_Part):
    """https://core.telegram.org/bots/api#update"""

    update_id: int
    message: _Message | None = None
    callback_query: _Query | None = None
    edited_message: _Message | None = None
    my_chat_member: _Change | None = None


class _Waiting(_Part):
    """The name of a pressed button's query."""

    id: str


class _Pressed(_Part):
    """An update of which only that is asked."""

    callback_query: _Waiting | None = None


_decoder = msgspec.json.Decoder(_Update)


def read(raw: bytes, bot: int, now: datetime) -> Heard:
    """What an update's JSON says. `now` (UTC) dates a pressed button, which has no date.

    Raises Unreadable for whatever is not an update as Telegram documents it, and nothing else.
    """
    try:
        return _read(_decoder.decode(raw), raw, bot, now)
    except Unreadable:
        raise
    except msgspec.ValidationError as fault:  # names the field and the types, never the content
        raise Unreadable(f"not as documented: {fault}") from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Unreadable("not JSON") from None
    except Exception as fault:  # noqa: BLE001  # a fault of ours must not block a chat; mended, the letter is replayed
        raise Unreadable(f"not understood: {faults.place(fault)}") from None


def pressed(raw: bytes) -> str:
    """The id of the callback query in an update that cannot be read: the button's clock is stopped all the same."""
    try:
        query = msgspec.json.decode(raw, type=_Pressed).callback_query
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ""
    return query.id if query else ""


def command(text: str) -> tuple[Kind, str, dict[str, str]]:
    """`/start PAYLOAD` and its kind, with the payload or the rest as extras; anything else is text."""
    found = _COMMAND.fullmatch(text.strip()) if "/" in text else None
    if not found:
        return "text", text, {}
    name, rest = found[1].lower(), (found[2] or "").strip()
    known = name == "start" and PAYLOAD.fullmatch(rest)
    return "command", name, {"start": rest} if known else {"rest": clean(rest)} if rest else {}


def _read(update: _Update, raw: bytes, bot: int, now: datetime) -> Heard:
    """`read`, but for the faults."""
    name = f"telegram:{bot}:{update.update_id}"
    if update.callback_query:
        return Heard(_choice(update.callback_query, name, now), update.callback_query.id)
    if update.my_chat_member:
        return Heard(_standing(update.my_chat_member, name))
    if update.message:
        return Heard(_message(update.message, raw, name))
    return Heard(_message(update.edited_message, raw, name, edited=True) if update.edited_message else None)


def _message(message: _Message, raw: bytes, name: str, *, edited: bool = False) -> Inbound | None:
    """A message, or the correction of one."""
    if message.chat.type != "private" or (edited and message.location):
        return None
    said = _said(message, edited) or _unreadable(raw, message.caption or "")
    if said is None:
        return None
    kind, body, extras, media = said
    extras["message"] = str(message.message_id)
    if edited:
        extras["edits"] = extras["message"]
    if message.from_ and message.from_.language_code:
        extras["hint"] = message.from_.language_code
    if message.media_group_id:
        extras["album"] = message.media_group_id
    at = datetime.fromtimestamp((edited and message.edit_date) or message.date, UTC)
    return Inbound(name, f"telegram:{message.chat.id}", at, kind, clean(body), extras, media)


def _said(message: _Message, edited: bool) -> Said | None:
    """Kind, body, extras and file of a private message; None for a kind that we do not read."""
    if message.text is not None:
        return ("text", message.text, {}, None) if edited else (*command(message.text), None)
    if message.contact:
        return _contact(message.contact, message.from_)
    if message.location:
        return _place(message.location, message.venue)
    media = next(_media(message), None)
    if media is None:
        return None
    if media.size > FILE_LIMIT:
        return "media", message.caption or "", {"unreadable": "too_large"}, None
    return "media", message.caption or "", {}, media


def _contact(card: _Contact, sender: _Person | None) -> Said:
    """A contact card; `own` says whether it is the sender's own."""
    own = "yes" if sender and card.user_id == sender.id else "no"
    whole = " ".join(filter(None, (card.first_name, card.last_name)))
    return "contact", whole, {"phone": clean(card.phone_number), "own": own}, None


def _place(place: _Location, venue: _Venue | None) -> Said:
    """A point, with the venue's name and address where there is one."""
    body = ", ".join(filter(None, (venue.title, venue.address))) if venue else ""
    return "location", body, point(place.latitude, place.longitude), None


def _media(message: _Message) -> Iterator[Media]:
    """The files in a message, of which there is one. A sound file is a voice: some phones send theirs so."""
    if message.photo:
        best = _best(message.photo)
        yield Media("photo", best.file_id, "image/jpeg", "", best.file_size or 0)
    if file := message.document:  # an animation comes as one, too
        yield Media("document", file.file_id, file.mime_type or "", clean(file.file_name or ""), file.file_size or 0)
    if file := message.voice or message.audio:
        yield Media("voice", file.file_id, file.mime_type or "audio/ogg", "", file.file_size or 0)
    if file := message.video or message.video_note:
        yield Media("video", file.file_id, file.mime_type or "video/mp4", "", file.file_size or 0)


def _best(sizes: Sequence[_Size]) -> _Size:
    """The largest size that may be fetched; where there is none, one that is too large."""
    fitting = [size for size in sizes if (size.file_size or 0) <= FILE_LIMIT]
    return max(fitting or sizes, key=lambda size: (size.file_size or 0, size.width * size.height))


def _unreadable(raw: bytes, caption: str) -> Said | None:
    """A kind that we do not read, by its name; None for Telegram's own notes."""
    update = msgspec.json.decode(raw)
    message = update.get("message") or update["edited_message"]
    found = {field for field, value in message.items() if value or value == {}}
    kind = min(found & KINDS, default="unknown")
    return None if kind in SILENT else ("media", caption, {"unreadable": kind}, None)


def _choice(query: _Query, name: str, now: datetime) -> Inbound | None:
    """A pressed button. Its message may be too old for Telegram to show, but still has a chat and a number."""
    message = query.message
    if message is None or query.data is None or message.chat.type != "private":
        return None
    extras = {"message": str(message.message_id)}
    if query.from_.language_code:
        extras["hint"] = query.from_.language_code
    return Inbound(name, f"telegram:{message.chat.id}", now, "choice", clean(query.data), extras)


def _standing(change: _Change, name: str) -> Inbound | None:
    """A person blocked the bot, or let it back in."""
    what = _STANDING.get(change.new_chat_member.status)
    if what is None or change.chat.type != "private":
        return None
    at = datetime.fromtimestamp(change.date, UTC)
    return Inbound(name, f"telegram:{change.chat.id}", at, "news", "", {"what": what})
