"""Sealing: everything about a person is AES-GCM ciphertext before it reaches a disk or a Redis.

A sealed value is `key id length (1 byte) | key id | nonce (12) | ciphertext and tag`. The key id says which of DATA_KEYS opens
it, so that rotation is: put a new key first and keep the old one. Sessions are rewritten in use; cases, files and webhooks are
not, and can never be opened again once their key is dropped.
`about` (the record's own name) is bound in, so that a value cannot be moved to another record.
NIST SP 800-38D: a random 96-bit nonce is safe for 2^32 values under one key; rotate long before.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class Sealed(Exception):
    """A value cannot be opened: its key is gone, or it was changed or moved. Never says what it holds."""


class Seal:
    """Seals with the first of `keys`, opens with any of them. Each key is 32 bytes."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """`keys`: id to key, the sealing one first. Raises ValueError if there is none."""
        if not keys:
            raise ValueError("no data key")
        self._keys = {name.encode(): AESGCM(key) for name, key in keys.items()}
        first = next(iter(self._keys))
        self._prefix = bytes([len(first)]) + first
        self._first = self._keys[first]

    def seal(self, plain: bytes, about: bytes = b"") -> bytes:
        """`plain`, sealed and bound to `about`."""
        nonce = os.urandom(_NONCE)
        return self._prefix + nonce + self._first.encrypt(nonce, plain, about)

    def open(self, sealed: bytes, about: bytes = b"") -> bytes:
        """What `seal` was given. Raises Sealed if it cannot be opened."""
        if not sealed:
            raise Sealed("empty")
        start = 1 + sealed[0]
        key = self._keys.get(sealed[1:start])
        if key is None:
            raise Sealed("sealed with a key that is not in KOMEK_DATA_KEYS")
        try:
            return key.decrypt(sealed[start : start + _NONCE], sealed[start + _NONCE :], about)
        except (InvalidTag, ValueError):
            raise Sealed("changed, moved or cut") from None

    def current(self, sealed: bytes) -> bool:
        """Whether it was sealed with the first key; if not, rewrite it when you can."""
        return sealed.startswith(self._prefix)


def chat_ref(secret: str, chat: str) -> str:
    """The keyed reference of a chat: 26 lower-case letters and digits. Without `secret` it cannot be linked to an address."""
    digest = hmac.new(secret.encode(), chat.encode(), sha256).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()
