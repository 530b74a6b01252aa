"""A desk in a test: the store, the routes, officers and their browsers."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.types import Message

from bot.settings import Settings
from console.app import routes
from console.desk import Desk
from relief.nouns import Agency, Place
from relief.pack import Pack, load
from storage.cases import Cases
from storage.records import Officer, Role
from storage.seal import Seal
from tests.storage_sql.sample import Clock, opened

OIDC = json.dumps({"tm.mfa": {"issuer": "https://id.test", "client_id": "komek"}})
"""One agency has a provider of its own."""
PASSWORD = "a long demo passphrase"
CASE = opened()
PAGE = f"/console/cases/{CASE.ref}"


@cache
def pack() -> Pack:
    """The pack of 2020, with three agencies and an airport more."""
    real = load("turkic-2020")
    demo = {
        id: Agency(id=id, state=id[:2].upper(), roles=("host",), name=f"Demo Agency {id}", confidence="high")
        for id in ("uz.mfa", "kz.mfa", "hu.mfa")
    }
    airport = Place("TAS", "UZ", "airport", "Demo Airport", confirmed=True, names={"tr": "Örnek Havalimanı"})
    others = tuple(place for place in real.places if place.id != "TAS")
    return replace(real, agencies={**real.agencies, **demo}, places=(*others, airport))


class Browser:
    """A browser: keeps cookies, and sends the forms of pages it has seen."""

    def __init__(self, app: Starlette, base: str) -> None:
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """A page."""
        return await self.http.get(path, headers=headers)

    async def post(self, path: str, form: Mapping[str, str]) -> httpx.Response:
        """A form as it is given."""
        return await self.http.post(path, data=dict(form))

    async def send(self, page: str, path: str, **fields: str) -> httpx.Response:
        """The form on `page` that goes to `path`, its hidden fields as they are there, unless `fields` says otherwise."""
        return await self.post(path, self.hidden((await self.get(page)).text, path) | fields)

    @staticmethod
    def hidden(page: str, path: str) -> dict[str, str]:
        """The hidden fields of a form."""
        form = re.search(rf'<form method="post" action="{re.escape(path)}".*?</form>', page, re.DOTALL)
        assert form, f"no form to {path}"
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))


class Office:
    """The desk with its store."""

    def __init__(self, url: str, seal: Seal, folder: Path, base: str = "https://desk.test", **settings: str) -> None:
        given = {"public_url": base, "secret_key": "k" * 32, "second_factor": "optional", **settings}
        read = Settings.read(
            {f"KOMEK_{name.upper()}": value for name, value in given.items()} | {"KOMEK_TODAY": "2020-05-08"}
        )
        self.base = base
        self.clock = Clock()
        self.cases = Cases(url, seal, folder, clock=self.clock, secret=read.secret_key)
        self.desk = Desk(self.cases, read, pack(), self.clock)
        self.app = Starlette(routes=routes(self.desk))
        self._browsers: list[Browser] = []

    async def open(self) -> None:
        """File the one case."""
        await self.cases.file([CASE])

    async def close(self) -> None:
        """Close everything."""
        for browser in self._browsers:
            await browser.http.aclose()
        await self.cases.close()

    def browser(self) -> Browser:
        """A browser without a cookie."""
        self._browsers.append(Browser(self.app, self.base))
        return self._browsers[-1]

    async def hire(self, login: str, agency: str = "uz.mfa", role: Role = "officer") -> Officer:
        """An officer with a password."""
        officer = await self.cases.officers.add(login, agency, f"Demo {login}", role)
        await self.cases.officers.redeem(await self.cases.officers.invite(login), PASSWORD)
        return officer

    async def signed_in(self, login: str, agency: str = "uz.mfa", role: Role = "officer") -> Browser:
        """The browser of a fresh officer who has just signed in."""
        await self.hire(login, agency, role)
        browser = self.browser()
        answer = await browser.send("/console/sign-in", "/console/sign-in", login=login, password=PASSWORD)
        assert answer.status_code == 303
        return browser


class Listener:
    """An open page's line, read as it comes."""

    def __init__(self, office: Office, browser: Browser) -> None:
        self.heard: list[str] = []
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.ended = False
        self._gone = asyncio.Event()
        cookies = "; ".join(f"{k}={v}" for k, v in browser.http.cookies.items())
        scope: dict[str, object] = {
            "type": "http",
            "method": "GET",
            "path": "/console/live",
            "raw_path": b"/console/live",
            "query_string": b"",
            "root_path": "",
            "scheme": "https",
            "server": ("desk.test", 443),
            "http_version": "1.1",
            "headers": [(b"cookie", cookies.encode())],
            "asgi": {"version": "3.0"},
        }
        self._task = asyncio.create_task(self._run(office, scope))

    async def _run(self, office: Office, scope: dict[str, object]) -> None:
        async def receive() -> Message:
            await self._gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status, self.headers = message["status"], message["headers"]
            else:
                body = message.get("body", b"")
                self.heard.append(body.decode() if isinstance(body, bytes) else "")

        await office.app(scope, receive, send)
        self.ended = True

    async def leave(self) -> None:
        """Close the page."""
        self._gone.set()
        await self._task

    @property
    def changes(self) -> int:
        """How often it was told that something changed."""
        return "".join(self.heard).count("event: change")
