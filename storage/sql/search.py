"""Finding cases by the words in them, though nothing that a person said is kept in clear.

Of each word a case holds its keyed digest (`finder.py`). A word of a note belongs to the agency that wrote it. Which cases
an agency finds is decided by `sight.py` alone, and the answer holds nothing but lines of its own queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, false, func, select

from storage.sql.db import Db, fresh
from storage.sql.engine import AsyncConnection
from storage.sql.finder import words
from storage.sql.lexicon import meanings, tokens
from storage.sql.sight import sees_word
from storage.sql.tables_queue import case_agencies, case_words

ASKED = 8
"""Words of a question that count."""
RARE = 5000
"""Cases up to which a word is looked up in the index of words; a more frequent one is looked for along the queue."""
WALK = 10_000
"""Cases looked through along the queue for one page; the next page goes on from there."""


async def remember(
    db: Db, connection: AsyncConnection, case: str, found: Iterable[str], only: str | None = None
) -> None:
    """Mark these words as the case's; those it has already change nothing. `only`: the agency that may find it by them."""
    await remember_all(connection, marked(db, case, found, only))


def marked(db: Db, case: str, found: Iterable[str], only: str | None = None) -> list[Mapping[str, object]]:
    """These words of a case as rows."""
    return [{"word": mark, "case_id": case, "only": only or ""} for mark in db.finder.marks(found)]


async def remember_all(connection: AsyncConnection, rows: Sequence[Mapping[str, object]]) -> None:
    """Keep the rows of `marked`, of many cases at once."""
    if rows:
        await connection.execute(fresh(connection.dialect.name, case_words), rows)


def words_of(*tables: Mapping[str, str]) -> frozenset[str]:
    """What a report and its facts can be found by."""
    return frozenset(token for table in tables for name, value in table.items() for token in tokens(name, value))


class Hits(NamedTuple):
    """How cases with the words are found: by these conditions on `case_agencies`; `walks`: by looking along the queue."""

    fits: tuple[ColumnElement[bool], ...] = ()
    walks: bool = False


async def containing(db: Db, connection: AsyncConnection, agency: str, text: str) -> Hits:
    """Cases that hold all words of `text`, or what they mean as facts; all cases for no words."""
    if not text:
        return Hits()
    known = await asyncio.to_thread(meanings)
    asked = sorted(words(text), key=len, reverse=True)[:ASKED]
    several = [db.finder.marks({word} | known.get(word, frozenset())) for word in asked]
    if not several or not all(several):
        return Hits((false(),))  # nothing to look for, or nothing is marked: nothing is found
    frequent = [(await _frequency(connection, agency, marks), n) for n, marks in enumerate(several)]
    least, rarest = min(frequent)
    if least > RARE:
        return Hits(tuple(_has(agency, marks) for marks in several), walks=True)
    first = select(case_words.c.case_id).where(_one_of(agency, several[rarest])).limit(2 * RARE)
    others = (_has(agency, marks) for n, marks in enumerate(several) if n != rarest)
    return Hits((case_agencies.c.case_id.in_(first.scalar_subquery()), *others))


async def _frequency(connection: AsyncConnection, agency: str, marks: Sequence[int]) -> int:
    """How often these occur, counted no further than it matters."""
    some = select(case_words.c.case_id).where(_one_of(agency, marks)).limit(RARE + 1).subquery()
    return int((await connection.execute(select(func.count()).select_from(some))).scalar_one())


def _has(agency: str, marks: Sequence[int]) -> ColumnElement[bool]:
    """That the row's case holds one of these."""
    return exists().where(case_words.c.case_id == case_agencies.c.case_id, _one_of(agency, marks))


def _one_of(agency: str, marks: Sequence[int]) -> ColumnElement[bool]:
    """Rows of `case_words` with one of these, which the agency may find a case by."""
    return case_words.c.word.in_(marks) & sees_word(agency)
