"""What a posted form means: words, a pressed button, the start, a place, a file."""

from __future__ import annotations

import re
from hashlib import sha256

import msgspec
from starlette.datastructures import UploadFile

from bot.channels.webchat_files import FILE, plain_name, sniff
from bot.channels.webchat_person import Doorkeeper
from bot.channels.webchat_post import Post, Problem
from handlers.nouns import Inbound, Media
from storage.redis import Lost
from storage.webchat import Bubble, Full, WebHistory

LONGEST = 4000
"""Characters of one message."""

_PRESSED = re.compile(r"([0-9]{1,19}-[0-9]{1,19}) ([!-~]{1,64})\Z")
_START = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,8})?\Z")


class Said(msgspec.Struct, frozen=True):
    """What the person said, as the ear hears it and as their page shows it."""

    event: Inbound
    bubble: Bubble

    def __repr__(self) -> str:
        """Nothing of it."""
        return "Said(…)"


class Understanding:
    """From a form to what it says. Each call raises Problem where that cannot be told."""

    def __init__(self, door: Doorkeeper, history: WebHistory) -> None:
        """`history` knows which buttons were offered, and keeps the files."""
        self._door, self._history = door, history

    async def words(self, post: Post) -> Said:
        """A pressed button (`choice`), the start button (`start`), or typed words (`text`)."""
        if post.field("choice"):
            return await self._choice(post)
        return self._start(post) if "start" in post.form else self._text(post)

    def _text(self, post: Post) -> Said:
        """Typed words, with the line ends of this side."""
        text = post.field("text").replace("\r\n", "\n")
        if len(text) > LONGEST:
            raise Problem("long", 413, text)
        if not text:
            raise Problem("broken", 400)
        event = Inbound(self._id(post, "text", text), post.person.chat, post.at, "text", text, post.extras())
        return Said(event, Bubble("you", post.at, text, client=post.client))

    def _start(self, post: Post) -> Said:
        """The start button; its value is a deep link's payload, if there was one."""
        given = post.field("start")
        extras = post.extras(start=given) if _START.match(given) else post.extras()
        event = Inbound(self._id(post, "start", given), post.person.chat, post.at, "command", "start", extras)
        return Said(event, Bubble("you", post.at, what="start", client=post.client))

    async def _choice(self, post: Post) -> Said:
        """A pressed button, by its bubble and its token. One that we never offered there is nobody's choice."""
        match = _PRESSED.match(post.field("choice"))
        if match is None:
            raise Problem("gone", 409)
        place, token = match.groups()
        try:
            offered = await self._history.one(post.person.chat, place)
        except Lost:
            raise Problem("away", 503) from None
        label = next((b.text for b in offered.choices if b.value == token), "") if offered else ""
        if not label:
            raise Problem("gone", 409)
        event = Inbound(
            self._id(post, "choice", place, token), post.person.chat, post.at, "choice", token, post.extras()
        )
        return Said(event, Bubble("you", post.at, label, "choice", client=post.client))

    async def place(self, post: Post) -> Said:
        """A place on earth: `lat` and `lon` in degrees."""
        lat, lon = post.field("lat"), post.field("lon")
        if not (_DEGREES.match(lat) and _DEGREES.match(lon) and abs(float(lat)) <= 90 and abs(float(lon)) <= 180):
            raise Problem("broken", 400)
        extras = post.extras(lat=lat, lon=lon)
        event = Inbound(self._id(post, "place", lat, lon), post.person.chat, post.at, "location", "", extras)
        return Said(event, Bubble("you", post.at, what="place", client=post.client))

    async def file(self, post: Post) -> Said:
        """A file (`file`), kept sealed until it is fetched."""
        upload = post.form.get("file")
        content = await upload.read() if isinstance(upload, UploadFile) else b""
        if not isinstance(upload, UploadFile) or not content:
            raise Problem("nofile", 400)
        if len(content) > FILE:
            raise Problem("large", 413)
        kind, mime = sniff(content)
        id = self._id(post, "file", sha256(content).hexdigest())
        try:
            handle = await self._history.put_file(post.person.chat, id.rpartition(":")[2], content, mime)
        except Full:
            raise Problem("full", 409) from None
        except Lost:
            raise Problem("away", 503) from None
        name = plain_name(upload.filename or "")
        media = Media(kind, handle, mime, name, len(content))
        event = Inbound(id, post.person.chat, post.at, "media", "", post.extras(), media)
        return Said(event, Bubble("you", post.at, name or mime, "file", client=post.client))

    def _id(self, post: Post, *said: str) -> str:
        """The event's id: of the page's id for it, and of what was said."""
        return self._door.said_id(self._history.ref(post.person.chat), post.client, *said)
