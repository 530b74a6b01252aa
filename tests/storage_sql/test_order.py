"""Who comes first in the queue, and that the agency's own rows follow whatever happens to a case."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import select, text

from handlers.nouns import CloseCase, Forget, OpenCase, Priority
from relief.nouns import Service
from relief.pack import load
from storage.cases import Cases
from storage.migrate import config_for, migrate
from storage.records import Filter, Line, Officer
from storage.seal import Seal
from storage.sql.columns import FAR
from storage.sql.db import connect
from storage.sql.sla import Calendar, Clocks
from storage.sql.tables_queue import REASONS, case_agencies
from storage.sql.urgency import bits, level_of
from tests.storage_sql.sample import Clock, added, at, opened

CASE = replace(opened(), assessment=None, facts={"host": "UZ"})
LEVELS: tuple[tuple[Priority, tuple[str, ...], str], ...] = (
    ("normal", (), "normal"),
    ("urgent", ("airport_zone",), "urgent"),
    ("urgent", ("medical", "border_point"), "medical"),
    ("urgent", ("minors", "medical"), "minors"),
    ("danger", ("danger", "minors"), "danger"),
)


@pytest.fixture
async def officer(cases: Cases) -> Officer:
    """An officer of the agency whose turn CASE is."""
    return await cases.officers.add("demo1", "uz.mfa", "Demo Officer")


async def _line(cases: Cases, agency: str = "uz.mfa", case: OpenCase = CASE) -> Line:
    return (await cases.case(agency, case.id)).line


async def _seen(cases: Cases) -> str:
    return (await cases.case("uz.mfa", CASE.ref)).seen


async def test_danger_children_medical_other_reasons_then_the_rest(cases: Cases) -> None:
    """The oldest is last if nothing presses it, the youngest first if life is at risk."""
    many = [
        replace(CASE, id=f"c{n}", ref=f"r{n}", at=at(n), priority=p, reasons=r) for n, (p, r, _) in enumerate(LEVELS)
    ]
    await cases.file(many)
    found = (await cases.queue("uz.mfa", Filter())).lines
    assert [line.level for line in found] == [level for _, _, level in reversed(LEVELS)]
    assert [line.id for line in found] == [case.id for case in reversed(many)]


@given(st.lists(st.sampled_from(REASONS), unique=True), st.sampled_from(REASONS))
def test_a_reason_is_found_exactly_where_it_is(reasons: list[str], asked: str) -> None:
    """Each reason has a bit of its own; what nobody filters by leaves no trace."""
    assert bool(bits([*reasons, "none of ours"]) & bits([asked])) == (asked in reasons)
    assert level_of("normal", reasons) == "normal"


async def test_within_a_level_who_must_be_answered_soonest_comes_first(cases: Cases) -> None:
    """A younger case whose relief ends tomorrow goes before an older one; a last day that is over moves nobody."""
    plain = replace(CASE, id="plain", ref="r1", at=at(0), priority="normal", reasons=())
    ends = replace(plain, id="ends", ref="r2", at=at(9), facts=CASE.facts | {"expires": "2020-05-09"})
    over = replace(plain, id="over", ref="r3", at=at(5), facts=CASE.facts | {"expires": "2020-05-01"})
    await cases.file([plain, ends, over])
    found = (await cases.queue("uz.mfa", Filter())).lines
    assert [(line.id, line.ends) for line in found] == [
        ("ends", date(2020, 5, 9)),
        ("plain", None),
        ("over", date(2020, 5, 1)),
    ]
    assert found[0].due == datetime(2020, 5, 9, tzinfo=UTC)
    assert found[1].due == datetime(2020, 5, 12, 15, 0, tzinfo=UTC)  # 24 working hours after Friday, 9 o'clock


async def test_an_answer_stops_the_clock_and_a_word_of_the_citizen_starts_it(
    cases: Cases, officer: Officer, clock: Clock
) -> None:
    """Nobody must act while the citizen is asked something; their word is unread until this agency acts."""
    await cases.file([CASE])
    line = await _line(cases)
    assert (line.since, line.unread) == (CASE.at, True)
    await cases.reply(officer, CASE.ref, "Which flight?", await _seen(cases))
    line = await _line(cases)
    assert (line.since, line.due, line.unread) == (None, None, False)
    await cases.file([added(CASE, 1, minutes=700), added(CASE, 2, minutes=800)])
    line = await _line(cases)
    assert (line.since, line.unread) == (at(700), True)
    assert line.due is not None
    await cases.note(officer, CASE.ref, "Read it", "")
    assert not (await _line(cases)).unread
    assert (await _line(cases)).since == at(700)
    await cases.set_status(officer, CASE.ref, "waiting", await _seen(cases))
    assert (await _line(cases)).due is None
    await cases.file([added(CASE, 3, minutes=900)])
    assert (await _line(cases)).since == at(900)


async def test_only_the_agency_whose_turn_it_is_has_a_clock(cases: Cases, officer: Officer) -> None:
    """The other one sees the case, unread until it acts itself, and owes no answer."""
    abroad = await cases.officers.add("demo2", "kz.mfa", "Demo Abroad")
    await cases.file([CASE])
    assert ((await _line(cases, "kz.mfa")).due, (await _line(cases, "kz.mfa")).unread) == (None, True)
    await cases.reply(abroad, CASE.ref, "We help too", await _seen(cases))
    assert (await _line(cases)).due is not None
    assert ((await _line(cases)).unread, (await _line(cases, "kz.mfa")).unread) == (True, False)


async def test_a_closed_case_leaves_the_open_ones_and_comes_back(cases: Cases) -> None:
    """Solved: nobody waits. A word reopens it, and somebody does."""
    await cases.file([CASE, CloseCase("solved", CASE.id, at(5))])
    assert (await cases.queue("uz.mfa", Filter())).lines == ()
    assert ((await _line(cases)).since, (await _line(cases)).due) == (None, None)
    await cases.file([added(CASE, 1, minutes=9)])
    (line,) = (await cases.queue("uz.mfa", Filter())).lines
    assert (line.since, line.status) == (at(9), "received")


async def test_a_forgotten_case_keeps_nothing_that_is_sorted_by(cases: Cases, officer: Officer) -> None:
    """No reason, no day, no holder, no unread mark."""
    ends = replace(CASE, facts={"host": "UZ", "expires": "2020-06-01"}, reasons=("minors",))
    await cases.file([ends])
    await cases.file([Forget("forget", CASE.chat, CASE.chat_ref, (CASE.id,), at(9))])
    async with cases._db.read() as connection:
        row = (await connection.execute(select(case_agencies).where(case_agencies.c.agency == "uz.mfa"))).one()
    assert (row.why, row.due, row.holder, row.unread, row.shut) == (0, FAR, "", False, 1)
    assert (await _line(cases)).ends is None


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2020-05-08T06:00+05:00", 1, "2020-05-08T10:00+05:00"),  # before it opens: from the opening on
        ("2020-05-08T17:00+05:00", 2, "2020-05-11T10:00+05:00"),  # over a weekend
        ("2020-05-07T10:00+05:00", 8, "2020-05-07T18:00+05:00"),
        ("2020-03-20T17:30+05:00", 1, "2020-03-24T09:30+05:00"),  # Navruz, moved to Monday
    ],
)
def test_working_hours_pass_only_while_the_agency_works(start: str, hours: int, end: str) -> None:
    """Nights, weekends and the state's holidays do not count; the agency's own time zone does."""
    calendar = Calendar(Service(), "UZ", "Asia/Tashkent")
    began, expected = datetime.fromisoformat(start), datetime.fromisoformat(end)
    assert calendar.add(began, hours) == expected
    assert calendar.between(began, expected) == pytest.approx(hours)


def test_a_working_saturday_counts() -> None:
    """Hungary worked on Saturday 29 August 2020 for Friday 21 August."""
    calendar = Calendar(Service(), "HU", "Europe/Budapest")
    assert not calendar.works(date(2020, 8, 21))
    assert calendar.works(date(2020, 8, 29))


@given(
    st.datetimes(datetime(2019, 1, 1), datetime(2022, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the strategy adds it
    st.integers(1, 80),
    st.sampled_from([("HU", "Europe/Budapest"), ("KZ", "Asia/Almaty"), ("", "UTC")]),
)
def test_the_clock_adds_what_it_measures(start: datetime, hours: int, where: tuple[str, str]) -> None:
    """Across every summer time and run of holidays."""
    calendar = Calendar(Service(), *where)
    assert calendar.between(start, calendar.add(start, hours)) == pytest.approx(hours)


def test_danger_runs_through_the_night() -> None:
    """One hour, whatever the hour; a normal case waits for the morning."""
    clocks, night = Clocks({"a": Calendar(Service(), "AZ", "Asia/Baku")}), datetime(2020, 5, 7, 22, 0, tzinfo=UTC)
    assert clocks.due("a", "danger", night, None, night) == night + timedelta(hours=1)
    assert clocks.due("a", "normal", night, None, night) > night + timedelta(days=3)


def test_the_believed_day_moves_the_last_day_with_it() -> None:
    """A demonstration lives in May 2020 by a clock of today: three days before the end stay three days."""
    now = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
    due = Clocks(today=date(2020, 5, 8)).due("a", "normal", now, date(2020, 5, 10), now)
    assert due == datetime(2026, 11, 28, tzinfo=UTC)


def test_every_agency_of_the_pack_has_a_calendar_of_its_state() -> None:
    """The library knows the holidays of all seven states."""
    pack = load("turkic-2020")
    clocks = Clocks.of(pack)
    for agency in pack.agencies.values():
        calendar = clocks._calendar(agency.id)
        assert calendar.works(date(2021, 1, 1)) == (not agency.state)
        assert (calendar._zone.key == "UTC") == (not agency.state)


async def test_a_database_full_of_old_cases_is_filled(database_url: str, seal: Seal, tmp_path: Path) -> None:
    """The step copies what stands in clear; `refresh` opens the rest and then finds nothing more to do."""
    await migrate(database_url)
    store = Cases(database_url, seal, tmp_path, clock=Clock(), secret="s" * 32)
    many = [
        replace(CASE, id=f"c{n}", ref=f"r{n}", at=at(n), priority=p, reasons=r) for n, (p, r, _) in enumerate(LEVELS)
    ]
    ends = replace(opened("ends"), reasons=("minors",))
    await store.file([*many, ends, added(ends, 1, body="Flughafen"), CloseCase("x", "c0", at(9))])
    before = await store.queue("uz.mfa", Filter())
    engine = connect(database_url)
    async with engine.execution_options(writes=True).begin() as connection:
        await connection.run_sync(lambda c: command.downgrade(config_for(c), "0001"))
        assert (await connection.execute(text("SELECT max(urgency) FROM cases"))).scalar_one() == 2
    await engine.dispose()
    await migrate(database_url)
    assert [line.id for line in (await store.queue("uz.mfa", Filter(level="medical"))).lines] == ["c2"]
    assert (await store.queue("uz.mfa", Filter(words="flughafen"))).lines == ()
    assert [await store.refresh(4), await store.refresh(4), await store.refresh(4)] == [4, 2, 0]
    after = await store.queue("uz.mfa", Filter())
    assert [(line.id, line.due, line.ends) for line in after.lines] == [
        (line.id, line.due, line.ends) for line in before.lines
    ]
    assert [line.id for line in (await store.queue("uz.mfa", Filter(words="flughafen"))).lines] == [ends.id]
    await store.close()


async def test_a_case_that_cannot_be_opened_stops_nobody(database_url: str, seal: Seal, tmp_path: Path) -> None:
    """Its data key is gone: it is sorted by what stands in clear, once, and the others are brought to the rules."""
    await migrate(database_url)
    old = Cases(database_url, Seal({"lost": b"l" * 32}), tmp_path, clock=Clock())
    await old.file([CASE])
    await old.close()
    new = Cases(database_url, seal, tmp_path, clock=Clock(), secret="s" * 32)
    assert [await new.refresh(), await new.refresh()] == [1, 0]
    assert [line.id for line in (await new.queue("uz.mfa", Filter())).lines] == [CASE.id]
    await new.close()


async def test_changed_targets_reach_old_cases(database_url: str, seal: Seal, tmp_path: Path) -> None:
    """An operator who promises more in the pack sees it on every open case, not only on new ones."""
    await migrate(database_url)
    old = Cases(database_url, seal, tmp_path, clock=Clock())
    await old.file([CASE])
    await old.close()
    sooner = Clocks({"uz.mfa": Calendar(Service(targets={"minors": 1}))})
    new = Cases(database_url, seal, tmp_path, clock=Clock(), clocks=sooner)
    assert await new.refresh() == 1
    assert (await _line(new)).due == CASE.at + timedelta(hours=1)
    await new.close()
