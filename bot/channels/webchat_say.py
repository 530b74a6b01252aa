"""The routes by which a person speaks. What they say is shown in their chat and heard by us, once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.channels.contract import Away, Ear
from bot.channels.webchat_bell import Bell, rung
from bot.channels.webchat_files import FILE, FORM
from bot.channels.webchat_page import Pages, guarded
from bot.channels.webchat_person import Doorkeeper
from bot.channels.webchat_post import Post, Problem, admit
from bot.channels.webchat_understand import Said, Understanding
from storage.redis import Lost
from storage.webchat import Kept, WebHistory

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds a page without JavaScript waits for our answer, so that it usually comes with the answer in it."""
_SETTLED = 0.25
"""Seconds given to further bubbles of the same answer."""


class Mouth:
    """Speaking. Each route answers the script with JSON, and a plain form with the chat."""

    def __init__(self, door: Doorkeeper, pages: Pages, history: WebHistory, bell: Bell, ear: Ear) -> None:
        """Nothing is opened here."""
        self._door, self._pages, self._history, self._bell, self._ear = door, pages, history, bell, ear
        self._understanding = Understanding(door, history)

    async def say(self, request: Request) -> Response:
        """`POST /chat/say`: `text`, or a pressed button's `choice`, or `start`."""
        return await self._answered(request, FORM, self._understanding.words)

    async def file(self, request: Request) -> Response:
        """`POST /chat/file`: one `file` of at most 10 MB."""
        return await self._answered(request, FILE + FORM, self._understanding.file)

    async def place(self, request: Request) -> Response:
        """`POST /chat/place`: `lat` and `lon` in degrees, as the person's device gave them."""
        return await self._answered(request, FORM, self._understanding.place)

    async def leave(self, request: Request) -> Response:
        """`POST /chat/leave`: the cookie is forgotten; what was said stays."""
        try:
            await admit(request, self._door, FORM)
        except Problem as problem:
            return await self._refused(request, problem)
        answer = guarded(RedirectResponse("/chat", 303))
        answer.headers["Clear-Site-Data"] = '"storage"'
        self._door.leave(answer)
        return answer

    async def _answered(self, request: Request, limit: int, understand: Callable[[Post], Awaitable[Said]]) -> Response:
        """Admit, understand, hear, answer."""
        try:
            post = await admit(request, self._door, limit)
            try:
                said = await understand(post)
            finally:
                await post.form.close()
            with self._bell.listening(self._history.ref(post.person.chat)) as news:
                await self._tell(post, said)
                if not scripted(request):
                    await self._await_reply(post.person.chat, news)
        except Problem as problem:
            return await self._refused(request, problem)
        return answer_json({"ok": True}) if scripted(request) else guarded(RedirectResponse("/chat#end", 303))

    async def _tell(self, post: Post, said: Said) -> None:
        """Show it, then have it heard: the reply cannot come before it. What cannot be heard is taken back from the chat."""
        chat, id = post.person.chat, said.event.id
        typed = said.event.body if said.event.kind == "text" else ""
        try:
            place = await self._history.append(chat, id, said.bubble)
            try:
                await self._ear.hear([said.event])
            except Away:
                if place:
                    await self._history.take_back(chat, id, place)
                raise
        except (Away, Lost):
            raise Problem("away", 503, typed, post.client) from None

    async def _await_reply(self, chat: str, news: asyncio.Event) -> None:
        """Wait until we have spoken last, and a moment more; never longer than PATIENCE."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                kept = await self._history.last(chat, 1)
            except Lost:
                return
            if kept and kept[-1].bubble.by == "us":
                end = min(end, time.monotonic() + _SETTLED)
            left = end - time.monotonic()
            if left <= 0 or not await rung(news, left):
                return

    async def _refused(self, request: Request, problem: Problem) -> Response:
        """The problem in plain words; a page keeps what was typed."""
        person = self._door.person(request)
        kept: list[Kept] = []
        try:
            kept = [] if person.new else await self._history.last(person.chat)
        except Lost as fault:
            log.warning("web chat: the history cannot be read: Redis is away (%s)", type(fault).__name__)
        if scripted(request):
            words = self._pages.notice(problem.notice, self._pages.tongue(request.headers, kept))
            answer = answer_json({"notice": words}, problem.status)
        else:
            answer = self._pages.chat(
                person,
                request.headers,
                kept,
                notice=problem.notice,
                typed=problem.typed,
                client=problem.client,
                status=problem.status,
            )
        if problem.status == 503:
            answer.headers["Retry-After"] = "5"
        return answer


def scripted(request: Request) -> bool:
    """Whether the page's script asks, and not a plain form."""
    return request.headers.get("accept", "").startswith("application/json")


def answer_json(value: dict[str, object], status: int = 200) -> Response:
    """JSON with our headers."""
    return guarded(Response(msgspec.json.encode(value), status, media_type="application/json"))
