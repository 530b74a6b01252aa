"""The queue: who cannot wait first, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console import asked as asking
from console.asked import HOLDERS, LEVELS, NAMES_ASKED, STATUSES
from console.desk import Desk
from console.gate import Gate
from console.pages import Pages, language
from console.permits import may
from console.signing import text
from console.words import word
from handlers.labels import VALUES
from handlers.refs import read_ref
from locales.say import NAMES, voice
from storage.records import Officer
from storage.sql.queue import MOST
from storage.sql.tables_queue import OPEN, REASONS
from storage.words import OUTCOMES, answer, country

__all__ = ["SIZE", "STATUSES", "Queue"]

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
        officer = await self._gate.officer(request)
        asked, after = asking.read(request.query_params), request.query_params.get("after", "")
        return await self._page(request, officer, asked, after)

    async def search(self, request: Request) -> Response:
        """POST: the cases with these words. Words about a person stand in no address; a case's number may, it names nobody."""
        officer = await self._gate.officer(request)
        form = await self._gate.form(request)
        q = text(form, "q")[: asking.WORDS].strip()
        if read_ref(q) or not q:
            return RedirectResponse(f"/console/?{urlencode({'ref': q})}" if q else "/console/", 303)
        return await self._page(request, officer, {"q": q}, text(form, "after"))

    async def lines(self, request: Request) -> Response:
        """GET: the counts and lines. Asked for every few seconds, so it does not keep a session awake."""
        officer = await self._gate.officer(request, quiet=True)
        asked, after = asking.read(request.query_params), request.query_params.get("after", "")
        return await self._render(request, "lines.html", officer, asked, after)

    async def _page(self, request: Request, officer: Officer, asked: Mapping[str, str], after: str) -> Response:
        """The whole page."""
        views = await self._desk.cases.views(officer)
        colleagues = await self._desk.cases.colleagues(officer.agency) if may(officer, "supervise") else ()
        offer = _offer(self._desk, language(request))
        return await self._render(
            request, "queue.html", officer, asked, after, views=views, colleagues=colleagues, offer=offer
        )

    async def _render(
        self,
        request: Request,
        template: str,
        officer: Officer,
        asked: Mapping[str, str],
        after: str,
        **values: object,
    ) -> Response:
        """The page or its lines."""
        cases = self._desk.cases
        wanted = asking.wanted(asked, officer)
        if wanted.words:  # that somebody searched, never for what
            await cases.audit.read(officer, "queue.searched")
        page = await cases.queue(officer.agency, wanted, after[:400], SIZE)
        tallies = await cases.tallies(officer)
        return self._pages.page(
            request,
            template,
            officer,
            200,
            page=page,
            asked={**dict.fromkeys(NAMES_ASKED, ""), **asked},
            query=urlencode(asked),
            later=urlencode({**asked, "after": page.after}) if page.after else "",
            after=page.after,
            first=not after,
            tallies=tallies,
            open=sum(tallies[status] for status in OPEN),
            most=MOST,
            statuses=STATUSES,
            waiting=await cases.work.waiting(officer),
            narrowed=bool(asked) and urlencode(asked) not in _TALLIED,
            picks=may(officer, "supervise"),
            **values,
        )


_TALLIED = ("holder=mine", "holder=free", "unread=1", "overdue=1")
"""The filters behind the numbers above the lines: for any other the filters' fields are unfolded."""


def _offer(desk: Desk, language: str) -> Mapping[str, Sequence[tuple[str, str]]]:
    """What each filter offers: codes with their words."""
    say = voice(language)
    states = sorted({agency.state for agency in desk.pack.agencies.values() if agency.state})
    tables = {"level": LEVELS, "holder": tuple(HOLDERS), "reason": REASONS, "outcome": tuple(OUTCOMES)}
    countries = [(state, country(say, state)) for state in states]
    return {
        **{name: [(code, say.gettext(word(name, code))) for code in codes] for name, codes in tables.items()},
        "place": [(code, answer(say, "place", code)) for code in VALUES["place"]],
        "host": countries,
        "nationality": countries,
        "locale": list(NAMES.items()),
    }
