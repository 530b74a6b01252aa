"""Waiting for a condition, never for luck: the wait ends the moment the condition holds, or fails naming it."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar, overload

T = TypeVar("T")

_PAUSE = 0.01


class WaitUntil(Protocol):
    """The type of the fixture `wait_until`."""

    @overload
    async def __call__(
        self, condition: Callable[[], Awaitable[T]], timeout: float = 10.0, what: str = "the condition"
    ) -> T: ...

    @overload
    async def __call__(self, condition: Callable[[], T], timeout: float = 10.0, what: str = "the condition") -> T: ...

    async def __call__(
        self, condition: Callable[[], Awaitable[T] | T], timeout: float = 10.0, what: str = "the condition"
    ) -> T:
        """See `wait_until`."""


@overload
async def wait_until(
    condition: Callable[[], Awaitable[T]], timeout: float = 10.0, what: str = "the condition"
) -> T: ...


@overload
async def wait_until(condition: Callable[[], T], timeout: float = 10.0, what: str = "the condition") -> T: ...


async def wait_until(
    condition: Callable[[], Awaitable[T] | T], timeout: float = 10.0, what: str = "the condition"
) -> T:
    """The first true value of `condition` (plain or async), asked again and again for at most `timeout` seconds.

    Raises AssertionError naming `what` if the time runs out.
    """
    end = time.monotonic() + timeout
    while True:
        answer = condition()
        value: T = await answer if inspect.isawaitable(answer) else answer
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not hold within {timeout:g} s")
        await asyncio.sleep(_PAUSE)


def wait_for(condition: Callable[[], T], timeout: float = 10.0, what: str = "the condition") -> T:
    """`wait_until` for a test without an event loop."""
    end = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not hold within {timeout:g} s")
        time.sleep(_PAUSE)
    return value
