"""Sealed columns: each value is bound to its table, row and column, so that none can be moved to another record."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from storage.seal import Seal, Sealed

log = logging.getLogger(__name__)
T = TypeVar("T")


class Vault:
    """Seals values into columns and opens them again."""

    def __init__(self, seal: Seal) -> None:
        """`seal` holds the keys."""
        self._seal = seal

    def put(self, value: object, table: str, row: str, column: str) -> bytes:
        """`value` as JSON, sealed for that cell."""
        return self._seal.seal(msgspec.json.encode(value), _about(table, row, column))

    def get(self, sealed: bytes | None, kind: type[T], table: str, row: str, column: str) -> T | None:
        """What `put` was given; None for an empty cell. Raises Sealed if it cannot be opened or is not a `kind`."""
        if sealed is None:
            return None
        plain = self._seal.open(sealed, _about(table, row, column))
        try:
            return msgspec.json.decode(plain, type=kind)
        except msgspec.DecodeError:
            raise Sealed(f"{table}.{column} is not what it should be") from None

    def text(self, sealed: bytes | None, table: str, row: str, column: str) -> str:
        """A sealed text; empty for an empty cell."""
        return self.get(sealed, str, table, row, column) or ""

    def table(self, sealed: bytes | None, table: str, row: str, column: str) -> Mapping[str, str]:
        """A sealed mapping of texts; empty for an empty cell."""
        return self.get(sealed, dict[str, str], table, row, column) or {}


def _about(table: str, row: str, column: str) -> bytes:
    """The cell's own name."""
    return f"{table}/{row}/{column}".encode()
