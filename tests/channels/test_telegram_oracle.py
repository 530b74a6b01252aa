"""Our reader of updates, held to python-telegram-bot's: what that library understands is what we tell."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatType, MessageType
from telegram.helpers import create_deep_linked_url

from bot.channels.door import Unreadable, checked
from bot.channels.telegram_inbound import FILE_LIMIT, KINDS, SILENT, Heard, pressed, read
from bot.channels.telegram_outbound import deep_link
from handlers.nouns import Inbound, Kind, Media
from tests.channels.telegram_updates import NOTED, READ, UPDATE, WORDS, Json

NOW = datetime(2020, 5, 8, 12, tzinfo=UTC)
BESIDE = {MessageType.BUSINESS_CONNECTION_ID, MessageType.EFFECT_ID, MessageType.SENDER_BOOST_COUNT}
"""What the library lists among the kinds though it only accompanies one."""
MIMES = {
    "photo": "image/jpeg",
    "voice": "audio/ogg",
    "audio": "audio/ogg",
    "video": "video/mp4",
    "video_note": "video/mp4",
}
Said = tuple[Kind, str, dict[str, str], Media | None]


def clean(text: str) -> str:
    """As PostgreSQL takes it."""
    return text.replace("\x00", "")


def understood(update: Json) -> Heard:
    """What the library makes of it, told as we tell it."""
    parsed = Update.de_json(update, None)
    name, query, change = f"telegram:1:{parsed.update_id}", parsed.callback_query, parsed.my_chat_member
    if query:
        return Heard(_choice(query, name), query.id)
    if change:
        what = {"kicked": "blocked", "member": "unblocked"}.get(change.new_chat_member.status)
        ours = what and change.chat.type == ChatType.PRIVATE
        return Heard(
            Inbound(name, f"telegram:{change.chat.id}", change.date, "news", "", {"what": str(what)}) if ours else None
        )
    message = parsed.message or parsed.edited_message
    return Heard(_message(message, name, edited=parsed.message is None) if message else None)


def _choice(query: CallbackQuery, name: str) -> Inbound | None:
    shown = query.message
    if shown is None or query.data is None or shown.chat.type != ChatType.PRIVATE:
        return None
    extras = {"message": str(shown.message_id), "hint": query.from_user.language_code or ""}
    return Inbound(name, f"telegram:{shown.chat.id}", NOW, "choice", clean(query.data), _given(extras))


def _message(message: Message, name: str, *, edited: bool) -> Inbound | None:
    said = _said(message, edited=edited)
    if message.chat.type != ChatType.PRIVATE or (edited and message.location) or said is None:
        return None
    kind, body, more, media = said
    number = str(message.message_id)
    hint = (message.from_user and message.from_user.language_code) or ""
    common = {"message": number, "edits": number if edited else "", "hint": hint, "album": message.media_group_id or ""}
    at = (edited and message.edit_date) or message.date
    return Inbound(name, f"telegram:{message.chat.id}", at, kind, clean(body), more | _given(common), media)


def _said(message: Message, *, edited: bool) -> Said | None:
    if message.text is not None:
        return ("text", message.text, {}, None) if edited else _words(message.text)
    if card := message.contact:
        own = "yes" if message.from_user and card.user_id == message.from_user.id else "no"
        names = " ".join(name for name in (card.first_name, card.last_name) if name)
        return "contact", names, {"phone": clean(card.phone_number), "own": own}, None
    if place := message.location:
        venue = message.venue
        names = ", ".join(name for name in ((venue.title, venue.address) if venue else ()) if name)
        return "location", names, {"lat": str(float(place.latitude)), "lon": str(float(place.longitude))}, None
    media, caption = _media(message), message.caption or ""
    if media:
        return (
            ("media", caption, {}, media)
            if media.size <= FILE_LIMIT
            else ("media", caption, {"unreadable": "too_large"}, None)
        )
    kind = next(
        (kind for kind in sorted(MessageType) if kind not in BESIDE and getattr(message, kind, None)), "unknown"
    )
    return None if kind in SILENT else ("media", caption, {"unreadable": str(kind)}, None)


def _words(text: str) -> Said:
    found = re.fullmatch(r"/(\w{1,32})(?:@\w+)?(?:\s+(.*))?", text.strip(), re.DOTALL | re.ASCII)
    if not found:
        return "text", text, {}, None
    name, rest = found[1].lower(), (found[2] or "").strip()
    key = "start" if name == "start" and re.fullmatch(r"[\w-]{1,64}", rest, re.ASCII) else "rest"
    return "command", name, {key: clean(rest)} if rest else {}, None


def _media(message: Message) -> Media | None:
    if message.photo:
        fitting = [size for size in message.photo if (size.file_size or 0) <= FILE_LIMIT]
        best = max(fitting or message.photo, key=lambda size: (size.file_size or 0, size.width * size.height))
        return Media("photo", best.file_id, MIMES["photo"], "", best.file_size or 0)
    if paper := message.document:
        return Media(
            "document", paper.file_id, paper.mime_type or "", clean(paper.file_name or ""), paper.file_size or 0
        )
    for field in ("voice", "audio", "video", "video_note"):
        if file := getattr(message, field):
            mime = getattr(file, "mime_type", "") or MIMES[field]
            return Media(
                "voice" if field in ("voice", "audio") else "video", file.file_id, mime, "", file.file_size or 0
            )
    return None


def _given(extras: dict[str, str]) -> dict[str, str]:
    """Those that say something."""
    return {name: value for name, value in extras.items() if value}


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
@settings(max_examples=400, deadline=None)
@given(UPDATE)
def test_every_update_is_told_as_the_library_understands_it(update: Json) -> None:
    """The same words, files, names and times, and the same silence."""
    assert read(msgspec.json.encode(update), 1, NOW) == understood(update)


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
@pytest.mark.parametrize("kind", sorted(NOTED))
def test_a_kind_that_we_do_not_read_is_named_as_the_library_names_it(kind: str) -> None:
    """Telegram's own notes are silent; the others say what they are."""
    chat = {"id": 7, "type": "private"}
    update = {"update_id": 9, "message": {"message_id": 5, "date": 1, "chat": chat, kind: NOTED[kind]}}
    assert read(msgspec.json.encode(update), 1, NOW) == understood(update)


def test_every_kind_that_the_library_knows_has_its_name_here() -> None:
    """A new version of the Bot API is noticed when the library is moved to it."""
    assert set(MessageType) - BESIDE - (set(READ) - {"venue", "animation"}) == KINDS


@given(UPDATE, st.data())
def test_one_wrong_field_harms_nobody(update: Json, data: st.DataObject) -> None:
    """It is read, or Unreadable in words that quote nothing; whatever is told has the types that it promises."""
    junk = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.just("SECRET")
        | st.just(["SECRET"])
        | st.just({"SECRET": 1})
    )
    told = _told(msgspec.json.encode(_bent(update, data, data.draw(junk))))
    if isinstance(told, str):
        assert re.match("not as documented|coordinates", told)
        assert "SECRET" not in told
    else:
        assert told.event is None or checked(told.event) == told.event


def _told(raw: bytes) -> Heard | str:
    """What is heard, or why nothing can be."""
    try:
        return read(raw, 1, NOW)
    except Unreadable as fault:
        return str(fault)


def _bent(part: Any, data: st.DataObject, junk: object) -> Any:
    """The update with one of its values, at any depth, replaced."""
    if not part or not isinstance(part, dict | list) or data.draw(st.integers(0, 5)) == 0:
        return junk
    where = data.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
    copy = part.copy()
    copy[where] = _bent(part[where], data, junk)
    return copy


@given(st.binary(max_size=200))
def test_bytes_that_are_no_update_are_unreadable(raw: bytes) -> None:
    """Whatever is posted."""
    told = _told(raw)
    assert isinstance(told, str)
    assert re.match("not JSON|not as documented", told)
    assert pressed(raw) == ""


@given(WORDS | st.from_regex(r"[A-Za-z0-9_-]{1,66}", fullmatch=True))
def test_a_deep_link_is_the_librarys(ref: str) -> None:
    """The same address; what the library refuses, we refuse."""
    try:
        ours = deep_link("komek_demo_bot", ref)
    except ValueError:
        ours = ""
    try:
        theirs = create_deep_linked_url("komek_demo_bot", ref) if ref and not ref.endswith("\n") else ""
    except ValueError:
        theirs = ""
    assert ours == theirs
