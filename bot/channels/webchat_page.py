"""The page: templates, its few words in the person's language, and the headers that keep it to itself."""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from markupsafe import Markup, escape
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response

from bot.channels.webchat_person import Doorkeeper, Person, page_language
from bot.settings import Settings
from console import guard
from locales.say import NAMES, Voice, voice
from storage.webchat import Kept

if TYPE_CHECKING:
    from jinja2 import Environment

R = TypeVar("R", bound=Response)

_WEB = Path(__file__).parent / "web"
_ADDRESS = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]}»”]")

RECENT = 50
"""Bubbles a page shows before somebody asks for earlier ones."""
_EXPECTING = timedelta(minutes=2)
"""How long after the person's own words a page without JavaScript looks again by itself."""

HEADERS = {**guard.HEADERS, "Permissions-Policy": "geolocation=(self), camera=(), microphone=()"}
"""On every answer of the web chat: a person may share where they are."""


def guarded(answer: R) -> R:
    """The answer with our headers; one that it sets itself stays."""
    return guard.guarded(answer, HEADERS)


def linked(text: str) -> Markup:
    """Our own words with their web addresses as links. Everything is escaped first."""
    out, at = Markup(""), 0
    for found in _ADDRESS.finditer(text):
        link = Markup('<a href="{0}" rel="noopener noreferrer nofollow" target="_blank">{0}</a>')
        out += escape(text[at : found.start()]) + link.format(found.group())
        at = found.end()
    return out + escape(text[at:])


class Pages:
    """Renders what a person sees."""

    def __init__(self, settings: Settings, door: Doorkeeper) -> None:
        """`settings` tell the day it believes in."""
        self._door = door
        self._today = settings.today
        self.statics = guard.Statics(_WEB / "static", "/chat/static")

    @cached_property
    def _env(self) -> Environment:
        """The templates under web/templates; every value is escaped by default. Made with the first page: it takes 2 MB."""
        from jinja2 import Environment, FileSystemLoader

        env = Environment(loader=FileSystemLoader(_WEB / "templates"), autoescape=True, trim_blocks=True)
        env.filters["linked"] = linked
        env.globals["static"] = self.statics.address
        return env

    def chat(
        self,
        person: Person,
        headers: Headers,
        kept: Sequence[Kept],
        *,
        notice: str = "",
        typed: str = "",
        client: str = "",
        start: str = "",
        everything: bool = False,
        status: int = 200,
    ) -> Response:
        """The chat. `notice` names a sentence of notice.html, `typed` is put back into the input under the id `client`."""
        shown = list(kept) if everything else list(kept)[-RECENT:]
        page = self._env.get_template("chat.html").render(
            self._words(headers, kept),
            kept=shown,
            after=kept[-1].id if kept else "0-0",
            earlier=len(shown) < len(kept),
            waiting=_expecting(kept),
            form=self._door.form_token(person),
            client=client or secrets.token_hex(16),
            fresh=person.new,
            notice=notice,
            typed=typed,
            start=start,
        )
        return self._given(person, page, status)

    def leave(self, person: Person, headers: Headers, kept: Sequence[Kept]) -> Response:
        """The question whether to leave the chat on this device."""
        words = self._words(headers, kept)
        page = self._env.get_template("leave.html").render(
            words, form=self._door.form_token(person), client=secrets.token_hex(16)
        )
        return self._given(person, page, 200)

    def bubble(self, kept: Kept, tongue: Voice) -> str:
        """One bubble, as in the page."""
        return self._env.get_template("one.html").render(_=tongue.gettext, id=kept.id, bubble=kept.bubble)

    def notice(self, name: str, tongue: Voice) -> str:
        """A sentence of notice.html, as plain text."""
        return html.unescape(self._env.get_template("notice.html").render(_=tongue.gettext, notice=name))

    def tongue(self, headers: Headers, kept: Sequence[Kept]) -> Voice:
        """The conversation's language once it has one, else the best that the browser asks for."""
        return voice(spoken(kept) or page_language(headers))

    def _words(self, headers: Headers, kept: Sequence[Kept]) -> dict[str, object]:
        """What every page needs to speak."""
        tongue = self.tongue(headers, kept)
        today = tongue.day(self._today) if self._today else ""
        return {"_": tongue.gettext, "lang": tongue.tag.replace("_", "-"), "today": today}

    def _given(self, person: Person, page: str, status: int) -> Response:
        """The page with our headers and the cookie."""
        answer = guarded(HTMLResponse(page, status))
        self._door.remember(person, answer)
        return answer


def spoken(kept: Sequence[Kept]) -> str:
    """The language in which we spoke last in these bubbles, or nothing."""
    return next((k.bubble.locale for k in reversed(kept) if k.bubble.locale in NAMES), "")


def _expecting(kept: Sequence[Kept]) -> bool:
    """Whether the person spoke last, and just now."""
    return bool(kept) and kept[-1].bubble.by == "you" and datetime.now(UTC) - kept[-1].bubble.at < _EXPECTING
