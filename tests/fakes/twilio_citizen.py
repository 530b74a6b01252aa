"""A person on WhatsApp or SMS: what they do, as forms, and what they see."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Server(Protocol):
    """What a person needs of the server."""

    async def inbound(self, who: Citizen, fields: Mapping[str, str], files: tuple[tuple[str, bytes], ...] = ()) -> str:
        """Send a message of `who`; its MessageSid."""


@dataclass(frozen=True)
class Said:
    """A message of ours, as the person sees it. `buttons` are (label, token); `template` names the content used."""

    sid: str
    to: str
    text: str
    buttons: tuple[tuple[str, str], ...] = ()
    template: str = ""
    call: Mapping[str, str] = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        """The labels; those of a numbered list where there are no buttons."""
        return [label for label, _ in self.buttons] or re.findall(r"^\d+[.)] (.+)$", self.text, re.MULTILINE)


class Citizen:
    """A person on WhatsApp or SMS. `address` is what From holds. Each verb sends one form and returns its MessageSid.

    `window_open` is WhatsApp's 24 hours: set it to False, and until they write again only an approved template arrives; for
    anything else the API says 201 and the status callback 63016.
    """

    def __init__(self, server: Server, address: str) -> None:
        self.address = address
        self.chat = address if address.startswith("whatsapp:") else f"sms:{address}"
        self.said: list[Said] = []
        self.stopped = False
        self.window_open = True
        self._server = server
        self._unread: asyncio.Queue[Said] = asyncio.Queue()

    async def says(self, text: str, **more: str) -> str:
        """Words."""
        return await self.sends(Body=text, **more)

    async def presses(self, what: str) -> str:
        """The newest button or row with this label or token; its number, where choices are written as a numbered list."""
        for said in reversed(self.said):
            for label, token in said.buttons:
                if what in (label, token):
                    names = (
                        ("ListTitle", "ListId") if said.template.startswith("list") else ("ButtonText", "ButtonPayload")
                    )
                    return await self.sends(Body=label, MessageType="interactive", **{names[0]: label, names[1]: token})
            if not said.buttons and what in said.labels:
                return await self.says(str(said.labels.index(what) + 1))
        raise AssertionError(
            f"no button {what!r}; the last message has {self.said[-1].labels if self.said else 'none'}"
        )

    async def sends_photo(self, data: bytes, caption: str = "", mime: str = "image/jpeg") -> str:
        """A file that the media resource will give."""
        return await self.sends_files((mime, data), Body=caption)

    async def sends_files(self, *files: tuple[str, bytes], **fields: str) -> str:
        """Files, each (MIME type, bytes), in one message."""
        return await self._server.inbound(self, fields, files)

    async def sends(self, **fields: str) -> str:
        """Any form, its fields as Twilio names them."""
        return await self._server.inbound(self, fields)

    async def reply(self, timeout: float = 10.0) -> Said:
        """Wait for our next message, each given once. Raises TimeoutError."""
        return await asyncio.wait_for(self._unread.get(), timeout)

    def take(self, said: Said) -> None:
        """The server delivers a message of ours."""
        self.said.append(said)
        self._unread.put_nowait(said)
