"""A day typed in any of the ten languages is the day, or is asked about; never another day."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from babel.dates import format_date
from hypothesis import example, given
from hypothesis import strategies as st

from handlers.dates import moved, read_date
from handlers.dayparts import names
from handlers.text import fold, key
from locales.say import NAMES, voice

HERE = Path(__file__).parent
TODAY = date(2026, 11, 23)
FACTS = HERE.parents[2] / "shared" / "facts" / "langdata"
LOCALES = st.sampled_from(sorted(NAMES))
DAYS = st.dates(date(1950, 1, 1), date(2050, 1, 1))


def ours() -> Iterator[tuple[str, str, str]]:
    """Our own rows: language, message, what it says."""
    for line in (HERE / "reading" / "dates.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            locale, text, said = line.split("\t")
            yield locale, text, said


def told(text: str, locale: str, today: date, toward: str) -> str:
    """The day, AMBIGUOUS or INVALID."""
    reading = read_date(text, locale, today, toward)
    return reading.value or {"ambiguous": "AMBIGUOUS", "unknown": "INVALID"}[reading.status]


def measured(name: str) -> list[dict[str, str]]:
    """The workshop's own measured set, which lies beside the repository; elsewhere none, and our own rows stand for it."""
    if not FACTS.exists():
        return []
    with (FACTS / name).open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize(("locale", "text", "said"), list(ours()))
def test_a_day_is_read_as_it_is_meant(locale: str, text: str, said: str) -> None:
    """Whole, without a year, relative, by weekday, with endings, without marks, misspelt, in a sentence."""
    assert told(text, locale, TODAY, "past") == said


def test_the_measured_set_is_right_and_never_silently_wrong() -> None:
    """At least 98 % right, and no row of both columns gives another day."""
    rows = measured("dates.tsv")
    right, wrong = 0, []
    for row in rows:
        today = date.fromisoformat(row["reference_date"])
        for toward, column in (("past", "expected"), ("future", "expected_if_question_is_about_future")):
            got = told(row["input"], row["lang"], today, toward)
            right += got == row[column]
            if got != row[column] and got[0].isdigit():
                wrong.append((row["input"], got))
    assert not wrong
    assert right >= 0.98 * 2 * len(rows)


@given(LOCALES, DAYS)
@example("tr", date(2020, 5, 20))
def test_what_we_write_we_read(locale: str, day: date) -> None:
    """Our own long form, weekday and all, is read back; typed in capitals and without marks too."""
    written = voice(locale).day(day)
    for text in (written, written.upper(), fold(written), written.rpartition(",")[0]):
        reading = read_date(text, locale, TODAY, "past")
        assert reading.value == day.isoformat(), text


@given(LOCALES, DAYS, st.sampled_from(("full", "long", "d MMMM y", "d MMMM, y", "y MMMM d", "dd.MM.y")))
def test_clean_dates_of_cldr_are_never_another_day(locale: str, day: date, pattern: str) -> None:
    """Read, or asked about (Hungarian figures, whose order is open)."""
    reading = read_date(format_date(day, pattern, locale=locale), locale, TODAY, "past")
    assert reading.value == day.isoformat() or (
        reading.status == "ambiguous" and pattern == "dd.MM.y" and locale == "hu"
    )


@given(LOCALES, DAYS, st.data())
def test_a_slip_of_the_finger_never_makes_another_day(locale: str, day: date, data: st.DataObject) -> None:
    """One letter of the month left out, doubled, changed, or swapped with the next: the same day, or not understood.

    Unless another month's name, or its short form, comes of it: `mar` for `may`.
    """
    written = format_date(day, "d MMMM y", locale=locale)
    number, month, year = written.split()
    at = data.draw(st.integers(0, len(month) - 1))
    letter = data.draw(st.sampled_from("аеиклмнорту" if "Ѐ" <= month[0] <= "ӿ" else "abdeiklmnortuy"))
    slip = data.draw(st.sampled_from(("drop", "double", "change", "swap")))
    changed = {
        "drop": month[:at] + month[at + 1 :],
        "double": month[:at] + month[at] + month[at:],
        "change": month[:at] + letter + month[at + 1 :],
        "swap": month[:at] + month[at + 1 : at + 2] + month[at] + month[at + 2 :],
    }[slip]
    reading = read_date(f"{number} {changed} {year}", locale, TODAY, "past")
    if not any(key(changed) in names(tag) for tag in (locale, "ru", "en")):
        assert reading.value in ("", day.isoformat()), changed


def test_the_question_decides_the_year() -> None:
    """Entry lies in the past, an appointment in the future; for an expiry both are offered, the nearer first."""
    assert read_date("15 mart", "tr", TODAY, "past").value == "2026-03-15"
    assert read_date("15 mart", "tr", TODAY, "future").value == "2027-03-15"
    assert read_date("15 mart", "tr", TODAY, "near").options == ("2027-03-15", "2026-03-15")
    assert read_date("29 February", "en", TODAY, "past").value == "2024-02-29"


def test_months_are_counted_to_the_end_of_a_shorter_one() -> None:
    """A month before 31 March is the last of February."""
    assert moved(date(2026, 3, 31), "month", -1) == date(2026, 2, 28)
    assert moved(date(2026, 3, 31), "year", 90) is None
