"""A Twilio account with a WhatsApp and an SMS sender. It keeps the rules of https://www.twilio.com/docs/messaging.

Webhooks are forms signed over the public address, tried `retries` times more and then lost, as Twilio does. Messages are
checked for what Twilio checks (sender, recipient, lengths, templates and their variables), listed with pages, and their
fate is told to the StatusCallback. Media asks for the account's login and sends on to a storage that refuses it.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections import deque
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from importlib import import_module
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
from aiohttp import web
from yarl import URL

from tests.fakes.twilio_citizen import Citizen, Said
from tests.fakes.twilio_rules import (
    BROKEN,
    BUSY,
    DROPPED_AFTER,
    DROPPED_BEFORE,
    GARBAGE,
    SHAPES,
    Fault,
    Refused,
    error,
    hang_up,
    rendered,
    require,
)

__all__ = [
    "BROKEN",
    "BUSY",
    "DROPPED_AFTER",
    "DROPPED_BEFORE",
    "GARBAGE",
    "Citizen",
    "FakeTwilio",
    "Fault",
    "RequestValidator",
    "Said",
]

RequestValidator = import_module("twilio.request_validator").RequestValidator  # it has no types of its own


class FakeTwilio:
    """The server. `async with` starts it on a free port of 127.0.0.1; `env` is the environment that uses it.

    `webhook` is what the console at Twilio would hold; `reach` maps a public address to where it really is. `content` makes
    a template for every shape. `retries` and `pace` (seconds between tries) are the webhook's connection overrides;
    `patience` is how many seconds a webhook may take, to be set before the start.
    """

    sid = "AC" + "0" * 32
    token = "demo-auth-token"
    senders: Mapping[str, str] = {"whatsapp": "whatsapp:+10000000000", "sms": "+10000000001"}

    def __init__(
        self, webhook: str = "", reach: Mapping[str, str] | None = None, content: bool = False, retries: int = 5
    ) -> None:
        self.webhook, self.reach, self.retries, self.pace = webhook, dict(reach or {}), retries, 0.01
        self.url, self.patience = "", 15.0
        self.content = {name: f"HX{i:032d}" for i, name in enumerate(SHAPES)} if content else {}
        self.messages: list[dict[str, Any]] = []
        self.lost: list[str] = []
        self.refusals: list[int] = []
        self.leaks: list[str] = []
        self.page = 50
        self._citizens: dict[str, Citizen] = {}
        self._faults: deque[Fault] = deque()
        self._files: dict[str, tuple[str, str, bytes]] = {}
        self._count = 0
        self._tasks: set[asyncio.Task[object]] = set()
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def env(self) -> dict[str, str]:
        """The environment that uses this server, but for KOMEK_PUBLIC_URL."""
        return {
            "KOMEK_TWILIO_ACCOUNT_SID": self.sid,
            "KOMEK_TWILIO_AUTH_TOKEN": self.token,
            "KOMEK_TWILIO_FROM": ",".join(self.senders.values()),
            "KOMEK_TWILIO_API": self.url,
            "KOMEK_TWILIO_CONTENT": ",".join(f"{name}={sid}" for name, sid in self.content.items()),
        }

    async def __aenter__(self) -> Self:
        app = web.Application()
        root = f"/2010-04-01/Accounts/{self.sid}"
        app.router.add_get(f"{root}.json", self._account)
        app.router.add_post(f"{root}/Messages.json", self._create)
        app.router.add_get(f"{root}/Messages.json", self._list)
        app.router.add_get(root + "/Messages/{sid}/Media.json", self._media_list)
        app.router.add_get(root + "/Messages/{sid}/Media/{media}", self._media)
        app.router.add_get("/storage/{media}", self._storage)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.patience))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.close()
        await self._runner.cleanup()

    def citizen(self, address: str = "whatsapp:+99450000000") -> Citizen:
        """The person at this address (`whatsapp:+…`, `whatsapp:US.…`, `+…`); the same one every time."""
        return self._citizens.setdefault(address, Citizen(self, address))

    def fails(self, *faults: Fault) -> None:
        """The next Messages POSTs meet these faults, one each."""
        self._faults.extend(faults)

    async def settled(self) -> None:
        """Until every form was taken or is lost."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # What people send.

    async def inbound(self, who: Citizen, fields: Mapping[str, str], files: tuple[tuple[str, bytes], ...] = ()) -> str:
        """A message of `who`: listed at once, and posted to the webhook in its turn."""
        sid = self._name("SM")
        to = self.senders["whatsapp" if who.address.startswith("whatsapp:") else "sms"]
        form = {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "AccountSid": self.sid,
            "From": who.address,
            "To": to,
        }
        form |= {"Body": "", "NumMedia": str(len(files)), "NumSegments": "1", "SmsStatus": "received"}
        form |= {"ApiVersion": "2010-04-01"} | dict(fields)
        for i, (mime, data) in enumerate(files):
            media = self._name("ME")
            self._files[media] = (sid, mime, data)
            form |= {f"MediaUrl{i}": f"{self.url}{self._media_path(sid, media)}", f"MediaContentType{i}": mime}
        who.window_open, who.stopped = True, fields.get("OptOutType") == "STOP"
        self.messages.insert(0, self._row(form, "inbound", "received"))
        if self.webhook:
            self._later(self._deliver(who, form))
        return sid

    async def post(
        self, url: str, form: Mapping[str, str], token: str = "", algorithm: str = "", **headers: str
    ) -> int:
        """One form signed as Twilio signs it, and the answer's status."""
        signature = RequestValidator(token or self.token).compute_signature(url, form, algorithm or None)
        sent = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"} | headers
        body = urlencode(form).encode()
        if algorithm:
            sent["X-Twilio-Webhooks-Signature-Settings"] = f"key=demo,algorithm={algorithm}"
        async with self._client.post(self._where(url), data=body, headers=sent) as answer:
            await answer.read()
            return answer.status

    async def tells(self, said: Said, status: str, error: int = 0) -> int:
        """A status callback for a message of ours; the answer's status."""
        form = {"MessageSid": said.sid, "SmsSid": said.sid, "MessageStatus": status, "SmsStatus": status}
        form |= {"To": said.to, "AccountSid": self.sid, "ApiVersion": "2010-04-01"}
        return await self.post(said.call["StatusCallback"], form | ({"ErrorCode": str(error)} if error else {}))

    async def _deliver(self, who: Citizen, form: Mapping[str, str]) -> str:
        """A form to the webhook: once, `retries` times more, and then it is lost."""
        async with self._locks.setdefault(who.address, asyncio.Lock()):
            for _ in range(self.retries + 1):
                try:
                    status = await self.post(self.webhook, form)
                    if status < 300:
                        return "taken"
                    self.refusals.append(status)
                except (aiohttp.ClientError, TimeoutError):
                    self.refusals.append(0)
                await asyncio.sleep(self.pace)
            self.lost.append(form["MessageSid"])
            return "lost"

    def _later(self, work: Coroutine[Any, Any, object]) -> None:
        """Do it while everything else goes on; `settled` waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _where(self, url: str) -> URL:
        """The webhook's real address, byte for byte. A fragment (connection overrides) is never sent."""
        for public, real in self.reach.items():
            if url.startswith(public):
                return URL(real + url.removeprefix(public), encoded=True)
        return URL(url, encoded=True)

    # The API.

    async def _account(self, request: web.Request) -> web.Response:
        """GET the account."""
        return web.json_response({"sid": self.sid, "status": "active"}) if self._known(request) else error(401, 20003)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        """POST a message."""
        if not self._known(request):
            return error(401, 20003)
        if request.content_type != "application/x-www-form-urlencoded":
            return error(415, 20422)
        fault = self._faults.popleft() if self._faults else Fault()
        if fault.drop == "before":
            return hang_up(request)
        if fault.status:
            return error(fault.status, fault.code, fault.retry_after)
        params = dict(parse_qsl(await request.text(), keep_blank_values=True))
        try:
            sid = self._take(params)
        except Refused as refusal:
            return error(refusal.status, refusal.code)
        if fault.garbage:
            return web.Response(body=b"<html>", status=201)
        return hang_up(request) if fault.drop else web.json_response({"sid": sid, "status": "queued"}, status=201)

    def _take(self, params: dict[str, str]) -> str:
        """Check a message and deliver it; its sid."""
        to, sender = params.get("To", ""), params.get("From", "")
        require(bool(to), 21604)
        require(bool(sender or params.get("MessagingServiceSid")), 21603)
        require(sender in self.senders.values(), 21606)
        require(sender.startswith("whatsapp:") == to.startswith("whatsapp:"), 21910)
        require(bool(re.fullmatch(r"(whatsapp:)?(\+\d{6,15}|[A-Z]{2}\.\w{1,128})", to)), 21211)
        require(bool(params.get("Body") or params.get("ContentSid")), 21619)
        require(len(params.get("Body", "")) <= 1600, 21617)
        callback = params.get("StatusCallback", "https://demo.example")
        require(urlsplit(callback).scheme in ("http", "https"), 21609)
        citizen = self.citizen(to)
        require(not citizen.stopped, 21610)
        text, buttons, template = rendered(params, self.content)
        sid = self._name("SM")
        self.messages.insert(
            0, self._row({"MessageSid": sid, "From": sender, "To": to, "Body": text}, "outbound-api", "sent")
        )
        said = Said(sid, to, text, buttons, template, params)
        if citizen.window_open or template == "answer_ready":
            citizen.take(said)
        elif "StatusCallback" in params:  # taken, and only later told to have failed
            self._later(self.tells(said, "undelivered", 63016))
        return sid

    async def _list(self, request: web.Request) -> web.Response:
        """The messages, newest first, by To and DateSent>."""
        if not self._known(request):
            return error(401, 20003)
        query = dict(request.query)
        since = datetime.fromisoformat(query.get("DateSent>", "2000-01-01T00:00:00Z"))
        rows = [m for m in self.messages if m["to"] == query.get("To", m["to"]) and m["at"] >= since]
        start = int(query.get("Page", 0)) * self.page
        more = f"{request.path}?{urlencode(query | {'Page': str(int(query.get('Page', 0)) + 1)})}"
        shown = [{k: v for k, v in row.items() if k != "at"} for row in rows[start : start + self.page]]
        return web.json_response({"messages": shown, "next_page_uri": more if start + self.page < len(rows) else None})

    async def _media_list(self, request: web.Request) -> web.Response:
        """The files of a message."""
        if not self._known(request):
            return error(401, 20003)
        sid = request.match_info["sid"]
        files = [(name, mime) for name, (of, mime, _) in self._files.items() if of == sid]
        rows = [{"sid": n, "content_type": m, "uri": f"{self._media_path(sid, n)}.json"} for n, m in files]
        return web.json_response({"media_list": rows})

    async def _media(self, request: web.Request) -> web.Response:
        """A file: with the login, and only to be sent on."""
        if not self._known(request):
            return error(401, 20003)
        name = request.match_info["media"]
        if name not in self._files:
            return error(404, 20404)
        return web.Response(status=307, headers={"Location": f"{self.url}/storage/{name}"})

    async def _storage(self, request: web.Request) -> web.Response:
        """Where the files lie: whoever brings a login here has leaked it."""
        name = request.match_info["media"]
        if "Authorization" in request.headers:
            self.leaks.append(name)
            return web.Response(status=400)
        _, mime, data = self._files[name]
        return web.Response(body=data, content_type=mime)

    def _known(self, request: web.Request) -> bool:
        """The account's own login."""
        login = base64.b64encode(f"{self.sid}:{self.token}".encode()).decode()
        return request.headers.get("Authorization") == f"Basic {login}"

    def _name(self, kind: str) -> str:
        """A new sid."""
        self._count += 1
        return f"{kind}{self._count:032d}"

    def _media_path(self, sid: str, media: str) -> str:
        """The media resource."""
        return f"/2010-04-01/Accounts/{self.sid}/Messages/{sid}/Media/{media}"

    def _row(self, form: Mapping[str, str], direction: str, status: str) -> dict[str, Any]:
        """A line of the list: words and counts, no buttons and no places."""
        now = datetime.now(UTC)
        row = {"sid": form["MessageSid"], "from": form["From"], "to": form["To"], "body": form["Body"], "at": now}
        row |= {"num_media": form.get("NumMedia", "0"), "direction": direction, "status": status}
        return row | {"date_sent": format_datetime(now), "date_created": format_datetime(now)}
