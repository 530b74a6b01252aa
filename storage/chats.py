"""Sessions: what is known of a chat between two of its messages, sealed, with its version in front for the commit to compare."""

from __future__ import annotations

import struct
from functools import lru_cache

import msgspec

from handlers.nouns import Session
from storage.keys import AT_HAND
from storage.queues import Change
from storage.seal import Seal, Sealed, chat_ref

_VERSION = struct.Struct(">Q")
_decoder = msgspec.json.Decoder(Session)
_encoder = msgspec.json.Encoder()


class Unreadable(Exception):
    """A session that cannot be opened (its key is gone) or read (written by other code). Never says what it holds."""


class Chats:
    """Turns sessions into what Redis keeps, and back."""

    def __init__(self, seal: Seal, secret: str) -> None:
        """`secret` keys the references."""
        self._seal = seal
        self.ref = lru_cache(maxsize=AT_HAND)(lambda chat: chat_ref(secret, chat))
        """The keyed reference of a chat's address."""

    def read(self, ref: str, stored: bytes | None) -> Session | None:
        """The stored session, None if there is none. Raises Unreadable."""
        if stored is None:
            return None
        try:
            return _decoder.decode(self._seal.open(stored[_VERSION.size :], _about(ref)))
        except Sealed as fault:
            raise Unreadable(f"sealed: {fault}") from None
        except msgspec.DecodeError:
            raise Unreadable("written by other code") from None

    def write(self, ref: str, read: bytes, session: Session | None, seconds: int) -> tuple[Change, Session | None]:
        """The change from the version that was read to `session`, and `session` with its new version."""
        if session is None:
            return Change("del", read), None
        number = next_version(read)
        session = msgspec.structs.replace(session, version=number)
        stored = _VERSION.pack(number) + self._seal.seal(_encoder.encode(session), _about(ref))
        return Change("set", read, stored, max(1, seconds)), session


def version(stored: bytes | None) -> bytes:
    """The version of a stored session, as the commit compares it: empty if there is none."""
    return stored[: _VERSION.size] if stored else b""


def next_version(read: bytes) -> int:
    """The number after the version that was read."""
    return (_VERSION.unpack(read)[0] if len(read) == _VERSION.size else 0) + 1


def _about(ref: str) -> bytes:
    """What a sealed session is bound to."""
    return f"chat:{ref}".encode()
