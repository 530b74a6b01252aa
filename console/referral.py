"""Between agencies: referring a case, taking it back, letting it go; and what is offered to one's own agency."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.desk import Desk
from console.forms import LONGEST, Unfit, given, words
from console.gate import Forbidden, Gate
from console.pages import Pages
from console.permits import may
from console.signing import text
from console.words_case import DONE, FAULTS, STATES
from handlers.referral import WHY
from storage.records import Officer
from storage.records_work import Barred, Wish


class Referring:
    """What the forms on a case's page do. Each raises Unfit, Barred, Stale or Missing."""

    def __init__(self, desk: Desk) -> None:
        """The store and the agencies are the desk's."""
        self._work = desk.cases.work
        self._pack = desk.pack

    async def refer(self, officer: Officer, key: str, form: FormData) -> str:
        """Ask the person, or offer it at once for a reason that is kept. What was done."""
        target, why = text(form, "target"), text(form, "why")
        if target not in self._pack.agencies:
            raise Unfit("target")
        if why not in WHY:
            raise Unfit("why")
        wish = Wish(target, why, words(form, "reason", "reason"), given(form, "override"))
        await self._work.refer(officer, key, wish, text(form, "seen"))
        return "offered" if wish.override else "refer"

    async def withdraw(self, officer: Officer, key: str, form: FormData) -> str:
        """Take a referral back."""
        await self._work.withdraw(officer, text(form, "id"), words(form, "reason", "reason"))
        return "withdraw"

    async def let_go(self, officer: Officer, key: str, form: FormData) -> str:
        """See the case no more."""
        if not text(form, "sure"):
            raise Unfit("sure")
        await self._work.let_go(officer, key)
        return ""


class Offers:
    """The pages of what other agencies offer."""

    def __init__(self, desk: Desk, gate: Gate, pages: Pages) -> None:
        """All three are shared with the other pages."""
        self._work = desk.cases.work
        self._audit = desk.cases.audit
        self._gate = gate
        self._pages = pages

    async def list(self, request: Request) -> Response:
        """GET: what waits for the agency's word."""
        officer = await self._gate.officer(request)
        offers = await self._work.offers(officer.agency)
        done = DONE.get(request.query_params.get("done", ""), "")
        return self._pages.page(request, "offers.html", officer, offers=offers, done=done, whys=WHY)

    async def show(self, request: Request) -> Response:
        """GET: one referral: the reason, and of the case only what is needed to decide. Recorded as an opened case is."""
        officer = await self._gate.officer(request)
        offer = await self._work.offer(officer.agency, str(request.path_params["id"]))
        await self._audit.read(officer, "case.read", offer.id, "offer")
        return await self._render(request, officer)

    async def act(self, request: Request) -> Response:
        """POST: take it, or not."""
        officer = await self._gate.officer(request)
        form = await self._gate.form(request)
        if not may(officer, "work"):
            raise Forbidden
        id, what = str(request.path_params["id"]), str(request.path_params["what"])
        if what not in ("accept", "reject"):
            raise HTTPException(404)
        try:
            if what == "accept":
                key = await self._work.accept(officer, id)
                return RedirectResponse(f"/console/cases/{quote(key, safe='')}?done=accept#done", 303)
            await self._work.reject(officer, id, words(form, "reason", "reason"))
        except Unfit as fault:
            return await self._render(request, officer, 422, str(fault))
        except Barred as fault:
            return await self._render(request, officer, 409, str(fault))
        return RedirectResponse("/console/offers?done=reject", 303)

    async def _render(self, request: Request, officer: Officer, status: int = 200, fault: str = "") -> Response:
        """The referral as it is now."""
        offer = await self._work.offer(officer.agency, str(request.path_params["id"]))
        decides = offer.state == "offered" and offer.target == officer.agency and may(officer, "work")
        return self._pages.page(
            request,
            "offer.html",
            officer,
            status,
            offer=offer,
            decides=decides,
            fault=FAULTS.get(fault, ""),
            here=f"/console/offers/{quote(offer.id, safe='')}",
            states=STATES,
            whys=WHY,
            longest=LONGEST,
        )
