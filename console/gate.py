"""The gate: who is signed in, and whether a form is ours.

The session is a random token in an HttpOnly, SameSite=Lax cookie. A form's token is keyed by it, and by a seed cookie that
is there before anybody signs in, so that the sign-in form itself cannot be forged either (OWASP, signed double submit).
"""

from __future__ import annotations

import hmac
import re
import secrets
from hashlib import sha256

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.desk import Desk
from console.permits import owes_factor
from storage.officers import SESSION
from storage.records import Officer

MOST = 65_536
"""Bytes of a form at most; one that does not say its length is not taken."""
_SEED_DAYS = 30
_SEED = re.compile(r"[\w-]{43}")


SIGN_IN = "/console/sign-in"
CODE = "/console/code"
FACTOR = "/console/account/factor"
"""Where somebody goes who is not (yet) in: from the start, for the code, to set up the second factor that they must have."""


class SignedOut(Exception):
    """Nobody is signed in (any more), or not wholly. `where`: the page on which that is done."""

    def __init__(self, where: str = SIGN_IN) -> None:
        """To the sign-in, unless another step is missing."""
        super().__init__(where)
        self.where = where


class Forbidden(Exception):
    """The form is not ours, or the officer may not do this."""


class Gate:
    """Cookies and tokens of the desk."""

    def __init__(self, desk: Desk) -> None:
        """Cookies are named `__Secure-…` and sent by https alone where the desk is reached by https."""
        self._desk = desk
        prefix = "__Secure-" if desk.secure else ""
        self._session = f"{prefix}komek-desk"
        self._seed = f"{prefix}komek-seed"

    async def officer(self, request: Request, *, quiet: bool = False, enrolling: bool = False) -> Officer:
        """Who is signed in. Raises SignedOut. `quiet`: a request nobody made by hand; it does not keep the session awake.

        `enrolling`: the page on which a second factor is set up, the only one for those who must have one and have not.
        """
        token = self.token(request)
        officer = await self._desk.cases.officers.session(token, quiet=quiet)
        if officer is None:
            half = await self._desk.cases.officers.halfway(token) if token else None
            raise SignedOut(CODE if half else SIGN_IN)
        if not enrolling and owes_factor(officer, self._desk.settings.second_factor):
            raise SignedOut(FACTOR)
        return officer

    def token(self, request: Request) -> str:
        """The session's token; empty without one."""
        return request.cookies.get(self._session, "")

    def form_token(self, request: Request) -> str:
        """The token that our forms carry for this browser and session."""
        return self.bound(request, f"form|{self.token(request)}")

    def bound(self, request: Request, purpose: str) -> str:
        """A text that only this browser has, and only we can make: keyed by its seed."""
        text = f"{self._seed_of(request)}|{purpose}"
        return hmac.new(self._desk.settings.secret_key.encode(), text.encode(), sha256).hexdigest()

    async def form(self, request: Request, fields: int = 20) -> FormData:
        """The form that was sent, of so many fields at most. Raises Forbidden if it does not carry our token."""
        if not 0 < _length(request) <= MOST:
            raise HTTPException(413)
        form = await request.form(max_files=0, max_fields=fields)
        given = form.get("form", "")
        known = request.cookies.get(self._seed, "")
        if not known or not isinstance(given, str) or not _same(given, self.form_token(request)):
            raise Forbidden
        return form

    def plant(self, request: Request, response: Response) -> None:
        """See that the browser has a seed."""
        if request.cookies.get(self._seed) != self._seed_of(request):
            self._set(response, self._seed, self._seed_of(request), _SEED_DAYS * 86_400)

    def let_in(self, response: Response, token: str) -> None:
        """Keep the session in the browser."""
        self._set(response, self._session, token, int(SESSION.total_seconds()))

    def let_out(self, response: Response) -> None:
        """Take the session out of the browser."""
        response.delete_cookie(self._session, path="/console", secure=self._desk.secure, httponly=True, samesite="lax")

    def _set(self, response: Response, name: str, value: str, seconds: int) -> None:
        """A cookie that scripts cannot read and other sites cannot send."""
        response.set_cookie(
            name, value, seconds, path="/console", secure=self._desk.secure, httponly=True, samesite="lax"
        )

    def _seed_of(self, request: Request) -> str:
        """The browser's seed; a new one, the same throughout this request, if it has none that could be ours."""
        kept = request.cookies.get(self._seed, "")
        if _SEED.fullmatch(kept):
            return kept
        if not hasattr(request.state, "seed"):
            request.state.seed = secrets.token_urlsafe(32)
        return str(request.state.seed)


def _length(request: Request) -> int:
    """How long the body says it is; 0 if it does not say."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 10 else 0


def _same(one: str, other: str) -> bool:
    """Whether two texts are the same, in a time that does not tell how much of them is."""
    return hmac.compare_digest(one.encode(), other.encode())
