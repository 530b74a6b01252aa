"""What a provider said to a call of ours, or whether it may have heard us at all."""

from __future__ import annotations

import msgspec


class Unreached(Exception):
    """No connection was made: the provider heard nothing, and the call may be made again."""


class Lost(Exception):
    """The line broke after we had begun to speak: the provider may or may not have acted."""


class TooLarge(Exception):
    """The answer is longer than the caller takes."""


class Answer(msgspec.Struct, frozen=True):
    """What a provider said: HTTP status, headers with lower-case names, the whole body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def __repr__(self) -> str:
        """The status alone: the body may hold a citizen's words."""
        return f"Answer(status={self.status})"
