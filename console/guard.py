"""What every page of ours has, the citizen's and the officer's: strict headers, and static files that browsers may keep."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from starlette.responses import Response

R = TypeVar("R", bound=Response)

_MIME = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
            "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        ),
        "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
)
"""Nothing inline, nothing from elsewhere, nothing kept, nothing told to other sites."""


def guarded(answer: R, headers: Mapping[str, str] = HEADERS) -> R:
    """The answer with these headers; one that it sets itself stays."""
    for name, value in headers.items():
        answer.headers.setdefault(name, value)
    return answer


class Statics:
    """The style sheet, the script and the sign, read once; their addresses change with their content."""

    def __init__(self, folder: Path, under: str) -> None:
        """All files of `folder`, served at `under`/NAME."""
        self._files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
        self._under = under

    def address(self, name: str) -> str:
        """Where a page finds this file."""
        return f"{self._under}/{name}?{sha256(self._files[name]).hexdigest()[:8]}"

    def answer(self, name: str) -> Response | None:
        """The file, to be kept by the browser for a year; None if there is none of that name."""
        if name not in self._files:
            return None
        kept = "public, max-age=31536000, immutable"
        return Response(self._files[name], headers={"Content-Type": _MIME[Path(name).suffix], "Cache-Control": kept})
