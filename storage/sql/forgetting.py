"""Forgetting a person: their words, name, address and files go; that there was a case, and that it was removed, stays.

Rows are emptied in the batch's transaction. Files follow after it: until they are gone their rows say `erasing`, so that a
crash in between leaves work to do and never a forgotten file.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import and_, delete, or_, select, update

from handlers.nouns import Forget
from storage.files import Unreachable
from storage.sql.among import among
from storage.sql.append import append, lock
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.ids import derive
from storage.sql.tables import attachments, cases, events
from storage.sql.tables_queue import case_words
from storage.sql.tables_work import case_links, mentions, referrals, viewers
from storage.sql.urgency import settle

log = logging.getLogger(__name__)

KEPT = ("host", "nationality", "permit")
"""The facts that stay for counting. None of them tells one person from another."""

LANDED = timedelta(minutes=10)
"""By then a file that was being stored when its process died has arrived in the store, or never will."""
AGAIN = timedelta(seconds=30)
"""How long until a store that was away is asked again."""
ERASED = 100
"""Files removed at one look."""

FORGOTTEN = "forgotten"
"""The chat reference of a case whose person asked to be forgotten."""


async def forget(db: Db, connection: AsyncConnection, effect: Forget) -> None:
    """Empty the cases named, and all that this chat had opened before it asked."""
    theirs = or_(
        among(cases.c.id, effect.cases), and_(cases.c.chat_ref == effect.chat_ref, cases.c.opened <= effect.at)
    )
    found = select(cases.c.id).where(theirs, cases.c.anonymised_at.is_(None)).order_by(cases.c.id)
    for id in (await connection.execute(found)).scalars().all():
        await _empty(db, connection, id, effect)


async def _empty(db: Db, connection: AsyncConnection, id: str, effect: Forget) -> None:
    """One case: the fact of removal, and nothing of the person."""
    case = await lock(connection, id)
    if case is None or case.anonymised_at is not None:
        return
    event = derive("forgotten", effect.id, id)
    actor = "citizen" if effect.chat else "system"  # nobody asked: its time was over
    await append(db, connection, case, id=event, at=effect.at, what="forgotten", actor=actor, status="closed")
    await connection.execute(
        update(events).where(events.c.case_id == id).values(body=None, extras=None, cause="", tell=False)
    )
    await _empty_files(db, connection, id)
    await _empty_work(connection, id, effect)
    await _empty_row(db, connection, id, effect)
    await connection.execute(delete(case_words).where(case_words.c.case_id == id))
    await settle(db, connection, id)


async def _empty_files(db: Db, connection: AsyncConnection, id: str) -> None:
    """What is stored is to be removed now; what may be on its way to the store, once it surely is not any more."""
    pending, now = attachments.c.state == "pending", db.clock()
    for which, at in ((~pending, now), (pending, now + LANDED)):
        await connection.execute(
            update(attachments)
            .where(attachments.c.case_id == id, which)
            .values(name=None, handle=None, state="erasing", next_try=at)
        )


async def _empty_row(db: Db, connection: AsyncConnection, id: str, effect: Forget) -> None:
    """The case's own columns; the few facts kept for counting are sealed anew."""
    sealed = (await connection.execute(select(cases.c.facts).where(cases.c.id == id))).scalar_one()
    facts = db.vault.table(sealed, "cases", id, "facts")
    kept = {name: facts[name] for name in KEPT if name in facts}
    await connection.execute(
        update(cases)
        .where(cases.c.id == id)
        .values(
            chat_ref=FORGOTTEN,
            reasons="[]",
            ends=None,
            chat=None,
            facts=db.vault.put(kept, "cases", id, "facts"),
            report=None,
            assessment=None,
            consent=None,
            anonymised_at=effect.at,
        )
    )


async def _empty_work(connection: AsyncConnection, id: str, effect: Forget) -> None:
    """What officers wrote about the case, and what ties it to another one. How we did stays: it is only a number."""
    live = (referrals.c.case_id == id, referrals.c.state.in_(("asked", "agreed", "offered")))
    await connection.execute(update(referrals).where(*live).values(state="withdrawn", changed_at=effect.at))
    bare = {"reason": None, "override": None, "answer": None}
    await connection.execute(update(referrals).where(referrals.c.case_id == id).values(**bare))
    await connection.execute(delete(case_links).where(or_(case_links.c.one == id, case_links.c.other == id)))
    await connection.execute(delete(mentions).where(mentions.c.case_id == id))
    await connection.execute(delete(viewers).where(viewers.c.case_id == id))


async def erase_files(db: Db) -> None:
    """Remove the files of forgotten cases that are still there: at every look for work, so that filing waits for no store.

    One that is away is asked again after `AGAIN`.
    """
    due = (attachments.c.state == "erasing", attachments.c.next_try <= db.clock())
    async with db.read() as connection:
        wanted = select(attachments.c.id).where(*due).order_by(attachments.c.next_try).limit(ERASED)
        ids = list((await connection.execute(wanted)).scalars())
    for id in ids:
        try:
            await db.files.remove(id)
        except Unreachable as fault:
            log.warning("forgotten files are still there: %s", fault)
            await _put_off(db, ids)
            return
        except OSError as fault:
            log.warning("a forgotten file is still there: %s", type(fault).__name__)
            await _put_off(db, [id])
            continue
        async with db.write() as connection:
            await connection.execute(
                update(attachments).where(attachments.c.id == id).values(state="gone", cause="forgotten", size=0)
            )


async def _put_off(db: Db, ids: Sequence[str]) -> None:
    """Ask for these again later; those that are gone meanwhile stay so."""
    again = update(attachments).where(among(attachments.c.id, ids), attachments.c.state == "erasing")
    async with db.write() as connection:
        await connection.execute(again.values(next_try=db.clock() + AGAIN))
