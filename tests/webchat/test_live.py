"""News as they come: server-sent events, resumed where they broke, and polling."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

import bot.channels.webchat_live as live
from bot.channels.contract import Away, Gone
from bot.channels.webchat import WebChat
from bot.channels.webchat_bell import Bell
from handlers.nouns import Media, Outbound
from storage.redis import Redis
from storage.seal import Seal
from storage.webchat import WebHistory
from tests.servers import LiveValkey
from tests.waiting import WaitUntil
from tests.webchat.toy import SECRET, Site, Visitor, settings


@contextmanager
def listening(visitor: Visitor, after: str = "0-0", **headers: str) -> Iterator[Iterator[str]]:
    """The lines of an open event stream."""
    with visitor.http.stream("GET", f"/chat/live?after={after}", headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        yield stream.iter_lines()


def bubbles(lines: Iterator[str], count: int) -> list[dict[str, str]]:
    """The next bubbles of a stream."""
    found: list[dict[str, str]] = []
    while len(found) < count:
        line, event = next(lines), "message"
        if line.startswith("event: "):
            event, line = line[7:], next(lines)
        if line.startswith("data: ") and event == "message":
            found.append(json.loads(line[6:]))
    return found


def test_a_stream_gives_what_is_missing_and_then_what_comes(site: Site, visitor: Visitor) -> None:
    """After the place the page has, without a gap and without a repetition."""
    visitor.post(text="hello")
    with listening(visitor) as lines:
        mine, ours = bubbles(lines, 2)
        assert ">hello<" in mine["html"]
        assert ">text: hello<" in ours["html"]
        site.send(Outbound("00-x-0", site.ear.heard[0].chat, "An officer has answered.", locale="en"))
        (news,) = bubbles(lines, 1)
        assert "An officer has answered." in news["html"]
        assert 'lang="en"' in news["html"]
    with listening(visitor, mine["id"]) as lines:
        assert [b["id"] for b in bubbles(lines, 2)] == [ours["id"], news["id"]]
    with listening(visitor, "0-0", **{"Last-Event-ID": ours["id"]}) as lines:
        assert bubbles(lines, 1) == [news]


def test_a_removed_bubble_is_told(site: Site, visitor: Visitor) -> None:
    """Who deletes their data sees it go from an open page."""
    visitor.post(text="hello")
    with listening(visitor) as lines:
        bubbles(lines, 2)
        site.forget(site.ear.heard[0].chat)
        assert next(line for line in lines if line == "event: kept")
        assert json.loads(next(lines)[6:])["kept"] == []


def test_a_silent_stream_breathes(site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment now and then, so that nobody on the way takes the line for dead."""
    monkeypatch.setattr(live, "BREATH", 0.01)
    with listening(visitor) as lines:
        assert next(line for line in lines if line.startswith(":")) == ": still here"


def test_closing_ends_every_stream(site: Site, visitor: Visitor) -> None:
    """The server can stop while pages are open."""
    with listening(visitor) as lines:
        next(lines)
        site.stop()
        for _ in lines:
            pass


def test_polling_gives_the_same(visitor: Visitor) -> None:
    """Where no stream comes through, asking gives the bubbles after a place, and which are kept."""
    visitor.post(text="hello")
    everything = visitor.http.get("/chat/news?after=0-0").json()
    first, second = everything["bubbles"]
    assert everything["kept"] == [first["id"], second["id"]]
    assert everything["until"] == second["id"]
    assert visitor.http.get("/chat/news", params={"after": first["id"]}).json()["bubbles"] == [second]


@pytest.mark.parametrize("place", ["99999999999999999999-0", "٣-٤"])
def test_a_place_that_cannot_be_is_none(visitor: Visitor, place: str) -> None:
    """A number that no stream has, or one in other digits, gives everything."""
    visitor.post(text="hello")
    with listening(visitor, place) as lines:
        assert ">hello<" in bubbles(lines, 2)[0]["html"]


@pytest.mark.parametrize("path", ["/chat/live", "/chat/news"])
def test_a_stranger_gets_nothing(site: Site, path: str) -> None:
    """Without a cookie there is no chat to look at; a made-up cookie of the wrong shape is none."""
    assert httpx.get(site.url + path).status_code == 403
    assert httpx.get(site.url + path, headers={"Cookie": "komek=../../etc"}).status_code == 403


def test_too_many_open_pages_are_told_to_poll(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """204 is what makes a browser stop asking for the stream."""
    monkeypatch.setattr(live, "OPEN_PAGES", 0)
    assert visitor.http.get("/chat/live").status_code == 204


async def test_the_bell_rings_again_after_redis_was_away(valkey_server: LiveValkey, wait_until: WaitUntil) -> None:
    """The subscription comes back by itself, and rings for what may have been missed."""
    redis = Redis(valkey_server.url)
    await redis.open()
    bell = Bell(redis)
    await bell.open()
    with bell.listening("ref") as event:
        await wait_until(event.is_set)
        valkey_server.kill()
        event.clear()
        valkey_server.start()
        await wait_until(event.is_set)
        event.clear()
        await redis.back()
        await redis.call("PUBLISH", "web:news", "ref")
        await wait_until(event.is_set)
    assert bell.listeners == 0
    await bell.close()
    await redis.close()


async def test_sending_never_raises_and_never_doubles(valkey_server: LiveValkey, seal: Seal) -> None:
    """Shown is `sent`, again is `sent` and nothing more, Redis away is `retry`; a lapsed file is Gone."""
    redis = Redis(valkey_server.url)
    await redis.open()
    history = WebHistory(redis, seal, SECRET)
    channel, out = WebChat(settings(), history), Outbound("00-x-0", "web:" + "t" * 43, "hello")
    assert [(await channel.send(out)).outcome for _ in range(2)] == ["sent", "sent"]
    assert len(await history.last(out.chat)) == 1
    handle = await history.put_file(out.chat, "f", b"x", "image/png")
    assert await channel.fetch(Media("photo", handle)) == (b"x", "image/png")
    with pytest.raises(Gone):
        await channel.fetch(Media("photo", handle + "x"))
    valkey_server.kill()
    assert (await channel.send(out)).outcome == "retry"
    with pytest.raises(Away):
        await channel.fetch(Media("photo", handle))
    with pytest.raises(Away):
        await channel.forget(out.chat)
    await redis.close()
