"""Opening cases: many in as many statements as one takes, so that the clerk keeps up with the readers."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import insert, select

from handlers.nouns import OpenCase
from storage.sql.among import among
from storage.sql.append import announced, attach
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.ids import derive, plain
from storage.sql.refreshing import rules
from storage.sql.search import marked, remember_all, words_of
from storage.sql.tables import announcements, case_agencies, cases, events
from storage.sql.urgency import Happened, first_seat, place_of, relief_ends

log = logging.getLogger(__name__)


async def open_all(db: Db, connection: AsyncConnection, effects: Sequence[OpenCase]) -> None:
    """The cases, who sees them, the words they are found by, their first events and files; what is there already stays.

    Raises IntegrityError where another transaction made one of them meanwhile: do it again, and it is there already.
    """
    fresh = await _fresh(connection, effects)
    if not fresh:
        return
    refs = await _refs(connection, fresh)
    rows = [_row(db, effect, ref) for effect, ref in zip(fresh, refs, strict=True)]
    firsts = [Happened(derive("opened", effect.id), effect.at, "opened", "", None) for effect in fresh]
    told = list(zip(fresh, rows, firsts, strict=True))
    seats = [
        {"case_id": effect.id, "agency": agency, **first_seat(db, row, agency, event)}
        for effect, row, event in told
        for agency in _agencies(effect)
    ]
    await connection.execute(insert(cases), rows)
    if seats:
        await connection.execute(insert(case_agencies), seats)
    await remember_all(connection, _words(db, fresh))
    await connection.execute(insert(events), [_event(effect.id, event) for effect, _, event in told])
    if seats:
        due = [one for effect, _, event in told for one in announced(event.id, sorted(_agencies(effect)))]
        await connection.execute(insert(announcements), due)
    for effect, _, event in told:
        channel = effect.chat.partition(":")[0]
        for n, media in enumerate(effect.media):
            await attach(
                db, connection, case=effect.id, event=event.id, n=n, media=media, channel=channel, at=effect.at
            )


async def _fresh(connection: AsyncConnection, effects: Sequence[OpenCase]) -> list[OpenCase]:
    """Those that are not there yet, each once."""
    once: dict[str, OpenCase] = {}
    for effect in effects:
        once.setdefault(effect.id, effect)
    there = await connection.execute(select(cases.c.id).where(among(cases.c.id, once)))
    known = set(there.scalars())
    return [effect for id, effect in once.items() if id not in known]


async def _refs(connection: AsyncConnection, effects: Sequence[OpenCase]) -> list[str | None]:
    """Their references. One that another case bears is left off: the case counts more than its number."""
    there = await connection.execute(select(cases.c.ref).where(among(cases.c.ref, [effect.ref for effect in effects])))
    taken = set(there.scalars())
    refs: list[str | None] = []
    for effect in effects:
        if effect.ref in taken:
            log.error("case %s: its reference belongs to another case already; it is kept without one", effect.id)
        if not effect.agencies:
            log.error("case %s has no agency: nobody sees it", effect.id)
        refs.append(None if effect.ref in taken else effect.ref)
        taken.add(effect.ref)
    return refs


def _agencies(effect: OpenCase) -> Iterable[str]:
    """Who sees the case, each once."""
    return dict.fromkeys(effect.agencies)


def _row(db: Db, effect: OpenCase, ref: str | None) -> dict[str, Any]:
    """The case as it is once its first event has happened."""

    def sealed(column: str, value: object) -> bytes:
        return db.vault.put(value, "cases", effect.id, column)

    return {
        "id": effect.id,
        "ref": ref,
        "chat_ref": effect.chat_ref,
        "agency": effect.agencies[0] if effect.agencies else "",
        "status": "received",
        "priority": effect.priority,
        "sorted": rules(db),
        "urgency": place_of(effect.priority, effect.reasons),
        "reasons": msgspec.json.encode(effect.reasons).decode(),
        "opened": effect.at,
        "touched": effect.at,
        "since": effect.at,
        "locale": effect.locale,
        "host": plain(effect.facts.get("host", ""), 8),
        "nationality": plain(effect.facts.get("nationality", ""), 8),
        "place": plain(effect.report.get("place", effect.facts.get("place", "")), 32),
        "outcome": effect.assessment.outcome if effect.assessment else "",
        "ends": relief_ends(effect.facts, effect.assessment),
        "last": 1,
        "chat": sealed("chat", effect.chat),
        "facts": sealed("facts", effect.facts),
        "report": sealed("report", effect.report),
        "assessment": sealed("assessment", effect.assessment) if effect.assessment else None,
        "consent": sealed("consent", effect.consent),
    }


def _event(case: str, event: Happened) -> Mapping[str, object]:
    """A case's first event."""
    return {
        "id": event.id,
        "case_id": case,
        "seq": 1,
        "at": event.at,
        "what": event.what,
        "actor": "citizen",
        "agency": "",
        "status": "received",
        "delivery": "",
        "cause": "",
        "tell": False,
    }


def _words(db: Db, effects: Sequence[OpenCase]) -> list[Mapping[str, object]]:
    """What the cases are found by."""
    return [row for effect in effects for row in marked(db, effect.id, words_of(effect.report, effect.facts))]
