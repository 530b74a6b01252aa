"""A citizen's file: shown only if it is a picture or a sound that a browser shows without running anything; else saved.

The type is read from the file's first bytes, never from what the sender said, and a sandbox goes with every file.
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from console.desk import Desk
from console.gate import Gate
from storage.records import Attachment

_SHOWN = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"OggS": "audio/ogg",
    b"ID3": "audio/mpeg",
    b"\xff\xfb": "audio/mpeg",
    b"\xff\xf3": "audio/mpeg",
    b"\x1a\x45\xdf\xa3": "video/webm",
}
"""What may be shown, by its first bytes."""
_PICTURES = (b"heic", b"heix", b"mif1", b"avif")
"""Brands of the same container that hold pictures, which few browsers show."""
_SAVED = "application/octet-stream"
_SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"


class Attachments:
    """Files out of the store."""

    def __init__(self, desk: Desk, gate: Gate) -> None:
        """Both are shared with the pages."""
        self._cases = desk.cases
        self._gate = gate

    async def show(self, request: Request) -> Response:
        """GET: the file, if the officer's agency sees its case. With `?save` it is saved whatever it is."""
        officer = await self._gate.officer(request)
        key, id = str(request.path_params["key"]), str(request.path_params["id"])
        found, content = await self._cases.attachment(officer.agency, key, id)
        await self._cases.audit.read(officer, "file.read", found.case, found.id)
        return saved(found, content, show="save" not in request.query_params)


def saved(found: Attachment, content: bytes, *, show: bool) -> Response:
    """A file as it is sent: to be saved, unless it is to be shown and surely harmless."""
    kind = safe_type(content)
    place = "inline" if show and kind != _SAVED else "attachment"
    name = _name(found.name or f"{found.kind}-{found.id[:6]}")
    headers = {
        "Content-Disposition": f"{place}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": _SANDBOX,
        "Content-Type": kind,
    }
    return Response(content, headers=headers)


def safe_type(content: bytes) -> str:
    """The type to show a file as; `application/octet-stream`, which no browser shows, unless it is surely harmless."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp" and content[8:12] not in _PICTURES:
        return "video/mp4"
    return next((kind for start, kind in _SHOWN.items() if content.startswith(start)), _SAVED)


def _name(name: str) -> str:
    """A file name without a path or anything unprintable."""
    return "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable())[:120] or "file"
