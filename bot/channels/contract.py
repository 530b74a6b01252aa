"""The contract every channel keeps. A newcomer's channel is one module beside this one, and its name in `bot/app.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Protocol

import msgspec
from starlette.routing import BaseRoute

from handlers.nouns import Inbound, Media, Outbound, Receipt


class Limits(msgspec.Struct, frozen=True):
    """What a channel can carry. Lengths are in characters (`text` in UTF-16 units, as Telegram counts).

    `buttons`: how many choices fit as buttons; above that and up to `items` they are a list; above that they are written
    into the text with numbers. 0 buttons and 0 items: always numbers. `window`: how long after a person's last message
    free text may be sent to them; None: always.
    """

    text: int
    buttons: int
    button: int
    items: int
    item: int
    window: timedelta | None = None


class Away(Exception):
    """The durable store cannot take a message now. The provider must be told to come again; nothing was kept."""


class Ear(Protocol):
    """Where a channel's webhook puts what it heard. Both calls return once it is durable, or raise `Away`."""

    async def hear(self, events: Sequence[Inbound], *, insist: bool = False) -> None:
        """Keep these events, each once: one whose id was heard within the last 48 hours is dropped silently.

        A chat of which too much waits is `Away`, so that its provider comes again. `insist` where a provider cannot hold
        one chat back without holding all of them.
        """

    async def bury(self, channel: str, raw: bytes, cause: str) -> None:
        """Keep a payload that cannot be read, sealed, as a dead letter. `cause` names the fault, never the content."""

    async def receipt(self, outbound: str, status: str, cause: str = "") -> None:
        """Keep a provider's later word (`delivered`, `read`, `failed`, …) on the outbound message with this id."""


Background = Callable[[Ear], Awaitable[None]]
"""A channel's own loop: Telegram's polling, WhatsApp's sweep."""


class Channel(Protocol):
    """One provider. `name` is the prefix of its chats' addresses."""

    name: str
    limits: Limits

    @property
    def loops(self) -> Sequence[Background]:
        """What runs beside the web part for as long as it does; mostly nothing."""

    def routes(self, ear: Ear) -> Sequence[BaseRoute]:
        """Its webhooks: verify, parse, `ear.hear`, answer what the provider's retry rules need."""

    async def open(self) -> None:
        """Start clients, check settings against the provider, set the profile. Raises with one line that names the cause."""

    async def close(self) -> None:
        """Close clients. Never deletes a webhook."""

    async def send(self, out: Outbound) -> Receipt:
        """Send one message, once. Never raises for a provider's answer or a broken line: the receipt says what happened."""

    async def fetch(self, media: Media) -> tuple[bytes, str]:
        """The bytes and MIME type of a file a citizen sent. Raises `Gone` if it cannot be had any more, `Away` to retry."""


class Gone(Exception):
    """The provider will never give this file: expired, too large, deleted, or refused."""
