"""The benchmark of the desk asks for real pages and gets them; how quickly is not a test's business."""

from __future__ import annotations

from benchmarks.desk import questions, results


async def test_every_page_that_is_measured_is_a_page(postgres_database: str) -> None:
    """A page that redirects or fails would end it before its table is whole."""
    found = await results(postgres_database, many=400, times=2)
    assert {one.name for one in found} > {asked.name for asked in questions([], "")}
