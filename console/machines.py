"""Other programs, for an agency's administrators: keys to the API, webhooks and their deliveries, lists taken out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast, get_args

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console import asked as asking
from console.desk import Desk
from console.gate import Forbidden, Gate
from console.listing import Form, listing, said_of
from console.pages import Pages
from console.permits import may
from console.signing import text
from console.words import HAPPENED
from locales.mark import N_
from storage.machines import SCOPES, Scope
from storage.records import Officer

DAYS = (90, 365, 730)
"""How long a key may be good for, in days."""

SCOPE_WORDS: Mapping[Scope, str] = {
    "cases:read": N_("Read lists, cases with all that people wrote, and events"),
    "cases:write": N_("Answer people, set statuses, leave notes"),
    "attachments:read": N_("Read the files that people sent"),
    "measures:read": N_("Read the relief measures"),
    "assess": N_("Ask what the law gives; nothing of it is kept"),
    "export": N_("Take lists out"),
}
"""What a key may do, as the form says it."""

CAUSES: Mapping[str, str] = {
    "unreached": N_("No connection could be made."),
    "broken": N_("The connection broke, or no answer came within ten seconds."),
    "too_long": N_("The answer was longer than 64 KB."),
    "address": N_("Webhooks may not lead to this address."),
    "sealed": N_("The webhook's address and secret cannot be read any more."),
    "not_seen": N_("Your agency does not see the case any more."),
}
"""Why an attempt had no answer."""


DONE: Mapping[str, str] = {
    "revoke": N_("The key is revoked; the program that used it gets nothing any more."),
    "stop": N_("The webhook is stopped."),
    "start": N_("The webhook is started; what waits is sent now."),
    "remove": N_("The webhook is removed."),
    "resend": N_("It is sent again now. Load this page again to see whether it arrived."),
}
"""What is said after an act."""


class Machines:
    """The pages."""

    def __init__(self, desk: Desk, gate: Gate, pages: Pages) -> None:
        """All three are shared with the other pages."""
        self._desk = desk
        self._gate = gate
        self._pages = pages

    async def keys(self, request: Request) -> Response:
        """GET: the agency's keys, and the form for another."""
        return await self._keys(request, await self._administrator(request))

    async def make_key(self, request: Request) -> Response:
        """POST: a key. Its text stands on the page that answers, and nowhere else ever."""
        officer = await self._administrator(request)
        form = await self._gate.form(request, 40)
        days = text(form, "days")
        try:
            key, token = await self._desk.cases.keys.make(
                officer.agency,
                text(form, "name"),
                [cast("Scope", scope) for scope in _ticked(form, "scope")],
                int(days) if days.isdecimal() and len(days) < 5 else 0,
                officer.id,
            )
        except ValueError:
            return await self._keys(request, officer, 422, fault=True, name=text(form, "name"))
        return self._pages.page(request, "secret.html", officer, up="keys", name=key.name, secret=token)

    async def revoke(self, request: Request) -> Response:
        """POST: a key ends, at once."""
        officer = await self._administrator(request)
        await self._gate.form(request, 40)
        if not await self._desk.cases.keys.revoke(officer.agency, str(request.path_params["id"]), officer.id):
            raise HTTPException(404)
        return RedirectResponse("/console/keys?done=revoke#done", 303)

    async def hooks(self, request: Request) -> Response:
        """GET: the agency's webhooks, and the form for another."""
        return await self._hooks(request, await self._administrator(request))

    async def make_hook(self, request: Request) -> Response:
        """POST: a webhook. Its secret stands on the page that answers, and nowhere else ever."""
        officer = await self._administrator(request)
        form = await self._gate.form(request, 40)
        url, chosen = text(form, "url"), [what for what in _ticked(form, "event") if what in HAPPENED]
        try:
            _, secret = await self._desk.cases.hooks.make(officer.agency, url, chosen, self._desk.networks, officer.id)
        except ValueError:
            return await self._hooks(request, officer, 422, fault=True, url=url[:500])
        return self._pages.page(request, "secret.html", officer, up="hooks", name=url, secret=secret)

    async def hook(self, request: Request) -> Response:
        """GET: one webhook and its deliveries."""
        officer = await self._administrator(request)
        hooks, id = self._desk.cases.hooks, str(request.path_params["id"])
        found = await hooks.one(officer.agency, id)
        log = await hooks.log(officer.agency, id)
        return self._pages.page(request, "hook.html", officer, hook=found, log=log, causes=CAUSES, done=_done(request))

    async def act(self, request: Request) -> Response:
        """POST: stop, start or remove a webhook, or send a delivery again."""
        officer = await self._administrator(request)
        form = await self._gate.form(request, 40)
        hooks, id = self._desk.cases.hooks, str(request.path_params["id"])
        what = str(request.path_params["what"])
        match what:
            case "stop":
                await hooks.stop(officer.agency, id, officer.id)
            case "start":
                await hooks.start(officer.agency, id, officer.id)
            case "remove":
                await hooks.remove(officer.agency, id, officer.id)
                return RedirectResponse("/console/hooks?done=remove#done", 303)
            case "resend":
                id = await hooks.resend(officer.agency, text(form, "delivery"), officer.id)
            case _:
                raise HTTPException(404)
        return RedirectResponse(f"/console/hooks/{id}?done={what}#done", 303)

    async def export(self, request: Request) -> Response:
        """GET: the queue as it is filtered, as a file. Recorded before it begins."""
        officer = await self._gate.officer(request)
        if not may(officer, "export"):
            raise Forbidden
        given = {name: value for name, value in request.query_params.items() if value}
        form, asked = given.pop("form", "csv"), asking.read(given)
        if asked != given or form not in get_args(Form):
            raise HTTPException(404)  # better no list than another one than was asked for
        said = said_of({**asked, "status": asked.get("status", "open")}, ("ref",))
        return await listing(self._desk.cases, officer, asking.wanted(asked, officer), said, cast("Form", form))

    async def _administrator(self, request: Request) -> Officer:
        """Who is signed in, if they may. Raises SignedOut or Forbidden."""
        officer = await self._gate.officer(request)
        if not may(officer, "administer"):
            raise Forbidden
        return officer

    async def _keys(
        self, request: Request, officer: Officer, status: int = 200, *, fault: bool = False, name: str = ""
    ) -> Response:
        """The page of keys, and the record of lists."""
        cases = self._desk.cases
        return self._pages.page(
            request,
            "keys.html",
            officer,
            status,
            keys=await cases.keys.all(officer.agency),
            taken=await cases.taken(officer.agency),
            now=self._desk.clock(),
            scopes=[(scope, SCOPE_WORDS[scope]) for scope in SCOPES],
            days=DAYS,
            done=_done(request),
            fault=fault,
            name=name[:200],
        )

    async def _hooks(
        self, request: Request, officer: Officer, status: int = 200, *, fault: bool = False, url: str = ""
    ) -> Response:
        """The page of webhooks."""
        found = await self._desk.cases.hooks.all(officer.agency)
        return self._pages.page(
            request,
            "hooks.html",
            officer,
            status,
            hooks=found,
            events=list(HAPPENED),
            done=_done(request),
            fault=fault,
            url=url,
        )


def _done(request: Request) -> str:
    """What is said of the act that led here."""
    return DONE.get(request.query_params.get("done", ""), "")


def _ticked(form: FormData, name: str) -> list[str]:
    """The boxes that were ticked."""
    return [value for value in form.getlist(name) if isinstance(value, str)]
