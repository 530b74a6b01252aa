"""Officers' work on cases beside answering: who looks, referrals, links, phrases, mentions. `Cases.work` is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from storage.records import Officer
from storage.records_work import Beside, Handover, Mention, Phrase, Viewer, Wish
from storage.sql import handovers, linking, mentions, phrases, presence, rating, referring
from storage.sql.db import Db
from storage.sql.reading import find, newest


class Work:
    """On the case store's database. Every call passes `storage/sql/sight.py`: Missing is all that a stranger is told."""

    def __init__(self, db: Db) -> None:
        """`db` is the store's."""
        self._db = db

    async def beside(self, officer: Officer, key: str) -> Beside:
        """The officer opens a case: colleagues see them there, and what names them on it is read. Raises Missing."""
        async with self._db.write() as connection:
            case = (await find(connection, officer.agency, key))["id"]
            await mentions.read(self._db, connection, officer, case)
            return Beside(
                viewers=await presence.look(self._db, connection, officer, case),
                handovers=await handovers.of_case(self._db, connection, officer.agency, case),
                linked=await linking.of_case(connection, officer.agency, case),
                score=await rating.of_case(connection, case),
            )

    async def look(self, officer: Officer, key: str) -> tuple[Sequence[Viewer], str]:
        """The officer still has the page open: the colleagues who look too, and the case's newest event. Raises Missing."""
        async with self._db.write() as connection:
            case = (await find(connection, officer.agency, key))["id"]
            others = await presence.look(self._db, connection, officer, case)
            return others, await newest(connection, officer.agency, case) or ""

    # Between agencies: storage/sql/referring.py tells the ways.

    async def refer(self, officer: Officer, key: str, wish: Wish, seen: str) -> str:
        """Ask the person whether their case may go elsewhere. Returns the referral's id. Raises Stale, Missing, Barred."""
        return await referring.refer(self._db, officer, key, wish, seen)

    async def offers(self, agency: str) -> Sequence[Handover]:
        """What is offered to the agency and waits for its word."""
        return await handovers.offers(self._db, agency)

    async def offer(self, agency: str, id: str) -> Handover:
        """A referral from or to the agency. Raises Missing."""
        return await handovers.offer(self._db, agency, id)

    async def accept(self, officer: Officer, id: str) -> str:
        """Take an offered case. Returns its id. Raises Missing, Barred."""
        return await referring.accept(self._db, officer, id)

    async def reject(self, officer: Officer, id: str, reason: str) -> None:
        """Do not take an offered case. Raises Missing, Barred."""
        await referring.reject(self._db, officer, id, reason)

    async def withdraw(self, officer: Officer, id: str, reason: str) -> None:
        """Take a referral back, before or after it was accepted. Raises Missing, Barred."""
        await referring.withdraw(self._db, officer, id, reason)

    async def let_go(self, officer: Officer, key: str) -> None:
        """The officer's agency sees a case no more that is another's turn. Raises Missing, Barred."""
        await referring.let_go(self._db, officer, key)

    # Duplicates.

    async def link(self, officer: Officer, key: str, other: str) -> None:
        """Hold two cases for one matter. Raises Missing, Barred."""
        await linking.link(self._db, officer, key, other)

    async def unlink(self, officer: Officer, key: str, other: str) -> None:
        """Hold them for one no more. Raises Missing, Barred."""
        await linking.unlink(self._db, officer, key, other)

    # Phrases.

    async def phrases(self, agency: str) -> Sequence[Phrase]:
        """The answers that the agency keeps ready."""
        return await phrases.kept(self._db, agency)

    async def keep_phrase(self, officer: Officer, name: str, texts: Mapping[str, str]) -> str:
        """Keep one under its name, by language. Returns its id."""
        return await phrases.keep(self._db, officer, name, texts)

    async def drop_phrase(self, officer: Officer, id: str) -> None:
        """Keep one no more. Raises Missing."""
        await phrases.drop(self._db, officer, id)

    # Mentions and offers, as counts for every page's head.

    async def mentions(self, officer: Officer) -> Sequence[Mention]:
        """The notes that name the officer."""
        return await mentions.mentioned(self._db, officer)

    async def nameable(self, officer: Officer) -> Sequence[tuple[str, str]]:
        """(login, name) of the colleagues whom the officer can name in a note."""
        return await mentions.nameable(self._db, officer)

    async def waiting(self, officer: Officer) -> tuple[int, int]:
        """How many notes name the officer and are unread, and how many cases are offered to their agency."""
        return await mentions.unread(self._db, officer), await handovers.waiting(self._db, officer.agency)
