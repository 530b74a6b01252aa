"""Referrals as their two agencies see them. An offer shows of the case only what is needed to decide about it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, RowMapping, Select, and_, func, select

from storage.records import Missing
from storage.records_work import Handover
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.ids import plain
from storage.sql.sight import opens, sees_referral
from storage.sql.tables import cases, officers
from storage.sql.tables_work import referrals

_PREVIEW = ("priority", "host", "nationality", "place", "ref")
"""What is read of the case itself."""


async def offers(db: Db, agency: str, limit: int = 100) -> Sequence[Handover]:
    """Cases offered to the agency that wait for its word, the most urgent and oldest first."""
    order = (cases.c.urgency, referrals.c.changed_at, referrals.c.id)
    async with db.read() as connection:
        wanted = _shown(agency).where(_waiting(agency)).order_by(*order).limit(limit)
        rows = (await connection.execute(wanted)).mappings().all()
    return [_open(db, row, agency) for row in rows]


async def waiting(db: Db, agency: str) -> int:
    """How many cases are offered to the agency."""
    async with db.read() as connection:
        wanted = select(func.count()).select_from(referrals).where(_waiting(agency))
        return (await connection.execute(wanted)).scalar_one()


async def offer(db: Db, agency: str, id: str) -> Handover:
    """A referral that the agency may see. Raises Missing."""
    async with db.read() as connection:
        wanted = _shown(agency).where(referrals.c.id == plain(id, 64))
        row = (await connection.execute(wanted)).mappings().first()
    if row is None:
        raise Missing("no such referral")
    return _open(db, row, agency)


async def of_case(db: Db, connection: AsyncConnection, agency: str, case: str) -> tuple[Handover, ...]:
    """The referrals of a case, as far as the agency may see them; the newest first."""
    wanted = _shown(agency).where(referrals.c.case_id == case).order_by(referrals.c.asked_at.desc(), referrals.c.id)
    return tuple(_open(db, row, agency) for row in (await connection.execute(wanted)).mappings().all())


def _waiting(agency: str) -> ColumnElement[bool]:
    """Offers that the agency has not answered."""
    return and_(referrals.c.target == agency, referrals.c.state == "offered", sees_referral(agency))


def _shown(agency: str) -> Select[tuple[object, ...]]:
    """The referrals that the agency may see, each with its preview, and whether the agency sees the case itself."""
    preview = (cases.c[name] for name in _PREVIEW)
    return (
        select(referrals, *preview, opens(agency, cases.c.id).label("open"), officers.c.name)
        .join(cases, cases.c.id == referrals.c.case_id)
        .outerjoin(officers, officers.c.id == referrals.c.by)  # a program of the agency is no officer
        .where(sees_referral(agency))
    )


def _open(db: Db, row: RowMapping, agency: str) -> Handover:
    """A row, opened."""
    id = row["id"]
    return Handover(
        id=id,
        key=(row["ref"] or row["case_id"]) if row["open"] else "",
        origin=row["origin"],
        target=row["target"],
        state=row["state"],
        why=row["why"],
        by=(row["name"] or "") if row["origin"] == agency else "",
        consented=row["consented"],
        asked=row["asked_at"],
        changed=row["changed_at"],
        reason=db.vault.text(row["reason"], "referrals", id, "reason"),
        override=db.vault.text(row["override"], "referrals", id, "override"),
        answer=db.vault.text(row["answer"], "referrals", id, "answer"),
        priority=row["priority"],
        host=row["host"],
        nationality=row["nationality"],
        place=row["place"],
    )
