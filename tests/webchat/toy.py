"""A real server of the web chat with a toy conversation behind it, on its own thread, to be stopped and started again."""

from __future__ import annotations

import asyncio
import base64
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx
import uvicorn
from starlette.applications import Starlette

from bot.channels.contract import Away
from bot.channels.webchat import WebChat
from bot.settings import Settings
from handlers.nouns import Button, Inbound, Outbound
from storage.keys import digest
from storage.redis import Redis
from storage.seal import Seal
from storage.webchat import WebHistory
from tests.servers import free_port
from tests.waiting import wait_for

SECRET = "a secret that every test knows, 32+"
EVIL = '<script>document.title="owned"</script><img src=x onerror="document.title=1"> & "quotes"'


def settings(**more: str) -> Settings:
    """Settings for tests; `more` are further variables without their prefix, in lower case."""
    keys = "t:" + base64.b64encode(b"t" * 32).decode()
    given = {"secret_key": SECRET, "data_keys": keys} | more
    return Settings.read({f"KOMEK_{name.upper()}": value for name, value in given.items()})


class Parrot:
    """An ear that keeps the contract (an id is heard once) and answers through the channel at once.

    A few words have an answer of their own; anything else comes back as it was said. `away`: nothing can be kept.
    `deaf`: heard, but not answered.
    """

    def __init__(self) -> None:
        """Has heard nothing; `channel` is set once it is made."""
        self.heard: list[Inbound] = []
        self.calls = 0
        self.away = False
        self.deaf = False
        self.channel: WebChat | None = None

    async def hear(self, events: Sequence[Inbound], *, insist: bool = False) -> None:
        """Keep each once, and answer."""
        self.calls += 1
        if self.away:
            raise Away
        for event in events:
            if event.id not in {known.id for known in self.heard}:
                self.heard.append(event)
                if not self.deaf and self.channel is not None:
                    await self.channel.send(answer(event))

    async def bury(self, channel: str, raw: bytes, cause: str) -> None:
        """Never called by the web chat: our own page sends nothing unreadable."""
        raise AssertionError(channel)

    async def receipt(self, outbound: str, status: str, cause: str = "") -> None:
        """Never called by the web chat: what is shown is shown."""
        raise AssertionError(outbound)


def answer(event: Inbound) -> Outbound:
    """The toy conversation."""
    id, yes_no = f"00-{digest(event.id)}-0", (Button("Yes", "t:yes"), Button("No", "t:no"))
    special = {
        "ask": Outbound(id, event.chat, "Are you in danger now?", yes_no, locale="en"),
        "where": Outbound(id, event.chat, "Where are you?", ask="location", locale="en"),
        "evil": Outbound(id, event.chat, EVIL, (Button(EVIL[:80], "t:evil"),), locale="en"),
        "türkçe": Outbound(id, event.chat, "Merhaba", locale="tr"),
        "source": Outbound(id, event.chat, "See https://example.org/law?a=1&b=2.", locale="en"),
    }
    echo = Outbound(id, event.chat, f"{event.kind}: {event.body or event.extras.get('lat', '')}".strip(), locale="en")
    return special.get(event.body, echo)


class Site:
    """The web chat on a port of 127.0.0.1."""

    def __init__(self, redis: str, given: Settings | None = None) -> None:
        """Not started yet. The ear outlives a restart, as the durable store does."""
        self.port = free_port()
        self.ear = Parrot()
        self._redis = redis
        self._settings = given or settings()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until it answers."""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        wait_for(lambda: self._server is not None and self._server.started, what="the server's start")

    def stop(self) -> None:
        """Stop, ending open pages' lines first; the port stays ours."""
        if self._thread is None or self._server is None or self.loop is None or self.ear.channel is None:
            return
        asyncio.run_coroutine_threadsafe(self.ear.channel.close(), self.loop).result(10)
        self._server.should_exit = True
        self._thread.join(10)
        self._server = self._thread = None

    def send(self, out: Outbound) -> None:
        """Send as the sender would."""
        assert self.loop is not None
        assert self.ear.channel is not None
        receipt = asyncio.run_coroutine_threadsafe(self.ear.channel.send(out), self.loop).result(10)
        assert receipt.outcome == "sent"

    def forget(self, chat: str) -> None:
        """Forget as the clerk would."""
        assert self.loop is not None
        assert self.ear.channel is not None
        asyncio.run_coroutine_threadsafe(self.ear.channel.forget(chat), self.loop).result(10)

    async def _serve(self) -> None:
        """One run of the server."""
        self.loop = asyncio.get_running_loop()
        redis = Redis(self._redis)
        await redis.open()
        history = WebHistory(redis, Seal(self._settings.keys()), self._settings.secret_key)
        channel = self.ear.channel = WebChat(self._settings, history)
        await channel.open()
        app = Starlette(routes=list(channel.routes(self.ear)))
        config = uvicorn.Config(
            app, host="127.0.0.1", port=self.port, log_level="error", timeout_graceful_shutdown=3, ws="none"
        )
        self._server = uvicorn.Server(config)
        await self._server.serve()
        await channel.close()
        await redis.close()


@contextmanager
def running(redis: str, given: Settings | None = None) -> Iterator[Site]:
    """A started site, stopped at the end."""
    site = Site(redis, given)
    site.start()
    try:
        yield site
    finally:
        site.stop()


class Visitor:
    """A browser without JavaScript, as far as HTTP goes: cookies, forms, redirects."""

    def __init__(self, site: Site, **headers: str) -> None:
        """Has not opened the page yet. `headers` go with every request, `_` for `-`."""
        self.http = httpx.Client(
            base_url=site.url,
            follow_redirects=True,
            headers={k.replace("_", "-"): v for k, v in headers.items()},
            timeout=20,
        )
        self.page = ""

    def look(self, path: str = "/chat") -> str:
        """Open the page."""
        self.page = self.http.get(path).text
        return self.page

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page's forms."""
        return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.page))

    @property
    def buttons(self) -> dict[str, str]:
        """The choices on the page: label to value; of two with the same label the later."""
        return {label: value for value, label in re.findall(r'name="choice" value="([^"]+)"[^>]*>([^<]*)<', self.page)}

    def post(self, path: str = "/chat/say", **fields: str) -> httpx.Response:
        """Post a form of the page, and see what comes back."""
        answer = self.http.post(path, data=self.hidden | fields)
        self.page = answer.text
        return answer

    def upload(self, content: bytes, name: str = "passport.jpg") -> httpx.Response:
        """Post the file form."""
        answer = self.http.post("/chat/file", data=self.hidden, files={"file": (name, content)})
        self.page = answer.text
        return answer

    @property
    def bubbles(self) -> list[str]:
        """The text of the bubbles on the page, as HTML."""
        return [text.strip() for text in re.findall(r'<div class="text" dir="auto">(.*?)</div>', self.page, re.DOTALL)]
