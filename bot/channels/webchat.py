"""The web chat: a channel that is its own provider. A person is a random token in a cookie: no name, no number.

`webchat_live` shows, `webchat_say` hears, `webchat_page` renders, `webchat_person` knows who it is; the bubbles are kept in
`storage.webchat`. Every page works without JavaScript; `web/static/chat.js` makes it live.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from starlette.routing import BaseRoute, Route

from bot.channels.contract import Away, Background, Ear, Gone, Limits
from bot.channels.webchat_bell import Bell
from bot.channels.webchat_live import Eyes
from bot.channels.webchat_page import Pages
from bot.channels.webchat_person import Doorkeeper
from bot.channels.webchat_say import Mouth
from bot.settings import Settings
from handlers.nouns import Media, Outbound, Receipt
from storage.redis import Lost
from storage.webchat import Bubble, WebHistory


class WebChat:
    """The channel `web`. Chats are `web:TOKEN`; what is sent is kept in the history, and open pages are woken."""

    name = "web"
    limits = Limits(text=4000, buttons=100, button=80, items=0, item=0)

    def __init__(self, settings: Settings, history: WebHistory) -> None:
        """Of the settings it needs `secret_key`, `public_url` (whether cookies are Secure) and `today` (the banner)."""
        self._history = history
        self._door = Doorkeeper(settings)
        self._pages = Pages(settings, self._door)
        self._bell = Bell(history.redis)

    @property
    def loops(self) -> Sequence[Background]:
        """None."""
        return ()

    def routes(self, ear: Ear) -> Sequence[BaseRoute]:
        """Everything under /chat."""
        eyes = Eyes(self._door, self._pages, self._history, self._bell)
        mouth = Mouth(self._door, self._pages, self._history, self._bell, ear)
        return [
            Route("/chat", eyes.chat, methods=["GET"]),
            Route("/chat/news", eyes.news, methods=["GET"]),
            Route("/chat/live", eyes.live, methods=["GET"]),
            Route("/chat/leave", eyes.leave, methods=["GET"]),
            Route("/chat/static/{name}", eyes.static, methods=["GET"]),
            Route("/chat/say", mouth.say, methods=["POST"]),
            Route("/chat/file", mouth.file, methods=["POST"]),
            Route("/chat/place", mouth.place, methods=["POST"]),
            Route("/chat/leave", mouth.leave, methods=["POST"]),
        ]

    async def open(self) -> None:
        """Start to wake open pages. Needed where `routes` are served; a process that only sends does without."""
        await self._bell.open()

    async def close(self) -> None:
        """End every open page's line, so that the server can stop; browsers come again by themselves."""
        await self._bell.close()

    async def send(self, out: Outbound) -> Receipt:
        """Show one message. Sent again under the same id it is shown once, so the outcome is never `unknown`."""
        choices = () if out.numbered else out.choices
        bubble = Bubble("us", datetime.now(UTC), out.text, choices=choices, ask=out.ask, locale=out.locale)
        try:
            place = await self._history.append(out.chat, out.id, bubble)
        except Lost as fault:
            return Receipt("retry", wait=1.0, cause=type(fault).__name__)
        return Receipt("sent", external=place)

    async def fetch(self, media: Media) -> tuple[bytes, str]:
        """The file and its MIME type. Raises Gone once it has lapsed, Away while Redis is away."""
        try:
            found = await self._history.file(media.handle)
        except Lost:
            raise Away from None
        if found is None:
            raise Gone
        return found

    async def forget(self, chat: str, until: datetime | None = None) -> None:
        """Remove the chat's files and bubbles, from open pages too. Bubbles after `until`, our goodbye, stay. Raises Away."""
        try:
            await self._history.forget(chat, until)
        except Lost:
            raise Away from None
