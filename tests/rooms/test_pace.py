"""Pace: the rate is reached and kept, replies first, each chat for itself. All on a clock of the test's own."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar

import pytest

from bot.pace import CHAT_BURST, CHAT_EVERY, ChatPace, Pace

T = TypeVar("T")
RATE = 30.0


class Impatient(selectors.SelectSelector):
    """Waits for nothing: says how long it would have waited."""

    def __init__(self) -> None:
        """At the beginning of time."""
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """The time is over at once."""
        assert timeout is not None, "everybody waits for ever"
        self.now += timeout
        return super().select(0)


class Virtual(asyncio.SelectorEventLoop):
    """A loop on which an hour takes no time."""

    def __init__(self) -> None:
        """Its clock is the selector's."""
        self.clock = Impatient()
        super().__init__(self.clock)

    def time(self) -> float:
        """Seconds since the beginning."""
        return self.clock.now


def played(story: Callable[[], Coroutine[None, None, T]]) -> T:
    """The story, on a clock of its own."""
    with asyncio.Runner(loop_factory=Virtual) as runner:
        return runner.run(story())


def now() -> float:
    """The clock."""
    return asyncio.get_running_loop().time()


async def timed(wait: Awaitable[None]) -> float:
    """When the wait ended."""
    await wait
    return now()


def most(times: list[float], seconds: float = 1.0) -> int:
    """The most that happened within so many seconds."""
    return max(sum(at <= other < at + seconds for other in times) for at in times)


def test_without_a_rate_nobody_waits() -> None:
    """0 is no limit, for a chat neither."""

    async def story() -> float:
        pace = Pace(0)
        for _ in range(1000):
            await pace.turn("a")
        return now()

    assert played(story) == 0


@pytest.mark.parametrize("share", [1, 2])
def test_a_broadcast_reaches_the_rate_and_stays_under_it(share: int) -> None:
    """95 % of thirty a second, divided among processes, and in no second more than thirty."""

    async def story() -> list[float]:
        pace = Pace(RATE, lambda: share)
        return await asyncio.gather(*(timed(pace.turn(str(n), broadcast=True)) for n in range(3000)))

    times = sorted(played(story))
    assert 0.95 * RATE / share <= len(times) / times[-1] <= RATE / share
    assert most(times[:300]) <= RATE / share


def test_a_burst_after_silence_stays_under_the_rate() -> None:
    """An idle minute saves nothing up: the provider counts each second for itself."""

    async def story() -> list[float]:
        pace = Pace(RATE)
        await pace.turn("first")
        await asyncio.sleep(60)
        return await asyncio.gather(*(timed(pace.turn(str(n))) for n in range(100)))

    assert most(played(story)) <= RATE


def test_lateness_of_ours_is_made_up_for() -> None:
    """A loop that wakes a little late every time still reaches the rate."""

    async def story() -> float:
        pace, loop = Pace(RATE), asyncio.get_running_loop()
        assert isinstance(loop, Virtual)

        async def one(n: int) -> None:
            await pace.turn(str(n), broadcast=True)
            loop.clock.now += 0.02  # something else kept the loop

        await asyncio.gather(*(one(n) for n in range(900)))
        return now()

    assert 900 / played(story) >= 0.95 * RATE


def test_replies_pass_a_broadcast() -> None:
    """While five thousand wait, a reply waits for one or two turns at most."""

    async def story() -> list[float]:
        pace, waits = Pace(RATE), []
        crowd = asyncio.gather(*(pace.turn(f"b{n}", broadcast=True) for n in range(5000)))
        for n in range(400):
            await asyncio.sleep(0.21)
            began = now()
            await pace.turn(f"r{n}")
            waits.append(now() - began)
        crowd.cancel()
        await asyncio.gather(crowd, return_exceptions=True)
        return waits

    assert max(played(story)) < 0.1


def test_a_chat_is_spoken_to_once_a_second_after_a_short_burst() -> None:
    """And another one meanwhile at once."""

    async def story() -> tuple[list[float], float]:
        pace = Pace(1000)

        async def chat() -> list[float]:
            return [await timed(pace.turn("a")) for _ in range(CHAT_BURST + 10)]

        one = asyncio.create_task(chat())
        await asyncio.sleep(3)
        other = await timed(pace.turn("b"))
        return await one, other

    times, other = played(story)
    assert other == pytest.approx(3, abs=0.1)
    assert times[CHAT_BURST - 1] < 0.1
    for n, at in enumerate(times[CHAT_BURST:], 1):
        assert at == pytest.approx(n * CHAT_EVERY, abs=0.05)


def test_quiet_chats_are_forgotten() -> None:
    """However many are spoken to, only those of the last seconds are remembered."""
    pace = ChatPace()
    for n in range(100_000):
        assert pace.place(str(n), n / 30) == 0
    assert len(pace._even) <= 1024


def test_one_chats_slow_down_is_its_own_and_several_together_are_everybodys() -> None:
    """Nobody waits for one; for three, everybody does."""

    async def story() -> tuple[float, float]:
        pace = Pace(0)
        for _ in range(5):
            pace.slow_down("a", 60)
        first = await timed(pace.turn("x"))
        pace.slow_down("b", 7)
        pace.slow_down("c", 7)
        return first, await timed(pace.turn("x"))

    assert played(story) == (0, 7)


def test_slow_downs_far_apart_are_not_several() -> None:
    """Each was that chat's own."""

    async def story() -> float:
        pace = Pace(0)
        for chat in "abcdef":
            pace.slow_down(chat, 60)
            await asyncio.sleep(4)
        return await timed(pace.turn("x"))

    assert played(story) == 24


def test_replies_go_first_when_a_pause_ends() -> None:
    """Whoever waits with a broadcast waits until no reply does."""

    async def story() -> list[bool]:
        pace, order = Pace(1000), []
        for chat in "abc":
            pace.slow_down(chat, 3)

        async def one(n: int, broadcast: bool) -> None:
            await pace.turn(str(n), broadcast)
            order.append(broadcast)

        await asyncio.gather(*(one(n, n % 2 == 0) for n in range(20)))
        return order

    assert played(story) == [False] * 10 + [True] * 10


def test_who_is_cancelled_gives_the_turn_away() -> None:
    """A chat that is let go does not use up a turn."""

    async def story() -> float:
        pace = Pace(RATE)
        tasks = [asyncio.create_task(timed(pace.turn(str(n)))) for n in range(20)]
        await asyncio.sleep(0)
        for task in tasks[1:19]:
            task.cancel()
        return await tasks[19]

    assert played(story) < 2 / RATE
