"""How far two words are apart. Only who mistypes needs the library, so it is loaded then: it takes 4 MB."""

from __future__ import annotations

from functools import cache
from typing import Protocol


class _Distance(Protocol):
    """What the library's function takes and gives."""

    def __call__(self, one: str, other: str, /, *, score_cutoff: int | None) -> int:
        """Strokes; `score_cutoff` + 1 where it is more than that."""


def strokes(one: str, other: str, most: int | None = None) -> int:
    """Letters put in, left out, changed or swapped (optimal string alignment). More than `most` may be told as `most` + 1."""
    return _distance()(one, other, score_cutoff=most)


@cache
def _distance() -> _Distance:
    """The library's function."""
    from rapidfuzz.distance import OSA

    return OSA.distance
