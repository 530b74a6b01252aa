"""The poster: carries case events to the agencies' webhooks, signed, each until it is taken or its time is over.

The signature is `Komek-Signature: t=SECONDS,v1=HEX`: HMAC-SHA256, keyed by the webhook's secret, over `SECONDS.BODY`. The time
is part of it, so that a receiver can refuse what is old (docs/api.md: five minutes) and nobody can post it again later.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from bot import metrics
from bot.channels.answer import Lost, TooLarge, Unreached
from bot.faults import report
from storage.addresses import Network, sound
from storage.machines import Post, Result

if TYPE_CHECKING:  # aiohttp is imported when the first webhook is told
    from bot.channels.http import Line

log = logging.getLogger(__name__)

SECONDS = 10.0
"""How long a receiver may take to answer, connection and all."""
LONGEST = 65_536
"""Bytes of an answer that are read; its content does not matter, only its status."""


class Books(Protocol):
    """The deliveries, as the poster needs them."""

    async def posts(self) -> Sequence[Sequence[Post]]:
        """What is to be sent now, by webhook."""

    async def posted(self, post: Post, result: Result, /) -> None:
        """What became of it."""


class Poster:
    """Sends what waits."""

    def __init__(self, books: Books, allowed: Sequence[Network], clock: Callable[[], datetime]) -> None:
        """`allowed`: the operator's `KOMEK_HOOK_NETWORKS`. `clock`: the time in signatures."""
        self._books = books
        self._allowed = allowed
        self._clock = clock
        self._line: Line | None = None
        self._sealed: set[str] = set()

    async def work(self) -> int:
        """One round: the webhooks beside each other, each one's events one after another. How many were tried."""
        turns = await self._books.posts()
        return sum(await asyncio.gather(*(self._turn(turn) for turn in turns)))

    async def close(self) -> None:
        """Hang up."""
        if self._line:
            await self._line.close()

    async def _turn(self, posts: Sequence[Post]) -> int:
        """One webhook's, in order. A failure ends its turn, for it rests now; so does time, for others wait for their next."""
        clock = asyncio.get_running_loop().time
        end = clock() + SECONDS
        for n, post in enumerate(posts, 1):
            result = await self._send(post)
            await self._books.posted(post, result)
            metrics.POSTED.labels("done" if result.good else "failed").inc()
            if not result.good or clock() > end:
                return n
        return len(posts)

    async def _send(self, post: Post) -> Result:
        """One attempt."""
        if not post.body:
            return Result(good=False, code=0, cause="not_seen")
        if not post.secret:
            self._warn(post.hook)
            return Result(good=False, code=0, cause="sealed")
        if not sound(post.url, self._allowed):
            return Result(good=False, code=0, cause="address")
        headers = {
            "Content-Type": "application/json",
            "Komek-Delivery": post.id,
            "Komek-Signature": signature(post.secret, int(self._clock().timestamp()), post.body),
            "User-Agent": "Komek-Webhook/1",
        }
        try:
            answer = await self._open().ask("POST", post.url, data=post.body, headers=headers, cap=LONGEST)
        except Unreached:
            return Result(good=False, code=0, cause="unreached")
        except Lost:
            return Result(good=False, code=0, cause="broken")
        except TooLarge:
            return Result(good=False, code=0, cause="too_long")
        except Exception as fault:  # noqa: BLE001 - one strange receiver must not stop the others; its words are not logged
            report(log, f"webhook {post.hook}", fault)
            return Result(good=False, code=0, cause="broken")
        return Result(200 <= answer.status < 300, answer.status)

    def _warn(self, hook: str) -> None:
        """Tell the operator, once while we run, of a webhook whose data key is gone."""
        if hook not in self._sealed:
            self._sealed.add(hook)
            log.error("webhook %s cannot be opened: put its key back into KOMEK_DATA_KEYS, or have it made anew", hook)

    def _open(self) -> Line:
        """The line to receivers, made when first needed."""
        if self._line is None:
            from bot.channels.http import Line
            from bot.public import Public

            self._line = Line(connect=5.0, total=SECONDS, pool=16, resolver=lambda: Public(self._allowed))
        return self._line


def signature(secret: str, seconds: int, body: bytes) -> str:
    """What `Komek-Signature` says of this body at this moment (seconds since 1970, UTC)."""
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, sha256).hexdigest()
    return f"t={seconds},v1={digest}"
