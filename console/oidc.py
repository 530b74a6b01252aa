"""Signing in at the agency's own provider: OpenID Connect (openid-connect-core-1_0), authorization code with PKCE.

Nothing is kept between going and coming back: `state` is signed with a key that this browser's seed is part of, and nonce and
PKCE verifier are derived from that seed, so that an answer opens nothing in another browser. Officers are not made here: the
account must be there already.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import TypeVar

import aiohttp
import msgspec
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from itsdangerous import BadData, URLSafeSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.browsers import family
from console.desk import Desk
from console.gate import Gate
from console.providers import Provider, safe
from console.signing import Signing, inside

log = logging.getLogger(__name__)
T = TypeVar("T")

PATIENCE = timedelta(minutes=10)
"""How long signing in at the provider may take."""
_LEEWAY = 60  # seconds that the provider's clock may differ from ours
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by a key that only the provider has; never `none`, never one made with a shared secret."""


class Refusal(Exception):
    """The provider's answer is not taken. The reason is for our log: a word or two, nothing of what came."""


class _Metadata(msgspec.Struct, frozen=True):
    """What the provider says of itself (openid-connect-discovery-1_0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Tokens(msgspec.Struct, frozen=True):
    """What the provider gives for a code."""

    id_token: str
    access_token: str = ""


class _State(msgspec.Struct, frozen=True, array_like=True):
    """What comes back as it went: the agency, what nonce and verifier are derived from, until when, and where to go then."""

    agency: str
    n: str
    until: float
    then: str


class Oidc:
    """The way to an agency's provider, and back."""

    def __init__(self, desk: Desk, gate: Gate, signing: Signing) -> None:
        """All three are shared with the other pages. The settings' fault, if they have one, is raised here, at start."""
        self._desk = desk
        self._gate = gate
        self._signing = signing
        self._providers = desk.settings.providers()
        self._return = f"{desk.settings.public_url}/console/oidc/back"

    async def go(self, request: Request) -> Response:
        """GET: to the agency's provider."""
        agency, then = str(request.path_params["agency"]), inside(request.query_params.get("next"))
        provider = self._provider(agency)
        try:
            known = await _metadata(provider)
        except Refusal as fault:
            return await self._refused(request, agency, fault, then)
        n = secrets.token_urlsafe(16)
        until = (self._desk.clock() + PATIENCE).timestamp()
        address = prepare_grant_uri(
            known.authorization_endpoint,
            provider.client_id,
            "code",
            redirect_uri=self._return,
            scope=["openid", "email" if provider.login_claim == "email" else "profile"],
            state=self._signer(request).dumps(msgspec.to_builtins(_State(agency, n, until, then))),
            nonce=self._gate.bound(request, f"nonce|{n}"),
            code_challenge=create_s256_code_challenge(self._gate.bound(request, f"verifier|{n}")),
            code_challenge_method="S256",
        )
        answer = RedirectResponse(address, 303)
        self._gate.plant(request, answer)
        return answer

    async def back(self, request: Request) -> Response:
        """GET: from the provider, with a code that we exchange for who it is."""
        try:
            state = self._state(request)
        except Refusal as fault:
            return await self._refused(request, "", fault)
        provider = self._provider(state.agency)
        try:
            said = await self._asked(request, provider, state)
        except Refusal as fault:
            return await self._refused(request, state.agency, fault, state.then)
        subject, login = str(said["sub"]), _login(provider, said)
        token = await self._desk.cases.officers.vouched(state.agency, subject, login, family(request))
        if token is None:
            return self._signing.form(request, "provider", state.then)
        return self._signing.let_in(token, state.then)

    def _provider(self, agency: str) -> Provider:
        """The agency's. Raises HTTPException (404) if it has none."""
        if agency not in self._providers:
            raise HTTPException(404)
        return self._providers[agency]

    def _signer(self, request: Request) -> URLSafeSerializer:
        """Signs `state` for this browser alone."""
        return URLSafeSerializer(self._gate.bound(request, "oidc"), salt="komek oidc state")

    def _state(self, request: Request) -> _State:
        """What we sent. Raises Refusal for another browser's, for one that is over or was never ours."""
        try:
            state = msgspec.convert(self._signer(request).loads(request.query_params.get("state", "")), _State)
        except (BadData, msgspec.ValidationError):
            raise Refusal("state") from None
        if state.until < self._desk.clock().timestamp():
            raise Refusal("too late")
        return state

    async def _asked(self, request: Request, provider: Provider, state: _State) -> Mapping[str, object]:
        """What the provider says of who has signed in, proved to be from it, for us, for this sign-in, and not over."""
        code, issuer = request.query_params.get("code", ""), request.query_params.get("iss", provider.issuer)
        if not code or issuer != provider.issuer:  # RFC 9207: an answer of another provider
            raise Refusal("no code" if not code else "issuer")
        known = await _metadata(provider)
        body = prepare_token_request(
            "authorization_code",
            code=code,
            redirect_uri=self._return,
            code_verifier=self._gate.bound(request, f"verifier|{state.n}"),
        )
        tokens = await _exchange(provider, known, body)
        nonce = self._gate.bound(request, f"nonce|{state.n}")
        now = int(self._desk.clock().timestamp())
        return _claims(provider, tokens, await _fetch("GET", known.jwks_uri, KeySetSerialization), nonce, now)

    async def _refused(self, request: Request, agency: str, fault: Refusal, then: str = "/console/") -> Response:
        """One sentence for every reason; the reason is in the log, that it happened in the agency's audit."""
        log.warning("a sign-in at the provider of %s was refused: %s", agency or "an agency", fault)
        if agency:
            await self._desk.cases.officers.refused(agency)
        return self._signing.form(request, "provider", then)


def _claims(
    provider: Provider, tokens: _Tokens, keys: KeySetSerialization, nonce: str, now: int
) -> Mapping[str, object]:
    """The ID token's claims, validated (openid-connect-core-1_0, section 3.1.3.7). Raises Refusal."""
    essential = {"iss": provider.issuer, "aud": provider.client_id}
    try:
        token = jwt.decode(tokens.id_token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS)
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={name: {"essential": True, "value": value} for name, value in essential.items()},
            params={"nonce": nonce, "client_id": provider.client_id, "access_token": tokens.access_token},
        )
        claims.validate(now=now, leeway=_LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError) as fault:
        raise Refusal(f"ID token: {type(fault).__name__}") from None
    return dict(claims)


def _login(provider: Provider, said: Mapping[str, object]) -> str:
    """The login that the provider gives; an e-mail address only if it has checked it."""
    value = said.get(provider.login_claim)
    checked = provider.login_claim != "email" or said.get("email_verified") is True
    return value if isinstance(value, str) and checked else ""


async def _metadata(provider: Provider) -> _Metadata:
    """Asked each time: officers sign in once a day, and what was changed there counts at once. Raises Refusal."""
    known = await _fetch("GET", get_well_known_url(provider.issuer, external=True), _Metadata)
    if known.issuer != provider.issuer:
        raise Refusal("metadata of another issuer")
    if not all(map(safe, (known.authorization_endpoint, known.token_endpoint, known.jwks_uri))):
        raise Refusal("an endpoint without https")
    return known


async def _exchange(provider: Provider, known: _Metadata, body: str) -> _Tokens:
    """The code for tokens. Raises Refusal."""
    ways = known.token_endpoint_auth_methods_supported
    way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
    auth = ClientAuth(provider.client_id, provider.client_secret, way if provider.client_secret else "none")
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    address, headers, body = auth.prepare("POST", known.token_endpoint, headers, body)
    return await _fetch("POST", address, _Tokens, headers, body)


async def _fetch(
    method: str, address: str, kind: type[T], headers: Mapping[str, str] | None = None, body: str | None = None
) -> T:
    """A JSON answer of the provider's. Raises Refusal."""
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.request(method, address, headers=headers, data=body, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise Refusal(f"the provider answered {answer.status}")
            return msgspec.json.decode(await answer.read(), type=kind)
    except (aiohttp.ClientError, TimeoutError, ValueError) as fault:
        raise Refusal(f"the provider: {type(fault).__name__}") from None
