"""Reading the audit: an agency's own rows in pages, and the walk along the chain that shows whether it is whole."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, RowMapping, func, select

from storage.records import Deed, Missing, Verdict
from storage.sql.among import among
from storage.sql.auditing import START, Actor, Link, record
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.ids import plain
from storage.sql.reading import find
from storage.sql.sight import sees_case, sees_deed
from storage.sql.tables import cases, officers
from storage.sql.tables_people import audit, audit_head

_STRIDE = 2000  # rows looked at in one go


class Wanted(NamedTuple):
    """Which rows: of one officer, on one case or officer, from a moment on. Empty means any."""

    who: str = ""
    subject: str = ""
    since: datetime | None = None


class Reading(NamedTuple):
    """That somebody opened a case, and when last. `name` is an officer's; empty for a program (`who` is `key:<id>`)."""

    who: str
    name: str
    at: datetime


class Audit:
    """The audit as rooms to the left use it."""

    def __init__(self, db: Db) -> None:
        """On the case store's database."""
        self._db = db
        self._reads: list[tuple[Actor, str, str, str]] = []
        self._batch: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    async def read(self, by: Actor, act: str, subject: str = "", detail: str = "") -> None:
        """Record that somebody read what concerns a person. To be awaited before it is shown: what is not written is not read.

        Reads that come while others are being written are written together after them: they would only queue for the chain.
        """
        self._reads.append((by, act, subject, detail))
        if self._batch is None:
            self._batch = asyncio.create_task(self._write())
        await asyncio.shield(self._batch)

    async def settled(self) -> None:
        """Return once all reads are written, also those whose readers have gone away."""
        if self._batch is not None:
            await asyncio.wait({self._batch})
        async with self._turn:
            return

    async def _write(self) -> None:
        """Write the reads that wait, in one transaction, once those before them are written."""
        async with self._turn:
            reads, self._reads, self._batch = self._reads, [], None
            async with self._db.write() as connection:
                for read in reads:
                    await record(connection, *read)

    async def page(self, agency: str, wanted: Wanted, before: int = 0, limit: int = 50) -> Sequence[Deed]:
        """Up to `limit` of the agency's rows, the newest first; `before`: only those with a smaller number."""
        fits = [sees_deed(agency), *_conditions(wanted), *([audit.c.n < before] if before else [])]
        found = select(audit).where(*fits).order_by(audit.c.n.desc()).limit(limit)
        async with self._db.read() as connection:
            return [_deed(row) for row in (await connection.execute(found)).mappings()]

    async def readers(self, agency: str, case: str, limit: int = 20) -> Sequence[Reading]:
        """Who of the agency has opened the case with this id, the last first."""
        last = func.max(audit.c.at).label("at")
        fits = (sees_deed(agency), audit.c.subject == plain(case, 64), audit.c.act == "case.read")
        wanted = (
            select(audit.c.who, officers.c.name, last).outerjoin(officers, officers.c.id == audit.c.who).where(*fits)
        )
        wanted = wanted.group_by(audit.c.who, officers.c.name).order_by(last.desc(), audit.c.who).limit(limit)
        async with self._db.read() as connection:
            return [Reading(who, name or "", at) for who, name, at in await connection.execute(wanted)]

    async def case(self, agency: str, key: str) -> str:
        """The id of the agency's case with this reference or id; empty if it has none."""
        if not key:
            return ""
        async with self._db.read() as connection:
            try:
                id: str = (await find(connection, agency, key))["id"]
            except Missing:
                return ""
        return id

    async def keys(self, agency: str, ids: Sequence[str]) -> Mapping[str, str]:
        """By what key each of these cases is opened; those that the agency does not see (any more) are left out."""
        wanted = select(cases.c.id, cases.c.ref).where(among(cases.c.id, set(ids)), sees_case(agency))
        async with self._db.read() as connection:
            return {row.id: row.ref or row.id for row in await connection.execute(wanted)}

    async def fits(self) -> bool:
        """Whether the chain's end was written with our secret: a wrong one would break the chain at the next row."""
        async with self._db.read() as connection:
            head = (await connection.execute(select(audit_head))).one()
        return head.n == 0 or hmac.compare_digest(head.mark, self._db.chain.mark(Link(head.n, head.hash)))

    async def verify(self, after: Link = START) -> Verdict:
        """Walk the chain from behind `after`, a place that was noted earlier, and name the first row that is not as written."""
        async with self._db.read() as connection:
            head = (await connection.execute(select(audit_head))).one()
            end = Link(head.n, head.hash)
            if end != START and not hmac.compare_digest(head.mark, self._db.chain.mark(end)):
                return Verdict(end.n, end.hash, end.n, "head")
            fault = await self._foot(connection, after) or await self._walk(connection, after, end)
        return fault or Verdict(end.n, end.hash, 0, "")

    async def _foot(self, connection: AsyncConnection, after: Link) -> Verdict | None:
        """The noted place must still be there."""
        if after == START:
            return None
        kept = (await connection.execute(select(audit.c.hash).where(audit.c.n == after.n))).scalar_one_or_none()
        return None if kept == after.hash else _broken(after.n, "missing" if kept is None else "changed")

    async def _walk(self, connection: AsyncConnection, link: Link, end: Link) -> Verdict | None:
        """Row by row; those that were written while we walk are looked at too."""
        async for row in _rows(connection, link.n):
            if row["n"] != link.n + 1:
                return _broken(link.n + 1, "missing")
            if not hmac.compare_digest(row["hash"], self._db.chain.hash(link.hash, row)):
                return _broken(row["n"], "changed")
            link = Link(row["n"], row["hash"])
            if link.n == end.n and link.hash != end.hash:
                return _broken(link.n, "changed")
        return _broken(link.n + 1, "missing") if link.n < end.n else None


async def _rows(connection: AsyncConnection, after: int) -> AsyncIterator[RowMapping]:
    """All rows behind a place, in order."""
    while True:
        wanted = select(audit).where(audit.c.n > after).order_by(audit.c.n).limit(_STRIDE)
        rows = (await connection.execute(wanted)).mappings().all()
        for row in rows:
            yield row
        if len(rows) < _STRIDE:
            return
        after = rows[-1]["n"]


def _broken(n: int, how: str) -> Verdict:
    """The chain is broken at row `n`."""
    return Verdict(0, "", n, how)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """The filter as conditions."""
    found: list[ColumnElement[bool]] = []
    if wanted.who:
        found.append(audit.c.who == plain(wanted.who, 80))
    if wanted.subject:
        found.append(audit.c.subject == plain(wanted.subject, 64))
    if wanted.since is not None:
        found.append(audit.c.at >= wanted.since)
    return found


def _deed(row: RowMapping) -> Deed:
    """A row as a noun."""
    return Deed(row["n"], row["at"], row["agency"], row["who"], row["act"], row["subject"], row["detail"])
