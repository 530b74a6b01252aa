"""Who is at the page: a random token in a cookie, and nothing else. Also: did this form come from our own page?"""

from __future__ import annotations

import hmac
import re
import secrets
from hashlib import sha256
from urllib.parse import urlsplit

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from bot.settings import Settings
from locales.say import NAMES, offered
from storage.webchat import DAYS

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}\Z")


class Person(msgspec.Struct, frozen=True):
    """One browser. `new`: it has brought no cookie of ours, so nothing it posts is heard yet."""

    token: str
    new: bool

    def __repr__(self) -> str:
        """Nothing: the token is the person."""
        return "Person(…)"

    @property
    def chat(self) -> str:
        """The chat's address."""
        return f"web:{self.token}"


class Doorkeeper:
    """Knows persons by their cookie and our own forms by their token."""

    def __init__(self, settings: Settings) -> None:
        """Cookies are Secure, and bound to this very host, when the public URL is https."""
        self._secret = settings.secret_key.encode()
        self._host = urlsplit(settings.public_url).netloc
        self._secure = settings.public_url.startswith("https://")
        self._cookie = "__Host-komek" if self._secure else "komek"

    def person(self, request: Request) -> Person:
        """The person whose cookie this is, or a new one."""
        token = request.cookies.get(self._cookie, "")
        return Person(token, new=False) if _TOKEN.match(token) else Person(secrets.token_urlsafe(32), new=True)

    def remember(self, person: Person, answer: Response) -> None:
        """Give the cookie, for another 30 days."""
        answer.set_cookie(
            self._cookie,
            person.token,
            max_age=DAYS * 86_400,
            path="/",
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )

    def leave(self, answer: Response) -> None:
        """Take the cookie away."""
        answer.delete_cookie(self._cookie, path="/", httponly=True, samesite="lax", secure=self._secure)

    def form_token(self, person: Person) -> str:
        """What a form of ours carries for this person, and no other site can know."""
        return self._mac("form", person.token)

    def trusts(self, person: Person, form_token: str) -> bool:
        """Whether a form was made by us for this person."""
        return not person.new and hmac.compare_digest(form_token.encode(), self.form_token(person).encode())

    def own_page(self, headers: Headers) -> bool:
        """Whether the browser says, or at least does not deny, that the request comes from our own page.

        Sec-Fetch-Site where the browser sends it, else Origin. `Origin: null` is what a page under `no-referrer` sends
        (Fetch standard, "append a request Origin header"), so it says nothing and the form's token decides.
        """
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = headers.get("origin", "null")
        return origin == "null" or _host_of(origin) in {headers.get("host", ""), self._host} - {""}

    def said_id(self, ref: str, client: str, *said: str) -> str:
        """The id of what a person said: the same when the page sends it again, another when the words changed."""
        return f"web:{ref}:{self._mac('said', ref, client, *said)}"

    def _mac(self, *parts: str) -> str:
        """A keyed digest, 32 hex digits. Parts are told apart by a character that none of them holds."""
        return hmac.new(self._secret, "\x00".join(parts).encode(), sha256).hexdigest()[:32]


def _host_of(origin: str) -> str:
    """The host and port of an origin; nothing for what is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def wanted(headers: Headers) -> tuple[str, ...]:
    """The well-formed tags of Accept-Language, the most wanted first (RFC 9110, 12.5.4)."""
    found: list[tuple[float, str]] = []
    for part in headers.get("accept-language", "")[:500].split(","):
        tag, _, weight = part.strip().partition(";")
        try:
            rank = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if _TAG.match(tag.strip()) and rank > 0:
            found.append((-rank, tag.strip()))
    return tuple(tag for _, tag in sorted(found, key=lambda pair: pair[0]))


def hint(headers: Headers) -> str:
    """Our name of the most wanted language that we know, else the most wanted tag, else nothing."""
    tags = wanted(headers)
    return next((_known(tag) for tag in tags if _known(tag) in NAMES), tags[0] if tags else "")


def page_language(headers: Headers) -> str:
    """The language for the page's own words: the most wanted of those offered, or English."""
    return next((_known(tag) for tag in wanted(headers) if _known(tag) in offered()), "en")


def _known(tag: str) -> str:
    """Our name of the language that a tag means: `uz-Cyrl-UZ` is uz_Cyrl, `tr-TR` is tr."""
    language, _, rest = tag.lower().partition("-")
    return "uz_Cyrl" if language == "uz" and "cyrl" in rest.split("-") else language
