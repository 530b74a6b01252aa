"""Answers that an agency keeps ready, each in as many languages as somebody has written it in. They are about nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select

from storage.records import Missing, Officer
from storage.records_work import Phrase
from storage.sql.auditing import record
from storage.sql.db import Db, insert_once
from storage.sql.engine import AsyncConnection
from storage.sql.ids import derive, plain
from storage.sql.tables_work import phrase_texts, phrases


async def kept(db: Db, agency: str) -> Sequence[Phrase]:
    """The agency's phrases, by name."""
    wanted = select(phrases.c.id, phrases.c.name).where(phrases.c.agency == agency).order_by(phrases.c.name)
    texts = select(phrase_texts).join(phrases).where(phrases.c.agency == agency)
    async with db.read() as connection:
        found: dict[str, dict[str, str]] = {}
        for row in (await connection.execute(texts)).mappings():
            found.setdefault(row["phrase_id"], {})[row["locale"]] = row["text"]
        rows = (await connection.execute(wanted)).all()
    return [Phrase(id=id, name=name, texts=found.get(id, {})) for id, name in rows]


async def keep(db: Db, officer: Officer, name: str, texts: Mapping[str, str]) -> str:
    """Keep a phrase under its name; one of that name is written over. Empty texts are not kept. Returns its id."""
    name = plain(name, 80).strip()
    id = derive("phrase", officer.agency, name)
    async with db.write() as connection:
        await insert_once(connection, phrases, id=id, agency=officer.agency, name=name)
        await connection.execute(delete(phrase_texts).where(phrase_texts.c.phrase_id == id))
        rows = [{"phrase_id": id, "locale": tag, "text": text} for tag, text in texts.items() if text]
        if rows:
            await connection.execute(insert(phrase_texts), rows)
        await record(connection, officer, "phrase.kept", id)
    return id


async def drop(db: Db, officer: Officer, id: str) -> None:
    """Keep it no more. Raises Missing if their agency has none of that id."""
    async with db.write() as connection:
        if not await _theirs(connection, officer.agency, id):
            raise Missing("no such phrase")
        await connection.execute(delete(phrase_texts).where(phrase_texts.c.phrase_id == plain(id, 64)))
        await connection.execute(delete(phrases).where(phrases.c.id == plain(id, 64)))
        await record(connection, officer, "phrase.dropped", id)


async def _theirs(connection: AsyncConnection, agency: str, id: str) -> bool:
    """Whether the phrase is the agency's."""
    mine = select(phrases.c.id).where(phrases.c.id == plain(id, 64), phrases.c.agency == agency)
    return (await connection.execute(mine)).first() is not None
