"""The queue: who cannot wait first, each with its reason."""

from __future__ import annotations

from typing import get_args
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from console.desk import Desk
from console.gate import Gate
from console.pages import Pages
from handlers.labels import VALUES
from handlers.nouns import Priority, Status
from storage.records import Filter, Officer

STATUSES: tuple[str, ...] = get_args(Status)
OPEN = ("received", "reading", "waiting", "referred")
SIZE = 50
"""Cases a page."""


class Queue:
    """The queue's page, and its lines alone for the script that keeps them fresh."""

    def __init__(self, desk: Desk, gate: Gate, pages: Pages) -> None:
        """All three are shared with the other pages."""
        self._desk = desk
        self._gate = gate
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """GET: the page."""
        return await self._render(request, "queue.html", await self._gate.officer(request))

    async def lines(self, request: Request) -> Response:
        """GET: the counts and lines. Asked for every few seconds, so it does not keep a session awake."""
        return await self._render(request, "lines.html", await self._gate.officer(request, quiet=True))

    async def _render(self, request: Request, template: str, officer: Officer) -> Response:
        """Either."""
        asked = {
            k: v for k, v in request.query_params.items() if k in ("status", "priority", "host", "place", "ref") and v
        }
        cases = self._desk.cases
        page = await cases.queue(officer.agency, _filter(asked), request.query_params.get("after", "")[:400], SIZE)
        counts = await cases.counts(officer.agency)
        return self._pages.page(
            request,
            template,
            officer,
            page=page,
            asked={"status": "", "priority": "", "host": "", "place": "", "ref": ""} | asked,
            query=urlencode(asked),
            later=urlencode({**asked, "after": page.after}) if page.after else "",
            first=not request.query_params.get("after"),
            counts=counts,
            open=sum(counts.get(status, 0) for status in OPEN),
            statuses=STATUSES,
            priorities=get_args(Priority),
            places=tuple(VALUES["place"]),
            waiting=await cases.work.waiting(officer),
        )


def _filter(asked: dict[str, str]) -> Filter:
    """The filter in an address; a part that makes no sense is left out."""
    status = asked.get("status", "")
    wanted = {
        "statuses": [status] if status in STATUSES else STATUSES if status == "all" else [],
        "priority": asked.get("priority"),
        "host": asked.get("host", "").upper()[:2],
        "place": asked.get("place", ""),
        "ref": asked.get("ref", "")[:40],
    }
    try:
        return msgspec.convert(wanted, Filter)
    except msgspec.ValidationError:
        return msgspec.convert({**wanted, "priority": None}, Filter)
