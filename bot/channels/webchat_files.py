"""Forms and files from a browser: read with a limit, and named after what the bytes are, not what the sender says."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from typing import Literal

from starlette.datastructures import FormData
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

FILE = 10 * 1024 * 1024
"""Bytes a file may have."""
FORM = 64 * 1024
"""Bytes the rest of a form may have: 4,000 characters, each up to twelve bytes when percent-encoded."""
DRAINED = 64 * 1024 * 1024
"""Bytes of a too large upload that are still read, so that the browser hears our answer instead of a broken line."""

MediaKind = Literal["photo", "document", "voice", "video"]

_SIGNS: tuple[tuple[bytes, MediaKind, str], ...] = (
    (rb"\xff\xd8\xff", "photo", "image/jpeg"),
    (rb"\x89PNG\r\n\x1a\n", "photo", "image/png"),
    (rb"GIF8[79]a", "photo", "image/gif"),
    (rb"RIFF....WEBP", "photo", "image/webp"),
    (rb"....ftyp(heic|heix|mif1|hevc)", "photo", "image/heic"),
    (rb"%PDF-", "document", "application/pdf"),
    (rb"OggS", "voice", "audio/ogg"),
    (rb"ID3|\xff[\xfb\xf3\xf2]", "voice", "audio/mpeg"),
    (rb"RIFF....WAVE", "voice", "audio/wav"),
    (rb"#!AMR", "voice", "audio/amr"),
    (rb"....ftypM4A ", "voice", "audio/mp4"),
    (rb"....ftyp3gp", "video", "video/3gpp"),
    (rb"....ftyp", "video", "video/mp4"),
    (rb"\x1aE\xdf\xa3", "video", "video/webm"),
)
"""How the first bytes tell a type (WHATWG MIME Sniffing, section 6). Anything else is a document of unknown type."""


class _InMemory(MultiPartParser):
    """A person's file is never written to a disk unsealed, not even for a moment."""

    spool_max_size = FILE + FORM


class TooLarge(Exception):
    """The body has more bytes than it may."""


class Unreadable(Exception):
    """The body is not the form that our page sends, or the line broke in the middle of it."""


async def read_form(request: Request, limit: int) -> FormData:
    """The form in the request. Raises TooLarge above `limit` bytes, once enough is read for an answer, or Unreadable."""
    multipart = request.headers.get("content-type", "").startswith("multipart/form-data")
    body = _limited(request, limit)
    try:
        if multipart:
            return await _InMemory(request.headers, body, max_files=1, max_fields=8, max_part_size=FORM).parse()
        return await FormParser(request.headers, body, max_fields=8, max_part_size=FORM).parse()
    except (MultiPartException, ClientDisconnect, ValueError):
        raise Unreadable from None


async def _limited(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The body's pieces up to `limit` bytes; what is above is read and dropped before TooLarge is raised."""
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size <= limit:
            yield piece
        elif size > DRAINED:
            break
    if size > limit:
        raise TooLarge


def sniff(content: bytes) -> tuple[MediaKind, str]:
    """The kind and MIME type of a file, from its first bytes."""
    for sign, kind, mime in _SIGNS:
        if re.match(sign, content[:32], re.DOTALL):
            return kind, mime
    return "document", "application/octet-stream"


def plain_name(name: str) -> str:
    """A file's name without its folders and without characters that do not print; at most 100 characters, the end kept."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[-100:]
