"""What the web chat remembers: each chat's bubbles, both sides, and the files a person sent until they are fetched.

Keys of a chat, all under its lane's tag: `{07}:web:REF` the bubbles (stream), `{07}:web:REF:ids` the ids in it (set),
`{07}:web:REF:files` its files' ids by the time they lapse (sorted set), `{07}:web:REF:file:ID` one sealed file.
Everything lapses 30 days after the last bubble. A new bubble is told on the pub/sub channel `web:news`, by its chat's REF.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec
from redis.asyncio import Redis

from handlers.nouns import Button, Noun
from storage.keys import key, lane_of
from storage.seal import Seal, Sealed, chat_ref

KEPT = 200
"""Bubbles a chat keeps; older ones go."""
DAYS = 30
"""Days after the last bubble until a chat lapses."""
FILES = 20
"""Files a chat may have waiting."""
FILE_DAYS = 7
"""Days a file waits to be fetched."""
FETCHED_SECONDS = 86_400
"""How long a file stays after it was fetched, so that a fetch that was cut short can be done again."""
NEWS = "web:news"
"""The pub/sub channel on which the reference of a chat with a new bubble is told."""

_APPEND = """
if redis.call('SADD', KEYS[2], ARGV[1]) == 0 then return '' end
local at = redis.call('XADD', KEYS[1], '*', 'i', ARGV[1], 'b', ARGV[2])
while redis.call('XLEN', KEYS[1]) > tonumber(ARGV[3]) do
  local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
  redis.call('XDEL', KEYS[1], oldest[1])
  redis.call('SREM', KEYS[2], oldest[2][2])
end
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('PUBLISH', ARGV[5], ARGV[6])
return at
"""

_PUT = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[4], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[4])
return 1
"""


class Bubble(Noun, frozen=True, omit_defaults=True):
    """One thing said in a web chat, by `us` or by `you`, the person.

    `what` tells how a bubble of `you` is shown: words, a pressed choice, a file (`text` is its name), a place or the start.
    `client` is the id under which the person's page sent it, so that the page can take away its own preliminary bubble.
    """

    by: Literal["us", "you"]
    at: datetime
    text: str = ""
    what: Literal["text", "choice", "file", "place", "start"] = "text"
    choices: tuple[Button, ...] = ()
    ask: str = ""
    locale: str = ""
    client: str = ""
    shown = ("by", "what")


class Kept(NamedTuple):
    """A bubble and its place in the chat, a Redis stream id: later is greater."""

    id: str
    bubble: Bubble


class Full(Exception):
    """The chat has as many files waiting as it may."""


class WebHistory:
    """The bubbles and files of web chats. Every call raises redis.RedisError or OSError while Redis is away."""

    def __init__(self, redis: Redis, seal: Seal, secret: str) -> None:
        """`redis` answers in bytes; `secret` keys the chats' references."""
        self.redis = redis
        self._seal = seal
        self._secret = secret
        self._append = redis.register_script(_APPEND)
        self._put = redis.register_script(_PUT)

    def ref(self, chat: str) -> str:
        """The reference under which `chat` is kept and its news are told."""
        return chat_ref(self._secret, chat)

    async def append(self, chat: str, id: str, bubble: Bubble) -> str:
        """Add a bubble and wake its readers; its place, or `` if one with this `id` is among those kept."""
        ref = self.ref(chat)
        sealed = self._seal.seal(msgspec.json.encode(bubble), _about(ref, id))
        at = await self._append(
            keys=[_key(ref), _key(ref, "ids")],
            args=[id, sealed, KEPT, DAYS * 86_400, NEWS, ref],
        )
        return _text(at)

    async def take_back(self, chat: str, id: str, place: str) -> None:
        """Remove the bubble that was just appended as `id` at `place`: what it says could not be heard."""
        ref = self.ref(chat)
        await self.redis.xdel(_key(ref), place)
        await self.redis.srem(_key(ref, "ids"), id)

    async def since(self, chat: str, after: str, limit: int = KEPT) -> list[Kept]:
        """The bubbles after the place `after`, oldest first. One that can no longer be opened is left out."""
        ref = self.ref(chat)
        return self._opened(ref, await self.redis.xrange(_key(ref), min=f"({after}", count=limit))

    async def last(self, chat: str, limit: int = KEPT) -> list[Kept]:
        """The last `limit` bubbles, oldest first."""
        ref = self.ref(chat)
        found = self._opened(ref, await self.redis.xrevrange(_key(ref), count=limit))
        return found[::-1]

    async def one(self, chat: str, place: str) -> Bubble | None:
        """The bubble at `place`, if it is still kept."""
        ref = self.ref(chat)
        found = self._opened(ref, await self.redis.xrange(_key(ref), min=place, max=place))
        return found[0].bubble if found else None

    async def forget(self, chat: str, until: datetime | None = None) -> None:
        """Remove the chat's files and bubbles; with `until`, bubbles later than that stay (our goodbye)."""
        ref = self.ref(chat)
        files = await self.redis.zrange(_key(ref, "files"), 0, -1)
        doomed = [_key(ref, "file", _text(id)) for id in files] + [_key(ref, "files")]
        later = [] if until is None else [kept.id for kept in await self.last(chat) if kept.bubble.at > until]
        if later:
            await self.redis.xtrim(_key(ref), minid=later[0], approximate=False)
        else:
            doomed += [_key(ref), _key(ref, "ids")]
        await self.redis.delete(*doomed)
        await self.redis.publish(NEWS, ref)

    async def put_file(self, chat: str, id: str, content: bytes, mime: str) -> str:
        """Keep a file; the handle that `file` takes. The same `id` again replaces it. Raises Full."""
        ref = self.ref(chat)
        sealed = self._seal.seal(mime.encode() + b"\n" + content, _about(ref, id))
        done = await self._put(
            keys=[_key(ref, "files"), _key(ref, "file", id)],
            args=[id, sealed, FILES, FILE_DAYS * 86_400],
        )
        if not done:
            raise Full
        return f"{ref}/{id}"

    async def file(self, handle: str) -> tuple[bytes, str] | None:
        """A file's content and MIME type, or None if it has lapsed. Once fetched it stays a day longer, not more."""
        ref, _, id = handle.partition("/")
        kept = _key(ref, "file", id)
        sealed = await self.redis.get(kept)
        if not isinstance(sealed, bytes):
            return None
        await self.redis.expire(kept, FETCHED_SECONDS, lt=True)
        try:
            mime, _, content = self._seal.open(sealed, _about(ref, id)).partition(b"\n")
        except Sealed:
            return None
        return content, mime.decode()

    async def places(self, chat: str) -> list[str]:
        """The places of all bubbles kept, oldest first: what is not among them was taken back or forgotten."""
        return [_text(place) for place, _ in await self.redis.xrange(_key(self.ref(chat)), count=KEPT) or ()]

    def _opened(
        self, ref: str, rows: Sequence[tuple[object, Mapping[bytes | str, object] | None]] | None
    ) -> list[Kept]:
        """The rows of the stream as bubbles."""
        out: list[Kept] = []
        for place, fields in rows or ():
            sealed, id = (fields or {}).get(b"b"), _text((fields or {}).get(b"i"))
            try:
                plain = self._seal.open(sealed if isinstance(sealed, bytes) else b"", _about(ref, id))
            except Sealed:
                continue
            out.append(Kept(_text(place), msgspec.json.decode(plain, type=Bubble)))
        return out


def _key(ref: str, *more: str) -> str:
    """A key of the chat with this reference."""
    return key(lane_of(ref), "web", ref, *more)


def _about(ref: str, id: str) -> bytes:
    """What a sealed value is bound to: its chat and its own id."""
    return f"web:{ref}:{id}".encode()


def _text(value: object) -> str:
    """Redis' answer as text."""
    return value.decode() if isinstance(value, bytes) else str(value or "")
