"""Signing in and out: once by a one-time link, where a password is chosen, then by that password, and by a code after it."""

from __future__ import annotations

import math
from datetime import timedelta

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.browsers import family
from console.desk import Desk
from console.gate import CODE, SIGN_IN, Gate, SignedOut
from console.pages import LANGUAGE, Pages, language
from locales.say import offered
from storage.officers import SHORTEST, Over, Throttled


class Signing:
    """The pages around the gate."""

    def __init__(self, desk: Desk, gate: Gate, pages: Pages) -> None:
        """All three are shared with the other pages."""
        self._officers = desk.cases.officers
        self._desk = desk
        self._gate = gate
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """GET: the form."""
        return self.form(request, "", inside(request.query_params.get("next")))

    async def sign_in(self, request: Request) -> Response:
        """POST: in, or the same sentence for every reason why not."""
        form = await self._gate.form(request)
        login, then = text(form, "login"), inside(text(form, "next"))
        try:
            token = await self._officers.sign_in(login, text(form, "password"), family(request))
        except Throttled as fault:
            return self.form(request, "slow", then, login, fault.wait)
        if token is None:
            return self.form(request, "wrong", then, login)
        return self.let_in(token, then)

    async def sign_out(self, request: Request) -> Response:
        """POST: the session ends here and in the browser."""
        await self._gate.form(request)
        await self._officers.sign_out(self._gate.token(request))
        answer = RedirectResponse(SIGN_IN, 303)
        self._gate.let_out(answer)
        return answer

    async def ask_code(self, request: Request) -> Response:
        """GET: the form for the code, for who has given the password and nothing else."""
        if await self._officers.halfway(self._gate.token(request)) is None:
            raise SignedOut
        return self._ask(request, inside(request.query_params.get("next")))

    async def take_code(self, request: Request) -> Response:
        """POST: in, or once more; too often wrong is back to the start."""
        form = await self._gate.form(request)
        then = inside(text(form, "next"))
        try:
            token = await self._officers.enter_code(self._gate.token(request), text(form, "code"))
        except Over:
            answer = self.form(request, "over", then)
            self._gate.let_out(answer)
            return answer
        return self.let_in(token, then) if token else self._ask(request, then, wrong=True)

    async def welcome(self, request: Request) -> Response:
        """GET: a one-time sign-in. Looking at it does not use it up: mail programs look at links too."""
        token = str(request.path_params["token"])
        invited = await self._officers.invited(token)
        if invited is None:
            return self._pages.page(request, "lapsed.html", status=404)
        return self._welcome(request, token, invited.name, "")

    async def choose(self, request: Request) -> Response:
        """POST: the password is set, the officer is in."""
        form = await self._gate.form(request)
        given, password = text(form, "token"), text(form, "password")
        invited = await self._officers.invited(given)
        if invited is None:
            return self._pages.page(request, "lapsed.html", status=404)
        if password != text(form, "again"):
            return self._welcome(request, given, invited.name, "different")
        try:
            token = await self._officers.redeem(given, password, family(request))
        except ValueError:
            return self._welcome(request, given, invited.name, "length")
        return self.let_in(token, "/console/") if token else self._pages.page(request, "lapsed.html", status=404)

    async def speak(self, request: Request) -> Response:
        """POST: the language from now on."""
        form = await self._gate.form(request)
        chosen = text(form, "language")
        if chosen not in offered():
            raise HTTPException(404)
        answer = RedirectResponse(inside(text(form, "next")), 303)
        answer.set_cookie(
            LANGUAGE, chosen, 365 * 86_400, path="/console", secure=self._desk.secure, httponly=True, samesite="lax"
        )
        return answer

    def form(self, request: Request, fault: str, then: str, login: str = "", wait: timedelta = timedelta()) -> Response:
        """The sign-in form. `fault`: empty, wrong, slow (`wait` is for how long), over (the code), provider."""
        providers = self._desk.settings.providers()
        buttons = [(id, p.name or self._desk.agency(id, language(request))) for id, p in providers.items()]
        answer = self._pages.page(
            request,
            "sign-in.html",
            status={"": 200, "slow": 429}.get(fault, 403),
            fault=fault,
            login=login[:64],
            next=then,
            minutes=math.ceil(wait / timedelta(minutes=1)),
            providers=buttons,
        )
        if wait:
            answer.headers["Retry-After"] = str(math.ceil(wait.total_seconds()))
        return answer

    def let_in(self, token: str, then: str) -> Response:
        """In (the gate asks for the code if one is owed), and on."""
        answer = RedirectResponse(then, 303)
        self._gate.let_in(answer, token)
        return answer

    def _ask(self, request: Request, then: str, *, wrong: bool = False) -> Response:
        """The form for the code."""
        return self._pages.page(request, "code.html", status=403 if wrong else 200, wrong=wrong, next=then, here=CODE)

    def _welcome(self, request: Request, token: str, name: str, fault: str) -> Response:
        """The form in which a password is chosen."""
        status = 422 if fault else 200
        return self._pages.page(
            request, "welcome.html", status=status, token=token, name=name, fault=fault, shortest=SHORTEST
        )


def text(form: FormData, name: str) -> str:
    """A field's text, lines ended as we end them; empty if it is not there or not a text."""
    value = form.get(name, "")
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def inside(path: str | None) -> str:
    """`path` if it leads into the desk, otherwise the queue: never to another site."""
    plain = (path or "").isprintable() and "\\" not in (path or "")
    return path if path and plain and path.startswith("/console/") and "//" not in path else "/console/"
