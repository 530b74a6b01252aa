"""A broadcast to thousands of people beside people who talk: the rate reached, every 429, and how long replies take.

    python -m benchmarks.broadcast [--people 5000] [--talkers 3]

A real Valkey, the service's reader and sender, and a Telegram that keeps its documented limits: thirty messages a second to
all chats (a bucket of thirty, and the most in any one second is printed), to one chat one a second with bursts of five.
Whoever is above gets a 429. Ends with 0 if 95 % of the rate was reached without one 429 and 99 % of replies took under a second.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections import deque
from typing import Any

import click
import msgspec

from bot.channels.telegram import Telegram
from bot.rooms import House, Plan, rooms
from bot.settings import Settings
from handlers.nouns import Inbound, Outbound
from storage.keys import lane_of
from storage.redis import Redis
from storage.seal import Seal
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_rules import Refused
from tests.rooms import toy
from tests.servers import LiveValkey, folder

RATE = 30.0
BURST = 5
FIRST = 1_000_000
SECRET = "k" * 32


class Limited(FakeTelegram):
    """Telegram with its limits. `answered`: when each talker's reply came; `told`: so many people have the broadcast."""

    def __init__(self, people: int) -> None:
        """All buckets are full."""
        super().__init__()
        self._people = people
        self.refused = 0
        self.most = 0
        self.broadcast: list[float] = []
        self.answered: dict[int, list[float]] = {}
        self._room, self._at = RATE, time.monotonic()
        self._chats: dict[int, tuple[float, float]] = {}
        self._second: deque[float] = deque()
        self.told = asyncio.Event()

    def _do_sendMessage(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - named as the provider names it
        now, chat = time.monotonic(), int(params["chat_id"])
        self._room, self._at = min(RATE, self._room + (now - self._at) * RATE), now
        room, at = self._chats.get(chat, (float(BURST), now))
        room = min(float(BURST), room + now - at)
        if self._room < 1 or room < 1:
            self.refused += 1
            raise Refused(429, "Too Many Requests: retry after 1")
        self._room, self._chats[chat] = self._room - 1, (room - 1, now)
        self._second.append(now)
        while self._second[0] <= now - 1:
            self._second.popleft()
        self.most = max(self.most, len(self._second))
        if chat < FIRST:
            self.answered.setdefault(chat, []).append(now)
        else:
            self.broadcast.append(now)
            if len(self.broadcast) == self._people:
                self.told.set()
        return super()._do_sendMessage(params)


async def announce(house: House, people: int) -> None:
    """The same words for everybody, in the queue of broadcasts."""
    for n in range(FIRST, FIRST + people):
        out = Outbound(f"b{n}", f"telegram:{n}", "The rules have changed.", broadcast=True)
        ref = house.chats.ref(out.chat)
        await house.lanes.push(lane_of(ref), "broadcast", ref, msgspec.json.encode(out))


async def talk(house: House, telegram: Limited, number: int, until: asyncio.Event, waits: list[float]) -> None:
    """One person: a word, the reply, two seconds of reading, and again."""
    citizen, n = telegram.citizen(number), 0
    while not until.is_set():
        n += 1
        began = time.monotonic()
        chat = citizen.chat
        await house.ear.hear([Inbound(f"{chat}/{n}", chat, toy.NOON, "text", "hello")])
        await citizen.reply(60)
        waits.append(time.monotonic() - began)
        await asyncio.sleep(2)


async def measure(url: str, people: int, talkers: int) -> int:
    """The broadcast with talkers beside it; prints what was reached. 0: all promises were kept."""
    async with Limited(people) as telegram:
        settings = Settings(telegram_token=telegram.token, telegram_api=telegram.url)
        channel = Telegram(settings)
        redis = Redis(url)
        await redis.open()
        seal = Seal({"a": os.urandom(32)})
        plan = Plan(
            redis=redis,
            seal=seal,
            secret=SECRET,
            think=toy.think,
            render=toy.render,
            sorry=toy.sorry,
            channels={"telegram": channel},
            rates={"telegram": RATE},
            parts=frozenset({"reader", "sender"}),
        )
        for n in range(FIRST, FIRST + people):
            telegram.citizen(n)
        waits: list[float] = []
        done = asyncio.Event()
        async with rooms(plan) as house:
            await announce(house, people)
            for lane in range(64):
                house.bell.wake("sender", lane)
            talking = [asyncio.create_task(talk(house, telegram, n + 1, done, waits)) for n in range(talkers)]
            await telegram.told.wait()
            done.set()
            await asyncio.gather(*talking)
        await channel.close()
        await redis.close()
    return told(telegram, people, sorted(waits))


def told(telegram: Limited, people: int, waits: list[float]) -> int:
    """Print, and judge."""
    seconds = telegram.broadcast[-1] - telegram.broadcast[0]
    sent = people + sum(at <= telegram.broadcast[-1] for times in telegram.answered.values() for at in times)
    rate, p50, p99 = sent / seconds, waits[len(waits) // 2], waits[min(len(waits) - 1, len(waits) * 99 // 100)]
    click.echo(f"{people} people told and {len(waits)} replies given in {seconds:.1f} s")
    click.echo(f"{rate:.2f} messages a second, {rate / RATE:.1%} of the limit; at most {telegram.most} in one second")
    click.echo(f"429: {telegram.refused}; replies: p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms")
    return 0 if rate >= 0.95 * RATE and not telegram.refused and p99 < 1 else 1


def main() -> int:
    """Read the wishes, measure."""
    wishes = argparse.ArgumentParser(description=__doc__)
    wishes.add_argument("--people", type=int, default=5000)
    wishes.add_argument("--talkers", type=int, default=3)
    asked = wishes.parse_args()
    with folder("kv-") as place:
        valkey = LiveValkey(place)
        valkey.start()
        try:
            return asyncio.run(measure(valkey.url, asked.people, asked.talkers))
        finally:
            valkey.kill()


if __name__ == "__main__":
    sys.exit(main())
