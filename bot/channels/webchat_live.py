"""What a page looks at: the chat itself, its news as they come (server-sent events), or on asking (polling)."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from bot.channels.webchat_bell import Bell, rung
from bot.channels.webchat_page import Pages, guarded, spoken
from bot.channels.webchat_person import Doorkeeper, Person
from bot.channels.webchat_say import answer_json
from locales.say import Voice, voice
from storage.redis import Lost
from storage.webchat import Kept, WebHistory

log = logging.getLogger(__name__)

BREATH = 15.0
"""Seconds of silence after which an open page gets a comment, so that no proxy takes the line for dead."""
OPEN_PAGES = 5000
"""Pages one process keeps a line to; further ones poll."""

_PLACE = re.compile(r"[0-9]{1,19}-[0-9]{1,19}\Z")
_START = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


class Eyes:
    """The routes by which a person sees."""

    def __init__(self, door: Doorkeeper, pages: Pages, history: WebHistory, bell: Bell) -> None:
        """Nothing is opened here."""
        self._door, self._pages, self._history, self._bell = door, pages, history, bell

    async def chat(self, request: Request) -> Response:
        """`GET /chat`: the page. `?all=yes` shows everything kept, `?start=…` is a deep link's payload."""
        person, kept, lost = await self._known(request)
        start = request.query_params.get("start", "")
        return self._pages.chat(
            person,
            request.headers,
            kept,
            notice="away" if lost else "",
            start=start if _START.match(start) else "",
            everything=bool(request.query_params.get("all")),
            status=503 if lost else 200,
        )

    async def leave(self, request: Request) -> Response:
        """`GET /chat/leave`: asks first."""
        person, kept, _ = await self._known(request)
        return (
            guarded(RedirectResponse("/chat", 303)) if person.new else self._pages.leave(person, request.headers, kept)
        )

    async def static(self, request: Request) -> Response:
        """`GET /chat/static/NAME`."""
        found = self._pages.statics.answer(str(request.path_params["name"]))
        return guarded(found or Response(status_code=404))

    async def news(self, request: Request) -> Response:
        """`GET /chat/news?after=PLACE`: the bubbles since then, and the places of all that are kept."""
        person, kept, lost = await self._known(request)
        if person.new or lost:
            return guarded(Response(status_code=503 if lost else 403))
        tongue, after = self._pages.tongue(request.headers, kept), _order(_after(request))
        found = [self._shown(k, tongue) for k in kept if _order(k.id) > after]
        return answer_json({"bubbles": found} | _left(_after(request), [k.id for k in kept]))

    async def live(self, request: Request) -> Response:
        """`GET /chat/live?after=PLACE`: server-sent events, resumed after Last-Event-ID (HTML standard, 9.2).

        Each event is a bubble; `kept` tells which bubbles are left, as some may have been removed. 204 tells a browser not to
        come again this way, and the page to poll.
        """
        person, kept, lost = await self._known(request)
        if person.new or lost:
            return guarded(Response(status_code=503 if lost else 403))
        if self._bell.closed or self._bell.listeners >= OPEN_PAGES:
            return guarded(Response(status_code=204))
        tongue = self._pages.tongue(request.headers, kept)
        stream = self._stream(person.chat, _after(request), tongue)
        return guarded(StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}))

    async def _stream(self, chat: str, after: str, tongue: Voice) -> AsyncIterator[bytes]:
        """The events of one open page, until it goes or we close."""
        yield b"retry: 2000\n\n"
        with self._bell.listening(self._history.ref(chat)) as news:
            woken = True
            while not self._bell.closed:
                try:
                    found = await self._history.since(chat, after)
                    places = await self._history.places(chat) if woken and not found else None
                except Lost:
                    return
                tongue = voice(spoken(found)) if spoken(found) else tongue
                for kept in found:
                    after = kept.id
                    yield f"id: {after}\ndata: ".encode() + msgspec.json.encode(self._shown(kept, tongue)) + b"\n\n"
                if places is not None:
                    yield b"event: kept\ndata: " + msgspec.json.encode(_left(after, places)) + b"\n\n"
                woken = await rung(news, BREATH)
                if not woken:
                    yield b": still here\n\n"

    def _shown(self, kept: Kept, tongue: Voice) -> dict[str, object]:
        """A bubble for the script."""
        return {"id": kept.id, "html": self._pages.bubble(kept, tongue)}

    async def _known(self, request: Request) -> tuple[Person, list[Kept], bool]:
        """The person, what is kept of their chat, and whether that could not be read."""
        person = self._door.person(request)
        try:
            return person, [] if person.new else await self._history.last(person.chat), False
        except Lost as fault:
            log.warning("web chat: the history cannot be read: Redis is away (%s)", type(fault).__name__)
            return person, [], True


def _after(request: Request) -> str:
    """The place after which the page has nothing yet: the browser's word first, the page's own second."""
    told = (request.headers.get("last-event-id", ""), request.query_params.get("after", ""))
    return next((place for place in told if _PLACE.match(place)), "0-0")


def _left(after: str, kept: list[str]) -> dict[str, object]:
    """Which bubbles are left of those until a place: the page's own last one, or ours if that is later."""
    return {"kept": kept, "until": max([after, *kept], key=_order)}


def _order(place: str) -> tuple[int, int]:
    """A place by its number: stream ids are not in the order of their letters."""
    ms, _, n = place.partition("-")
    return int(ms), int(n)
