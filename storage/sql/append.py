"""Appending an event to a case: the one way anything is written into a case's history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select, update

from handlers.nouns import Media
from storage.sql.auditing import Somebody, record
from storage.sql.db import Db, insert_once
from storage.sql.engine import AsyncConnection
from storage.sql.finder import words
from storage.sql.ids import derive, plain
from storage.sql.search import remember
from storage.sql.tables import announcements, attachments, cases, events
from storage.sql.urgency import Happened, settle

_RECORDED = ("forgotten", "released")
"""What the service does by itself to data that officers work with, or a person asks it to."""


class Held(NamedTuple):
    """A case that this transaction holds: until it ends nobody else appends to it."""

    id: str
    status: str
    last: int
    touched: datetime
    anonymised_at: datetime | None


async def lock(connection: AsyncConnection, case: str) -> Held | None:
    """Hold the case; None if there is none. SQLite holds everything anyway once a writer has begun."""
    wanted = select(*(cases.c[name] for name in Held._fields)).where(cases.c.id == case)
    row = (await connection.execute(wanted.with_for_update())).one_or_none()
    return Held(*row) if row else None


async def append(
    db: Db,
    connection: AsyncConnection,
    case: Held,
    *,
    id: str,
    at: datetime,
    what: str,
    actor: str,
    status: str = "",
    body: str = "",
    extras: Mapping[str, str] | None = None,
    agency: str = "",
    only: str | None = None,
    tell: bool = False,
    deed: str = "",
) -> Held | None:
    """Append event `id` to a locked case, announce it to the agencies that may see it, and record who did it in the audit.

    `status` is what the case's status becomes (empty: stays). `agency`: the acting officer's. `only`: the one agency that
    sees it. `tell`: it is news for the chat. `deed`: what the audit calls it, if not as the event. Returns the case as it is
    now; None if the event was there already, and then nothing has changed.
    """
    becomes = status or case.status
    fresh = await insert_once(
        connection,
        events,
        id=id,
        case_id=case.id,
        seq=case.last + 1,
        at=at,
        what=what,
        actor=actor,
        agency=agency,
        only=only,
        status=becomes,
        body=db.vault.put(body, "events", id, "body") if body else None,
        extras=db.vault.put(dict(extras), "events", id, "extras") if extras else None,
        delivery="",
        cause="",
        tell=tell,
    )
    if not fresh:
        return None
    touched = max(case.touched, at)
    await connection.execute(
        update(cases).where(cases.c.id == case.id).values(last=case.last + 1, status=becomes, touched=touched)
    )
    await remember(db, connection, case.id, words(body), only)
    agencies = await settle(db, connection, case.id, Happened(id, at, what, agency, only))
    await _announce(connection, agencies, id, only)
    for by in _doers(actor, agency, what, agencies if only is None else (only,)):
        await record(connection, by, f"case.{deed or what}", case.id, id)
    return case._replace(last=case.last + 1, status=becomes, touched=touched)


def _doers(actor: str, agency: str, what: str, agencies: Sequence[str]) -> Sequence[Somebody]:
    """In whose audit it stands, and who did it: an officer or a program in their agency's; what nobody there did in all of
    those that see it. What a person writes stands in their case and in no audit, but for what takes data away.
    """
    if actor.startswith(("staff:", "key:")):
        return (Somebody(actor.removeprefix("staff:"), agency),)
    return [Somebody(actor, each) for each in agencies] if what in _RECORDED else ()


async def _announce(connection: AsyncConnection, agencies: Sequence[str], event: str, only: str | None) -> None:
    """One announcement for each agency that may see the event."""
    rows = announced(event, [agency for agency in agencies if only in (None, agency)])
    if rows:
        await connection.execute(insert(announcements), rows)


def announced(event: str, agencies: Sequence[str]) -> list[dict[str, str]]:
    """The announcements of an event to these agencies, as rows."""
    return [{"event_id": event, "agency": agency} for agency in agencies]


async def attach(
    db: Db, connection: AsyncConnection, *, case: str, event: str, n: int, media: Media, channel: str, at: datetime
) -> None:
    """Note the `n`-th file of an event, to be fetched from its channel soon."""
    id = derive("attachment", event, str(n))
    await insert_once(
        connection,
        attachments,
        id=id,
        case_id=case,
        event_id=event,
        kind=media.kind,
        mime=plain(media.mime, 100),
        name=db.vault.put(media.name, "attachments", id, "name") if media.name else None,
        size=media.size,
        handle=db.vault.put(media.handle, "attachments", id, "handle"),
        channel=channel[:32],
        state="pending",
        cause="",
        tries=0,
        next_try=at,
    )
