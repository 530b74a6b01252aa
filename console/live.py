"""Live: an open queue is told, within a second, that something of its own agency changed. Never what, nor of others.

One look a second at the announcements serves all open pages of a process, and only while there are any. What changed is
fetched by the page itself, through the same gate and the same sight as ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from console.desk import Desk
from console.gate import Gate, SignedOut

log = logging.getLogger(__name__)

EVERY = 0.8
"""Seconds between two looks."""
BEAT = 15.0
"""Seconds after which an open line is shown to be alive, and its session is looked at again."""
MOST = 500
"""Open lines of one process. A page that gets none asks every few seconds, as it does without a script's EventSource."""
RECENT = 300
"""Announcements remembered: a transaction that began earlier may be seen later."""


class Live:
    """The open lines of a process."""

    def __init__(self, desk: Desk, gate: Gate) -> None:
        """Both are shared with the pages. `desk.closing` ends all lines."""
        self._desk = desk
        self._gate = gate
        self._lines: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._looking: asyncio.Task[None] | None = None
        self._known: set[int] = set()
        desk.closing.append(self.close)
        self._closed = asyncio.Event()

    async def show(self, request: Request) -> Response:
        """GET: the stream. It does not keep the session awake, and ends with it."""
        officer = await self._gate.officer(request, quiet=True)
        if self._closed.is_set() or sum(map(len, self._lines.values())) >= MOST:
            return Response(status_code=503, headers={"Retry-After": "60"})
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream(request, officer.agency), media_type="text/event-stream", headers=headers)

    async def close(self) -> None:
        """End every line, so that the server can stop; browsers come again by themselves."""
        self._closed.set()
        for lines in self._lines.values():
            for line in lines:
                line.set()

    async def _stream(self, request: Request, agency: str) -> AsyncIterator[str]:
        """A beat at once, then one after every silence; `change` for each change."""
        changed = asyncio.Event()
        self._lines[agency].add(changed)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield "retry: 5000\n: open\n\n"
            while not self._closed.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(BEAT):
                        await changed.wait()
                told = changed.is_set()
                changed.clear()
                if self._closed.is_set() or not await self._still(request, agency):
                    return
                yield "event: change\ndata:\n\n" if told else ": beat\n\n"
        finally:
            self._lines[agency].discard(changed)
            if not self._lines[agency]:
                del self._lines[agency]

    async def _still(self, request: Request, agency: str) -> bool:
        """Whether the session is still good, for this agency. A database that is away ends no session."""
        try:
            return (await self._gate.officer(request, quiet=True)).agency == agency
        except SignedOut:
            return False
        except (SQLAlchemyError, OSError):
            return True

    async def _look(self) -> None:
        """Look for announcements as long as anybody listens. Whoever missed one while the database was away is told."""
        missed = False
        self._known = set()
        with suppress(SQLAlchemyError, OSError):
            self._known = {n for n, _ in await self._desk.cases.announced(None, RECENT)}
        while self._lines:
            await asyncio.sleep(EVERY)
            try:
                await self._tell(missed=missed)
                missed = False
            except (SQLAlchemyError, OSError) as fault:
                log.warning("open queues are not told of changes: %s", type(fault).__name__)
                missed = True

    async def _tell(self, *, missed: bool) -> None:
        """Wake the lines of agencies for which there is something new."""
        floor = max(self._known, default=0) - RECENT
        found = await self._desk.cases.announced(floor, RECENT)
        fresh = {agency for n, agency in found if n not in self._known}
        self._known = {n for n in self._known if n > floor} | {n for n, _ in found}
        for agency in list(self._lines) if missed else fresh:
            for line in self._lines.get(agency, ()):
                line.set()
