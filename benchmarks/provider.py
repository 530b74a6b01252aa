"""Telegram for a benchmark: the Bot API on loopback, and the webhook calls it makes. As lean as Python allows, so that what
is measured is the bot.

The bot says by setWebhook where it wants to be called, with which secret and on how many connections at once (40 unless it
asks for others). An update that gets no 2xx is sent again. A method in a webhook's answer is carried out.
https://core.telegram.org/bots/api#setwebhook and #making-requests; `tests/fakes/telegram.py` is stricter, and slower.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self, cast
from urllib.parse import parse_qsl, urlsplit

import httptools
import msgspec

BOT = 700_000_001
TOKEN = f"{BOT}:benchmark-token-of-nobody"
ME = {"id": BOT, "is_bot": True, "first_name": "Bench", "username": "komek_bench_bot"}
CONNECTIONS = 40
"""What setWebhook's max_connections is unless given."""
AGAIN_SECONDS = 0.2
"""How long until an update that was refused is sent again."""

_ANSWERS: Mapping[str, object] = {
    "getMe": ME | {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False},
    "getMyName": {"name": ""},
    "getMyDescription": {"description": ""},
    "getMyShortDescription": {"short_description": ""},
    "getMyCommands": [],
}
"""Results of the calls that a bot makes when it starts; every other call's is `true`."""

Rows = list[list[dict[str, str]]]


class Said(NamedTuple):
    """A message of the bot: to whom, its number, its text, its inline keyboard."""

    chat: int
    number: int
    text: str
    rows: Rows


class Telegram:
    """The server, for one bot. `async with` starts it; `url` is what the bot calls.

    `said` is called with each message of the bot, `kept` with the chat whose update got its 2xx.
    """

    def __init__(self) -> None:
        """Not started yet, and nobody listens."""
        self.url = ""
        self.said: Callable[[Said], None] = lambda said: None
        self.kept: Callable[[int], None] = lambda chat: None
        self.ready = asyncio.Event()
        """The bot has told where it wants to be called."""
        self.calls: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        """Webhook calls that got no 2xx, by status; `broken` where the connection ended."""
        self._numbers = 1000
        self._hooks: list[_Hook] = []
        self._all: set[_Hook] = set()
        self._waiting: deque[_Job] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.forget()

    def forget(self) -> None:
        """The bot has ended; another one will say where it wants to be called."""
        self.ready.clear()
        for hook in self._all:
            hook.hang_up()
        self._hooks, self._all = [], set()
        self._dialling, self._room, self._at, self._head = 0, CONNECTIONS, ("", 0), b""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(lambda: _Call(self), "127.0.0.1", 0, backlog=4096)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.forget()
        for task in self._tasks:
            task.cancel()
        if self._server:
            self._server.close()

    def number(self) -> int:
        """The next number, of a message or an update."""
        self._numbers += 1
        return self._numbers

    def post(self, chat: int, update: Mapping[str, object]) -> None:
        """Send the bot an update of this chat. Whoever posts keeps a chat's updates in order: the next after `kept`."""
        body = msgspec.json.encode({"update_id": self.number(), **update})
        self._send(_Job(chat, self._head % len(body) + body))

    def call(self, method: str, params: Mapping[str, Any]) -> bytes:
        """Carry a call of the bot out; the body of its answer."""
        self.calls[method] += 1
        if method == "sendMessage":
            return self._message(params)
        if method == "setWebhook":
            self._called_at(params)
        return msgspec.json.encode({"ok": True, "result": _ANSWERS.get(method, True)})

    def _message(self, params: Mapping[str, Any]) -> bytes:
        """https://core.telegram.org/bots/api#sendmessage"""
        markup = params.get("reply_markup") or {}
        if isinstance(markup, str):
            markup = msgspec.json.decode(markup)
        said = Said(int(params["chat_id"]), self.number(), params["text"], markup.get("inline_keyboard", []))
        self.said(said)
        return msgspec.json.encode({"ok": True, "result": message(said)})

    def _called_at(self, params: Mapping[str, Any]) -> None:
        """https://core.telegram.org/bots/api#setwebhook"""
        where = urlsplit(params["url"])
        self._at = (where.hostname or "", where.port or 80)
        self._room = int(params.get("max_connections") or CONNECTIONS)
        head = (
            f"POST {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: application/json\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {params['secret_token']}\r\nContent-Length: %d\r\n\r\n"
        )
        self._head = head.encode()
        self.ready.set()

    def _send(self, job: _Job) -> None:
        """On a free connection, on a new one, or when one becomes free."""
        while self._hooks:
            hook = self._hooks.pop()
            if hook.stands:
                hook.carry(job)
                return
        self._waiting.append(job)
        if len(self._all) + self._dialling < self._room:
            self._dialling += 1
            task = asyncio.create_task(self._dial())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _dial(self) -> None:
        """A new connection to the webhook; a bot that has just started is knocked at until it opens."""
        while self.ready.is_set():
            try:
                _, hook = await asyncio.get_running_loop().create_connection(lambda: _Hook(self), *self._at)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            self._dialling -= 1
            self._all.add(hook)
            return self.free(hook)

    def free(self, hook: _Hook) -> None:
        """A connection has nothing to carry."""
        if self._waiting:
            hook.carry(self._waiting.popleft())
        else:
            self._hooks.append(hook)

    def answered(self, job: _Job, status: int, body: bytes) -> None:
        """A webhook call was answered (status 0: its connection ended)."""
        if 200 <= status < 300:
            if body.startswith(b"{"):
                params = msgspec.json.decode(body)
                if "method" in params:
                    self.call(params["method"], params)
            self.kept(job.chat)
        elif self.ready.is_set():
            self.refused[str(status) if status else "broken"] += 1
            asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._send, job)

    def ended(self, hook: _Hook) -> None:
        """A connection to the webhook is gone."""
        self._all.discard(hook)
        if hook in self._hooks:
            self._hooks.remove(hook)
        if self._waiting and self.ready.is_set():
            self._send(self._waiting.popleft())


def message(said: Said) -> dict[str, object]:
    """The `Message` that the bot's own words are: https://core.telegram.org/bots/api#message"""
    markup = {"reply_markup": {"inline_keyboard": said.rows}} if said.rows else {}
    sent = {"message_id": said.number, "from": ME, "chat": chat(said.chat), "date": int(time.time())}
    return sent | {"text": said.text} | markup


def chat(number: int) -> dict[str, object]:
    """The private chat with this person."""
    return {"id": number, "type": "private", "first_name": "Demo", "last_name": "Person", "username": f"demo{number}"}


class _Job(NamedTuple):
    """A webhook call: of which chat, and its bytes."""

    chat: int
    request: bytes


class _Line(asyncio.Protocol):
    """A connection whose messages httptools reads."""

    parser: httptools.HttpRequestParser | httptools.HttpResponseParser

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: it stands."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.body = b""

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes came."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.hang_up()

    def on_body(self, body: bytes) -> None:
        """httptools: a part of the body."""
        self.body += body

    @property
    def stands(self) -> bool:
        """Whether it can be used."""
        return not self.transport.is_closing()

    def hang_up(self) -> None:
        """End it."""
        self.transport.abort()


class _Call(_Line):
    """A connection of the bot to us."""

    def __init__(self, telegram: Telegram) -> None:
        """`telegram` answers."""
        self.parser = httptools.HttpRequestParser(self)
        self._telegram = telegram
        self._method = ""

    def on_url(self, url: bytes) -> None:
        """httptools: `/bot<token>/<method>`."""
        self._method = url.rpartition(b"/")[2].decode()

    def on_message_complete(self) -> None:
        """httptools: a call is whole."""
        body, self.body = self.body, b""
        answer = self._telegram.call(self._method, _params(body))
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self.transport.write(head % len(answer) + answer)


class _Hook(_Line):
    """A connection of ours to the bot's webhook, and the call it carries."""

    def __init__(self, telegram: Telegram) -> None:
        """`telegram` is told what became of each call."""
        self.parser = httptools.HttpResponseParser(self)
        self._telegram = telegram
        self._job: _Job | None = None

    def carry(self, job: _Job) -> None:
        """Make this call."""
        self._job = job
        self.transport.write(job.request)

    def on_message_complete(self) -> None:
        """httptools: the answer is whole."""
        job, self._job = self._job, None
        body, self.body = self.body, b""
        if job:
            if self.parser.should_keep_alive():
                self._telegram.free(self)
            else:
                self.transport.close()
            self._telegram.answered(job, cast("httptools.HttpResponseParser", self.parser).get_status_code(), body)

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: it has ended."""
        job, self._job = self._job, None
        self._telegram.ended(self)
        if job:
            self._telegram.answered(job, 0, b"")


def _params(body: bytes) -> dict[str, Any]:
    """A call's parameters: JSON or a form."""
    if body.startswith(b"{"):
        return dict(msgspec.json.decode(body))
    return dict(parse_qsl(body.decode(), keep_blank_values=True))
