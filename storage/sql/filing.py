"""Filing what the conversation decided. One transaction a batch; every effect may come twice and counts once.

The effects are filed in the order in which they come: that of their chat's queue, in which the person said them. Their
clocks tell no order (Telegram's texts know only the second, a pressed button is dated by us).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handlers.nouns import AddToCase, CloseCase, Delivered, Effect, Forget, OpenCase
from storage.sql.append import append, attach, lock
from storage.sql.db import Db, insert_once
from storage.sql.delivery import advance
from storage.sql.forgetting import forget
from storage.sql.ids import derive, fitting, plain
from storage.sql.rating import rate
from storage.sql.referring import ANSWERS, answered
from storage.sql.refreshing import rules
from storage.sql.search import remember, words_of
from storage.sql.tables import case_agencies, cases
from storage.sql.urgency import place_of, relief_ends

log = logging.getLogger(__name__)

Filed = OpenCase | AddToCase | CloseCase | Forget | Delivered
"""The effects that end in SQL. The others are the clerk's to do elsewhere."""

_REOPENS = {"message", "edit", "media", "location", "contact", "human"}
"""What a person says themselves. That they blocked us reopens nothing."""


async def file(db: Db, effects: Sequence[Effect]) -> None:
    """File a batch in one transaction. Effects on cases that are not (any more) there are dropped with a line in the log."""
    ours = [effect for effect in effects if isinstance(effect, Filed)]
    if not ours:
        return
    async with db.write() as connection:
        for effect in ours:
            await _file(db, connection, effect)


async def _file(db: Db, connection: AsyncConnection, effect: Filed) -> None:
    """Each kind in its own way."""
    match effect:
        case OpenCase():
            await _open(db, connection, effect)
        case AddToCase():
            await _on_case(db, connection, effect.case, lambda: _add(db, connection, effect))
        case CloseCase():
            await _on_case(db, connection, effect.case, lambda: _close(db, connection, effect))
        case Delivered():
            await advance(connection, effect)
        case Forget():
            await forget(db, connection, effect)


async def _on_case(db: Db, connection: AsyncConnection, case: str, act: Callable[[], Awaitable[None]]) -> None:
    """Act if the case is there and not forgotten."""
    row = await lock(connection, case)
    if row is None or row.anonymised_at is not None:
        log.info("dropped an effect: case %s is %s", case, "not there" if row is None else "forgotten")
        return
    await act()


async def _open(db: Db, connection: AsyncConnection, effect: OpenCase) -> None:
    """The case, who sees it, its first event and its files."""
    if not await _insert_case(db, connection, effect):
        return
    for agency in dict.fromkeys(effect.agencies):
        await insert_once(connection, case_agencies, agency=agency, case_id=effect.id)
    await remember(db, connection, effect.id, words_of(effect.report, effect.facts))
    case = await lock(connection, effect.id)
    event = derive("opened", effect.id)
    if case is None or not await append(
        db, connection, case, id=event, at=effect.at, what="opened", actor="citizen", status="received"
    ):
        return
    for n, media in enumerate(effect.media):
        await attach(
            db, connection, case=effect.id, event=event, n=n, media=media, channel=_channel(effect.chat), at=effect.at
        )


async def _insert_case(db: Db, connection: AsyncConnection, effect: OpenCase) -> bool:
    """The row, once. A reference that another case bears is left off: the case counts more than its number."""
    known = (await connection.execute(select(cases.c.id).where(cases.c.id == effect.id))).first()
    if known:
        return False
    if not effect.agencies:
        log.error("case %s has no agency: nobody sees it", effect.id)
    if await insert_once(connection, cases, ref=effect.ref, **_columns(db, effect)):
        return True
    if not await insert_once(connection, cases, ref=None, **_columns(db, effect)):
        return False  # another clerk was quicker with the very same case
    log.error("case %s: its reference belongs to another case already; it is kept without one", effect.id)
    return True


def _columns(db: Db, effect: OpenCase) -> dict[str, object]:
    """All but the reference."""

    def sealed(column: str, value: object) -> bytes:
        return db.vault.put(value, "cases", effect.id, column)

    return {
        "id": effect.id,
        "chat_ref": effect.chat_ref,
        "agency": effect.agencies[0] if effect.agencies else "",
        "status": "received",
        "priority": effect.priority,
        "sorted": rules(db),
        "urgency": place_of(effect.priority, effect.reasons),
        "reasons": msgspec.json.encode(effect.reasons).decode(),
        "opened": effect.at,
        "touched": effect.at,
        "locale": effect.locale,
        "host": plain(effect.facts.get("host", ""), 8),
        "nationality": plain(effect.facts.get("nationality", ""), 8),
        "place": plain(effect.report.get("place", effect.facts.get("place", "")), 32),
        "outcome": effect.assessment.outcome if effect.assessment else "",
        "ends": relief_ends(effect.facts, effect.assessment),
        "last": 0,
        "chat": sealed("chat", effect.chat),
        "facts": sealed("facts", effect.facts),
        "report": sealed("report", effect.report),
        "assessment": sealed("assessment", effect.assessment) if effect.assessment else None,
        "consent": sealed("consent", effect.consent),
    }


async def _add(db: Db, connection: AsyncConnection, effect: AddToCase) -> None:
    """The event; if a person speaks on a closed case, it is open again, and an event of its own says so."""
    case = await lock(connection, effect.case)
    if case is None:
        return None
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


async def _close(db: Db, connection: AsyncConnection, effect: CloseCase) -> None:
    """Solved, says the person. Closing a closed case is said once more and changes nothing."""
    case = await lock(connection, effect.case)
    if case is not None:
        await append(
            db, connection, case, id=fitting(effect.id), at=effect.at, what="solved", actor="citizen", status="closed"
        )


def _channel(chat: str) -> str:
    """The channel in a chat's address."""
    return chat.partition(":")[0]
