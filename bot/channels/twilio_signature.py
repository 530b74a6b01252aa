"""Who posts: X-Twilio-Signature over the public address and every field. https://www.twilio.com/docs/usage/security

Nothing is trusted before this says yes, and everything it cannot decide is a no.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Protocol
from urllib.parse import parse_qsl

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request

Form = ImmutableMultiDict[str, str]

FIELDS = 1000
"""More fields than any webhook has."""

_ALGORITHMS = frozenset({"HMAC_SHA1", "HMAC_SHA256"})


class _Validator(Protocol):
    """twilio.request_validator.RequestValidator, which has no types of its own."""

    def validate(self, uri: str, params: Form, signature: str, algorithm: str) -> bool:
        """Whether `signature` is this token's over `uri` and `params`."""


@cache
def _validator(token: str) -> _Validator:
    """The validator of a token, imported when the first call comes: the CLI needs none of it."""
    validator: _Validator = import_module("twilio.request_validator").RequestValidator(token)
    return validator


def form(body: bytes) -> Form | None:
    """The fields as Twilio signed them: blank values and surrounding spaces kept. None for more than any webhook has."""
    try:
        return ImmutableMultiDict(
            parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS)
        )
    except ValueError:
        return None


def proven(request: Request, fields: Form, public_url: str, tokens: Sequence[str]) -> bool:
    """Whether one of `tokens` signed this request.

    The address is the configured one with the path and query as they came, undecoded: behind a proxy the request's own
    scheme and host are not what Twilio called. Shared Keys name their algorithm in a header; their secret is one of `tokens`.
    """
    signature = request.headers.get("x-twilio-signature", "")
    algorithm = _algorithm(request.headers.get("x-twilio-webhooks-signature-settings", ""))
    if not signature.isascii() or not signature or algorithm not in _ALGORITHMS:
        return False
    address = public_url.rstrip("/") + _path(request)
    return any(_validator(token).validate(address, fields, signature, algorithm) for token in tokens)


def _algorithm(settings: str) -> str:
    """`key=…,algorithm=HMAC_SHA256` names it; without a name it is SHA-1."""
    named = dict(part.strip().partition("=")[::2] for part in settings.split(","))
    return named.get("algorithm", "").strip().upper() or "HMAC_SHA1"


def _path(request: Request) -> str:
    """Path and query, byte for byte."""
    path = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope["query_string"]
    return (bytes(path) + (b"?" + bytes(query) if query else b"")).decode("latin-1")
