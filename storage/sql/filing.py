"""Filing what the conversation decided. One transaction a batch; every effect may come twice and counts once.

The effects are filed in the order in which they come: that of their chat's queue, in which the person said them. Their
clocks tell no order (Telegram's texts know only the second, a pressed button is dated by us).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from handlers.nouns import AddToCase, CloseCase, Delivered, Effect, Forget, OpenCase
from storage.sql.append import Held, append, attach, lock
from storage.sql.db import Db
from storage.sql.delivery import advance
from storage.sql.engine import AsyncConnection
from storage.sql.forgetting import forget
from storage.sql.ids import derive, fitting
from storage.sql.newcases import open_all
from storage.sql.rating import rate
from storage.sql.referring import ANSWERS, answered
from storage.sql.tables import cases

log = logging.getLogger(__name__)

Filed = OpenCase | AddToCase | CloseCase | Forget | Delivered
"""The effects that end in SQL. The others are the clerk's to do elsewhere."""

TRIES = 3
"""How often a batch is filed anew where another clerk filed a part of it meanwhile: a lane has just passed to us."""

_REOPENS = {"message", "edit", "media", "location", "contact", "human"}
"""What a person says themselves. That they blocked us reopens nothing."""


async def file(db: Db, effects: Sequence[Effect]) -> None:
    """File a batch in one transaction. Effects on cases that are not (any more) there are dropped with a line in the log."""
    ours = [effect for effect in effects if isinstance(effect, Filed)]
    for left in reversed(range(TRIES)):
        try:
            return await _file_all(db, ours)
        except IntegrityError:
            if not left:
                raise


async def _file_all(db: Db, effects: Sequence[Filed]) -> None:
    """In their order, and cases that are opened one after another together."""
    if not effects:
        return
    async with db.write() as connection:
        for opens, some in groupby(effects, lambda effect: isinstance(effect, OpenCase)):
            if opens:
                await open_all(db, connection, [effect for effect in some if isinstance(effect, OpenCase)])
                continue
            for effect in some:
                await _file(db, connection, effect)


async def _file(db: Db, connection: AsyncConnection, effect: Filed) -> None:
    """Each kind in its own way."""
    match effect:
        case AddToCase():
            await _on_case(connection, effect.case, lambda case: _add(db, connection, case, effect))
        case CloseCase():
            await _on_case(connection, effect.case, lambda case: _close(db, connection, case, effect))
        case Delivered():
            await advance(connection, effect)
        case Forget():
            await forget(db, connection, effect)


async def _on_case(connection: AsyncConnection, case: str, act: Callable[[Held], Awaitable[None]]) -> None:
    """Act on the locked case if it is there and not forgotten."""
    row = await lock(connection, case)
    if row is None or row.anonymised_at is not None:
        log.info("dropped an effect: case %s is %s", case, "not there" if row is None else "forgotten")
        return
    await act(row)


async def _add(db: Db, connection: AsyncConnection, case: Held, effect: AddToCase) -> None:
    """The event; if a person speaks on a closed case, it is open again, and an event of its own says so."""
    if effect.what in ANSWERS:
        return await answered(db, connection, case, effect)
    if effect.what == "rating":
        return await rate(db, connection, case, effect)
    reopens = case.status == "closed" and effect.what in _REOPENS
    after = await append(
        db,
        connection,
        case,
        id=fitting(effect.id),
        at=effect.at,
        what=effect.what,
        actor="citizen",
        body=effect.body,
        extras=effect.extras,
    )
    if after is None:
        return None
    if effect.media is not None:
        await _attach_to(db, connection, effect)
    if reopens:
        id = derive("reopened", effect.id)
        await append(db, connection, after, id=id, at=effect.at, what="reopened", actor="system", status="received")


async def _attach_to(db: Db, connection: AsyncConnection, effect: AddToCase) -> None:
    """The file that came with an event, fetched through the channel of the case's chat."""
    sealed = (await connection.execute(select(cases.c.chat).where(cases.c.id == effect.case))).scalar_one()
    chat = db.vault.text(sealed, "cases", effect.case, "chat")
    if effect.media is not None:
        await attach(
            db,
            connection,
            case=effect.case,
            event=fitting(effect.id),
            n=0,
            media=effect.media,
            channel=_channel(chat),
            at=effect.at,
        )


async def _close(db: Db, connection: AsyncConnection, case: Held, effect: CloseCase) -> None:
    """Solved, says the person. Closing a closed case is said once more and changes nothing."""
    await append(
        db, connection, case, id=fitting(effect.id), at=effect.at, what="solved", actor="citizen", status="closed"
    )


def _channel(chat: str) -> str:
    """The channel in a chat's address."""
    return chat.partition(":")[0]
