"""How the person rated us: once a case, and a number alone, so that it can stay when they are forgotten."""

from __future__ import annotations

from sqlalchemy import select

from handlers.nouns import AddToCase
from handlers.survey import FACES
from storage.sql.append import Held, append
from storage.sql.db import Db, insert_once
from storage.sql.engine import AsyncConnection
from storage.sql.ids import fitting
from storage.sql.tables_work import ratings


async def rate(db: Db, connection: AsyncConnection, case: Held, effect: AddToCase) -> None:
    """Keep the first rating of a held case; a second one, or one that is no score, changes nothing."""
    score = effect.extras.get("score", "")
    if score not in FACES or not await insert_once(
        connection, ratings, case_id=case.id, score=int(score), at=effect.at
    ):
        return
    await append(
        db,
        connection,
        case,
        id=fitting(effect.id),
        at=effect.at,
        what="rating",
        actor="citizen",
        extras={"score": score},
    )


async def of_case(connection: AsyncConnection, case: str) -> int | None:
    """The score of a case; None if it was not rated."""
    wanted = select(ratings.c.score).where(ratings.c.case_id == case)
    return (await connection.execute(wanted)).scalar_one_or_none()
