"""Ids that are derived from what they name: making one again makes the same one."""

from __future__ import annotations

import base64
from hashlib import sha256


def derive(*parts: str) -> str:
    """26 lower-case letters and digits (128 bits) that stand for exactly these parts in this order."""
    digest = sha256(b"".join(len(p.encode()).to_bytes(4, "big") + p.encode() for p in parts)).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()


def fitting(id: str) -> str:
    """`id`, or one derived from it where it is too long for a column: the same every time."""
    return id if len(id) <= 64 and id.isprintable() else derive("long", id)


def plain(text: str, most: int) -> str:
    """`text` without control characters, at most `most` long: PostgreSQL refuses a NUL, and nobody means one."""
    return "".join(letter for letter in text if letter.isprintable())[:most]
