"""The quick way and the long way read an update in the same words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram_inbound import read
from bot.channels.telegram_quick import read_quickly

NOW = datetime(2020, 5, 8, 12, tzinfo=UTC)
NUMBERS = st.integers(min_value=1, max_value=2**52)
WORDS = st.text(st.characters(codec="utf-8"), max_size=40)
PERSON = st.fixed_dictionaries(
    {"id": NUMBERS, "is_bot": st.booleans(), "first_name": WORDS},
    optional={"language_code": st.sampled_from(["uz", "tr", "en-GB"]), "last_name": WORDS, "username": WORDS},
)
CHAT = st.fixed_dictionaries(
    {"id": NUMBERS, "type": st.sampled_from(["private", "private", "group", "supergroup", "channel"])},
    optional={"first_name": WORDS, "title": WORDS},
)
SPOKEN = WORDS | st.sampled_from(
    ["/start", "/start KMK-2345-X", " /HELP@komek_bot more", "/ alone", "a/b", "/start not good"]
)
ENTITIES = st.just([{"offset": 0, "length": 1, "type": "bold"}])
MESSAGE = st.fixed_dictionaries(
    {
        "message_id": NUMBERS,
        "date": st.integers(min_value=1, max_value=2**31),
        "chat": CHAT,
        "from": PERSON,
        "text": SPOKEN,
    },
    optional={"entities": ENTITIES},
)
SHOWN = st.fixed_dictionaries(
    {"message_id": NUMBERS, "date": st.sampled_from([0, 1_588_939_200]), "chat": CHAT}, optional={"text": WORDS}
)
QUERY = st.fixed_dictionaries(
    {
        "id": st.from_regex(r"[0-9]{1,20}", fullmatch=True),
        "from": PERSON,
        "chat_instance": WORDS,
        "data": WORDS,
        "message": SHOWN,
    }
)
CONTENT = st.one_of(MESSAGE.map(lambda m: {"message": m}), QUERY.map(lambda q: {"callback_query": q}))


@given(NUMBERS, CONTENT)
def test_both_ways_read_the_same(number: int, content: dict[str, Any]) -> None:
    """A private text or button is read quickly, and as the long way would; anything else is left to the long way."""
    update = {"update_id": number} | content
    quick = read_quickly(msgspec.json.encode(update), 1, NOW)
    long = read(update, 1, NOW)
    assert (quick.event if quick else None) == long


@pytest.mark.parametrize(
    "change",
    [
        {"text": None},
        {"text": 5},
        {"date": "today"},
        {"date": 10**18},
        {"date": 253_402_300_799},
        {"date": -1},
        {"chat": {"id": 7, "type": "group"}},
        {"chat": {"id": "7", "type": "private"}},
        {"from": None},
        {"message_id": None},
    ],
)
def test_what_is_not_plain_takes_the_long_way(change: dict[str, Any]) -> None:
    """A file, a group, a wrong type, a date that is none: nothing is guessed."""
    person = {"id": 7, "is_bot": False, "first_name": "Demo"}
    plain = {"message_id": 5, "date": 1, "chat": {"id": 7, "type": "private"}, "from": person, "text": "Salom"}
    message = {k: v for k, v in (plain | change).items() if v is not None}
    assert read_quickly(msgspec.json.encode({"update_id": 9, "message": plain}), 1, NOW)
    assert read_quickly(msgspec.json.encode({"update_id": 9, "message": message}), 1, NOW) is None


@given(st.binary(max_size=200))
def test_bytes_that_are_no_update_take_the_long_way(raw: bytes) -> None:
    """Whatever is posted, the quick way only says that it is not for it."""
    assert read_quickly(raw, 1, NOW) is None
