"""The case store: everything that rooms to the left ask of it, in one place. Each question has its file in `storage/sql`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from handlers.nouns import Effect, Export, Inbound, Status
from storage.files import Files, Folder
from storage.machines import CaseEvent, Post, Result, Taken
from storage.migrate import Behind, behind
from storage.officers import Officers
from storage.records import Attachment, CaseFile, Fetch, Filter, Line, Officer, Page, View
from storage.records_work import PLAIN, Original
from storage.seal import Seal
from storage.sql import (
    answering,
    claims,
    exporting,
    feed,
    filing,
    lapsing,
    media,
    news,
    opening,
    posting,
    queue,
    reading,
    refreshing,
    taking,
    totals,
    views,
)
from storage.sql.api_keys import Keys
from storage.sql.audit_reading import Audit
from storage.sql.db import POOL, Db, Pool, now
from storage.sql.hooking import Hooks
from storage.sql.sla import Clocks
from storage.sql.totals import Totals
from storage.work import Work


class Cases:
    """Cases in SQLite or PostgreSQL, their files in a folder or a bucket. Make the tables first (`storage.migrate`)."""

    def __init__(
        self,
        database_url: str,
        seal: Seal,
        attachments: Files | Path,
        names: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] = now,
        clocks: Clocks | None = None,
        secret: str = "",
        pool: Pool = POOL,
    ) -> None:
        """`attachments`: where the sealed files are (a path: a folder). `names`: the agencies' by id, for exports.

        `clock`: the time. `pool`: how many connections to PostgreSQL are kept.
        `clocks`: the agencies' working hours. `secret`: the installation's secret key: from it come the audit's key and that of
        the words that can be searched for. Raises ValueError for a database that is neither PostgreSQL nor SQLite.
        """
        self._names = names or {}
        files = Folder(attachments, seal) if isinstance(attachments, Path) else attachments
        self._db = Db(database_url, seal, files, clock, clocks, secret, pool)
        self.officers = Officers(self._db)
        self.keys = Keys(self._db)
        self.hooks = Hooks(self._db)
        self.audit = Audit(self._db)
        self.work = Work(self._db)

    async def ready(self) -> None:
        """Return if the database answers and has our tables. Raises sqlalchemy.exc.SQLAlchemyError, OSError or Behind."""
        async with self._db.read() as connection:
            stands = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalars().all()
        if why := behind(stands):
            raise Behind(why)

    async def close(self) -> None:
        """Give all connections back, once what is being recorded is written."""
        await self.audit.settled()
        await self._db.close()

    # The clerk's side.

    async def file(self, effects: Sequence[Effect]) -> None:
        """File a batch in one transaction, each effect once however often it comes. Those not for SQL are ignored."""
        await filing.file(self._db, effects)

    async def export(self, effect: Export) -> str:
        """All that these cases of this chat hold, as a text in the person's language."""
        return await exporting.export(self._db, effect, self._names)

    async def lapse(self, limit: int = 200) -> int:
        """Empty cases that were closed a year ago, at most `limit`. How many; call again while there are any."""
        wishes = await lapsing.lapsed(self._db, limit)
        if wishes:
            await filing.file(self._db, wishes)
        return len(wishes)

    async def refresh(self, limit: int = 200) -> int:
        """Bring cases filed under older rules (of sorting, searching, deadlines) to today's. How many; call again while any."""
        return await refreshing.refresh(self._db, limit)

    async def news(self, limit: int) -> Sequence[Inbound]:
        """What staff did that its chat has not been told, oldest first."""
        return await news.news(self._db, limit)

    async def told(self, ids: Sequence[str]) -> None:
        """These news (ids of events or of their Inbounds) are safely in their chats' inbox."""
        await news.told(self._db, ids)

    async def unpublished(self, limit: int) -> Sequence[tuple[str, str, bytes]]:
        """(agency, event id, JSON) not yet in the agency's stream, in order; the JSON is docs/queue.md's."""
        return await feed.unpublished(self._db, limit)

    async def published(self, pairs: Sequence[tuple[str, str]]) -> None:
        """These (agency, event id) are in their streams."""
        await feed.published(self._db, pairs)

    async def pending_media(self, limit: int) -> Sequence[Fetch]:
        """Files to be fetched from their channels now, the longest waiting first."""
        return await media.pending(self._db, limit)

    async def reachable(self) -> None:
        """Return if the store of the files would take one. Raises storage.files.Unreachable."""
        await self._db.files.check()

    async def stored(self, id: str, content: bytes, mime: str) -> bool:
        """Keep a fetched file. False, and nothing is kept, if it is not wanted any more."""
        return await media.stored(self._db, id, content, mime)

    async def gone(self, id: str, cause: str) -> None:
        """The provider will never give this file."""
        await media.gone(self._db, id, cause)

    async def later(self, id: str) -> datetime:
        """This file cannot be had now: it comes again in `pending_media` after a growing wait. Returns when."""
        return await media.later(self._db, id)

    # The agencies' side. Every call says for which agency, and passes `storage/sql/sight.py`.

    async def queue(self, agency: str, wanted: Filter, after: str = "", limit: int = 50) -> Page:
        """A page of the agency's queue: the most urgent first, then who must be answered soonest."""
        return await queue.queue(self._db, agency, wanted, after, limit)

    async def counts(self, agency: str) -> Mapping[str, int]:
        """How many of the agency's cases stand at each status, up to `queue.MOST`."""
        return await queue.counts(self._db, agency)

    async def tallies(self, officer: Officer) -> Mapping[str, int]:
        """`counts` of their agency, and how many open cases are `mine`, `free`, `unread`, `overdue`: each up to `queue.MOST`."""
        return await queue.tallies(self._db, officer.agency, officer.id)

    async def case(self, agency: str, key: str) -> CaseFile:
        """The case with this reference or id. Raises Missing if the agency has no such case."""
        return await reading.read(self._db, agency, key)

    async def attachment(self, agency: str, key: str, id: str) -> tuple[Attachment, bytes]:
        """A file of a case, opened. Raises Missing."""
        return await opening.open_file(self._db, agency, key, id)

    async def reply(
        self, officer: Officer, key: str, text: str, seen: str, original: Original = PLAIN, *, over: bool = False
    ) -> str:
        """Answer the citizen. `seen`: the newest event on the officer's page. `original`: the same in the officer's language.

        `over`: take it from a colleague who holds it.

        Returns the event's id. Raises Stale, HeldBy, Missing.
        """
        return await answering.reply(self._db, officer, key, text, seen, original, over=over)

    async def set_status(self, officer: Officer, key: str, status: Status, seen: str, *, over: bool = False) -> str:
        """Say where the case stands. Otherwise as `reply`."""
        return await answering.set_status(self._db, officer, key, status, seen, over=over)

    async def note(self, officer: Officer, key: str, text: str, seen: str) -> str:
        """Leave a note that only the officer's agency sees. Returns the event's id. Raises Missing."""
        return await answering.note(self._db, officer, key, text, seen)

    # The queue's page: saved views, and what is told to open pages.

    async def views(self, officer: Officer) -> Sequence[View]:
        """The officer's own views and those shared in their agency."""
        return await views.views(self._db, officer)

    async def keep_view(self, officer: Officer, name: str, query: str, *, shared: bool) -> bool:
        """Keep a view. False if it has no name, or the officer keeps `views.MOST` already."""
        return await views.keep(self._db, officer, name, query, shared=shared)

    async def drop_view(self, officer: Officer, id: str, *, shared: bool) -> bool:
        """Drop an own view, or (`shared`) one of the agency's. False if there is none."""
        return await views.drop(self._db, officer, id, shared=shared)

    async def announced(self, after: int | None, recent: int) -> Sequence[tuple[int, str]]:
        """(number, agency) of announcements after this number; None: the `recent` newest. For the process, not for an agency."""
        return await feed.announced(self._db, after, recent)

    # Who holds a case in its agency.

    async def claim(self, officer: Officer, key: str, *, over: bool = False) -> None:
        """Take the case; `over`: from whoever has it. Raises HeldBy, Missing."""
        await claims.claim(self._db, officer, key, over=over)

    async def release(self, officer: Officer, key: str, *, over: bool = False) -> None:
        """Give the case back to the queue; `over`: whoever has it. Raises HeldBy, Missing."""
        await claims.release(self._db, officer, key, over=over)

    async def assign(self, officer: Officer, key: str, to: str) -> None:
        """Give the case to a colleague, by id. Raises Missing."""
        await claims.assign(self._db, officer, key, to)

    async def colleagues(self, agency: str) -> Sequence[tuple[str, str]]:
        """(id, name) of those in the agency to whom a case can be given, by name."""
        return await claims.colleagues(self._db, agency)

    async def idle(self, limit: int = 200) -> int:
        """Free cases whose holder is away while the citizen waits, at most `limit`. How many; call again while there are any."""
        return await claims.idle(self._db, limit)

    # Other programs: storage/sql/api_keys.py has their keys, storage/sql/hooking.py their webhooks.

    async def since(self, agency: str, after: str = "", limit: int = 100) -> tuple[tuple[CaseEvent, ...], str]:
        """The agency's events behind a place, and the place where they end. Raises ValueError for a place that is not ours."""
        return await feed.since(self._db, agency, after, limit)

    async def take(self, officer: Officer, wanted: Filter, form: str, asked: str) -> AsyncIterator[Line]:
        """All cases that fit, to be taken out as `form`; it is recorded who took how many. `asked` holds nothing of a person."""
        return await taking.take(self._db, officer, wanted, form, asked)

    async def taken(self, agency: str) -> Sequence[Taken]:
        """The lists that were taken out of the agency's desk, the newest first."""
        return await taking.taken(self._db, agency)

    async def posts(self) -> Sequence[Sequence[Post]]:
        """What is to be sent to webhooks now: for each that does not rest, in order."""
        return await posting.due(self._db)

    async def posted(self, post: Post, result: Result) -> None:
        """What became of sending it."""
        await posting.sent(self._db, post, result)

    async def totals(self) -> Totals:
        """How much there is and what waits, for operators: once a minute, by one process."""
        return await totals.totals(self._db, self._names)

    def connections(self) -> Mapping[str, int]:
        """Connections to the database: `used` now, `open` at all."""
        return self._db.connections()

    async def sweep(self) -> int:
        """Drop what has long been over: old deliveries, old names of calls. All at once: there is never more, 0."""
        return await posting.sweep(self._db)
