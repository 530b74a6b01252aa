"""Referrals: a case goes to another agency by reason and consent, and comes back.

    asked -> agreed -> offered -> accepted -> recalled
          -> declined          -> rejected
    asked, offered -> withdrawn

The person is asked first; only where life or health is at risk may an agency offer at once, and then its reason is kept.
Every move is made under the case's lock, and is an event whose id is derived from the referral and the state: making it
again changes nothing. Reasons are kept with the referral, never in an event: they are between its two agencies.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, delete, insert, or_, select, update

from handlers.nouns import AddToCase
from storage.records import Missing, Officer, Stale
from storage.records_work import Barred, State, Wish
from storage.sql.append import Held, append, lock
from storage.sql.db import Db, insert_once
from storage.sql.engine import AsyncConnection
from storage.sql.ids import derive, fitting, plain
from storage.sql.reading import find, newest
from storage.sql.sight import sees_referral
from storage.sql.tables import case_agencies, cases
from storage.sql.tables_work import case_links, referrals

log = logging.getLogger(__name__)

MOVES: Mapping[tuple[State, str], State] = {
    ("asked", "agree"): "agreed",
    ("asked", "decline"): "declined",
    ("asked", "withdraw"): "withdrawn",
    ("agreed", "offer"): "offered",
    ("offered", "accept"): "accepted",
    ("offered", "reject"): "rejected",
    ("offered", "withdraw"): "withdrawn",
    ("accepted", "withdraw"): "recalled",
}
"""All that can happen to a referral; what is not here is refused."""
LIVE = ("asked", "agreed", "offered")
"""A case has at most one referral in these states."""
ANSWERS: Mapping[str, str] = {"referral_agreed": "agree", "referral_declined": "decline"}
"""The person's word, as the conversation files it, and the move that it makes."""


Row = RowMapping | dict[str, Any]
"""A referral's row."""


def moved(state: State, move: str) -> State:
    """The state after a move. Raises Barred if there is no such way."""
    if (state, move) not in MOVES:
        raise Barred("moved")
    return MOVES[state, move]


async def refer(db: Db, officer: Officer, key: str, wish: Wish, seen: str) -> str:
    """Ask the person whether their case may go to another agency; offer it at once if `wish.override` says why.

    Returns the referral's id. Raises Stale, Missing, Barred (`owner`, `pending`, `target`).
    """
    if wish.target == officer.agency:
        raise Barred("target")
    async with db.write() as connection:
        case = await _case(connection, (await find(connection, officer.agency, key))["id"])
        id = derive("referral", officer.id, case.id, seen, wish.target, wish.why, wish.reason, wish.override)
        if (await connection.execute(select(referrals.c.id).where(referrals.c.id == id))).first():
            return id
        if await _owner(connection, case.id) != officer.agency:
            raise Barred("owner")
        if await _live(connection, case.id):
            raise Barred("pending")
        if seen != await newest(connection, officer.agency, case.id):
            raise Stale("the case has a newer event")
        await connection.execute(insert(referrals).values(**_row(db, officer, case.id, id, wish)))
        row = await _read(connection, id)
        if row is not None:
            await _event(db, connection, case, row, officer, row["state"], tell=not wish.override)
    return id


def _row(db: Db, officer: Officer, case: str, id: str, wish: Wish) -> dict[str, object]:
    """A new referral."""
    override = db.vault.put(wish.override, "referrals", id, "override") if wish.override else None
    return {
        "id": id,
        "case_id": case,
        "origin": officer.agency,
        "target": wish.target,
        "state": "offered" if wish.override else "asked",
        "why": plain(wish.why, 32),
        "by": officer.id,
        "consented": False,
        "joined": False,
        "asked_at": db.clock(),
        "changed_at": db.clock(),
        "reason": db.vault.put(wish.reason, "referrals", id, "reason"),
        "override": override,
    }


async def answered(db: Db, connection: AsyncConnection, case: Held, effect: AddToCase) -> None:
    """The person agreed or not. An answer to a question that is over changes nothing."""
    row = await _read(connection, effect.extras.get("referral", ""))
    if row is None or row["case_id"] != case.id or row["state"] != "asked":
        log.info("dropped an answer: the referral on case %s is not being asked", case.id)
        return
    state = moved(row["state"], ANSWERS[effect.what])
    after = await append(
        db,
        connection,
        case,
        id=fitting(effect.id),
        at=effect.at,
        what=effect.what,
        actor="citizen",
        extras=_told(row),
    )
    if state == "agreed" and after is not None:
        state = moved(state, "offer")
        id = derive("referral", row["id"], state)
        await append(
            db, connection, after, id=id, at=effect.at, what="referral_offered", actor="system", extras=_told(row)
        )
    consented = state == "offered"
    await _set(db, connection, row["id"], state=state, consented=consented)


async def accept(db: Db, officer: Officer, id: str) -> str:
    """Take the case: the officer's agency sees it, and it is its turn. Returns the case's id. Raises Missing, Barred."""
    async with db.write() as connection:
        row, case = await _hold(connection, officer, id, "target")
        if row["state"] != "accepted":
            state = moved(row["state"], "accept")
            joined = await insert_once(connection, case_agencies, agency=officer.agency, case_id=case.id)
            await _turn(connection, case.id, officer.agency)
            await _event(db, connection, case, row, officer, state, what="agency", status="referred", tell=True)
            await _set(db, connection, id, state=state, joined=joined)
        return case.id


async def reject(db: Db, officer: Officer, id: str, reason: str) -> None:
    """Do not take the case; the reason is for the agency that offered it. Raises Missing, Barred."""
    async with db.write() as connection:
        row, case = await _hold(connection, officer, id, "target")
        if row["state"] == "rejected":
            return
        state = moved(row["state"], "reject")
        await _event(db, connection, case, row, officer, state, tell=row["consented"])
        await _set(db, connection, id, state=state, answer=db.vault.put(reason, "referrals", id, "answer"))


async def withdraw(db: Db, officer: Officer, id: str, reason: str) -> None:
    """Take a referral back; an accepted one too, as long as the other agency has the case. Raises Missing, Barred."""
    async with db.write() as connection:
        row, case = await _hold(connection, officer, id, "origin")
        if row["state"] in ("withdrawn", "recalled"):
            return
        state = moved(row["state"], "withdraw")
        if state == "recalled":
            await _recall(db, connection, case, row, officer)
        else:
            tell = row["state"] == "asked" or row["consented"]
            await _event(db, connection, case, row, officer, state, tell=tell)
        await _set(db, connection, id, state=state, answer=db.vault.put(reason, "referrals", id, "answer"))


async def _recall(db: Db, connection: AsyncConnection, case: Held, row: RowMapping, officer: Officer) -> None:
    """It is the first agency's turn again. What the other one had begun to pass on ends with it."""
    if await _owner(connection, case.id) != row["target"]:
        raise Barred("owner")
    onward = await _live(connection, case.id)
    if onward is not None:
        told = onward["state"] == "asked" or onward["consented"]
        here = dict(onward) | {"origin": officer.agency}  # where the case is, as the person will hear it
        case = await _event(db, connection, case, here, officer, "withdrawn", tell=told)
        await _set(db, connection, onward["id"], state="withdrawn")
    await _turn(connection, case.id, officer.agency)
    await _event(db, connection, case, row, officer, "recalled", what="agency", status="received", tell=True)
    if row["joined"]:
        await _leave(connection, row["target"], case.id)


async def let_go(db: Db, officer: Officer, key: str) -> None:
    """The officer's agency sees the case no more. Raises Missing; Barred (`own`) while it is its turn."""
    async with db.write() as connection:
        case = await _case(connection, (await find(connection, officer.agency, key))["id"])
        if await _owner(connection, case.id) == officer.agency:
            raise Barred("own")
        await append(
            db,
            connection,
            case,
            id=derive("let_go", officer.agency, case.id, str(case.last)),
            at=db.clock(),
            what="let_go",
            actor=officer.actor,
            agency=officer.agency,
        )
        await _leave(connection, officer.agency, case.id)


async def _case(connection: AsyncConnection, id: str) -> Held:
    """The case, held. Raises Missing if its person asked to be forgotten."""
    case = await lock(connection, id)
    if case is None or case.anonymised_at is not None:
        raise Missing("the person asked to be forgotten")
    return case


async def _hold(connection: AsyncConnection, officer: Officer, id: str, side: str) -> tuple[RowMapping, Held]:
    """The referral on whose `side` (origin, target) the officer is, and its case, held. Raises Missing."""
    mine = (referrals.c.id == plain(id, 64), referrals.c[side] == officer.agency, sees_referral(officer.agency))
    found = (await connection.execute(select(referrals.c.case_id).where(*mine))).scalar_one_or_none()
    if found is None:
        raise Missing("no such referral")
    case = await _case(connection, found)
    row = (await connection.execute(select(referrals).where(*mine))).mappings().first()  # as it is under the lock
    if row is None:
        raise Missing("it was taken back meanwhile")
    return row, case


async def _read(connection: AsyncConnection, id: str) -> RowMapping | None:
    """A referral by its id."""
    wanted = select(referrals).where(referrals.c.id == plain(id, 64))
    return (await connection.execute(wanted)).mappings().first()


async def _live(connection: AsyncConnection, case: str) -> RowMapping | None:
    """The referral of the case that waits for somebody's word."""
    wanted = select(referrals).where(referrals.c.case_id == case, referrals.c.state.in_(LIVE))
    return (await connection.execute(wanted)).mappings().first()


async def _owner(connection: AsyncConnection, case: str) -> str:
    """The agency whose turn it is."""
    return str((await connection.execute(select(cases.c.agency).where(cases.c.id == case))).scalar_one())


async def _turn(connection: AsyncConnection, case: str, agency: str) -> None:
    """It is this agency's turn."""
    await connection.execute(update(cases).where(cases.c.id == case).values(agency=agency))


async def _leave(connection: AsyncConnection, agency: str, case: str) -> None:
    """The agency sees the case no more, and its own links to it are gone."""
    mine = (case_agencies.c.agency == agency, case_agencies.c.case_id == case)
    await connection.execute(delete(case_agencies).where(*mine))
    ends = or_(case_links.c.one == case, case_links.c.other == case)
    await connection.execute(delete(case_links).where(case_links.c.agency == agency, ends))


async def _set(db: Db, connection: AsyncConnection, id: str, **values: object) -> None:
    """Write what has changed."""
    await connection.execute(update(referrals).where(referrals.c.id == id).values(changed_at=db.clock(), **values))


async def _event(
    db: Db,
    connection: AsyncConnection,
    case: Held,
    row: Row,
    officer: Officer,
    state: State,
    *,
    tell: bool,
    what: str = "",
    status: str = "",
) -> Held:
    """The event of a move by an officer: `referral_…` unless the case itself moves. The case as it is afterwards."""
    after = await append(
        db,
        connection,
        case,
        id=derive("referral", row["id"], state),
        at=db.clock(),
        what=what or f"referral_{state}",
        actor=officer.actor,
        agency=officer.agency,
        status=status,
        extras=_told(row),
        tell=tell,
        deed=f"referral_{state}",
    )
    return after or case


def _told(row: Row) -> Mapping[str, str]:
    """What its events say of a referral: everybody who sees the case, and the person, may know it."""
    return {"referral": row["id"], "origin": row["origin"], "target": row["target"], "why": row["why"]}
