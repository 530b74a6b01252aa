"""What the web chat remembers: each chat's bubbles, both sides, and the files a person sent until they are fetched.

Keys of a chat, all under its lane's tag: `{07}:web:REF` the bubbles (stream), `{07}:web:REF:ids` the ids in it (set),
`{07}:web:REF:files` its files' ids by the time they lapse (sorted set), `{07}:web:REF:file:ID` one sealed file.
Everything lapses 30 days after the last bubble. A new bubble is told on the pub/sub channel `web:news`, by its chat's REF.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from handlers.nouns import Button, Noun
from storage.keys import key, lane_of
from storage.redis import WEB_APPEND, WEB_PUT, Answer, answers, as_list
from storage.seal import Seal, Sealed, chat_ref
from storage.store import Store

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
    """The bubbles and files of web chats. Every call raises Lost while Redis is away, and may then be repeated."""

    def __init__(self, redis: Store, seal: Seal, secret: str) -> None:
        """`redis` is not the one of the turns: a photo must not hold them up. `secret` keys the chats' references."""
        self.redis = redis
        self._seal = seal
        self._secret = secret

    def ref(self, chat: str) -> str:
        """The reference under which `chat` is kept and its news are told."""
        return chat_ref(self._secret, chat)

    async def append(self, chat: str, id: str, bubble: Bubble) -> str:
        """Add a bubble and wake its readers; its place, or `` if one with this `id` is among those kept."""
        ref = self.ref(chat)
        sealed = self._seal.seal(msgspec.json.encode(bubble), _about(ref, id))
        keys = [_key(ref), _key(ref, "ids")]
        return _text(await self.redis.run(WEB_APPEND, keys, id, sealed, KEPT, DAYS * 86_400, NEWS, ref))

    async def take_back(self, chat: str, id: str, place: str) -> None:
        """Remove the bubble that was just appended as `id` at `place`: what it says could not be heard."""
        ref = self.ref(chat)
        await answers([self.redis.call("XDEL", _key(ref), place), self.redis.call("SREM", _key(ref, "ids"), id)])

    async def since(self, chat: str, after: str, limit: int = KEPT) -> list[Kept]:
        """The bubbles after the place `after`, oldest first. One that can no longer be opened is left out."""
        ref = self.ref(chat)
        return self._opened(ref, await self._range(ref, f"({after}", "+", limit))

    async def last(self, chat: str, limit: int = KEPT) -> list[Kept]:
        """The last `limit` bubbles, oldest first."""
        ref = self.ref(chat)
        found = await self.redis.call("XREVRANGE", _key(ref), "+", "-", "COUNT", limit)
        return self._opened(ref, as_list(found))[::-1]

    async def one(self, chat: str, place: str) -> Bubble | None:
        """The bubble at `place`, if it is still kept."""
        ref = self.ref(chat)
        found = self._opened(ref, await self._range(ref, place, place))
        return found[0].bubble if found else None

    async def forget(self, chat: str, until: datetime | None = None) -> None:
        """Remove the chat's files and bubbles; with `until`, bubbles later than that stay (our goodbye)."""
        ref = self.ref(chat)
        files = as_list(await self.redis.call("ZRANGE", _key(ref, "files"), 0, -1))
        doomed = [_key(ref, "file", _text(id)) for id in files] + [_key(ref, "files")]
        later = [] if until is None else [kept.id for kept in await self.last(chat) if kept.bubble.at > until]
        if later:
            await self.redis.call("XTRIM", _key(ref), "MINID", later[0])
        else:
            doomed += [_key(ref), _key(ref, "ids")]
        await answers([self.redis.call("DEL", *doomed), self.redis.call("PUBLISH", NEWS, ref)])

    async def put_file(self, chat: str, id: str, content: bytes, mime: str) -> str:
        """Keep a file; the handle that `file` takes. The same `id` again replaces it. Raises Full."""
        ref = self.ref(chat)
        sealed = self._seal.seal(mime.encode() + b"\n" + content, _about(ref, id))
        keys = [_key(ref, "files"), _key(ref, "file", id)]
        if not await self.redis.run(WEB_PUT, keys, id, sealed, FILES, FILE_DAYS * 86_400):
            raise Full
        return f"{ref}/{id}"

    async def file(self, handle: str) -> tuple[bytes, str] | None:
        """A file's content and MIME type, or None if it has lapsed. Once fetched it stays a day longer, not more."""
        ref, _, id = handle.partition("/")
        kept = _key(ref, "file", id)
        sealed = await self.redis.call("GET", kept)
        if not isinstance(sealed, bytes):
            return None
        await self.redis.call("EXPIRE", kept, FETCHED_SECONDS, "LT")
        try:
            mime, _, content = self._seal.open(sealed, _about(ref, id)).partition(b"\n")
        except Sealed:
            return None
        return content, mime.decode()

    async def places(self, chat: str) -> list[str]:
        """The places of all bubbles kept, oldest first: what is not among them was taken back or forgotten."""
        return [_text(as_list(row)[0]) for row in await self._range(self.ref(chat), "-", "+")]

    async def _range(self, ref: str, low: str, high: str, limit: int = KEPT) -> list[Answer]:
        """Rows of the stream, oldest first."""
        return as_list(await self.redis.call("XRANGE", _key(ref), low, high, "COUNT", limit))

    def _opened(self, ref: str, rows: Sequence[Answer]) -> list[Kept]:
        """The rows of the stream as bubbles."""
        out: list[Kept] = []
        for row in rows:
            place, fields = as_list(row)
            _, id, _, sealed = as_list(fields)
            try:
                plain = self._seal.open(sealed if isinstance(sealed, bytes) else b"", _about(ref, _text(id)))
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
