"""The words that can be searched for without being kept: each is a keyed digest, and what a text said cannot be read back."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

from handlers.text import key, norm
from storage.keys import AT_HAND

_NUMBER = re.compile(r"\+?\d(?:[ ().\-]{0,2}\d){6,}")
_SAME_DIGITS = 9
"""Of a longer number the last digits count: +998 90 … and 90 … are one number."""
MOST = 400
"""Different words taken of one text: a text that is longer is no message of a person in need."""
LONGEST = 64
"""Letters of a word that count."""


def words(text: str) -> frozenset[str]:
    """The words of a text as they are compared: in one script, in small letters without marks; a number's digits as one word."""
    plain = norm(text)
    numbers = {_digits(found[0])[-_SAME_DIGITS:] for found in _NUMBER.finditer(plain)}
    rest = key(_NUMBER.sub(" ", plain)).split()
    return frozenset(sorted({word[:LONGEST] for word in (*rest, *numbers)})[:MOST])


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


class Finder:
    """Turns words into numbers with a key of its own, derived from the installation's secret."""

    def __init__(self, secret: str) -> None:
        """Without a secret nothing is marked and nothing found."""
        self._key = hmac.digest(secret.encode(), b"words to search for", sha256) if secret else b""
        self.name = hmac.new(self._key, b"name", sha256).hexdigest()[:8] if secret else "-"
        """Which key: it changes when the secret does."""
        self._mark = lru_cache(maxsize=AT_HAND)(self._digest)

    def __repr__(self) -> str:
        """Nothing of the key."""
        return "Finder(…)"

    def marks(self, found: Iterable[str]) -> list[int]:
        """Each word's number, 64 bits, signed; the same for the same word."""
        return [self._mark(word) for word in sorted(found)] if self._key else []

    def _digest(self, word: str) -> int:
        return int.from_bytes(hmac.digest(self._key, word.encode(), sha256)[:8], "big", signed=True)
