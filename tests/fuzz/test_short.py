"""Some thousands of the million, for every day; it ends by work done, and memory is judged by the long run alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.books import printed
from tests.fuzz.__main__ import fuzz


@pytest.mark.timeout(900)
async def test_no_odd_input_breaks_or_leaks_anything(tmp_path: Path) -> None:
    """No 5xx, no stack trace, nobody's words with others, and people are answered in the midst of it."""
    lines, explained = await fuzz(5000, 20200508, tmp_path, tell=lambda line: None)
    assert all(line.even for line in lines), "\n".join([*explained, printed(lines)])
