"""Agencies' programs in a test: the desk of tests/console with the API beside it, keys, and a call for each line of the table."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette

from console.api.call import Call
from console.api.door import Api
from console.api.door import routes as api_routes
from console.api.table import TABLE
from console.app import routes
from storage.machines import SCOPES, Scope
from storage.seal import Seal
from tests.console.office import CASE, Office

ALL = frozenset(SCOPES)
PHOTO = b"\xff\xd8\xff demo photo"


class Bureau(Office):
    """An office whose desk has the API."""

    def __init__(self, url: str, seal: Seal, folder: Any, base: str = "https://desk.test", rate: float = 0) -> None:
        super().__init__(url, seal, folder, base)
        self.app = Starlette(routes=[*routes(self.desk), *api_routes(Api(self.desk, rate))])
        self.file = ""

    async def open(self) -> None:
        """One case, its photo stored, its event told to the streams."""
        await super().open()
        (fetch,) = await self.cases.pending_media(9)
        assert await self.cases.stored(fetch.id, PHOTO, "image/jpeg")
        self.file = fetch.id
        await self.publish()

    async def publish(self) -> None:
        """What the clerk does: everything is in the agencies' streams, and a while ago."""
        await self.cases.published([(agency, event) for agency, event, _ in await self.cases.unpublished(500)])
        self.clock.forward(seconds=5)

    async def key(self, agency: str = "uz.mfa", scopes: frozenset[Scope] = ALL, days: int = 30) -> str:
        """A fresh key."""
        return (await self.cases.keys.make(agency, "Demo program", scopes, days))[1]

    @asynccontextmanager
    async def program(self, key: str = "") -> AsyncIterator[httpx.AsyncClient]:
        """A program with this key, or none."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url=f"{self.base}/api/v1", headers=headers) as client:
            yield client

    async def ask(self, name: str, token: str, /, **other: str) -> httpx.Response:
        """The call with this name, as it would be right, but for `other` names in its path."""
        call = next(call for call in TABLE if call.name == name)
        body = BODIES.get(name)
        if body is not None and name in ACTS:
            body = body | {"seen": (await self.cases.case("uz.mfa", CASE.ref)).seen}
        async with self.program(token) as program:
            return await program.request(call.method, self.path(call, **other), json=body)

    def path(self, call: Call[Any, Any], **other: str) -> str:
        """A call's path, filled in."""
        id = "UZ-3" if call.path.startswith("/measures") else self.file
        return call.path.format(**({"key": CASE.ref, "id": id} | other))


ACTS = ("reply", "note", "setStatus", "refer")
BODIES: Mapping[str, dict[str, Any]] = {
    "reply": {"text": "A demo answer"},
    "note": {"text": "A demo note"},
    "setStatus": {"status": "reading"},
    "refer": {"target": "kz.mfa", "why": "citizens", "reason": "A demo reason"},
    "assess": {"facts": {"host": "UZ", "nationality": "TR", "permit": "visa", "expires": "2020-05-01"}},
}
"""A right body for each call that takes one; those on a case also say what they have seen."""


def problem(answer: httpx.Response) -> tuple[int, str]:
    """The status and code of a problem, which is told as one."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert body["status"] == answer.status_code
    return answer.status_code, body["type"].removeprefix("urn:komek:problem:")
