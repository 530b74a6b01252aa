"""Agencies' own sign-ins: what an installation says of each OpenID provider."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


class ProviderError(Exception):
    """The providers are not described as they should be. The message never holds a value."""


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One agency's provider."""

    issuer: str
    """Its issuer identifier, an https address (http on this machine, for tests)."""
    client_id: str
    """What we are called there."""
    client_secret: str = ""
    """Empty: a public client; PKCE alone protects the code."""
    name: str = ""
    """What the button on the sign-in page says; empty: the agency's name."""
    login_claim: str = "preferred_username"
    """The claim that is the officer's login here; it counts the first time only, `sub` ever after."""

    def __repr__(self) -> str:
        """Nothing of it: it has a secret."""
        return "Provider(…)"


def providers(text: str) -> Mapping[str, Provider]:
    """The providers by agency, from JSON; none from an empty text. Raises ProviderError."""
    if not text.strip():
        return {}
    try:
        found = msgspec.json.decode(text, type=dict[str, Provider])
    except msgspec.ValidationError as fault:
        raise ProviderError(str(fault).partition(" - ")[0]) from None
    except msgspec.DecodeError:
        raise ProviderError("is not JSON") from None
    for agency, provider in found.items():
        if not safe(provider.issuer):
            raise ProviderError(f"the issuer of {agency} is not an https address")
    return found


def safe(address: str) -> bool:
    """Whether what is sent to this address is read there alone: https, or this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _HERE))
