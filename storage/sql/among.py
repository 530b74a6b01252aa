"""Lists in statements: few different statements, however many values there are."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement


def among(column: ColumnElement[str], values: Iterable[str]) -> ColumnElement[bool]:
    """Whether the column holds one of these. The list is filled up to a power of two with its last value: a statement for each
    length would be prepared, and kept by every connection at both its ends.
    """
    listed = list(values)
    missing = (1 << (len(listed) - 1).bit_length()) - len(listed) if listed else 0
    return column.in_([*listed, *listed[-1:] * missing])
