"""Saved views: a filter with a name, one's own or the whole agency's."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console import asked as asking
from console.desk import Desk
from console.gate import Forbidden, Gate
from console.permits import may
from console.signing import text


class Views:
    """Two forms on the queue's page."""

    def __init__(self, desk: Desk, gate: Gate) -> None:
        """Both are shared with the pages."""
        self._cases = desk.cases
        self._gate = gate

    async def keep(self, request: Request) -> Response:
        """POST: keep what the page shows. A case's number is no part of a view."""
        officer = await self._gate.officer(request)
        form = await self._gate.form(request)
        shared = bool(text(form, "shared"))
        if not may(officer, "supervise" if shared else "read"):
            raise Forbidden
        asked = asking.read(dict(parse_qsl(text(form, "query")[:1000])))
        query = urlencode({name: value for name, value in asked.items() if name != "ref"})
        if not await self._cases.keep_view(officer, text(form, "name"), query, shared=shared):
            raise HTTPException(422)
        return RedirectResponse(f"/console/?{query}", 303)

    async def drop(self, request: Request) -> Response:
        """POST: drop an own view; a supervisor also a shared one."""
        officer = await self._gate.officer(request)
        await self._gate.form(request)
        id = str(request.path_params["id"])
        if not await self._cases.drop_view(officer, id, shared=may(officer, "supervise")):
            raise HTTPException(404)
        return RedirectResponse("/console/", 303)
