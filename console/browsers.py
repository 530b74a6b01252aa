"""Which browser it is: its family alone, so that an officer recognises their own sessions. Nothing else of it is kept."""

from __future__ import annotations

from starlette.requests import Request

_FAMILIES = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("YaBrowser", "Yandex"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
"""A word in the browser's name for itself, the rarer before those that all of them carry."""


def family(request: Request) -> str:
    """The browser's family; empty for one that we do not know."""
    said = request.headers.get("user-agent", "")
    return next((name for word, name in _FAMILIES if word in said), "")
