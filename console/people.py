"""An agency's people: supervisors see who has an account, administrators make, change and end accounts."""

from __future__ import annotations

from typing import get_args
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.desk import Desk
from console.gate import Forbidden, Gate
from console.pages import Pages
from console.permits import Act, may
from console.signing import text
from console.words import PEOPLE_DONE, REFUSED
from storage.officers import ACTS, INVITED, Refused
from storage.records import Officer, Role

_HERE = "/console/people"


class People:
    """The pages of an agency's accounts."""

    def __init__(self, desk: Desk, gate: Gate, pages: Pages) -> None:
        """All three are shared with the other pages."""
        self._officers = desk.cases.officers
        self._desk = desk
        self._gate = gate
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """GET: everybody."""
        return await self._list(request, await self._allowed(request, "supervise"))

    async def make(self, request: Request) -> Response:
        """POST: an account; its one-time link is on this answer and on no other."""
        officer = await self._allowed(request, "administer")
        form = await self._gate.form(request)
        given = {name: text(form, name) for name in ("login", "name", "role")}
        try:
            made, token = await self._officers.make(officer, **given)
        except Refused as fault:
            return await self._list(request, officer, str(fault), given)
        return self._link(request, officer, made, token)

    async def one(self, request: Request) -> Response:
        """GET: one account."""
        officer = await self._allowed(request, "administer")
        return await self._one(request, officer, done=PEOPLE_DONE.get(request.query_params.get("done", ""), ""))

    async def act(self, request: Request) -> Response:
        """POST: one act on a colleague's account."""
        officer = await self._allowed(request, "administer")
        form = await self._gate.form(request)
        id, what = str(request.path_params["id"]), str(request.path_params["what"])
        if what not in ACTS:
            raise HTTPException(404)
        try:
            token = await self._officers.act(officer, id, what, text(form, "value"))
        except Refused as fault:
            return await self._one(request, officer, fault=str(fault))
        if token:
            return self._link(request, officer, (await self._officers.account(officer.agency, id)).officer, token)
        return RedirectResponse(f"{_HERE}/{quote(id, safe='')}?done={what}", 303)

    async def _allowed(self, request: Request, act: Act) -> Officer:
        """Who is signed in, if they may. Raises Forbidden, SignedOut."""
        officer = await self._gate.officer(request)
        if not may(officer, act):
            raise Forbidden
        return officer

    async def _list(
        self, request: Request, officer: Officer, fault: str = "", given: dict[str, str] | None = None
    ) -> Response:
        """Everybody, and the form for one more."""
        return self._pages.page(
            request,
            "people.html",
            officer,
            422 if fault else 200,
            accounts=await self._officers.accounts(officer.agency),
            roles=get_args(Role),
            fault=REFUSED.get(fault, ""),
            given={"login": "", "name": "", "role": "officer"} | (given or {}),
            here=_HERE,
        )

    async def _one(self, request: Request, officer: Officer, done: str = "", fault: str = "") -> Response:
        """One account. Raises Missing."""
        account = await self._officers.account(officer.agency, str(request.path_params["id"]))
        return self._pages.page(
            request,
            "person.html",
            officer,
            422 if fault else 200,
            account=account,
            person=account.officer,
            roles=get_args(Role),
            done=done,
            fault=REFUSED.get(fault, ""),
            here=f"{_HERE}/{account.officer.id}",
        )

    def _link(self, request: Request, officer: Officer, invited: Officer, token: str) -> Response:
        """The one-time link, to be handed over."""
        base = self._desk.settings.public_url or str(request.base_url).rstrip("/")
        address = f"{base}/console/welcome/{token}"
        return self._pages.page(
            request, "invited.html", officer, person=invited, link=address, days=INVITED.days, here=_HERE
        )
