"""Attachments in a bucket of Amazon S3, or of any store that speaks its protocol.

How the store is reached is said by the variables that every program of this kind reads: `AWS_ACCESS_KEY_ID`,
`AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`, or the role that the machine has.
https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html

One PUT a file, never in parts: S3 shows an object whole or not at all, and a broken upload leaves nothing behind.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from storage.files import Unreachable, about, name
from storage.seal import Seal

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Store

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_RETRY: RetryConfig = {
    "max_retries": 2,
    "retry_timeout": timedelta(seconds=10),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2},
}
"""A hiccup is bridged here; what lasts longer is waited for by those who call, who are not in a hurry."""
QUICK_SECONDS = 10.0
"""How long a call may take that carries no file."""
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_STATUS = re.compile(r"status code: (\d{3})")


class Bucket:
    """A bucket of sealed attachments. Nothing is loaded or reached before the first call."""

    def __init__(self, url: str, seal: Seal) -> None:
        """`url`: `s3://bucket/prefix`. Raises ValueError if it names no bucket."""
        parts = urlsplit(url)
        if not parts.netloc or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("s3://bucket/prefix names a bucket and, if wanted, a prefix; keys are set elsewhere")
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        self._seal = seal
        self._opened: S3Store | None = None

    async def put(self, id: str, content: bytes, /) -> None:
        """As Files says."""
        sealed = await asyncio.to_thread(self._seal.seal, content, about(id))
        try:
            await self._store().put_async(name(id), sealed, use_multipart=False)
        except Exception as fault:  # noqa: BLE001 - a compiled library's own kinds, sorted below
            raise _unreachable(fault) from None

    async def get(self, id: str, /) -> bytes:
        """As Files says."""
        try:
            found = await self._store().get_async(name(id))
            sealed = bytes(await found.bytes_async())
        except Exception as fault:  # noqa: BLE001 - as in `put`
            if isinstance(fault, FileNotFoundError) and _code(fault) != "NoSuchBucket":
                raise FileNotFoundError("no such file in the bucket") from None
            raise _unreachable(fault) from None
        return await asyncio.to_thread(self._seal.open, sealed, about(id))

    async def remove(self, id: str, /) -> None:
        """As Files says."""
        try:
            async with asyncio.timeout(QUICK_SECONDS):
                await self._store().delete_async(name(id))
        except Exception as fault:  # noqa: BLE001 - as in `put`
            if isinstance(fault, FileNotFoundError) and _code(fault) != "NoSuchBucket":
                return
            raise _unreachable(fault) from None

    async def check(self) -> None:
        """As Files says; asks for the list of a prefix that holds nothing."""
        try:
            async with asyncio.timeout(QUICK_SECONDS):
                await self._store().list_with_delimiter_async("check")
        except Exception as fault:  # noqa: BLE001 - as in `put`
            raise _unreachable(fault) from None

    def _store(self) -> S3Store:
        """The client; only who keeps files in a bucket pays for its library (5 MB)."""
        if self._opened is None:
            from obstore.store import S3Store

            self._opened = S3Store(
                self._bucket,
                prefix=self._prefix or None,
                client_options=_client(os.environ),
                retry_config=_RETRY,
                disable_bulk_delete=True,  # the bulk call is not spoken by every store
            )
        return self._opened


def _client(env: Mapping[str, str]) -> ClientConfig:
    """Without TLS only where the endpoint says so itself. A file of 20 MB may take its time."""
    endpoint = next((env[name] for name in _ENDPOINTS if env.get(name)), "")
    return {
        "allow_http": endpoint.startswith("http://"),
        "connect_timeout": timedelta(seconds=5),
        "timeout": timedelta(seconds=100),
    }


def _code(fault: Exception) -> str:
    """The store's own word for what is wrong, as `NoSuchBucket`; empty if it said none."""
    found = _CODE.search(str(fault))
    return found[1] if found else ""


def _unreachable(fault: Exception) -> Unreachable:
    """The fault without its text, which quotes the store's whole answer."""
    status = _STATUS.search(str(fault))
    moved = "redirect" in str(fault)
    code = _code(fault) or ("another region (AWS_REGION)" if moved else f"HTTP {status[1]}" if status else "no answer")
    return Unreachable(code, refused=moved or bool(status and status[1].startswith("4")))
