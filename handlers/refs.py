"""Case references: what a citizen copies from a screen, reads out on the phone or writes on paper.

Ten characters of Crockford's base 32 (no I, L, O, U) and a check character (Luhn mod 32, ISO/IEC 7812-1), in groups:
`7F3K-9QX2-MR5`. Fifty bits: with a million cases the chance of any two alike is below one in two thousand.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("ILOU", "110V")
_DIGITS = 10


def case_id(chat_ref: str, draft: int, began: datetime) -> str:
    """The id of the case that this draft becomes: 32 hex digits, the same however often it is filed."""
    return sha256(f"{chat_ref}|{draft}|{began.isoformat()}".encode()).hexdigest()[:32]


def case_ref(case: str) -> str:
    """The reference of the case with this id."""
    number = int(case[:13], 16) >> 2
    digits = "".join(ALPHABET[number >> 5 * place & 31] for place in range(_DIGITS))
    return group(digits + ALPHABET[-_sum(digits + ALPHABET[0]) % len(ALPHABET)])


def read_ref(text: str) -> str | None:
    """The reference written in `text` in any spacing or case, with I, L, O, U read as 1, 1, 0, V; None if it is not one."""
    compact = "".join(text.split()).replace("-", "").upper().translate(_READ_AS)
    if len(compact) != _DIGITS + 1 or not set(compact) <= set(ALPHABET) or _sum(compact) % len(ALPHABET):
        return None
    return group(compact)


def group(compact: str) -> str:
    """In groups of four, as people read aloud."""
    return "-".join(compact[start : start + 4] for start in range(0, len(compact), 4))


def _sum(compact: str) -> int:
    """Luhn's sum: from the right, every second character counts twice, its two digits in this base added."""
    base = len(ALPHABET)
    values = [ALPHABET.index(character) for character in reversed(compact)]
    return sum(values[::2]) + sum(sum(divmod(2 * value, base)) for value in values[1::2])
