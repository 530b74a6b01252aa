"""A Bot API server for one bot. It keeps the rules of https://core.telegram.org/bots/api and of the real server's source.

Webhooks: one ordered queue per chat for messages and another per person for pressed buttons; the front of a queue is sent
again until it gets a 2xx, with the secret header; a method in the answer's body is carried out. getUpdates: an update goes
only when a later offset confirms it. sendMessage: texts, buttons, unknown and blocked chats are checked as the server does.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.fakes.telegram_citizen import Citizen, Said
from tests.fakes.telegram_rules import (
    BLOCKED,
    BOT,
    BROKEN,
    DROPPED_AFTER,
    DROPPED_BEFORE,
    GARBAGE,
    TOO_MANY,
    TRUE,
    Fault,
    Refused,
    Update,
    buttons_of,
    check_text,
    error,
    hang_up,
    params_of,
    queue_of,
)

__all__ = [
    "BLOCKED",
    "BOT",
    "BROKEN",
    "DROPPED_AFTER",
    "DROPPED_BEFORE",
    "GARBAGE",
    "TOO_MANY",
    "TRUE",
    "Citizen",
    "FakeTelegram",
    "Fault",
    "Said",
]


class FakeTelegram:
    """The server. `async with` starts it on a free port of 127.0.0.1; `url` is what KOMEK_TELEGRAM_API takes.

    `pace` is how many seconds one second of the provider's patience lasts here (redelivery, Retry-After).
    `reach` maps a public address to where it really is, when the service under test is told a public one.
    """

    username = "komek_demo_bot"
    token = f"{BOT}:demo-token-of-nobody"

    def __init__(self, pace: float = 0.01, reach: Mapping[str, str] | None = None) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refusals: list[int] = []
        self.profile: dict[tuple[str, str], Any] = {}
        self.last_message: dict[int, int] = {}
        self.webhook = ""
        self.secret = ""
        self.url = ""
        self._pace, self._reach = pace, dict(reach or {})
        self._faults: dict[tuple[str, int | None], deque[Fault]] = defaultdict(deque)
        self._citizens: dict[int, Citizen] = {}
        self._files: dict[str, tuple[str, bytes]] = {}
        self._pending: list[Update] = []
        self._pumps: dict[int, asyncio.Task[None]] = {}
        self._numbers, self._messages, self._poller = 1000, 0, 0
        self._changed = asyncio.Condition()
        self._tellers: set[asyncio.Task[None]] = set()
        self._closing = False

    @property
    def env(self) -> dict[str, str]:
        """The environment that uses this server. With a secret and a public URL besides it calls us; else we poll."""
        return {"KOMEK_TELEGRAM_TOKEN": self.token, "KOMEK_TELEGRAM_API": self.url}

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**20)
        app.router.add_route("*", "/bot{token}/{method}", self._called)
        app.router.add_get("/file/bot{token}/{path:.+}", self._downloaded)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        await self._tell()
        for pump in self._pumps.values():
            pump.cancel()
        await asyncio.gather(*self._pumps.values(), return_exceptions=True)
        await self._client.close()
        await self._runner.cleanup()

    def citizen(self, number: int, language: str = "en") -> Citizen:
        """The person with this number; the same one every time."""
        return self._citizens.setdefault(number, Citizen(self, number, language))

    def fails(self, *faults: Fault, method: str = "sendMessage", chat: int | None = None) -> None:
        """The next calls of `method` (to `chat`, or to any) meet these faults, one each."""
        self._faults[(method, chat)].extend(faults)

    def file(self, data: bytes, path: str = "") -> str:
        """Keep a file; its file_id."""
        name = f"demo-file-{len(self._files) + 1}"
        self._files[name] = (path or f"files/{name}.bin", data)
        return name

    def forget(self, file_id: str) -> None:
        """The file expires."""
        del self._files[file_id]

    def post(self, update: Update) -> int:
        """Queue a raw update, numbered if it has no number."""
        self._numbers += 1
        update.setdefault("update_id", self._numbers)
        self._pending.append(update)
        self._pump(queue_of(update))
        task = asyncio.get_running_loop().create_task(self._tell())
        self._tellers.add(task)
        task.add_done_callback(self._tellers.discard)
        return int(update["update_id"])

    async def settled(self, timeout: float = 10.0) -> None:
        """Until every update got its 2xx or was confirmed by a poll."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: not self._pending), timeout)

    def called(self, method: str) -> list[dict[str, Any]]:
        """The parameters of every call of `method`, in order."""
        return [params for name, params in self.calls if name == method]

    def next_message(self) -> int:
        """A message number."""
        self._messages += 1
        return self._messages

    async def _tell(self) -> None:
        """Wake who waits for updates or for their end."""
        async with self._changed:
            self._changed.notify_all()

    # Webhook: deliver, again and again.

    def _pump(self, queue: int) -> None:
        """See that somebody delivers this queue."""
        if self.webhook and (queue not in self._pumps or self._pumps[queue].done()):
            self._pumps[queue] = asyncio.get_running_loop().create_task(self._deliver(queue))

    async def _deliver(self, queue: int) -> None:
        """The front of the queue until its 2xx, then the next."""
        tries = 0
        while front := next((u for u in self._pending if queue_of(u) == queue), None):
            wait = await self._knock(front, tries)
            if wait is None:
                self._pending.remove(front)
                tries = 0
                await self._tell()
            else:
                tries += 1
                await asyncio.sleep(wait * self._pace)

    async def _knock(self, update: Update, tries: int) -> float | None:
        """One delivery; None for a 2xx, else the provider's seconds until the next."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        try:
            async with self._client.post(self._where(), json=update, headers=headers) as answer:
                body = await answer.read()
                if 200 <= answer.status < 300:
                    self._obey(body)
                    return None
                self.refusals.append(answer.status)
                return float(answer.headers.get("Retry-After", min(2**tries, 60)))
        except (aiohttp.ClientError, TimeoutError):
            return float(min(2**tries, 60))

    def _where(self) -> str:
        """The webhook's real address."""
        for public, real in self._reach.items():
            if self.webhook.startswith(public):
                return real + self.webhook.removeprefix(public)
        return self.webhook

    def _obey(self, body: bytes) -> None:
        """Carry out a method written in a webhook's answer. Its result goes nowhere."""
        if body:
            params = json.loads(body)
            method = params.pop("method")
            self.calls.append((method, params))
            getattr(self, f"_do_{method}")(params)

    # The Bot API.

    async def _called(self, request: web.Request) -> web.StreamResponse:
        """`/bot<token>/<method>`."""
        if request.match_info["token"] != self.token:
            return error(401, "Unauthorized")
        method, params = request.match_info["method"], await params_of(request)
        fault = self._fault(method, params)
        if fault.drop == "before":
            return hang_up(request)
        if fault.status:
            return error(fault.status, fault.description, fault.retry_after)
        self.calls.append((method, params))
        answer = await self._carry_out(method, params)
        if fault.drop:
            return hang_up(request)
        if fault.bare:
            return web.json_response({"ok": True, "result": True})
        return web.Response(body=b"<html>") if fault.garbage else answer

    def _fault(self, method: str, params: dict[str, Any]) -> Fault:
        """The fault scripted for this call, if any."""
        chat = int(params["chat_id"]) if str(params.get("chat_id", "")).lstrip("-").isdigit() else None
        for key in ((method, chat), (method, None)):
            if self._faults[key]:
                return self._faults[key].popleft()
        return Fault()

    async def _carry_out(self, method: str, params: dict[str, Any]) -> web.Response:
        """The method's result, as JSON."""
        do: Callable[[dict[str, Any]], Any] | None = getattr(self, f"_do_{method}", None)
        try:
            if do is None:
                raise Refused(404, "Not Found: method not found")
            result = do(params)
            result = await result if isinstance(result, Awaitable) else result
        except Refused as refusal:
            return error(refusal.status, refusal.description)
        return web.json_response({"ok": True, "result": result})

    def _do_getMe(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"id": BOT, "is_bot": True, "first_name": "Demo bot", "username": self.username}

    def _do_setWebhook(self, params: dict[str, Any]) -> bool:
        self.webhook, self.secret = str(params.get("url", "")), str(params.get("secret_token", ""))
        if not self.webhook.startswith(("https://", "http://127.0.0.1")):
            self.webhook = ""
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        for update in self._pending:
            self._pump(queue_of(update))
        return True

    def _do_deleteWebhook(self, params: dict[str, Any]) -> bool:
        self.webhook = self.secret = ""
        if str(params.get("drop_pending_updates", "false")).lower() == "true":
            self._pending.clear()
        return True

    async def _do_getUpdates(self, params: dict[str, Any]) -> list[Update]:
        if self.webhook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        self._poller += 1
        mine, offset = self._poller, int(params.get("offset", 0))
        self._pending = [u for u in self._pending if not isinstance(u["update_id"], int) or u["update_id"] >= offset]
        await self._tell()
        async with self._changed:
            with_end = self._changed.wait_for(lambda: self._pending or self._closing or self._poller != mine)
            try:
                await asyncio.wait_for(with_end, int(params.get("timeout", 0)))
            except TimeoutError:
                return []
        if self._poller != mine:
            raise Refused(409, "Conflict: terminated by other getUpdates request")
        return self._pending[: int(params.get("limit", 100))]

    def _do_sendMessage(self, params: dict[str, Any]) -> dict[str, Any]:
        citizen = self._citizens.get(int(params.get("chat_id", 0)))
        if citizen is None:
            raise Refused(400, "Bad Request: chat not found")
        if citizen.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        check_text(str(params.get("text", "")))
        markup = params.get("reply_markup") or {}
        buttons = buttons_of(markup)
        asks = next((w for row in markup.get("keyboard", []) for k in row for w in k if w.startswith("request_")), "")
        number = self.next_message()
        rows = tuple(len(row) for row in markup.get("inline_keyboard", []))
        citizen.take(Said(number, citizen.id, params["text"], buttons, rows, asks, params))
        chat = {"id": citizen.id, "type": "private"}
        return {"message_id": number, "date": int(time.time()), "chat": chat, "text": params["text"]}

    def _do_answerCallbackQuery(self, params: dict[str, Any]) -> bool:
        if not params.get("callback_query_id"):
            raise Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        return True

    def _do_getFile(self, params: dict[str, Any]) -> dict[str, Any]:
        found = self._files.get(str(params.get("file_id")))
        if found is None:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        path, data = found
        if len(data) > 20 * 2**20:
            raise Refused(400, "Bad Request: file is too big")
        return {"file_id": params["file_id"], "file_unique_id": "u", "file_size": len(data), "file_path": path}

    def _do_getMyName(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"name": self._of("name", params, "Demo bot")}

    def _do_setMyName(self, params: dict[str, Any]) -> bool:
        return self._set("name", params, 64)

    def _do_getMyDescription(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"description": self._of("description", params, "")}

    def _do_setMyDescription(self, params: dict[str, Any]) -> bool:
        return self._set("description", params, 512)

    def _do_getMyShortDescription(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"short_description": self._of("short_description", params, "")}

    def _do_setMyShortDescription(self, params: dict[str, Any]) -> bool:
        return self._set("short_description", params, 120)

    def _do_getMyCommands(self, params: dict[str, Any]) -> Any:
        return self._of("commands", params, [])

    def _do_setMyCommands(self, params: dict[str, Any]) -> bool:
        for command in params["commands"]:
            if not (1 <= len(command["command"]) <= 32 and 1 <= len(command["description"]) <= 256):
                raise Refused(400, "Bad Request: BOT_COMMAND_INVALID")
        self.profile[("commands", params.get("language_code", ""))] = params["commands"]
        return True

    def _of(self, what: str, params: dict[str, Any], default: Any) -> Any:
        """A part of the profile in a language."""
        return self.profile.get((what, params.get("language_code", "")), default)

    def _set(self, what: str, params: dict[str, Any], limit: int) -> bool:
        """Keep a part of the profile in a language."""
        if len(params[what]) > limit or len(params.get("language_code", "")) not in (0, 2):
            raise Refused(400, "Bad Request: too long, or no two-letter language")
        self.profile[(what, params.get("language_code", ""))] = params[what]
        return True

    async def _downloaded(self, request: web.Request) -> web.StreamResponse:
        """`/file/bot<token>/<path>`."""
        path = request.match_info["path"]
        data = next((data for where, data in self._files.values() if where == path), None)
        if data is None or request.match_info["token"] != self.token:
            return error(404, "Not Found")
        return web.Response(body=data, content_type="application/octet-stream")
