"""A case as an agency sees it, opened from its sealed columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import RowMapping, or_, select

from handlers.nouns import Consent
from relief.nouns import Assessment
from storage.records import Attachment, CaseFile, Happening, Line, Missing
from storage.sql.among import among
from storage.sql.columns import FAR
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.ids import plain
from storage.sql.sight import sees_attachment, sees_event, sees_line
from storage.sql.tables import attachments, case_agencies, cases, events, officers
from storage.sql.tables_queue import LEVELS

HOLDER = (officers, officers.c.id == case_agencies.c.holder)
"""Who has the case: always an officer of the agency that looks."""
SEAT = (
    *(case_agencies.c[name] for name in ("level", "due", "holder", "unread", "newest")),
    officers.c.name.label("holding"),
)
"""What a line shows of the agency's own row."""


async def read(db: Db, agency: str, key: str) -> CaseFile:
    """The case with this reference (or id). Raises Missing if the agency has no such case, whether or not there is one."""
    async with db.read() as connection:
        row = await find(connection, agency, key)
        happened = await _events(connection, agency, row["id"])
        files = await _files(db, connection, agency, row["id"])
        names = await _names(connection, agency, happened)
        seers = select(case_agencies.c.agency).where(case_agencies.c.case_id == row["id"])
        agencies = tuple(sorted((await connection.execute(seers)).scalars()))
    return _open(db, row, tuple(_happening(db, e, names, files) for e in happened), agencies)


async def find(connection: AsyncConnection, agency: str, key: str) -> RowMapping:
    """The row of a case the agency may see, with what is the agency's own (`SEAT`). Raises Missing."""
    key = plain(key, 64)
    joined = select(cases, *SEAT).join(case_agencies, case_agencies.c.case_id == cases.c.id).outerjoin(*HOLDER)
    wanted = joined.where(or_(cases.c.ref == key, cases.c.id == key), sees_line(agency))
    row = (await connection.execute(wanted)).mappings().first()
    if row is None:
        raise Missing("no such case")
    return row


async def newest(connection: AsyncConnection, agency: str, case: str) -> str | None:
    """The newest event of the case that the agency sees."""
    wanted = select(events.c.id).where(events.c.case_id == case, sees_event(agency))
    return (await connection.execute(wanted.order_by(events.c.seq.desc()).limit(1))).scalar_one_or_none()


async def _events(connection: AsyncConnection, agency: str, case: str) -> Sequence[RowMapping]:
    """The history, oldest first."""
    wanted = select(events).where(events.c.case_id == case, sees_event(agency)).order_by(events.c.seq)
    return (await connection.execute(wanted)).mappings().all()


async def _files(db: Db, connection: AsyncConnection, agency: str, case: str) -> dict[str, list[Attachment]]:
    """The files, by the event they came with."""
    wanted = select(attachments).where(attachments.c.case_id == case, sees_attachment(agency))
    found: dict[str, list[Attachment]] = defaultdict(list)
    for row in (await connection.execute(wanted.order_by(attachments.c.id))).mappings():
        found[row["event_id"]].append(attachment(db, row))
    return found


def attachment(db: Db, row: RowMapping) -> Attachment:
    """A row of `attachments`, opened."""
    return Attachment(
        id=row["id"],
        event=row["event_id"],
        kind=row["kind"],
        mime=row["mime"],
        name=db.vault.text(row["name"], "attachments", row["id"], "name"),
        size=row["size"],
        state="gone" if row["state"] == "erasing" else row["state"],
        cause=row["cause"],
        case=row["case_id"],
    )


async def _names(connection: AsyncConnection, agency: str, rows: Sequence[RowMapping]) -> dict[str, str]:
    """The names of the agency's own officers among the actors. Others are known by their agency alone."""
    ids = {row["actor"].removeprefix("staff:") for row in rows if row["agency"] == agency}
    wanted = select(officers.c.id, officers.c.name).where(among(officers.c.id, ids))
    return {f"staff:{id}": name for id, name in await connection.execute(wanted)}


def _happening(
    db: Db, row: RowMapping, names: Mapping[str, str], files: Mapping[str, Sequence[Attachment]]
) -> Happening:
    """A row of `events`, opened."""
    id = row["id"]
    return Happening(
        id=id,
        seq=row["seq"],
        at=row["at"],
        what=row["what"],
        actor=row["actor"].partition(":")[0],
        who=names.get(row["actor"], row["agency"]),
        status=row["status"],
        body=db.vault.text(row["body"], "events", id, "body"),
        extras=db.vault.table(row["extras"], "events", id, "extras"),
        news=row["tell"],
        told=row["told_at"] is not None,
        delivery=row["delivery"],
        cause=row["cause"],
        delivered=row["delivered_at"],
        attachments=tuple(files.get(id, ())),
    )


def line(row: RowMapping) -> Line:
    """A row of `cases` with its `SEAT` as the queue shows it: nothing sealed is opened."""
    return Line(
        id=row["id"],
        key=row["ref"] or row["id"],
        owner=row["agency"],
        status=row["status"],
        priority=row["priority"],
        reasons=msgspec.json.decode(row["reasons"], type=tuple[str, ...]),
        opened=row["opened"],
        touched=row["touched"],
        locale=row["locale"],
        host=row["host"],
        nationality=row["nationality"],
        place=row["place"],
        outcome=row["outcome"],
        forgotten=row["anonymised_at"] is not None,
        level=LEVELS[row["level"]],
        since=row["since"],
        due=row["due"] if row["due"] < FAR else None,
        ends=row["ends"],
        holder=row["holder"],
        holding=row["holding"] or "",
        unread=row["unread"],
        seen=row["newest"],
    )


def _open(db: Db, row: RowMapping, happened: tuple[Happening, ...], agencies: tuple[str, ...]) -> CaseFile:
    """A row of `cases`, opened; of the chat's address only the channel."""
    id = row["id"]
    return CaseFile(
        line=line(row),
        agencies=agencies,
        channel=db.vault.text(row["chat"], "cases", id, "chat").partition(":")[0],
        facts=db.vault.table(row["facts"], "cases", id, "facts"),
        report=db.vault.table(row["report"], "cases", id, "report"),
        assessment=db.vault.get(row["assessment"], Assessment, "cases", id, "assessment"),
        consent=db.vault.get(row["consent"], Consent, "cases", id, "consent"),
        events=happened,
        seen=happened[-1].id if happened else "",
    )
