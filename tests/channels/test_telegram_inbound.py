"""How each kind of Telegram update is told. Payloads are shaped as the Bot API writes them; every number is made up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from bot.channels.door import Unreadable
from bot.channels.telegram_inbound import Heard, read
from handlers.nouns import Inbound, Media

NOW = datetime(2020, 5, 8, 12, tzinfo=UTC)
SAID = 1_588_939_200
AT = datetime(2020, 5, 8, 12, tzinfo=UTC)
CHAT = {"id": 7, "type": "private", "first_name": "Demo"}
PERSON = {"id": 7, "is_bot": False, "first_name": "Demo", "language_code": "uz"}
BOT = {"id": 1, "is_bot": True, "first_name": "Demo bot"}
FILE = {"file_id": "demo-file", "file_unique_id": "u", "file_size": 1000}


def update(**content: Any) -> dict[str, Any]:
    """An update with this content."""
    return {"update_id": 99} | content


def message(**content: Any) -> dict[str, Any]:
    """A private message as an update."""
    return update(message={"message_id": 5, "date": SAID, "chat": CHAT, "from": PERSON} | content)


def heard(raw: object) -> Heard:
    """The update as the reader gets it."""
    return read(msgspec.json.encode(raw), 1, NOW)


def told(raw: dict[str, Any]) -> Inbound:
    """The event; there must be one."""
    event = heard(raw).event
    assert event is not None
    assert (event.id, event.chat, event.at) == ("telegram:1:99", "telegram:7", AT)
    return event


@pytest.mark.parametrize(
    ("text", "kind", "body", "more"),
    [
        ("Salom", "text", "Salom", {}),
        ("/start", "command", "start", {}),
        ("/start KMK-2345-X", "command", "start", {"start": "KMK-2345-X"}),
        ("/start not allowed", "command", "start", {"rest": "not allowed"}),
        ("/HELP@komek_demo_bot", "command", "help", {}),
        ("/status  KMK-2345-X ", "command", "status", {"rest": "KMK-2345-X"}),
        ("/ slash alone", "text", "/ slash alone", {}),
        ("a\x00b", "text", "ab", {}),
    ],
)
def test_words(text: str, kind: str, body: str, more: dict[str, str]) -> None:
    """Text and commands, with the deep link's payload and the app's language."""
    event = told(message(text=text))
    assert (event.kind, event.body, event.extras) == (kind, body, {"message": "5", "hint": "uz"} | more)


def test_a_correction_names_what_it_corrects_and_is_never_a_command() -> None:
    """An edited message is text with `edits`, dated at the correction."""
    edited = message(text="/start", edit_date=SAID)["message"] | {"date": SAID - 60}
    event = told(update(edited_message=edited))
    assert (event.kind, event.body, event.extras["edits"]) == ("text", "/start", "5")


def test_a_pressed_button() -> None:
    """A callback is a choice; its message's number goes with it, and it is dated when it came."""
    query = {"id": "q1", "from": PERSON, "chat_instance": "1", "data": "host.HU"}
    event = told(update(callback_query=query | {"message": {"message_id": 4, "date": SAID, "chat": CHAT}}))
    assert (event.kind, event.body, event.extras) == ("choice", "host.HU", {"message": "4", "hint": "uz"})


def test_a_button_of_a_message_too_old_to_show() -> None:
    """An inaccessible message (date 0) still has its chat and number."""
    query = {"id": "q1", "from": PERSON, "chat_instance": "1", "data": "y"}
    event = told(update(callback_query=query | {"message": {"message_id": 4, "date": 0, "chat": CHAT}}))
    assert (event.kind, event.extras["message"]) == ("choice", "4")


def test_a_place() -> None:
    """A location has coordinates; a venue its name too."""
    point = {"latitude": 47.5, "longitude": 19.04}
    event = told(message(location=point, venue={"location": point, "title": "Demo hall", "address": "1 Demo street"}))
    assert (event.kind, event.body) == ("location", "Demo hall, 1 Demo street")
    assert (event.extras["lat"], event.extras["lon"]) == ("47.5", "19.04")


@pytest.mark.parametrize(("owner", "own"), [(7, "yes"), (8, "no"), (None, "no")])
def test_a_contact(owner: int | None, own: str) -> None:
    """A contact card has a number and says whether it is the sender's own."""
    card = {"phone_number": "+99890000000", "first_name": "Demo"} | ({"user_id": owner} if owner else {})
    event = told(message(contact=card))
    assert (event.kind, event.body) == ("contact", "Demo")
    assert (event.extras["phone"], event.extras["own"]) == ("+99890000000", own)


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (
            {"document": FILE | {"file_name": "demo.pdf", "mime_type": "application/pdf"}},
            ("document", "application/pdf"),
        ),
        ({"voice": FILE | {"duration": 3, "mime_type": "audio/ogg"}}, ("voice", "audio/ogg")),
        ({"audio": FILE | {"duration": 3, "mime_type": "audio/mpeg"}}, ("voice", "audio/mpeg")),
        ({"video": FILE | {"duration": 3, "width": 9, "height": 9, "mime_type": "video/mp4"}}, ("video", "video/mp4")),
        ({"video_note": FILE | {"duration": 3, "length": 9}}, ("video", "video/mp4")),
        ({"photo": [FILE | {"width": 9, "height": 9}]}, ("photo", "image/jpeg")),
    ],
)
def test_a_file(content: dict[str, Any], media: tuple[str, str]) -> None:
    """A file comes with its caption, kind, type, size and handle."""
    event = told(message(caption="look", **content))
    assert (event.kind, event.body) == ("media", "look")
    assert event.media is not None
    assert (event.media.kind, event.media.mime, event.media.handle, event.media.size) == (*media, "demo-file", 1000)


def test_a_documents_name_is_as_it_can_be_kept() -> None:
    """The sender's own, without what PostgreSQL does not take."""
    media = told(message(document=FILE | {"file_name": "de\x00mo.pdf"})).media
    assert media is not None
    assert media.name == "demo.pdf"


def test_a_file_of_exactly_the_limit_is_taken() -> None:
    """One byte more is too large."""
    assert told(message(document=FILE | {"file_size": 20_000_000})).media
    assert told(message(document=FILE | {"file_size": 20_000_001})).extras["unreadable"] == "too_large"


def test_the_largest_photo_that_can_be_fetched() -> None:
    """Of a photo's sizes the largest under 20 MB; an album's number goes with it."""
    sizes = [
        {"file_id": str(size), "file_unique_id": "u", "width": size, "height": size, "file_size": size}
        for size in (90, 19_999_999, 20_000_001)
    ]
    event = told(message(photo=sizes, media_group_id="g1"))
    assert event.media == Media("photo", "19999999", "image/jpeg", "", 19_999_999)
    assert event.extras["album"] == "g1"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"document": FILE | {"file_size": 20_000_001}}, "too_large"),
        ({"dice": {"emoji": "🎲", "value": 3}}, "dice"),
        ({"a_kind_of_next_year": {"x": 1}}, "unknown"),
        (
            {"sticker": FILE | {"type": "regular", "width": 9, "height": 9, "is_animated": False, "is_video": False}},
            "sticker",
        ),
    ],
)
def test_what_we_cannot_read_says_what_it_is(content: dict[str, Any], name: str) -> None:
    """A sticker, a file too large and a kind unknown to us are media without a file."""
    event = told(message(**content))
    assert (event.kind, event.media, event.extras["unreadable"]) == ("media", None, name)


@pytest.mark.parametrize(("status", "what"), [("kicked", "blocked"), ("member", "unblocked")])
def test_a_person_who_blocks_or_unblocks(status: str, what: str) -> None:
    """my_chat_member is news."""
    event = told(update(my_chat_member=_change(CHAT, status)))
    assert (event.kind, event.extras) == ("news", {"what": what})


GROUP = {"id": -5, "type": "group", "title": "Demo"}


@pytest.mark.parametrize(
    "raw",
    [
        update(message={"message_id": 5, "date": SAID, "chat": GROUP, "from": PERSON, "text": "hello"}),
        update(my_chat_member={"chat": GROUP, "from": PERSON, "date": SAID}),
        update(edited_message=message(location={"latitude": 1.0, "longitude": 1.0})["message"] | {"edit_date": SAID}),
        message(pinned_message={"message_id": 4, "date": SAID, "chat": CHAT}),
        update(poll_answer={"poll_id": "1", "option_ids": [0], "option_persistent_ids": [], "user": PERSON}),
        update(something_of_next_year={"x": 1}),
        update(callback_query={"id": "q", "from": PERSON, "chat_instance": "1", "inline_message_id": "i", "data": "y"}),
    ],
)
def test_what_is_not_for_us_leaves_nothing(raw: dict[str, Any]) -> None:
    """Groups, a moving live location, Telegram's own notes and updates we did not ask for."""
    if "my_chat_member" in raw:
        raw = update(my_chat_member=_change(GROUP, "member"))
    assert heard(raw).event is None


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {},
        {"update_id": "9"},
        update(message={"message_id": 5}),
        update(message={"message_id": 5, "date": SAID, "text": "no chat"}),
        update(message={"message_id": 5, "date": 10**30, "chat": CHAT, "text": "x"}),
        update(message={"message_id": 5, "date": 253_402_300_799, "chat": CHAT, "text": "x"}),
        update(message={"message_id": 5, "date": -1, "chat": CHAT, "text": "x"}),
        update(message={"message_id": 5, "date": None, "chat": CHAT, "text": "x"}),
        update(message={"message_id": 5, "date": SAID, "chat": CHAT | {"id": "7"}, "text": "x"}),
        message(text=5),
        message(location={"latitude": "north", "longitude": 1.0}),
        message(location={"latitude": 91, "longitude": 1.0}),
        message(document=FILE | {"file_size": -1}),
        update(message="text"),
    ],
)
def test_what_is_no_update_is_unreadable(raw: object) -> None:
    """A wrong shape or type is one error that quotes nothing."""
    with pytest.raises(Unreadable) as fault:
        heard(raw)
    assert "no chat" not in str(fault.value)


def _change(chat: dict[str, Any], status: str) -> dict[str, Any]:
    """A `ChatMemberUpdated`."""
    old, new = ({"status": s, "user": BOT} | ({"until_date": 0} if s == "kicked" else {}) for s in ("left", status))
    return {"chat": chat, "from": PERSON, "date": SAID, "old_chat_member": old, "new_chat_member": new}
