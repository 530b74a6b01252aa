"""Keys of other programs. A key is drawn at random, 256 bits, shown once; only its SHA-256 is kept, as with sign-ins."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import sha256

import msgspec
from sqlalchemy import RowMapping, insert, select, update

from storage.machines import SCOPES, Key, Reused, Scope
from storage.sql.auditing import Somebody, record
from storage.sql.db import Db, insert_once
from storage.sql.ids import derive, plain
from storage.sql.sight import own_key
from storage.sql.tables_machines import api_calls, api_keys

LONGEST = 730
"""Days a key is good for at most: two years."""
MARK = "kmk_"
"""What every key begins with, so that one left in a public place is found for what it is."""

_SHAPE = re.compile(rf"{MARK}[\w-]{{43}}", re.ASCII)
_STEP = timedelta(minutes=1)  # how exactly the last use is kept


class Keys:
    """The keys of all agencies."""

    def __init__(self, db: Db) -> None:
        """On the case store's database."""
        self._db = db

    async def make(
        self, agency: str, name: str, scopes: Iterable[Scope], days: int = 365, maker: str = "operator"
    ) -> tuple[Key, str]:
        """A key for a program called `name`, good for so many days. Returns it and, this once, its text.

        Raises ValueError for no name, no scope, one nobody knows, or a time that is none or too long.
        """
        name, wanted = plain(name.strip(), 200), set(scopes)
        if not name or not wanted or not wanted <= set(SCOPES) or not 0 < days <= LONGEST:
            raise ValueError(f"a key has a name, at least one scope of {', '.join(SCOPES)}, and 1 to {LONGEST} days")
        token, moment = MARK + secrets.token_urlsafe(32), self._db.clock()
        row = {
            "id": derive("key", _hash(token)),
            "agency": agency,
            "name": name,
            "scopes": msgspec.json.encode([scope for scope in SCOPES if scope in wanted]).decode(),
            "made": moment,
            "maker": maker,
            "expires": moment + timedelta(days=days),
        }
        async with self._db.write() as connection:
            await connection.execute(insert(api_keys).values(**row, token=_hash(token), used=None, revoked=None))
            made = (await connection.execute(select(api_keys).where(api_keys.c.id == row["id"]))).mappings().one()
            await record(connection, Somebody(maker, agency), "key.made", made["id"], " ".join(sorted(wanted)))
        return _key(made), token

    async def all(self, agency: str | None = None) -> Sequence[Key]:
        """The keys of an agency (None: of all, for the operator), the newest first."""
        wanted = select(api_keys).where(*own_key(agency)).order_by(api_keys.c.agency, api_keys.c.made.desc())
        async with self._db.read() as connection:
            return [_key(row) for row in (await connection.execute(wanted)).mappings()]

    async def revoke(self, agency: str | None, id: str, by: str = "operator") -> bool:
        """End a key at once; `by`: the officer's id. False if the agency has none of this id that still lives."""
        mine = (api_keys.c.id == plain(id, 64), api_keys.c.revoked.is_(None), *own_key(agency))
        end = update(api_keys).where(*mine).values(revoked=self._db.clock()).returning(api_keys.c.id, api_keys.c.agency)
        async with self._db.write() as connection:
            row = (await connection.execute(end)).first()
            if row is not None:
                await record(connection, Somebody(by, row.agency), "key.revoked", row.id)
        return row is not None

    async def open(self, token: str) -> Key | None:
        """The key with this text; None for one that is unknown, over or revoked alike. Notes its use, to the minute."""
        if not _SHAPE.fullmatch(token):
            return None
        moment = self._db.clock()
        good = (api_keys.c.token == _hash(token), api_keys.c.revoked.is_(None), api_keys.c.expires > moment)
        async with self._db.read() as connection:
            row = (await connection.execute(select(api_keys).where(*good))).mappings().first()
        if row is None:
            return None
        if row["used"] is None or moment - row["used"] >= _STEP:
            async with self._db.write() as connection:
                await connection.execute(update(api_keys).where(api_keys.c.id == row["id"]).values(used=moment))
        return _key(row)

    async def first(self, key: Key, call: str, seen: str, *asks: str) -> str:
        """What `seen` was when this key first made the call it names `call`, which `asks` for this.

        With that `seen` an act has the id that it had then, so that the call may be repeated whatever happened since.
        Raises Reused if the name was given to another call.
        """
        row = {"id": derive("call", key.id, call), "key_id": key.id, "print": derive(*asks), "seen": plain(seen, 64)}
        async with self._db.write() as connection:
            await insert_once(connection, api_calls, **row, made=self._db.clock())
            kept = (await connection.execute(select(api_calls).where(api_calls.c.id == row["id"]))).one()
        if kept.print != row["print"]:
            raise Reused("the Idempotency-Key belongs to another call")
        return str(kept.seen)

    async def again(self, key: Key, call: str, seen: str) -> None:
        """The first attempt did nothing, for its page was too old: it counts from this one on."""
        id = derive("call", key.id, call)
        async with self._db.write() as connection:
            await connection.execute(update(api_calls).where(api_calls.c.id == id).values(seen=plain(seen, 64)))


def _hash(token: str) -> str:
    """What is kept of a key."""
    return sha256(token.encode()).hexdigest()


def _key(row: RowMapping) -> Key:
    """A row as a noun."""
    return Key(
        id=row["id"],
        agency=row["agency"],
        name=row["name"],
        scopes=msgspec.json.decode(row["scopes"], type=tuple[Scope, ...]),
        made=row["made"],
        maker=row["maker"],
        expires=row["expires"],
        used=row["used"],
        revoked=row["revoked"],
    )
