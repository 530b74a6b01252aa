"""Attachments on disk: sealed, one file each, named by their id, in 256 folders. A file is whole or not there at all."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from storage.seal import Seal


class Files:
    """A folder of sealed attachments. Calls block for a disk's moment; async callers use a thread."""

    def __init__(self, folder: Path, seal: Seal) -> None:
        """`folder` is made when the first file comes."""
        self._folder = folder
        self._seal = seal

    def put(self, id: str, content: bytes) -> None:
        """Keep `content` under `id`, replacing what was there; on the disk for good when this returns."""
        path = self._path(id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with open(part, "wb", opener=_private) as file:  # Path.open takes no opener
            file.write(self._seal.seal(content, _about(id)))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _settle(path.parent)

    def get(self, id: str) -> bytes:
        """The content kept under `id`. Raises FileNotFoundError, or Sealed if it was changed or moved."""
        return self._seal.open(self._path(id).read_bytes(), _about(id))

    def remove(self, id: str) -> None:
        """Remove it, and a half-written one; harmless if there is none."""
        path = self._path(id)
        path.unlink(missing_ok=True)
        path.with_suffix(".part").unlink(missing_ok=True)

    def _path(self, id: str) -> Path:
        """Where `id` is kept. Hashed, so that no id can name a path of its own."""
        name = sha256(id.encode()).hexdigest()
        return self._folder / name[:2] / f"{name}.sealed"


def _about(id: str) -> bytes:
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
