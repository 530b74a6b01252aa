"""The audit: who read or changed what about whom, in one chain that cannot be changed unnoticed.

Each row's hash is an HMAC (its key is derived from the secret, so whoever has the database alone cannot make one) over the
hash before it and the row's own content. The head says where the chain ends and is keyed too: rows cut off the end are missed.
Rows hold ids and codes, nothing that a person said.

`record` only notes an entry on the transaction. `Db.write` chains all entries of a transaction just before it commits: the
chain's lock is the last one taken and held for a moment, so writers neither wait for each other's work nor deadlock.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple, Protocol

from sqlalchemy import RowMapping, insert, select, update

from storage.sql.engine import AsyncConnection
from storage.sql.ids import plain
from storage.sql.tables_people import audit, audit_head

log = logging.getLogger(__name__)

_NOTED = "komek_audit"  # where a connection keeps its transaction's entries
_HEAD = audit_head.c.id == 1
_HOLD = select(audit_head).where(_HEAD).with_for_update()  # made once: nothing else is asked so often
_WRITE = insert(audit)
_MOVE = update(audit_head).where(_HEAD)


class Actor(Protocol):
    """Who acts: an officer, or a program (`key:<id>`) of an agency."""

    @property
    def id(self) -> str:
        """As the audit names them."""

    @property
    def agency(self) -> str:
        """Whose administrators may read of it."""


class Somebody(NamedTuple):
    """An actor who is no officer."""

    id: str
    agency: str


def operator(agency: str) -> Somebody:
    """Whoever works at the command line, acting on an agency's accounts."""
    return Somebody("operator", agency)


class Entry(NamedTuple):
    """A row of the audit, but for its place in the chain."""

    agency: str
    who: str
    act: str
    subject: str
    detail: str


class Link(NamedTuple):
    """A place in the chain: how many rows up to here, and the last one's hash."""

    n: int
    hash: str


START = Link(0, "")
"""Before the first row."""


async def record(connection: AsyncConnection, by: Actor, act: str, subject: str = "", detail: str = "") -> None:
    """Note that `by` did `act` to the case or officer with the id `subject`. It is written if the transaction commits.

    `act` is a short code (console/words.py has its words), `detail` codes or ids. Never pass what a person said or is called.
    Raises RuntimeError outside `Db.write`.
    """
    noted = _noted(connection)
    if noted is None:
        raise RuntimeError("the audit is written in a transaction of Db.write")
    noted.append(Entry(by.agency[:64], by.id[:80], act[:32], plain(subject, 64), plain(detail, 200)))


async def begin(connection: AsyncConnection) -> None:
    """A writing transaction begins: nothing is noted yet. What is noted goes with this connection object, not with the pool's."""
    await connection.execution_options(**{_NOTED: []})


def _noted(connection: AsyncConnection) -> list[Entry] | None:
    """The transaction's entries; None in one that only reads."""
    plain_one = connection.sync_connection
    return plain_one.get_execution_options().get(_NOTED) if plain_one is not None else None


class Chain:
    """Hashes and chains entries."""

    def __init__(self, secret: str) -> None:
        """`secret`: the installation's; the chain's key is derived from it."""
        self._key = hmac.new(secret.encode(), b"komek audit chain", sha256).digest()

    async def append(self, connection: AsyncConnection, moment: datetime) -> None:
        """Chain what the transaction has noted, if anything. To be called last: nobody else appends until it has ended."""
        noted = _noted(connection)
        if not noted:
            return
        link = await self._lock(connection)
        rows = []
        for entry in noted:
            row: dict[str, object] = {"n": link.n + 1, "at": moment, **entry._asdict()}
            link = Link(link.n + 1, self.hash(link.hash, row))
            rows.append({**row, "hash": link.hash})
        await connection.execute(_WRITE, rows if len(rows) > 1 else rows[0])
        await connection.execute(_MOVE, {"n": link.n, "hash": link.hash, "mark": self.mark(link)})

    def hash(self, before: str, row: Mapping[str, object] | RowMapping) -> str:
        """A row's hash, given that of the row before."""
        return self._hmac(before, *(_text(row[name]) for name in ("n", "at", *Entry._fields)))

    def mark(self, link: Link) -> str:
        """What the head carries so that it cannot be set back by who has the database alone."""
        return self._hmac("head", str(link.n), link.hash)

    def blind(self, *parts: str) -> str:
        """A keyed hash by which a text can be recognised, and not read."""
        return self._hmac("blind", *parts)

    async def _lock(self, connection: AsyncConnection) -> Link:
        """The end of the chain, held until the transaction ends."""
        head = (await connection.execute(_HOLD)).one()
        link = Link(head.n, head.hash)
        if link != START and not hmac.compare_digest(head.mark, self.mark(link)):
            # People wait for answers: the desk works on, and `komek audit verify` will name the place.
            log.error("the audit's head was changed, or written with another KOMEK_SECRET_KEY")
        return link

    def _hmac(self, *parts: str) -> str:
        """Keyed, in hexadecimal, over exactly these parts: in a form that no library's next version writes otherwise."""
        content = b"".join(len(p.encode()).to_bytes(4, "big") + p.encode() for p in parts)
        return hmac.new(self._key, content, sha256).hexdigest()


def _text(value: object) -> str:
    """A cell as it is hashed; a moment in UTC to the microsecond, as both databases keep it."""
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else str(value)
