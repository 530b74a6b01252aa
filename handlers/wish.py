"""What an agency wishes of the person and waits for. It holds ids and codes alone, nothing about anybody."""

from __future__ import annotations

import msgspec


class Referral(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question that waits for the person: may their case go from agency `origin` to `target`? `why` is a code.

    `stands`: it was put when nothing else was being asked, so that a typed *yes* answers it.
    """

    id: str
    case: str
    origin: str
    target: str
    why: str
    stands: bool = False
