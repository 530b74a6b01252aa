"""Telegram's updates: every kind that its page knows, some that it does not know yet. https://core.telegram.org/bots/api#update"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from bot.channels.telegram import PATH
from tests.fuzz import mutation
from tests.fuzz.world import FORBIDDEN, OK, TAGS, Input, Table, World, mark

SECRET = "Telegram-secret_1"
FIRST = 7_755_000_000
"""The first person's number."""
IDS = (0, 1, -1, 2**31, 2**52, 2**63 - 1, -(2**63), 2**63, 2**64, 10**30, -(10**40))
"""Numbers that no chat has."""

Json = dict[str, Any]
_SIZE = {"width": 90, "height": 60}
Make = Callable[[World, Json], Json]
"""From what every message has (number, date, chat, from) to an update without its number."""


def _base(world: World) -> tuple[str, Json]:
    """Somebody's chat, and what every message of theirs has."""
    number = FIRST + world.somebody() if world.often(0.99) else world.pick(IDS)
    chat = f"telegram:{number}"
    who = {"id": number, "is_bot": False, "first_name": mark(chat), "language_code": world.pick(TAGS)}
    place = {"id": number, "type": "private", "first_name": mark(chat)}
    return chat, {"message_id": 1 + world.number(10**6), "date": int(time.time()), "chat": place, "from": who}


def _chat_of(base: Json) -> str:
    """The chat's address."""
    return f"telegram:{base['chat']['id']}"


def _file(world: World) -> Json:
    """What every file has."""
    size = world.pick((0, 1, 200, 20_000_000, 20_000_001, 2**40))
    return {"file_id": f"F{world.number(10**9)}", "file_unique_id": "u", "file_size": size}


def _with(name: str, **fixed: Any) -> Make:
    """A message with a file of this kind."""

    def make(world: World, base: Json) -> Json:
        more = {"caption": world.words(_chat_of(base))} if world.often(0.4) else {}
        album = {"media_group_id": str(world.number(500))} if world.often(0.2) else {}
        mime = {"mime_type": world.pick(("application/pdf", "video/mp4", "", "x/y")), "file_name": mark(_chat_of(base))}
        return {"message": base | {name: _file(world) | mime | fixed} | more | album}

    return make


def _photo(world: World, base: Json) -> Json:
    return {"message": base | {"photo": [_file(world) | _SIZE for _ in range(world.number(4))]}}


def _text(world: World, base: Json) -> Json:
    more: Json = {}
    if world.often(0.1):
        more = {"entities": [{"type": world.pick(("bold", "new_kind")), "offset": world.number(9), "length": 2**31}]}
    if world.often(0.05):
        more |= {"reply_to_message": base | {"text": "?"}, "forward_origin": {"type": "hidden_user", "date": 1}}
    return {"message": base | {"text": world.words(_chat_of(base))} | more}


def _press(world: World, base: Json) -> Json:
    token = world.button(_chat_of(base), world.words(_chat_of(base))[:64])
    shown = {"message_id": base["message_id"], "chat": base["chat"], "date": world.pick((0, base["date"])), "text": "?"}
    query = {"id": str(world.number(10**18)), "from": base["from"], "chat_instance": "1", "data": token}
    return {"callback_query": query | ({"message": shown} if world.often(0.98) else {"inline_message_id": "1"})}


def _contact(world: World, base: Json) -> Json:
    card = {"phone_number": f"+99855{world.number(10**7):07d}", "first_name": mark(_chat_of(base))}
    return {"message": base | {"contact": card | world.pick(({}, {"user_id": base["from"]["id"]}, {"vcard": "BEGIN"}))}}


def _location(world: World, base: Json) -> Json:
    point = {"latitude": world.chance.uniform(-95, 95), "longitude": world.chance.uniform(-185, 185)}
    live = {"live_period": 60, "heading": 361} if world.often(0.2) else {}
    venue = {"venue": {"location": point, "title": mark(_chat_of(base)), "address": ""}} if world.often(0.2) else {}
    name = "edited_message" if live and world.often(0.5) else "message"
    return {name: base | {"location": point | live} | venue}


def _edited(world: World, base: Json) -> Json:
    edited = {"text": world.words(_chat_of(base)), "edit_date": base["date"] + 1}
    return {"edited_message": base | edited | {"message_id": 1 + world.number(50)}}


def _member(world: World, base: Json) -> Json:
    old, new = world.pick(("member", "kicked", "left", "new_kind")), world.pick(("member", "kicked", "restricted"))
    change = {"chat": base["chat"], "from": base["from"], "date": base["date"]}
    states = {
        f"{k}_chat_member": {"status": v, "user": base["from"], "until_date": 0}
        for k, v in (("old", old), ("new", new))
    }
    return {world.pick(("my_chat_member", "my_chat_member", "chat_member")): change | states}


def _group(world: World, base: Json) -> Json:
    chat = {"id": -1_000_000_000_000 - world.number(1000), "title": mark(_chat_of(base))}
    chat["type"] = world.pick(("group", "supergroup", "channel", "new_kind"))
    name = world.pick(("message", "edited_message", "channel_post", "edited_channel_post", "business_message"))
    return {name: base | {"chat": chat, "text": world.words(_chat_of(base)), "edit_date": base["date"]}}


NOTES: Mapping[str, Any] = {
    "new_chat_title": "x",
    "pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}},
    "message_auto_delete_timer_changed": {"message_auto_delete_time": 1},
    "dice": {"emoji": "🎲", "value": 7},
    "poll": {"id": "1", "question": "?", "options": [{"text": "a", "voter_count": 1}], "total_voter_count": 1,
             "is_closed": False, "is_anonymous": True, "type": "regular", "allows_multiple_answers": False},
    "web_app_data": {"data": "x", "button_text": "y"},
    "story": {"chat": {"id": 1, "type": "private"}, "id": 1},
    "users_shared": {"request_id": 1, "users": [{"user_id": 1}]},
    "successful_payment": {"currency": "XTR", "total_amount": 1, "invoice_payload": "x", "telegram_payment_charge_id": "1",
                           "provider_payment_charge_id": "2"},
    "invoice": {"title": "x", "description": "y", "start_parameter": "z", "currency": "XTR", "total_amount": 1},
    "game": {"title": "x", "description": "y", "photo": []},
    "passport_data": {"data": [], "credentials": {"data": "", "hash": "", "secret": ""}},
    "write_access_allowed": {},
    "giveaway": {"chats": [], "winners_selection_date": 1, "winner_count": 1},
    "connected_website": "demo.example",
    "migrate_to_chat_id": -5,
    "gift": {"gift": {}},
    "a_kind_of_tomorrow": {"x": [1, {"y": None}]},
}  # fmt: skip
"""What else a message may hold, right or nearly."""


def _note(world: World, base: Json) -> Json:
    name = world.pick(tuple(NOTES))
    return {"message": base | {name: NOTES[name]}}


UPDATES = ("inline_query", "chosen_inline_result", "shipping_query", "pre_checkout_query", "poll", "poll_answer", "chat_boost",
           "message_reaction", "message_reaction_count", "chat_join_request", "business_connection", "purchased_paid_media",
           "deleted_business_messages", "an_update_of_tomorrow")  # fmt: skip


def _other(world: World, base: Json) -> Json:
    body = {
        "id": "1",
        "from": base["from"],
        "user": base["from"],
        "chat": base["chat"],
        "date": base["date"],
        "query": "q",
    }
    return {
        world.pick(UPDATES): body
        | {"offset": "", "user_chat_id": 1, "poll_id": "1", "option_ids": [0], "question": "?"}
    }


KINDS: Table[Make] = Table(
    {
        "text": (30, _text),
        "press": (34, _press),
        "edited": (4, _edited),
        "location": (4, _location),
        "contact": (4, _contact),
        "photo": (3, _photo),
        "document": (2, _with("document")),
        "voice": (2, _with("voice", duration=1)),
        "audio": (1, _with("audio", duration=1)),
        "video": (1, _with("video", duration=1, **_SIZE)),
        "video_note": (1, _with("video_note", duration=1, length=1)),
        "sticker": (2, _with("sticker", type="regular", is_animated=False, is_video=False, **_SIZE)),
        "member": (2, _member),
        "group": (4, _group),
        "note": (4, _note),
        "other": (3, _other),
    }
)  # fmt: skip


def right(world: World) -> Input:
    """An update as Telegram sends it."""
    chat, base = _base(world)
    kind, make = KINDS.draw(world)
    update = {"update_id": world.made * 10 + world.number(3)} | make(world, base)
    found = _posted(world, f"telegram: {kind}", json.dumps(update, ensure_ascii=world.often(0.5)).encode(), chat)
    world.recent.append(found)
    return found


def bent(world: World) -> Input:
    """One whose structure is wrong somewhere."""
    chat, base = _base(world)
    kind, make = KINDS.draw(world)
    update = {"update_id": world.made * 10} | make(world, base)
    return _posted(world, f"telegram: {kind}, bent", mutation.bent(world, update), chat)


def torn(world: World) -> Input:
    """One whose bytes are wrong."""
    chat, base = _base(world)
    _, make = KINDS.draw(world)
    raw = json.dumps({"update_id": world.made * 10} | make(world, base), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )
    return _posted(world, "telegram: torn", mutation.torn(world, raw), chat)


def unproven(world: World) -> Input:
    """Right, but for who says it or how."""
    chat, base = _base(world)
    raw = json.dumps({"update_id": world.made * 10} | _text(world, base)).encode()
    wrong = world.pick(("", "x", SECRET[:-1], SECRET + " x", SECRET.lower(), "ü", "x" * 5000))
    headers, may = {"X-Telegram-Bot-Api-Secret-Token": wrong}, FORBIDDEN
    if world.often(0.4):
        odd = world.pick(
            ("text/plain", "", "application/x-json", "multipart/form-data; boundary=x", "application/json2", "ü")
        )
        headers, may = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": odd}, frozenset({415})
    return Input(
        "telegram: unproven",
        mutation.request("POST", PATH, {"Content-Type": "application/json"} | headers, raw),
        may,
        chat,
    )


def _posted(world: World, kind: str, raw: bytes, chat: str) -> Input:
    """With the secret."""
    headers = {"Content-Type": world.pick(TYPES), "X-Telegram-Bot-Api-Secret-Token": SECRET}
    return Input(kind, mutation.request("POST", PATH, headers, raw), frozenset({413}) if len(raw) > 2**20 else OK, chat)


TYPES = ("application/json", "application/json", "Application/JSON; charset=utf-8", "application/json;x=ü")


def said(number: int, told: int, move: str) -> Input:
    """The `told`th move of somebody who plays the story: a token is pressed, words are typed."""
    place, who = {"id": number, "type": "private"}, {"id": number, "is_bot": False, "first_name": "x"}
    message: Json = {"message_id": told, "date": int(time.time()), "chat": place}
    query = {"id": "1", "from": who, "chat_instance": "1", "data": move, "message": message}
    update = {"callback_query": query} if ":" in move else {"message": message | {"from": who, "text": move}}
    raw = json.dumps({"update_id": number * 1000 + told} | update).encode()
    headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": SECRET}
    return Input("a whole story", mutation.request("POST", PATH, headers, raw), OK)
