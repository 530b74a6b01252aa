"""Attachments, sealed before they leave the process: one file each, named by its id; whole, or not there at all.

They are kept in a folder, or in a bucket of S3 (`storage/bucket.py`), under the same names: `ab/ab12….sealed`. So a folder is
moved into a bucket, and back, by copying it.
"""

from __future__ import annotations

import asyncio
import os
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from storage.seal import Seal


class Unreachable(OSError):
    """The store of the files cannot be had now, or refuses us. One line for an operator, with nothing of a person in it."""

    def __init__(self, cause: str, *, refused: bool = False) -> None:
        """`refused`: it answered, and will not have us until somebody changes a setting."""
        super().__init__(f"the store of the attachments {'refuses us' if refused else 'is away'}: {cause}")
        self.refused = refused


class Files(Protocol):
    """Where attachments are. Every call raises OSError where the store cannot be had: ask again later."""

    async def put(self, id: str, content: bytes, /) -> None:
        """Keep `content` under `id`, replacing what was there; kept for good when this returns."""

    async def get(self, id: str, /) -> bytes:
        """The content kept under `id`. Raises FileNotFoundError, or Sealed if it was changed or moved."""

    async def remove(self, id: str, /) -> None:
        """Remove it, and a half-written one; harmless if there is none."""

    async def check(self) -> None:
        """Return if the store would have us. Raises Unreachable."""


def files(where: str | Path, seal: Seal) -> Files:
    """The store at `where`: a folder, or `s3://bucket/prefix`. Raises ValueError for any other address."""
    scheme, mark, _ = str(where).partition("://")
    if not mark:
        return Folder(Path(where), seal)
    if scheme != "s3":
        raise ValueError("a folder, or s3://bucket/prefix")
    from storage.bucket import Bucket

    return Bucket(str(where), seal)


class Folder:
    """A folder of sealed attachments, in 256 folders; it is made when the first file comes."""

    def __init__(self, folder: Path, seal: Seal) -> None:
        """`folder` may be missing."""
        self._folder = folder
        self._seal = seal

    async def put(self, id: str, content: bytes, /) -> None:
        """As Files says: on the disk for good when this returns."""
        await asyncio.to_thread(self._put, id, content)

    async def get(self, id: str, /) -> bytes:
        """As Files says."""
        return await asyncio.to_thread(lambda: self._seal.open(self._path(id).read_bytes(), about(id)))

    async def remove(self, id: str, /) -> None:
        """As Files says."""
        await asyncio.to_thread(self._remove, id)

    async def check(self) -> None:
        """A folder is there, or will be made."""

    def _put(self, id: str, content: bytes) -> None:
        """Written beside its place, brought to the disk, then renamed."""
        path = self._path(id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with open(part, "wb", opener=_private) as file:  # Path.open takes no opener
            file.write(self._seal.seal(content, about(id)))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _settle(path.parent)

    def _remove(self, id: str) -> None:
        """The file and what a crash left of it."""
        path = self._path(id)
        path.unlink(missing_ok=True)
        path.with_suffix(".part").unlink(missing_ok=True)

    def _path(self, id: str) -> Path:
        """Where `id` is kept."""
        return self._folder / name(id)


def name(id: str) -> str:
    """The name of a file within its store. Hashed, so that no id can name a path of its own."""
    digest = sha256(id.encode()).hexdigest()
    return f"{digest[:2]}/{digest}.sealed"


def about(id: str) -> bytes:
    """What a file is bound to."""
    return f"attachments/{id}/content".encode()


def _private(path: str, flags: int) -> int:
    """Opened for this user alone."""
    return os.open(path, flags, 0o600)


def _settle(folder: Path) -> None:
    """A rename is on the disk only once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
