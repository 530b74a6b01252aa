"""Updates as https://core.telegram.org/bots/api#update documents them, for property tests. Every number is made up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]
Made = st.SearchStrategy[Json]

NUMBERS = st.just(7) | st.integers(min_value=1, max_value=2**52)
DATES = st.integers(min_value=1, max_value=4_102_444_799)
SIZES = st.sampled_from([0, 1, 19_999_999, 20_000_000, 20_000_001, 2**40])
WORDS = st.text(st.characters(codec="utf-8"), max_size=40) | st.just("a\x00b")
TAGS = st.sampled_from(["uz", "tr", "en-GB", ""])
SPOKEN = WORDS | st.sampled_from(
    ["/start", "/start KMK-2345-X", " /HELP@komek_bot more", "/ alone", "a/b", "/start not good", "/a\x00b c\x00"]
)
PERSON = st.fixed_dictionaries(
    {"id": NUMBERS, "is_bot": st.booleans(), "first_name": WORDS},
    optional={"language_code": TAGS, "last_name": WORDS, "username": WORDS},
)
CHAT = st.fixed_dictionaries(
    {"id": NUMBERS, "type": st.sampled_from(["private", "private", "private", "group", "supergroup", "channel"])},
    optional={"first_name": WORDS, "title": WORDS},
)
POINT = st.fixed_dictionaries(
    {"latitude": st.floats(-90, 90) | st.integers(-90, 90), "longitude": st.floats(-180, 180)},
    optional={"live_period": st.just(60)},
)


def _file(*names: str, **more: Any) -> Made:
    """A file with these optional texts and what else its kind must have."""
    must = {"file_id": WORDS, "file_unique_id": st.just("u")} | {name: st.just(value) for name, value in more.items()}
    return st.fixed_dictionaries(must, optional={"file_size": SIZES} | dict.fromkeys(names, WORDS))


DOCUMENT = _file("file_name", "mime_type")
READ: Mapping[str, Made] = {
    "text": st.fixed_dictionaries(
        {"text": SPOKEN}, optional={"entities": st.just([{"offset": 0, "length": 1, "type": "bold"}])}
    ),
    "contact": st.fixed_dictionaries(
        {
            "contact": st.fixed_dictionaries(
                {"phone_number": WORDS, "first_name": WORDS},
                optional={"last_name": WORDS, "user_id": NUMBERS, "vcard": WORDS},
            )
        }
    ),
    "location": st.fixed_dictionaries({"location": POINT}),
    "venue": POINT.flatmap(
        lambda point: st.fixed_dictionaries(
            {
                "location": st.just(point),
                "venue": st.fixed_dictionaries({"location": st.just(point), "title": WORDS, "address": WORDS}),
            }
        )
    ),
    "photo": st.fixed_dictionaries(
        {"photo": st.lists(_file(width=9, height=8) | _file(width=90, height=80), max_size=4)}
    ),
    "document": st.fixed_dictionaries({"document": DOCUMENT}),
    "animation": st.fixed_dictionaries(
        {"document": DOCUMENT, "animation": _file("file_name", "mime_type", width=9, height=9, duration=1)}
    ),
    "voice": st.fixed_dictionaries({"voice": _file("mime_type", duration=1)}),
    "audio": st.fixed_dictionaries({"audio": _file("mime_type", "file_name", duration=1)}),
    "video": st.fixed_dictionaries({"video": _file("mime_type", "file_name", duration=1, width=9, height=9)}),
    "video_note": st.fixed_dictionaries({"video_note": _file(duration=1, length=9)}),
}
"""What a message holds, of the kinds that we read."""

_SMALL_CHAT = {"id": 1, "type": "private"}
_SMALL_PERSON = {"id": 1, "is_bot": False, "first_name": "Demo"}
_SIZED = {"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}
NOTED: Mapping[str, Any] = {
    "animation": _SIZED | {"duration": 1},
    "boost_added": {"boost_count": 1},
    "chat_shared": {"request_id": 1, "chat_id": 2},
    "connected_website": "demo.example",
    "delete_chat_photo": True,
    "dice": {"emoji": "🎲", "value": 3},
    "forum_topic_closed": {},
    "game": {"title": "x", "description": "y", "photo": [_SIZED]},
    "giveaway_created": {},
    "group_chat_created": True,
    "invoice": {"title": "x", "description": "y", "start_parameter": "z", "currency": "XTR", "total_amount": 1},
    "left_chat_member": _SMALL_PERSON,
    "message_auto_delete_timer_changed": {"message_auto_delete_time": 1},
    "migrate_to_chat_id": -5,
    "new_chat_members": [_SMALL_PERSON],
    "new_chat_photo": [_SIZED],
    "new_chat_title": "x",
    "passport_data": {"data": [], "credentials": {"data": "", "hash": "", "secret": ""}},
    "pinned_message": {"message_id": 4, "date": 1, "chat": _SMALL_CHAT},
    "poll": {
        "id": "1",
        "question": "?",
        "options": [{"text": "a", "voter_count": 1, "persistent_id": "1"}],
        "total_voter_count": 1,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": False,
        "members_only": False,
    },
    "proximity_alert_triggered": {"traveler": _SMALL_PERSON, "watcher": _SMALL_PERSON, "distance": 1},
    "reply_to_story": {"chat": _SMALL_CHAT, "id": 1},
    "sticker": _SIZED | {"type": "regular", "is_animated": False, "is_video": False},
    "story": {"chat": _SMALL_CHAT, "id": 1},
    "successful_payment": {
        "currency": "XTR",
        "total_amount": 1,
        "invoice_payload": "x",
        "telegram_payment_charge_id": "1",
        "provider_payment_charge_id": "2",
    },
    "users_shared": {"request_id": 1, "users": [{"user_id": 1}]},
    "video_chat_started": {},
    "web_app_data": {"data": "x", "button_text": "y"},
    "write_access_allowed": {},
    "effect_id": "1",
    "sender_boost_count": 2,
    "a_kind_of_next_year": {"x": [1]},
}
"""What a message holds, of the kinds that we do not read."""

NOTE = st.lists(st.sampled_from(sorted(NOTED)), min_size=1, max_size=2).map(
    lambda names: {name: NOTED[name] for name in names}
)
MORE = st.fixed_dictionaries(
    {},
    optional={
        "from": PERSON,
        "caption": WORDS,
        "media_group_id": WORDS,
        "edit_date": DATES,
        "forward_origin": st.just({"type": "hidden_user", "date": 1, "sender_user_name": "x"}),
        "effect_id": st.just("1"),
    },
)
MESSAGE = st.builds(
    lambda base, content, more: base | content | more,
    st.fixed_dictionaries({"message_id": NUMBERS, "date": DATES, "chat": CHAT}),
    st.one_of(*READ.values(), NOTE),
    MORE,
)
SHOWN = st.fixed_dictionaries(
    {"message_id": NUMBERS, "date": st.sampled_from([0, 1_588_939_200]), "chat": CHAT}, optional={"text": WORDS}
)
QUERY = st.fixed_dictionaries(
    {"id": st.from_regex(r"[0-9]{1,20}", fullmatch=True), "from": PERSON, "chat_instance": WORDS},
    optional={"data": WORDS, "message": SHOWN, "inline_message_id": WORDS},
)
_STATES: Mapping[str, Json] = {"member": {}, "left": {}, "kicked": {"until_date": 0}}
MEMBER = st.sampled_from(sorted(_STATES)).map(
    lambda status: {"status": status, "user": _SMALL_PERSON} | _STATES[status]
)
CHANGE = st.fixed_dictionaries(
    {"chat": CHAT, "from": PERSON, "date": DATES, "old_chat_member": MEMBER, "new_chat_member": MEMBER}
)
CONTENT: Made = st.one_of(
    MESSAGE.map(lambda message: {"message": message}),
    MESSAGE.map(lambda message: {"edited_message": message}),
    QUERY.map(lambda query: {"callback_query": query}),
    CHANGE.map(lambda change: {"my_chat_member": change}),
    MESSAGE.map(lambda message: {"channel_post": message}),
    st.just({"poll_answer": {"poll_id": "1", "option_ids": [0], "option_persistent_ids": [], "user": _SMALL_PERSON}}),
    st.just({"an_update_of_next_year": {"x": 1}}),
)
UPDATE: Made = st.builds(lambda number, content: {"update_id": number} | content, NUMBERS, CONTENT)
"""Any update."""
