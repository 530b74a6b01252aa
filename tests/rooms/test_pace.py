"""Pace: the rate is reached and kept, replies first."""

from __future__ import annotations

import asyncio

import pytest

from bot.pace import Pace


async def test_without_a_rate_nobody_waits() -> None:
    """0 is no limit."""
    pace = Pace(0)
    before = asyncio.get_running_loop().time()
    for _ in range(1000):
        await pace.turn()
    assert asyncio.get_running_loop().time() - before < 1


@pytest.mark.parametrize("share", [1, 2])
async def test_the_rate_is_kept(share: int) -> None:
    """Never more than rate x seconds + the burst, in any window from the start, and divided among processes."""
    rate = 400.0
    pace, loop = Pace(rate, lambda: share), asyncio.get_running_loop()
    began, times = loop.time(), []

    async def one() -> None:
        await pace.turn()
        times.append(loop.time() - began)

    await asyncio.gather(*(one() for _ in range(100)))
    allowed = [n * share / rate - 0.1 - 0.005 for n in range(100)]
    assert all(at >= earliest for at, earliest in zip(sorted(times), allowed, strict=True))


async def test_replies_pass_broadcasts() -> None:
    """Whoever waits with a broadcast waits until no reply does."""
    pace, order = Pace(1000), []
    for chat in "abc":
        pace.slow_down(chat, 0.3)  # everybody waits, so that all stand in line

    async def one(broadcast: bool) -> None:
        await pace.turn(broadcast)
        order.append(broadcast)

    await asyncio.gather(*(one(n % 2 == 0) for n in range(20)))
    assert order == [False] * 10 + [True] * 10


async def test_one_chats_slow_down_is_its_own() -> None:
    """And several together are everybody's."""
    pace, loop = Pace(0), asyncio.get_running_loop()
    began = loop.time()
    for _ in range(5):
        pace.slow_down("a", 60)
    await asyncio.wait_for(pace.turn(), 1)
    pace.slow_down("b", 0.2)
    pace.slow_down("c", 0.2)
    await pace.turn()
    assert loop.time() - began >= 0.2


async def test_who_is_cancelled_gives_the_turn_away() -> None:
    """A chat that is let go does not use up a turn."""
    pace = Pace(50)
    tasks = [asyncio.create_task(pace.turn()) for _ in range(20)]
    await asyncio.sleep(0)
    for task in tasks[:19]:
        task.cancel()
    await asyncio.wait_for(tasks[19], 5)
