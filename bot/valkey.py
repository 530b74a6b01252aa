"""The embedded Valkey while it is needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from storage.embedded import Embedded


@asynccontextmanager
async def valkey(folder: Path) -> AsyncIterator[str]:
    """The address of the Valkey whose data are in `folder`, started or taken over, and watched until the block ends.

    Raises EmbeddedError, one line.
    """
    server = Embedded(folder)
    await asyncio.to_thread(server.start)
    watch = asyncio.create_task(server.watch())
    try:
        yield server.url
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        await asyncio.to_thread(server.stop)
