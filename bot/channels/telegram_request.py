"""PTB's door for another HTTP client. Its own (httpx) slows down with concurrency: 152 against 1 271 messages a second."""

from __future__ import annotations

import logging
import os

import msgspec
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.channels.answer import Lost, TooLarge, Unreached
from bot.channels.post import PostLine

# PTB writes the token and every parameter at DEBUG.
logging.getLogger("telegram").setLevel(logging.INFO)

# Without it PTB warns at every 429; it is how its next major version will count `retry_after`.
os.environ.setdefault("PTB_TIMEDELTA", "1")


class LineRequest(BaseRequest):
    """Carries PTB's calls over our line. NetworkError: nobody was reached; TimedOut: the line broke after we spoke."""

    __slots__ = ("_line", "_root")

    def __init__(self, line: PostLine, root: str) -> None:
        """`line` stays its owner's: `shutdown` does not close it. `root`: what its paths are appended to."""
        self._line = line
        self._root = root

    @property
    def read_timeout(self) -> float | None:
        """None: the line has its own limits, and PTB adds this one to getUpdates only, which it does not call here."""
        return None

    async def initialize(self) -> None:
        """Nothing: the line opens at its first call."""

    async def shutdown(self) -> None:
        """Nothing: the line's owner closes it."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        write_timeout: object = None,
        connect_timeout: object = None,
        pool_timeout: object = None,
    ) -> tuple[int, bytes]:
        """Status and body. Raises NetworkError or TimedOut, whose texts never hold the URL: it carries the token."""
        try:
            answer = await self._line.post(
                url.removeprefix(self._root), msgspec.json.encode(request_data.parameters if request_data else {})
            )
        except Unreached as fault:
            raise NetworkError(f"Telegram cannot be reached ({fault})") from None
        except (Lost, TooLarge) as fault:
            raise TimedOut(f"the line to Telegram broke ({fault})") from None
        return answer.status, answer.body

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, object]:
        """The answer. Unlike PTB's own it never logs one that is not JSON, which may quote a citizen."""
        try:
            return msgspec.json.decode(payload, type=dict[str, object])
        except msgspec.DecodeError:
            raise TelegramError("Invalid server response") from None
