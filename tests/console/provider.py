"""An OpenID provider on loopback, that keeps the documented rules, and lies where a test tells it to."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.storage_sql.sample import Clock
from tests.waiting import wait_until

CLIENT, SECRET = "komek-demo", "demo client secret"


class FakeProvider:
    """One issuer with one key. `person` is who signs in; `twist` changes the claims before they are signed."""

    def __init__(self, port: int, clock: Clock) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, {"kid": "demo-1", "use": "sig"}, private=True)
        self.stranger = RSAKey.generate_key(2048, {"kid": "demo-1", "use": "sig"}, private=True)
        self.person: dict[str, Any] = {"sub": "s-1", "preferred_username": "demo1"}
        self.twist: Callable[[dict[str, Any]], Mapping[str, Any]] = lambda claims: claims
        self.sign: Callable[[Mapping[str, Any]], str] = self.signed
        self.metadata: dict[str, Any] = {}
        self.asked: list[str] = []
        self._clock = clock
        self._grants: dict[str, dict[str, str]] = {}
        self._server = uvicorn.Server(uvicorn.Config(self._app(), port=port, log_level="warning", lifespan="off"))

    async def __aenter__(self) -> FakeProvider:
        self._task = asyncio.create_task(self._server.serve())
        await wait_until(lambda: self._server.started)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        await self._task

    def consent(self, address: str) -> str:
        """The person signs in there: the query with which the browser comes back. Fails if we asked otherwise than documented."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query, strict_parsing=True).items()}
        assert address.startswith(f"{self.issuer}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self._grants)}"
        self._grants[code] = asked
        return f"code={code}&state={asked['state']}"

    def signed(self, claims: Mapping[str, Any]) -> str:
        """An ID token as it should be."""
        return jwt.encode({"alg": "RS256", "kid": "demo-1"}, dict(claims), self.key)

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/jwks", self._keys),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _discovery(self, request: Request) -> Response:
        self.asked.append("discovery")
        known = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
        }
        return JSONResponse(known | self.metadata)

    async def _keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _token(self, request: Request) -> Response:
        self.asked.append("token")
        form = dict(parse_qsl((await request.body()).decode()))
        asked = self._grants.pop(form.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        proof = base64.urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        known = request.headers.get("authorization") == f"Basic {basic}"
        fits = asked and known and asked["code_challenge"] == proof and asked["redirect_uri"] == form["redirect_uri"]
        if not fits or asked is None or form.get("grant_type") != "authorization_code":
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(self._clock().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        token = self.sign(self.twist(claims | self.person))
        return JSONResponse({"access_token": "demo-access", "token_type": "Bearer", "id_token": token})
