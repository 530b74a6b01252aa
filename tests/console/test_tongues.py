"""What the desk says by itself, in each language: names of agencies, and moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import cast

import pytest

from bot.settings import Settings
from console.desk import Desk
from console.pages import moment, offset
from locales.say import offered, voice
from storage.cases import Cases
from tests.dialogue import pack


@pytest.mark.parametrize("tag", [tag for tag in offered() if tag != "en"])
def test_no_agency_has_an_english_name(tag: str) -> None:
    """The officer reads what the person was told: the agency's own name in their language, or its translation."""
    desk = Desk(cast("Cases", None), Settings(), pack())
    assert [id for id, agency in pack().agencies.items() if desk.agency(id, tag) == agency.name] == []


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("hu", "2026. november 26., 02:37 UTC"),
        ("kk", "2026\u00a0ж. 26 қараша, 02:37 UTC"),
        ("ky", "2026-ж., 26-ноябрь, 02:37 UTC"),
        ("uz", "26-noyabr, 2026, 02:37 UTC"),
        ("tr", "26 Kasım 2026, 02:37 UTC"),
        ("en", "November 26, 2026, 02:37 UTC"),
    ],
)
def test_a_moment_is_written_as_the_language_writes_days(tag: str, written: str) -> None:
    """Year, month and day stand in the language's own order, as in the chat."""
    assert moment(voice(tag), datetime(2026, 11, 26, 2, 37, tzinfo=UTC)) == written


def test_a_moment_is_told_by_the_clock_of_the_agency() -> None:
    """Summer time, odd offsets, a day that has begun elsewhere; UTC for an agency of no state."""
    desk = Desk(cast("Cases", None), Settings(), pack())
    for agency, at, written in (
        ("uz-migration", datetime(2026, 11, 26, 20, 37, tzinfo=UTC), "November 27, 2026, 01:37 UTC+5"),
        ("hu-oif", datetime(2026, 11, 26, 2, 37, tzinfo=UTC), "November 26, 2026, 03:37 UTC+1"),
        ("hu-oif", datetime(2026, 7, 26, 2, 37, tzinfo=UTC), "July 26, 2026, 04:37 UTC+2"),
        ("nobody", datetime(2026, 7, 26, 2, 37, tzinfo=UTC), "July 26, 2026, 02:37 UTC"),
    ):
        assert moment(voice("en"), at.astimezone(desk.zone(agency))) == written
    for minutes, told in ((330, "UTC+5:30"), (-210, "UTC-3:30"), (-60, "UTC-1"), (0, "UTC")):
        assert offset(datetime(2026, 7, 26, 2, 37, tzinfo=timezone(timedelta(minutes=minutes)))) == told
