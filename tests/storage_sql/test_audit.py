"""The audit: what is recorded stands in one chain, and nobody changes it unnoticed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.cases import Cases
from storage.records import Officer, Verdict
from storage.seal import Seal
from storage.sql.audit_reading import Wanted
from storage.sql.auditing import Chain, Link, Somebody, record
from storage.sql.tables_people import audit, audit_head
from tests.storage_sql.sample import SECRET, Clock, opened

OFFICER = Officer("demo-id", "uz.mfa", "demo1", "Demo Officer", "officer", active=True)
OTHER = Somebody("key:demo", "kz.mfa")


async def _three(cases: Cases) -> None:
    """Three reads."""
    for n in (1, 2, 3):
        await cases.audit.read(OFFICER, "case.read", f"case-{n}")


async def _change(cases: Cases, *statements: object) -> None:
    """What somebody does who has the database, and not the secret."""
    async with cases._db.engine.begin() as connection:
        for statement in statements:
            await connection.execute(statement)  # type: ignore[call-overload]  # any statement


async def test_reads_and_acts_stand_in_one_chain(cases: Cases, clock: Clock) -> None:
    """Each row holds who, when, for which agency, what, to whom; an act and its row are one transaction."""
    case = opened()
    await cases.file([case])
    await cases.audit.read(OFFICER, "case.read", case.id)
    clock.forward(minutes=1)
    seen = (await cases.case("uz.mfa", case.ref)).seen
    event = await cases.reply(OFFICER, case.ref, SECRET, seen)
    assert await cases.reply(OFFICER, case.ref, SECRET, seen) == event
    deeds = await cases.audit.page("uz.mfa", Wanted())
    assert [(d.n, d.who, d.act, d.subject, d.detail) for d in deeds] == [
        (2, "demo-id", "case.reply", case.id, event),
        (1, "demo-id", "case.read", case.id, ""),
    ]
    assert deeds[0].at == clock.moment
    found = await cases.audit.verify()
    assert (found.n, found.broken) == (2, 0)
    async with cases._db.read() as connection:
        assert SECRET not in repr((await connection.execute(select(audit))).all())


async def test_what_is_taken_back_is_not_recorded(cases: Cases) -> None:
    """A failed transaction leaves no row and no gap; a transaction that only reads records nothing, and says so."""

    async def fail() -> None:
        async with cases._db.write() as connection:
            await record(connection, OFFICER, "case.reply", "case-1")
            raise OSError("demo")

    with pytest.raises(OSError, match="demo"):
        await fail()
    await cases.audit.read(OFFICER, "case.read", "case-1")
    async with cases._db.read() as connection:
        with pytest.raises(RuntimeError, match=r"Db\.write"):
            await record(connection, OFFICER, "case.read", "case-1")
    assert [d.n for d in await cases.audit.page("uz.mfa", Wanted())] == [1]


async def test_many_writers_make_one_chain(cases: Cases) -> None:
    """Two entries of a transaction stay together, whoever writes beside it, and whatever else each of them holds."""

    async def twice(n: int) -> None:
        async with cases._db.write() as connection:
            await record(connection, OFFICER, "case.read", f"case-{n}")
            await record(connection, OTHER, "case.read", f"case-{n}")

    await asyncio.gather(*(twice(n) for n in range(12)))
    assert (await cases.audit.verify()).n == 24
    ours = await cases.audit.page("uz.mfa", Wanted())
    assert sorted(d.n % 2 for d in ours) == [1] * 12


async def test_reads_at_once_are_each_written_before_they_return(cases: Cases) -> None:
    """Many beside each other, some of whose readers go away: one row each, in one chain."""

    async def read(n: int) -> None:
        await cases.audit.read(OFFICER, "case.read", f"case-{n}")
        assert [d.subject for d in await cases.audit.page("uz.mfa", Wanted(subject=f"case-{n}"))] == [f"case-{n}"]

    readers = [asyncio.create_task(read(n)) for n in range(40)]
    await asyncio.sleep(0)
    for reader in readers[::7]:
        reader.cancel()
    ended = await asyncio.gather(*readers, return_exceptions=True)
    assert {type(e) for e in ended[::7]} <= {asyncio.CancelledError, type(None)}
    assert [e for n, e in enumerate(ended) if n % 7] == [None] * 34
    await cases.audit.read(OTHER, "case.read", "case-last")
    assert {d.subject for d in await cases.audit.page("uz.mfa", Wanted())} >= {f"case-{n}" for n in range(40) if n % 7}
    assert (await cases.audit.verify()).broken == 0


async def test_a_store_that_closes_writes_what_was_read(
    cases: Cases, database_url: str, seal: Seal, tmp_path: Path
) -> None:
    """Whose reader has gone away, too."""
    closing = Cases(database_url, seal, tmp_path, secret="k" * 32)
    reader = asyncio.create_task(closing.audit.read(OFFICER, "case.read", "case-1"))
    await asyncio.sleep(0)
    reader.cancel()
    await closing.close()
    assert [d.subject for d in await cases.audit.page("uz.mfa", Wanted())] == ["case-1"]
    await closing.close()


async def test_a_read_that_cannot_be_written_fails_and_the_next_does_not(
    cases: Cases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that were to be written together; nothing of them is kept."""

    async def fail(connection: AsyncConnection, moment: datetime) -> None:
        raise OSError("demo")

    read = cases.audit.read
    with monkeypatch.context() as broken:
        broken.setattr(cases._db.chain, "append", fail)
        both = await asyncio.gather(*(read(OFFICER, "case.read", "case-1") for _ in (1, 2)), return_exceptions=True)
    assert [type(fault) for fault in both] == [OSError, OSError]
    await read(OFFICER, "case.read", "case-2")
    assert [d.subject for d in await cases.audit.page("uz.mfa", Wanted())] == ["case-2"]


Crime = Callable[[AsyncConnection], None]


@pytest.mark.parametrize(
    ("crime", "broken", "how"),
    [
        ([update(audit).where(audit.c.n == 2).values(subject="another")], 2, "changed"),
        ([update(audit).where(audit.c.n == 2).values(who="somebody else")], 2, "changed"),
        ([update(audit).where(audit.c.n == 1).values(hash="0" * 64)], 1, "changed"),
        ([delete(audit).where(audit.c.n == 1)], 1, "missing"),
        ([delete(audit).where(audit.c.n == 2)], 2, "missing"),
        ([delete(audit).where(audit.c.n == 3)], 3, "missing"),
        ([delete(audit)], 1, "missing"),
        ([delete(audit).where(audit.c.n == 2), update(audit).where(audit.c.n == 3).values(n=2)], 2, "changed"),
        ([delete(audit).where(audit.c.n == 3), update(audit_head).values(n=2)], 2, "head"),
        ([update(audit_head).values(mark="0" * 64)], 3, "head"),
    ],
)
async def test_a_tampered_chain_is_named_by_its_first_broken_row(
    cases: Cases, crime: list[object], broken: int, how: str
) -> None:
    """A changed, removed, moved or cut-off row; a head set back to hide it."""
    await _three(cases)
    assert (await cases.audit.verify()).broken == 0
    await _change(cases, *crime)
    found = await cases.audit.verify()
    assert (found.broken, found.how) == (broken, how)


async def test_a_head_that_was_noted_shows_that_everything_was_set_back(cases: Cases) -> None:
    """Who puts an old copy of the whole database back has a chain that holds; a place noted elsewhere betrays it."""
    await _three(cases)
    async with cases._db.read() as connection:
        old = (await connection.execute(select(audit_head))).mappings().one()
    await cases.audit.read(OFFICER, "case.read", "case-4")
    noted = await cases.audit.verify()
    await _change(cases, delete(audit).where(audit.c.n == 4), update(audit_head).values(dict(old)))
    assert (await cases.audit.verify()).broken == 0
    assert (await cases.audit.verify(Link(noted.n, noted.hash))).broken == 4
    await cases.audit.read(OFFICER, "case.read", "case-5")
    assert (await cases.audit.verify(Link(noted.n, noted.hash))).how == "changed"


async def test_another_secret_makes_no_row_that_fits(
    cases: Cases, database_url: str, seal: Seal, tmp_path: Path
) -> None:
    """Without the secret no row can be made; after a change of it the walk begins behind a place noted before."""
    await _three(cases)
    noted = await cases.audit.verify()
    thief = Cases(database_url, seal, tmp_path, secret="x" * 32)
    assert await cases.audit.fits()
    assert not await thief.audit.fits()
    await thief.audit.read(OFFICER, "case.read", "case-4")
    assert (await cases.audit.verify()).how == "head"
    assert (await thief.audit.verify()).broken == 1
    assert (await thief.audit.verify(Link(noted.n, noted.hash))).broken == 0
    await thief.close()


async def test_an_agency_reads_its_own_rows_in_pages(cases: Cases) -> None:
    """Never another's, by whatever it asks for; by officer, by case, since when; the newest first."""
    await _three(cases)
    await cases.audit.read(OTHER, "case.read", "case-1")
    await cases.audit.read(Somebody("demo-2", "uz.mfa"), "case.read", "case-1")
    page = cases.audit.page
    assert [d.n for d in await page("uz.mfa", Wanted(), limit=2)] == [5, 3]
    assert [d.n for d in await page("uz.mfa", Wanted(), before=3, limit=2)] == [2, 1]
    assert [d.n for d in await page("uz.mfa", Wanted(subject="case-1"))] == [5, 1]
    assert [d.n for d in await page("uz.mfa", Wanted(who="demo-2"))] == [5]
    assert [d.n for d in await page("uz.mfa", Wanted(who=OTHER.id))] == []
    assert [d.n for d in await page("kz.mfa", Wanted())] == [4]
    assert await page("uz.mfa", Wanted(since=Clock().moment.replace(year=2021))) == []


async def test_a_long_chain_is_walked_in_strides(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk does not end where a stride does."""
    monkeypatch.setattr("storage.sql.audit_reading._STRIDE", 2)
    for _ in range(2):
        await _three(cases)
    assert await cases.audit.verify() == Verdict(6, (await cases.audit.verify()).hash, 0, "")
    await _change(cases, update(audit).where(audit.c.n == 6).values(detail="x"))
    assert (await cases.audit.verify()).broken == 6
    async with cases._db.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(audit))).scalar_one() == 6


def test_a_hash_holds_every_part_of_a_row() -> None:
    """No two different rows are one text: what ends one field cannot begin the next."""
    chain, moment = Chain("k" * 32), Clock().moment
    row = {"n": 1, "at": moment, "agency": "a", "who": "b", "act": "c", "subject": "d", "detail": "e"}
    others = [{**row, name: "ab"} for name in ("agency", "who", "act", "subject", "detail")]
    others += [{**row, "n": 2}, {**row, "at": moment.replace(year=2021)}, {**row, "agency": "", "who": "ab"}]
    hashes = {chain.hash("", one) for one in (row, *others)} | {chain.hash("x", row)}
    assert len(hashes) == len(others) + 2
