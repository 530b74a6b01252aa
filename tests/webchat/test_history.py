"""The web chat's memory: sealed, once each, bounded, under its lane, and gone when told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from handlers.nouns import Button
from storage.keys import lane_of, tag
from storage.redis import Redis as Store
from storage.seal import Seal, chat_ref
from storage.webchat import DAYS, FILES, KEPT, NEWS, Bubble, Full, WebHistory

SECRET = "a secret that every test knows, 32+"
CHAT = "web:" + "t" * 43
AT = datetime(2020, 5, 8, 12, 0, tzinfo=UTC)


@pytest.fixture
def history(store: Store, seal: Seal) -> WebHistory:
    """A history on an empty Valkey."""
    return WebHistory(store, seal, SECRET)


def said(text: str, minutes: int = 0) -> Bubble:
    """A bubble of ours."""
    return Bubble("us", AT + timedelta(minutes=minutes), text, choices=(Button("Yes", "t:yes"),), locale="en")


async def test_what_is_kept_comes_back_in_order(history: WebHistory) -> None:
    """Oldest first, everything as it was; `since` gives what came after a place."""
    places = [await history.append(CHAT, f"id{n}", said(str(n))) for n in range(3)]
    kept = await history.last(CHAT)
    assert [k.id for k in kept] == places == await history.places(CHAT)
    assert kept[2].bubble == said("2")
    assert await history.since(CHAT, places[0]) == kept[1:]
    assert await history.last(CHAT, 1) == kept[-1:]
    assert await history.one(CHAT, places[1]) == said("1")
    assert await history.one(CHAT, "1-1") is None


async def test_the_same_id_is_kept_once(history: WebHistory) -> None:
    """Sent twice, shown once; the second time tells no place."""
    assert await history.append(CHAT, "id", said("once"))
    assert await history.append(CHAT, "id", said("once")) == ""
    assert len(await history.last(CHAT)) == 1


async def test_what_was_taken_back_can_be_said_again(history: WebHistory) -> None:
    """A retry after a failed hearing is shown like a first try."""
    place = await history.append(CHAT, "id", said("once"))
    await history.take_back(CHAT, "id", place)
    assert await history.last(CHAT) == []
    assert await history.append(CHAT, "id", said("once"))


async def test_only_the_last_ones_are_kept(history: WebHistory, redis: Redis) -> None:
    """A chat never holds more than KEPT bubbles, nor more ids than bubbles."""
    for n in range(KEPT + 5):
        await history.append(CHAT, f"id{n}", said(str(n)))
    kept = await history.last(CHAT)
    assert len(kept) == KEPT
    assert kept[0].bubble.text == "5"
    ids = f"{tag(lane_of(history.ref(CHAT)))}web:{history.ref(CHAT)}:ids"
    assert await redis.scard(ids) == KEPT


async def test_nothing_lies_open_and_everything_lapses(history: WebHistory, redis: Redis) -> None:
    """No word, token or file name in any key or value; every key is in the chat's lane and has an end."""
    await history.append(CHAT, "id", said("SECRETWORD"))
    await history.put_file(CHAT, "f", b"SECRETWORD", "text/SECRETWORD")
    keys = [key for key in await redis.keys("*") if isinstance(key, bytes)]
    assert len(keys) == 4
    for key in keys:
        dump = await redis.dump(key)
        assert isinstance(dump, bytes)
        assert b"SECRETWORD" not in key + dump
        assert b"t" * 43 not in key + dump
        assert key.decode().startswith(tag(lane_of(chat_ref(SECRET, CHAT))))
        assert 0 < await redis.ttl(key) <= DAYS * 86_400


async def test_a_new_bubble_is_told(history: WebHistory, redis: Redis) -> None:
    """Readers hear of it by the chat's reference only."""
    async with redis.pubsub(ignore_subscribe_messages=True) as line:
        await line.subscribe(NEWS)
        assert await line.get_message(timeout=5) is None
        await history.append(CHAT, "id", said("x"))
        told = await line.get_message(timeout=5)
    assert told is not None
    assert told["data"].decode() == history.ref(CHAT)


async def test_a_bubble_that_cannot_be_opened_is_left_out(history: WebHistory, store: Store) -> None:
    """A key that was dropped costs the old words, not the chat. Nor can a value be moved to another chat."""
    await history.append(CHAT, "old", said("old"))
    newer = WebHistory(store, Seal({"c": b"c" * 32}), SECRET)
    await newer.append(CHAT, "new", said("new"))
    assert [k.bubble.text for k in await newer.last(CHAT)] == ["new"]


async def test_forgetting_leaves_only_what_came_later(history: WebHistory, redis: Redis) -> None:
    """With a time, our goodbye stays; without one, not one key of the chat is left. Other chats stay."""
    await history.append("web:other", "id", said("other"))
    await history.put_file(CHAT, "f", b"x", "a/b")
    await history.append(CHAT, "a", said("before"))
    await history.append(CHAT, "b", said("goodbye", minutes=1))
    await history.forget(CHAT, AT)
    assert [k.bubble.text for k in await history.last(CHAT)] == ["goodbye"]
    assert not await redis.keys("*:file*")
    await history.forget(CHAT)
    assert len(await redis.keys("*")) == 2
    assert await history.last("web:other")


async def test_a_file_waits_until_fetched_and_a_day_longer(history: WebHistory, redis: Redis) -> None:
    """The handle alone finds it; a second fetch finds it too; then its end is a day away, not a week."""
    content = b"\x00\n" * 1000
    handle = await history.put_file(CHAT, "f", content, "image/png")
    for _ in range(2):
        assert await history.file(handle) == (content, "image/png")
    (key,) = await redis.keys("*:file:*")
    assert 86_000 < await redis.ttl(key) <= 86_400
    await redis.delete(key)
    assert await history.file(handle) is None
    assert await history.file("nonsense") is None


async def test_a_chat_has_only_so_many_files_waiting(history: WebHistory) -> None:
    """One chat cannot fill the store; the same file again is not one more."""
    for n in range(FILES):
        await history.put_file(CHAT, f"f{n}", b"x", "a/b")
    await history.put_file(CHAT, "f0", b"x", "a/b")
    with pytest.raises(Full):
        await history.put_file(CHAT, "more", b"x", "a/b")
