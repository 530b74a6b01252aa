"""A backup of a whole installation into a folder, made while it works, and putting it back into empty stores.

Redis first, then SQL, then the attachments: docs/operations.md tells why nothing is lost or done twice that way. All of it is
ciphertext and keyed references; the keys (KOMEK_SECRET_KEY, KOMEK_DATA_KEYS) are not in it.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from bot import keys
from bot.app import database_url
from bot.settings import Settings, SettingsError
from bot.valkey import valkey
from storage import backups
from storage.backups import Kept
from storage.migrate import known, migrate, standing
from storage.seal import Seal, Sealed
from storage.sql import copying
from storage.sql.db import connect
from storage.store import Store
from storage.store import connect as dial

PATIENCE = 120.0
"""Seconds that Redis may take to answer: a lane is copied at once."""
_SQL, _REDIS, _FILES, _TOLD = "sql", "redis", "attachments", "manifest.json"
_ABOUT = b"backup"

T = TypeVar("T")
_encode = msgspec.msgpack.Encoder().encode


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds. `begun`: when Redis was begun; `step`: of the tables; `proof`: opens with the data keys alone;
    `secret`: tells whether the secret key is the same; `sums`: SHA-256 by file.
    """

    version: int
    begun: datetime
    step: str
    proof: bytes
    secret: str
    sums: dict[str, str]
    keys: int
    rows: int
    attachments: int

    @property
    def line(self) -> str:
        """What it holds, for an operator."""
        held = f"{self.keys} keys, {self.rows} rows, {self.attachments} attachments"
        return f"{held}, begun {self.begun:%Y-%m-%d %H:%M:%S} UTC"


class File:
    """A file of records, each with its length before it, and its sum."""

    def __init__(self, file: BinaryIO) -> None:
        """`file` is open for writing."""
        self._file = file
        self._sum = sha256()

    def add(self, record: object) -> None:
        """One more."""
        body = _encode(record)
        for part in (len(body).to_bytes(8, "big"), body):
            self._file.write(part)
            self._sum.update(part)

    def end(self) -> str:
        """On the disk for good; its sum."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._sum.hexdigest()


async def back_up(settings: Settings, folder: Path) -> Manifest:
    """Write a backup into `folder`, which must not be there yet; it is there whole or not at all.

    Raises SettingsError, Lost, SQLAlchemyError or OSError.
    """
    draft = _draft(folder)
    async with _opened(settings) as (ours, redis):
        begun = datetime.now(UTC)
        held, redis_sum = await _copy_redis(redis, draft / _REDIS)
        rows, sql_sum, step = await _copy_sql(ours, draft / _SQL)
        files = await asyncio.to_thread(_copy_files, _folder(ours), draft / _FILES)
        proof = Seal(ours.keys()).seal(b"", _ABOUT)
        sums = {_REDIS: redis_sum, _SQL: sql_sum}
        told = Manifest(1, begun, step, proof, _mark(ours), sums, held, rows, files)
        with _private(draft / _TOLD) as file:
            file.write(msgspec.json.format(msgspec.json.encode(told)))
            file.flush()
            os.fsync(file.fileno())
        await asyncio.to_thread(os.sync)
        draft.rename(folder)
        await backups.note(redis, begun.timestamp())
    return told


async def restore(settings: Settings, folder: Path) -> Manifest:
    """Put a backup into stores that hold nothing, while no process of the service works with them.

    Raises SettingsError before anything is changed; Lost, SQLAlchemyError or OSError in the middle: empty both and begin anew.
    """
    told = await asyncio.to_thread(_read, folder)
    async with _opened(settings) as (ours, redis):
        _fit(ours, told)
        url, pool = database_url(ours), ours.pool()
        if not await backups.empty(redis):
            raise SettingsError("KOMEK_REDIS_URL: it is not empty, or a process of the service works with it")
        await _fresh(ours, told.step)
        await migrate(url, pool, to=told.step)
        await _put_sql(ours, folder / _SQL, told)
        await migrate(url, pool)
        for some in _records(folder / _REDIS, list[Kept]):
            await backups.put(redis, some)
        await asyncio.to_thread(_copy_files, folder / _FILES, _folder(ours))
        await backups.note(redis, told.begun.timestamp())
    return told


def _draft(folder: Path) -> Path:
    """Where a backup is made before it is whole, empty. Raises SettingsError if `folder` is there."""
    if folder.exists():
        raise SettingsError(f"{folder} is there already; name a folder that is not")
    draft = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    return draft


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[Settings, Store]]:
    """The settings with their keys, the demonstration's if no Redis is set, and a connection of our own."""
    if not settings.redis_url:
        async with valkey(settings.var_dir / "valkey") as url, _connected(url) as redis:
            yield keys.demonstration(settings), redis
        return
    async with _connected(settings.redis_url) as redis:
        yield keys.required(settings), redis


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Store]:
    """A patient connection."""
    redis = await dial(url, PATIENCE)
    try:
        yield redis
    finally:
        await redis.close()


async def _copy_redis(redis: Store, path: Path) -> tuple[int, str]:
    """How many keys, and the file's sum."""
    held = 0
    with _private(path) as raw:
        file = File(raw)
        async for some in backups.copied(redis):
            held += len(some)
            file.add(some)
        return held, file.end()


async def _copy_sql(settings: Settings, path: Path) -> tuple[int, str, str]:
    """How many rows, the file's sum, and the step of the tables."""
    engine = connect(database_url(settings), settings.pool())
    rows = 0
    try:
        async with copying.moment(engine).connect() as connection:
            step = await copying.step_of(connection)
            with _private(path) as raw:
                file = File(raw)
                async for table, columns, some in copying.copied(connection):
                    rows += len(some)
                    file.add((table, columns, some))
                return rows, file.end(), step
    except ValueError as fault:
        raise SettingsError(f"KOMEK_DATABASE_URL: {fault}") from None
    finally:
        await engine.dispose()


async def _fresh(settings: Settings, step: str) -> None:
    """Raise SettingsError for a database whose tables are not those of the backup's step."""
    engine = connect(database_url(settings), settings.pool())
    try:
        async with engine.connect() as connection:
            if set(await standing(connection)) - {step}:
                raise SettingsError(
                    f"KOMEK_DATABASE_URL: has tables of another step than the backup's ({step}); empty it"
                )
    finally:
        await engine.dispose()


async def _put_sql(settings: Settings, path: Path, told: Manifest) -> None:
    """All rows in one transaction; and what was told later than Redis knows is untold."""
    engine = connect(database_url(settings), settings.pool())
    try:
        async with engine.execution_options(writes=True).begin() as connection:
            if not await copying.empty(connection):
                raise SettingsError("KOMEK_DATABASE_URL: it is not empty")
            putting = await copying.Putting.into(connection)
            for table, columns, rows in _records(path, tuple[str, list[str], list[list[object]]]):
                await putting.put(table, columns, rows)
            await putting.end()
            await copying.untell(connection, copying.margin(told.begun))
    finally:
        await engine.dispose()


def _folder(settings: Settings) -> Path | None:
    """Where the attachments are; None if they are in a bucket, whose own versions are their backup."""
    if "://" in settings.attachments:
        return None
    return Path(settings.attachments) if settings.attachments else settings.var_dir / _FILES


def _copy_files(source: Path | None, target: Path | None) -> int:
    """The sealed attachments; half-written ones are left. How many."""
    count = 0
    if source is None or target is None:
        return count
    for path in sorted(source.glob("*/*.sealed")):
        to = target / path.parent.name / path.name
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, to)
        except FileNotFoundError:
            continue  # its person was forgotten just now
        to.chmod(0o600)
        count += 1
    return count


def _read(folder: Path) -> Manifest:
    """The manifest of a whole backup. Raises SettingsError for anything else."""
    try:
        told = msgspec.json.decode((folder / _TOLD).read_bytes(), type=Manifest)
        for name, wanted in told.sums.items():
            with (folder / name).open("rb") as file:
                if file_digest(file, "sha256").hexdigest() != wanted:
                    raise SettingsError(f"{folder / name} is not as it was written")
    except (OSError, msgspec.MsgspecError):
        raise SettingsError(f"{folder} is not a whole backup") from None
    return told


def _fit(settings: Settings, told: Manifest) -> None:
    """Raise SettingsError unless this version and these keys can do something with it."""
    if told.version != 1 or told.step not in known():
        raise SettingsError("the backup is of a newer version of the service")
    try:
        Seal(settings.keys()).open(told.proof, _ABOUT)
    except Sealed:
        raise SettingsError("KOMEK_DATA_KEYS: not those that the backup was made with") from None
    if told.secret != _mark(settings):
        raise SettingsError("KOMEK_SECRET_KEY: not the one that the backup was made with")


def _mark(settings: Settings) -> str:
    """By which a secret key is known again, and not found out."""
    return hmac.new(settings.secret_key.encode(), b"komek backup", sha256).hexdigest()


def _records(path: Path, kind: type[T]) -> Iterator[T]:
    """What was written, one after another."""
    decoder = msgspec.msgpack.Decoder(kind)
    with path.open("rb") as file:
        while head := file.read(8):
            yield decoder.decode(file.read(int.from_bytes(head, "big")))


def _private(path: Path) -> BinaryIO:
    """A new file that this user alone can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
