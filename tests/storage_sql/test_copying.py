"""All rows go from one database to another, whichever engines they are, and what Redis may not know of is told again."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from storage.cases import Cases
from storage.migrate import migrate
from storage.records import Officer
from storage.seal import Seal
from storage.sql import copying
from storage.sql.db import connect
from tests.storage_sql.sample import Clock, added, opened, rows


@pytest.fixture
def two(request: pytest.FixtureRequest, sqlite_url: str, postgres_database: str) -> tuple[str, str]:
    """From which database to which."""
    return {"to postgres": (sqlite_url, postgres_database), "to sqlite": (postgres_database, sqlite_url)}[request.param]


@pytest.mark.parametrize("two", ["to postgres", "to sqlite"], indirect=True)
async def test_every_row_arrives_as_it_was(two: tuple[str, str], seal: Seal, tmp_path: Path, clock: Clock) -> None:
    """Moments, days, numbers, sealed values; the audit's chain is whole; numbers go on where they were; nothing goes twice."""
    source, target = (Cases(url, seal, tmp_path / "files", {}, clock, secret="k" * 32) for url in two)
    for url in two:
        await migrate(url)
    officer = await _story(source)
    await _copied(two)
    assert await rows(source) == await rows(target)
    assert not (await target.audit.verify()).broken
    case = opened()
    again = await target.case("uz.mfa", case.ref)
    assert again == await source.case("uz.mfa", case.ref)
    await target.reply(officer, case.ref, "And again.", again.seen)
    assert len(await target.unpublished(100)) == 2 + len(await source.unpublished(100))
    await source.close()
    await target.close()


async def _story(cases: Cases) -> Officer:
    """A case, what was added to it, an officer's answer."""
    officer = await cases.officers.add("demo", "uz.mfa", "Demo Officer")
    await cases.file([opened(), opened("b", 5)])
    await cases.file([added(opened(), 1)])
    await cases.reply(officer, opened().ref, "An answer.", (await cases.case("uz.mfa", opened().ref)).seen)
    return officer


async def _copied(two: tuple[str, str]) -> None:
    """From the first to the second."""
    source, target = map(connect, two)
    async with copying.moment(source).connect() as read, target.execution_options(writes=True).begin() as write:
        assert await copying.empty(write)
        putting = await copying.Putting.into(write)
        async for table, columns, some in copying.copied(read):
            await putting.put(table, columns, some)
        await putting.end()
        assert not await copying.empty(write)
    await source.dispose()
    await target.dispose()


async def test_what_was_told_after_the_copy_of_redis_was_begun_is_told_again(cases: Cases, clock: Clock) -> None:
    """News and events; what was told long before stays so."""
    await _story(cases)
    await cases.told([event.id for event in await cases.news(10)])
    await cases.published([(agency, id) for agency, id, _ in await cases.unpublished(100)])
    for later, told in ((timedelta(hours=1), 0), (timedelta(0), 1)):
        async with cases._db.write() as connection:
            await copying.untell(connection, copying.margin(clock() + later))
        assert len(await cases.news(10)) == told
        assert bool(await cases.unpublished(100)) == bool(told)


async def test_a_copy_is_of_one_moment(cases: Cases, database_url: str) -> None:
    """What is written while it is made is in it whole or not at all."""
    engine = connect(database_url)
    async with copying.moment(engine).connect() as connection:
        copy = copying.copied(connection)
        first = await anext(copy, None)
        writing = asyncio.create_task(cases.file([opened()]))
        await asyncio.wait([writing], timeout=5)
        held = [first, *[some async for some in copy]]
        names = {some[0] for some in held if some}
        assert ("cases" in names) == ("events" in names)
    await writing
    await engine.dispose()
