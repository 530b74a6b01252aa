"""A person with the bot in a private chat: what they do, as updates, and what they see."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.fakes.telegram_rules import BOT, Update


class Server(Protocol):
    """What a person needs of the server."""

    last_message: dict[int, int]

    def post(self, update: Update) -> int:
        """Queue an update; its number."""

    def next_message(self) -> int:
        """A message number."""

    def file(self, data: bytes, path: str = "") -> str:
        """Keep a file; its file_id."""


@dataclass(frozen=True)
class Said:
    """A message of the bot, as the person sees it. `buttons` are (label, token) in order; `asks` what a key asks for."""

    id: int
    chat: int
    text: str
    buttons: tuple[tuple[str, str], ...] = ()
    rows: tuple[int, ...] = ()
    asks: str = ""
    call: Mapping[str, Any] = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        """The labels alone."""
        return [label for label, _ in self.buttons]


class Citizen:
    """A person with the bot in a private chat. Each verb queues one update and returns its number."""

    def __init__(self, server: Server, number: int, language: str) -> None:
        self.id = number
        self.chat = f"telegram:{number}"
        self.said: list[Said] = []
        self.blocked = False
        self._server = server
        self._language = language
        self._unread: asyncio.Queue[Said] = asyncio.Queue()

    async def says(self, text: str, **more: Any) -> int:
        """A text, or a command such as `/start CASE`."""
        if text.startswith("/"):
            more = {"entities": [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]} | more
        return self._post("message", self._message(text=text, **more))

    async def sends(self, **content: Any) -> int:
        """Any other message, its fields as the Bot API names them: `sends(location={"latitude": …, "longitude": …})`."""
        return self._post("message", self._message(**content))

    async def sends_photo(self, data: bytes, caption: str = "", album: str = "") -> int:
        """A photo that getFile will give."""
        sizes = [
            {
                "file_id": self._server.file(data),
                "file_unique_id": "u1",
                "width": 90,
                "height": 90,
                "file_size": len(data),
            },
        ]
        more = ({"caption": caption} if caption else {}) | ({"media_group_id": album} if album else {})
        return await self.sends(photo=sizes, **more)

    async def sends_document(self, data: bytes, name: str = "demo.pdf", mime: str = "application/pdf") -> int:
        """A document that getFile will give."""
        file = {"file_id": self._server.file(data), "file_unique_id": "u2", "file_name": name, "mime_type": mime}
        return await self.sends(document=file | {"file_size": len(data)})

    async def edits(self, message: int, text: str) -> int:
        """Corrects an earlier message."""
        edited = self._message(text=text) | {"message_id": message, "edit_date": int(time.time())}
        return self._post("edited_message", edited)

    async def presses(self, what: str) -> int:
        """The newest button with this label or this token."""
        for said in reversed(self.said):
            for label, token in said.buttons:
                if what in (label, token):
                    return self._press(said, token)
        raise AssertionError(
            f"no button {what!r}; the last message has {self.said[-1].labels if self.said else 'none'}"
        )

    async def blocks(self) -> int:
        """Blocks the bot: from now on every send to this chat is refused."""
        self.blocked = True
        return self._stand("member", "kicked")

    async def unblocks(self) -> int:
        """Lets the bot in again."""
        self.blocked = False
        return self._stand("kicked", "member")

    async def reply(self, timeout: float = 10.0) -> Said:
        """Wait for the bot's next message, each given once. Raises TimeoutError."""
        return await asyncio.wait_for(self._unread.get(), timeout)

    @property
    def last_message(self) -> int:
        """The number of the person's last message."""
        return self._server.last_message[self.id]

    def take(self, said: Said) -> None:
        """The server delivers a message of the bot."""
        self.said.append(said)
        self._unread.put_nowait(said)

    def _person(self) -> dict[str, Any]:
        """`User` of this person: a number, visibly no name."""
        return {"id": self.id, "is_bot": False, "first_name": "Demo", "language_code": self._language}

    def _chat(self) -> dict[str, Any]:
        """`Chat` of this person."""
        return {"id": self.id, "type": "private", "first_name": "Demo"}

    def _message(self, **content: Any) -> dict[str, Any]:
        """A `Message` of this person."""
        number = self._server.next_message()
        self._server.last_message[self.id] = number
        return {"message_id": number, "date": int(time.time()), "chat": self._chat(), "from": self._person()} | content

    def _press(self, said: Said, token: str) -> int:
        """A `CallbackQuery` on `said`."""
        message = {"message_id": said.id, "date": int(time.time()), "chat": self._chat(), "text": said.text}
        query = {"id": f"q{self._server.next_message()}", "from": self._person(), "chat_instance": "1", "data": token}
        return self._post("callback_query", query | {"message": message})

    def _stand(self, old: str, new: str) -> int:
        """A `ChatMemberUpdated`."""
        bot = {"id": BOT, "is_bot": True, "first_name": "Demo bot"}
        old_member, new_member = (
            {"status": s, "user": bot} | ({"until_date": 0} if s == "kicked" else {}) for s in (old, new)
        )
        change = {"chat": self._chat(), "from": self._person(), "date": int(time.time())}
        return self._post("my_chat_member", change | {"old_chat_member": old_member, "new_chat_member": new_member})

    def _post(self, kind: str, content: dict[str, Any]) -> int:
        """Queue an update."""
        return self._server.post({kind: content})
