"""Lists in statements."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, MetaData, String, Table, create_engine, insert, select
from sqlalchemy.dialects import postgresql

from storage.sql.among import among

TEN = Table("ten", MetaData(), Column("n", String, primary_key=True))
NUMBERS = [str(n) for n in range(10)]


def _statement(count: int) -> str:
    """As the server is given it."""
    wanted = select(TEN).where(among(TEN.c.n, [str(n) for n in range(count)]))
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # it has no types
    return str(wanted.compile(dialect=dialect, compile_kwargs={"render_postcompile": True}))


def test_there_are_few_statements() -> None:
    """Every list up to five hundred is one of eleven."""
    assert len({_statement(count) for count in range(501)}) == 11


@pytest.mark.parametrize("count", range(10))
def test_it_is_true_of_the_values_alone(count: int) -> None:
    """However many were added."""
    with create_engine("sqlite://").connect() as connection:
        TEN.create(connection)
        connection.execute(insert(TEN), [{"n": n} for n in NUMBERS])
        found = connection.execute(select(TEN.c.n).where(among(TEN.c.n, NUMBERS[:count])).order_by(TEN.c.n))
        assert [*found.scalars()] == NUMBERS[:count]
