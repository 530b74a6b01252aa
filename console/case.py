"""One case: what is known, what happened, and the three things an officer does: answer, set the status, leave a note."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import get_args
from unicodedata import category
from urllib.parse import quote

import msgspec
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.desk import Desk
from console.gate import Forbidden, Gate
from console.pages import Pages
from console.permits import may
from console.queue import STATUSES
from console.signing import text
from console.words import DONE
from handlers.nouns import Status
from storage.records import Officer, Stale

LONGEST = 3500
"""Characters of an answer or a note: what every channel carries in at most a few messages."""

_statuses: tuple[Status, ...] = get_args(Status)


class Case:
    """A case's page and its forms."""

    def __init__(self, desk: Desk, gate: Gate, pages: Pages) -> None:
        """All three are shared with the other pages."""
        self._cases = desk.cases
        self._gate = gate
        self._pages = pages
        self._acts: dict[str, Callable[[Officer, str, FormData], Awaitable[str]]] = {
            "reply": self._reply,
            "status": self._status,
            "note": self._note,
        }

    async def show(self, request: Request) -> Response:
        """GET: the page."""
        officer = await self._gate.officer(request)
        done = DONE.get(request.query_params.get("done", ""), "")
        return await self._render(request, officer, done=done)

    async def act(self, request: Request) -> Response:
        """POST: one act. On a page that is too old nothing is done: the newest is shown, with the words kept in their box."""
        officer = await self._gate.officer(request)
        form = await self._gate.form(request)
        if not may(officer, "work"):
            raise Forbidden
        key, what = str(request.path_params["key"]), str(request.path_params["what"])
        if what not in self._acts:
            raise HTTPException(404)
        try:
            await self._acts[what](officer, key, form)
        except Stale:
            return await self._render(request, officer, status=409, fault="stale", kept={what: text(form, "text")})
        except Unfit as fault:
            return await self._render(request, officer, status=422, fault=str(fault), kept={what: text(form, "text")})
        return RedirectResponse(f"/console/cases/{quote(key, safe='')}?done={what}#done", 303)

    async def _render(
        self,
        request: Request,
        officer: Officer,
        status: int = 200,
        done: str = "",
        fault: str = "",
        kept: dict[str, str] | None = None,
    ) -> Response:
        """The page as the case is now."""
        found = await self._cases.case(officer.agency, str(request.path_params["key"]))
        return self._pages.page(
            request,
            "case.html",
            officer,
            status,
            case=found,
            line=found.line,
            here=f"/console/cases/{quote(found.line.key, safe='')}",
            done=done,
            fault=fault,
            kept={"reply": "", "note": ""} | (kept or {}),
            statuses=STATUSES,
            longest=LONGEST,
            may_act=may(officer, "work") and not found.line.forgotten,
        )

    async def _reply(self, officer: Officer, key: str, form: FormData) -> str:
        """An answer to the citizen."""
        return await self._cases.reply(officer, key, _words(form), text(form, "seen"))

    async def _status(self, officer: Officer, key: str, form: FormData) -> str:
        """Where the case stands."""
        try:
            status = msgspec.convert(text(form, "status"), Status)
        except msgspec.ValidationError:
            raise Unfit("status") from None
        return await self._cases.set_status(officer, key, status, text(form, "seen"))

    async def _note(self, officer: Officer, key: str, form: FormData) -> str:
        """A note for colleagues."""
        return await self._cases.note(officer, key, _words(form), text(form, "seen"))


class Unfit(Exception):
    """A form that cannot be taken as it is: `empty`, `long` or `status`."""


def _words(form: FormData) -> str:
    """What was written. Raises Unfit."""
    return tidy(text(form, "text"))


def tidy(text: str) -> str:
    """An answer or note as it is kept: without control characters, something, and not too long. Raises Unfit."""
    words = "".join(c for c in text if c in "\n\t" or category(c) != "Cc").strip()
    if not words:
        raise Unfit("empty")
    if len(words) > LONGEST:
        raise Unfit("long")
    return words
