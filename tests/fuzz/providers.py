"""Both providers, as quick as they can be: every message is taken, every file is there. What they are told is looked at.

The fakes of `tests.fakes` keep the providers' rules; these here must only keep up with a million inputs.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Self, cast
from urllib.parse import parse_qs

import httptools
import msgspec

from tests.fakes.telegram import FakeTelegram
from tests.fakes.twilio import FakeTwilio
from tests.fuzz.judge import Judge
from tests.fuzz.world import World

VCARD = b"BEGIN:VCARD\r\nFN:KNRY\r\nTEL;TYPE=CELL:+99455\r\nEND:VCARD\r\n"
RESULTS: Mapping[str, object] = {
    "getMe": {"id": 700_000_001, "is_bot": True, "first_name": "x", "username": "komek_demo_bot"},
    "getMyName": {"name": "x"},
    "getMyDescription": {"description": "x"},
    "getMyShortDescription": {"short_description": "x"},
    "getMyCommands": [],
    "getFile": {"file_id": "x", "file_unique_id": "u", "file_path": "files/x"},
}
_SENT = b'{"ok":true,"result":{"message_id":1,"date":1,"chat":{"id":1,"type":"private"}}}'
_TOKEN = re.compile(r'"\d+": ?"([a-z.]+:[!-~]+?)"')


class _Key(msgspec.Struct):
    callback_data: str = ""


class _Markup(msgspec.Struct):
    inline_keyboard: list[list[_Key]] = []


class _Message(msgspec.Struct):
    chat_id: int
    text: str
    reply_markup: _Markup = msgspec.field(default_factory=_Markup)


_message = msgspec.json.Decoder(_Message)


class Providers:
    """`async with` starts both on one free port of 127.0.0.1; `url` is it."""

    def __init__(self, world: World, judge: Judge) -> None:
        """`world` learns what people are offered, `judge` sees what they are told."""
        self.url = ""
        self.sent = 0
        self.told: dict[str, asyncio.Queue[tuple[str, list[str]]]] = defaultdict(asyncio.Queue)
        """By chat, what was said to it and the buttons under it; only for chats that were asked for before."""
        self._world, self._judge = world, judge
        self._lines: set[_Line] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(
            lambda: _Line(self._answer, self._lines), "127.0.0.1", 0
        )
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *fault: object) -> None:
        self._server.close()
        for line in list(self._lines):
            line.hang_up()

    def _answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body."""
        if path.startswith(f"/bot{FakeTelegram.token}/"):
            return self._bot(path.rpartition("/")[2], body)
        if path.endswith("/Messages.json"):
            return self._posted(body) if body else (200, b'{"messages":[],"next_page_uri":null}')
        if "/Media/" in path:
            return 200, VCARD
        return 200, b'{"status":"active"}'

    def _bot(self, method: str, body: bytes) -> tuple[int, bytes]:
        """https://core.telegram.org/bots/api"""
        if method != "sendMessage":
            return 200, json.dumps({"ok": True, "result": RESULTS.get(method, True)}).encode()
        said = _message.decode(body)
        tokens = [key.callback_data for row in said.reply_markup.inline_keyboard for key in row]
        self._says(f"telegram:{said.chat_id}", said.text, tokens)
        return 200, _SENT

    def _posted(self, body: bytes) -> tuple[int, bytes]:
        """https://www.twilio.com/docs/messaging/api/message-resource"""
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        to = form["To"]
        text = form.get("Body", "") + form.get("ContentVariables", "")
        self._says(to if to.startswith("whatsapp:") else f"sms:{to}", text, _TOKEN.findall(text))
        return 201, b'{"sid":"SM1","status":"queued"}'

    def _says(self, chat: str, text: str, tokens: list[str]) -> None:
        """The service speaks to somebody."""
        self.sent += 1
        self._judge.said(chat, text)
        if tokens:
            self._world.offer(chat, tokens)
        if chat in self.told:
            self.told[chat].put_nowait((text, tokens))


class _Line(asyncio.Protocol):
    """One connection of the service. httptools calls the `on_…` methods."""

    def __init__(self, answer: Callable[[str, bytes], tuple[int, bytes]], lines: set[_Line]) -> None:
        self._answer, self._lines = answer, lines
        self._parser = httptools.HttpRequestParser(self)
        self._url, self._body = b"", b""

    def hang_up(self) -> None:
        """End it."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._lines.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lines.discard(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._url = self._body = b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        status, body = self._answer(self._url.decode().partition("?")[0], self._body)
        self._transport.write(
            b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (status, len(body), body)
        )


def settings(url: str) -> dict[str, Any]:
    """What makes the service use them."""
    return {
        "TELEGRAM_TOKEN": FakeTelegram.token,
        "TELEGRAM_API": url,
        "TWILIO_ACCOUNT_SID": FakeTwilio.sid,
        "TWILIO_AUTH_TOKEN": FakeTwilio.token,
        "TWILIO_API": url,
        "TWILIO_FROM": ",".join(FakeTwilio.senders.values()),
        "TWILIO_CONTENT": ",".join(f"{name}=HX{i:032d}" for i, name in enumerate(("buttons1", "buttons2", "buttons3"))),
    }
