"""What ties officers and cases together: linked cases, mentions, and who else looks at a case now."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from console.desk import Desk
from console.forms import Unfit
from console.gate import Gate
from console.pages import Pages
from console.signing import text
from handlers.refs import read_ref
from storage.records import Missing, Officer


class Linking:
    """What the forms on a case's page do. Each raises Unfit, Barred or Missing."""

    def __init__(self, desk: Desk) -> None:
        """The store is the desk's."""
        self._work = desk.cases.work

    async def link(self, officer: Officer, key: str, form: FormData) -> str:
        """Hold this case and another for one matter. What was done."""
        other = text(form, "other").strip()
        try:
            await self._work.link(officer, key, read_ref(other) or other)
        except Missing:
            raise Unfit("unknown") from None  # the page itself is Missing if it was this case that is not there
        return "link"

    async def unlink(self, officer: Officer, key: str, form: FormData) -> str:
        """Hold them for one no more."""
        await self._work.unlink(officer, key, text(form, "other"))
        return "unlink"


class Colleagues:
    """Who looks, and who is mentioned."""

    def __init__(self, desk: Desk, gate: Gate, pages: Pages) -> None:
        """All three are shared with the other pages."""
        self._work = desk.cases.work
        self._gate = gate
        self._pages = pages

    async def here(self, request: Request) -> Response:
        """GET: who else looks at the case, asked for by the open page itself: it does not keep a session awake."""
        officer = await self._gate.officer(request, quiet=True)
        key = str(request.path_params["key"])
        viewers, newest = await self._work.look(officer, key)
        return self._pages.page(
            request,
            "viewers.html",
            officer,
            viewers=viewers,
            newer=newest != request.query_params.get("seen", ""),
            address=f"/console/cases/{quote(key, safe='')}",
        )

    async def mentions(self, request: Request) -> Response:
        """GET: the notes that name the officer."""
        officer = await self._gate.officer(request)
        return self._pages.page(request, "mentions.html", officer, mentions=await self._work.mentions(officer))
