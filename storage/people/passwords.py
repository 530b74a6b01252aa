"""Passwords: argon2id, checked a few at a time, and in the same time whether or not there is one."""

from __future__ import annotations

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2
"""Passwords checked at the same time: each takes 64 MB for a moment, and anybody may ask."""
SHORTEST = 12
"""Characters a password has at least (NIST SP 800-63B asks 8, and length before rules)."""
LONGEST = 200
"""Characters read of a password at most."""

_hasher = PasswordHasher()


class Passwords:
    """Hashes and checks."""

    def __init__(self) -> None:
        """One for all officers of a process."""
        self._hashing = asyncio.Semaphore(AT_ONCE)

    async def hashed(self, password: str) -> str:
        """What is kept of a new password. Raises ValueError if it is too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise ValueError(f"a password has {SHORTEST} to {LONGEST} characters")
        async with self._hashing:
            return await asyncio.to_thread(_hasher.hash, password)

    async def right(self, hashed: str, password: str) -> bool:
        """Whether it is the one; none is, where there is no hash (empty), and that takes as long."""
        async with self._hashing:
            return await asyncio.to_thread(_verify, hashed, password[:LONGEST])


@cache
def _decoy() -> str:
    """A hash that no password has: what an unknown login is checked against, so that it takes as long as a known one."""
    return _hasher.hash(secrets.token_hex(16))


def _verify(hashed: str, password: str) -> bool:
    """Takes its time on purpose either way."""
    try:
        return _hasher.verify(hashed or _decoy(), password)
    except (VerificationError, InvalidHashError):
        return False
