"""The comparison sees what is missing, doubled, strange or out of order."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.chaos.books import Line, Struck, explained, printed
from tests.chaos.clean import compare, match


@pytest.mark.parametrize(
    ("arrived", "missing", "strangers", "again"),
    [
        ("abcd", "", 0, []),
        ("abbcd", "", 0, [2]),
        ("abcda", "", 0, [4]),
        ("abd", "c", 0, []),
        ("abc", "d", 0, []),
        ("axbcd", "", 1, []),
        ("acbd", "b", 1, []),
        ("", "abcd", 0, []),
    ],
)
def test_what_arrived_beside_what_was_to_be_said(
    arrived: Sequence[str], missing: str, strangers: int, again: list[int]
) -> None:
    """abcd was to be said."""
    assert match("abcd", arrived) == (list(missing), strangers, again)


@pytest.mark.parametrize(
    ("filed", "kinds"),
    [
        ("abcb", "even"),
        ("abc", "1 missing"),
        ("", "4 missing"),
        ("abcbb", "1 doubled"),
        ("abbc", "2 moved"),
        ("abxcb", "1 strange"),
        ("axb", "2 missing, 1 strange"),
        ("bac", "1 missing, 2 moved"),
    ],
)
def test_what_was_filed_beside_what_was_told(filed: str, kinds: str) -> None:
    """abcb was told."""
    assert str(compare("abcb", filed)) == kinds


def test_a_repeat_is_excused_only_by_a_fault_that_loses_answers() -> None:
    """And only near it."""
    assert explained(100.0, 110.0, [Struck("kill the sender", 103.0, 105.0)])
    assert not explained(100.0, 110.0, [Struck("kill a reader", 103.0, 105.0)])
    assert not explained(100.0, 110.0, [Struck("kill the sender", 203.0, 205.0)])


def test_an_uneven_line_says_so() -> None:
    """Missing, too many, wrong."""
    lines = [Line("a", 3, 3), Line("b", 3, 2), Line("c", 0, 1), Line("d", 1, 1, 1)]
    assert [line.even for line in lines] == [True, False, False, False]
    assert printed(lines).count("UNEVEN") == 3
