"""A form that a person's page posted: admitted only if it is ours, theirs and readable."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime

import msgspec
from starlette.datastructures import FormData
from starlette.requests import Request

from bot.channels.door import clean
from bot.channels.webchat_files import FILE, TooLarge, Unreadable, read_form
from bot.channels.webchat_person import Doorkeeper, Person, hint

log = logging.getLogger(__name__)

_CLIENT = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")


class Problem(Exception):
    """Why something was not heard: a sentence of notice.html, an HTTP status, and what was typed, to be given back."""

    def __init__(self, notice: str, status: int, typed: str = "", client: str = "") -> None:
        """`client`: the id to try again under, where trying again is right. Prints as its notice's name only."""
        super().__init__(notice)
        self.notice, self.status, self.typed, self.client = notice, status, typed, client


class Post(msgspec.Struct, frozen=True):
    """One admitted form. `client` is the id that the page gave it, `at` when it came."""

    person: Person
    request: Request
    form: FormData
    client: str
    at: datetime

    def __repr__(self) -> str:
        """Nothing of it."""
        return "Post(…)"

    def field(self, name: str) -> str:
        """A text field's value without its surrounding space and what cannot be kept; empty if it is missing."""
        value = self.form.get(name)
        return clean(value).strip() if isinstance(value, str) else ""

    def extras(self, **more: str) -> dict[str, str]:
        """The event's extras: the language hint, if the browser gives one, and `more`."""
        tag = hint(self.request.headers)
        return ({"hint": tag} if tag else {}) | more


async def admit(request: Request, door: Doorkeeper, limit: int) -> Post:
    """The form, at most `limit` bytes. Raises Problem if it is another site's, too large, broken, or nobody's we know."""
    if not door.own_page(request.headers):
        log.warning("web chat: a form from another site was refused")
        raise Problem("stale", 403)
    try:
        form = await read_form(request, limit)
    except TooLarge:
        raise Problem("large" if limit > FILE else "long", 413) from None
    except Unreadable:
        raise Problem("broken", 400) from None
    post = Post(door.person(request), request, form, str(form.get("id", "")), datetime.now(UTC))
    if post.person.new:
        raise Problem("cookies", 403, post.field("text"))
    if not door.trusts(post.person, post.field("form")):
        raise Problem("stale", 403, post.field("text"))
    if not _CLIENT.match(post.client):
        raise Problem("broken", 400, post.field("text"))
    return post
