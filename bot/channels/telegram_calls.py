"""A call of the Bot API that asks for something: its result, or why there is none. What goes out to people is in `telegram`.

https://core.telegram.org/bots/api#making-requests
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from bot.channels.answer import Lost, TooLarge, Unreached
from bot.channels.post import PostLine

T = TypeVar("T")

LARGEST = 8_388_608
"""Bytes of an answer at most: a hundred long updates."""


class Failed(Exception):
    """Telegram did not do it. The text is the method and the cause in plain words, none of them a person's.

    `status`: the HTTP status; 0 where the line failed; 200 where the answer is not as documented. `wait`: seconds to wait
    before the next call, where Telegram says so. `description`: Telegram's own text.
    """

    def __init__(self, cause: str, status: int = 0, wait: float = 0.0, description: str = "") -> None:
        """`cause` becomes the text."""
        super().__init__(cause)
        self.status = status
        self.wait = wait
        self.description = description


class _Parameters(msgspec.Struct):
    """https://core.telegram.org/bots/api#responseparameters"""

    retry_after: float = 0.0


class _Refusal(msgspec.Struct):
    """An answer that is not 200."""

    description: str = ""
    parameters: _Parameters = msgspec.field(default_factory=_Parameters)


class _Result(msgspec.Struct):
    """An answer that is."""

    result: msgspec.Raw


async def ask(
    line: PostLine, method: str, params: Mapping[str, object], kind: type[T], total: float | None = None
) -> T:
    """One call, never repeated; its result as `kind`. `total`: seconds, if not the line's own. Raises Failed."""
    try:
        answer = await line.post(f"/{method}", msgspec.json.encode(params), total=total, cap=LARGEST)
    except Unreached:
        raise Failed(f"{method}: no connection") from None
    except Lost:
        raise Failed(f"{method}: no answer") from None
    except TooLarge:
        raise Failed(f"{method}: too long an answer") from None
    if answer.status != 200:
        raise _refused(method, answer.status, answer.body)
    try:
        return msgspec.json.decode(msgspec.json.decode(answer.body, type=_Result).result, type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Failed(f"{method}: an answer that is not as documented", answer.status) from None


def _refused(method: str, status: int, body: bytes) -> Failed:
    """What an answer that is not 200 means."""
    try:
        said = msgspec.json.decode(body, type=_Refusal)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        said = _Refusal()
    wait = said.parameters.retry_after
    cause = f"answer {status}" + (f", wait {wait:g} s" if wait else "")
    return Failed(f"{method}: {cause}", status, wait, said.description)
