"""An officer's own account: the password, the second factor, the browsers in which they are signed in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from io import BytesIO

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.desk import Desk
from console.gate import FACTOR, Gate
from console.pages import Pages
from console.permits import owes_factor
from console.signing import text
from console.words import ACCOUNT_DONE
from storage.officers import SHORTEST
from storage.records import Officer

_HERE = "/console/account"
_OTHERS = "others"


class Account:
    """The pages of one's own account."""

    def __init__(self, desk: Desk, gate: Gate, pages: Pages) -> None:
        """All three are shared with the other pages."""
        self._officers = desk.cases.officers
        self._desk = desk
        self._gate = gate
        self._pages = pages
        self._acts: dict[str, Callable[[Request, Officer, FormData], Awaitable[Response]]] = {
            "begin": self._begin,
            "confirm": self._confirm,
            "codes": self._codes,
            "off": self._off,
        }

    async def show(self, request: Request) -> Response:
        """GET: the page."""
        officer = await self._gate.officer(request)
        return await self._page(request, officer, done=ACCOUNT_DONE.get(request.query_params.get("done", ""), ""))

    async def password(self, request: Request) -> Response:
        """POST: another password, for who knows the old one."""
        officer = await self._gate.officer(request)
        form = await self._gate.form(request)
        if text(form, "password") != text(form, "again"):
            return await self._page(request, officer, fault="different")
        old, new = text(form, "old"), text(form, "password")
        try:
            right = await self._officers.change_password(officer, old, new, self._gate.token(request))
        except ValueError:
            return await self._page(request, officer, fault="length")
        return _done("password") if right else await self._page(request, officer, fault="wrong")

    async def sessions(self, request: Request) -> Response:
        """POST: end one of the officer's own sessions, or all but this one."""
        officer = await self._gate.officer(request)
        form = await self._gate.form(request)
        if text(form, "id") == _OTHERS:
            await self._officers.end_others(officer, self._gate.token(request))
        else:
            await self._officers.end_session(officer, text(form, "id"))
        return _done("sessions")

    async def factor(self, request: Request) -> Response:
        """GET: the second factor: set it up, or what can be done once it is on."""
        return await self._factor(request, await self._gate.officer(request, enrolling=True))

    async def square(self, request: Request) -> Response:
        """GET: the picture for the app, while it is being set up and never later."""
        officer = await self._gate.officer(request, enrolling=True)
        told = await self._officers.enrolment(officer)
        if told is None:
            raise HTTPException(404)
        picture = BytesIO()
        import segno  # only who sets up a second factor needs it

        segno.make_qr(told.address).save(picture, kind="svg", scale=5, border=4, light="#fff", dark="#000")
        return Response(picture.getvalue(), media_type="image/svg+xml")

    async def act(self, request: Request) -> Response:
        """POST: begin, confirm, new codes, off."""
        officer = await self._gate.officer(request, enrolling=True)
        form = await self._gate.form(request)
        what = self._acts.get(text(form, "do"))
        if what is None:
            raise HTTPException(404)
        return await what(request, officer, form)

    async def _begin(self, request: Request, officer: Officer, form: FormData) -> Response:
        """A new secret."""
        await self._officers.begin_factor(officer)
        return RedirectResponse(FACTOR, 303)

    async def _confirm(self, request: Request, officer: Officer, form: FormData) -> Response:
        """On, if the app shows what we expect; the recovery codes are on this answer and on no other."""
        codes = await self._officers.confirm_factor(officer, text(form, "code"), self._gate.token(request))
        if codes is None:
            return await self._factor(request, officer, wrong=True)
        return self._pages.page(request, "factor-codes.html", officer, codes=codes, here=FACTOR)

    async def _codes(self, request: Request, officer: Officer, form: FormData) -> Response:
        """New recovery codes, likewise."""
        codes = await self._officers.renew_codes(officer, text(form, "code"))
        if codes is None:
            return await self._factor(request, officer, wrong=True)
        return self._pages.page(request, "factor-codes.html", officer, codes=codes, here=FACTOR)

    async def _off(self, request: Request, officer: Officer, form: FormData) -> Response:
        """Off; who must have one sets up another at once."""
        if not await self._officers.drop_factor(officer, text(form, "code")):
            return await self._factor(request, officer, wrong=True)
        return _done("off")

    async def _factor(self, request: Request, officer: Officer, *, wrong: bool = False) -> Response:
        """The second factor's page."""
        return self._pages.page(
            request,
            "factor.html",
            officer,
            422 if wrong else 200,
            wrong=wrong,
            told=await self._officers.enrolment(officer),
            must=owes_factor(officer, self._desk.settings.second_factor),
            own=await self._officers.has_factor(officer),
            here=FACTOR,
        )

    async def _page(self, request: Request, officer: Officer, done: str = "", fault: str = "") -> Response:
        """The account's page."""
        return self._pages.page(
            request,
            "account.html",
            officer,
            422 if fault else 200,
            done=done,
            fault=fault,
            shortest=SHORTEST,
            sessions=await self._officers.sessions(officer, self._gate.token(request)),
            has_password=await self._officers.has_password(officer.login),
            factor=await self._officers.has_factor(officer),
            here=_HERE,
        )


def _done(what: str) -> Response:
    """Back to the page, with a sentence."""
    return RedirectResponse(f"{_HERE}?done={what}", 303)
