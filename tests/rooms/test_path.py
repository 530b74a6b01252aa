"""One message, all the way: what the rooms promise together, on a real Valkey."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from bot.channels.contract import Away
from bot.rooms import Plan, rooms
from storage.keys import LANES, Queue, outbound_id
from storage.queues import Lanes
from storage.seal import Seal
from tests.rooms import toy
from tests.rooms.life import eventually, lane, session_of, waiting
from tests.servers import LiveValkey
from tests.waiting import WaitUntil


async def test_a_message_is_answered_and_its_effect_filed(
    plan: Plan, provider: toy.Toy, books: toy.Books, wait_until: WaitUntil
) -> None:
    """What a person says is answered in order, and what follows from it stands in the books."""
    async with rooms(plan) as house:
        await house.ear.hear([toy.event(1), toy.event(2, "report")])
        await wait_until(lambda: len(provider.sent) == 2 and books.filed)
    assert provider.said() == ["1 hello", "2 report"]
    assert list(books.filed) == ["toy:1/2/case"]
    assert provider.sent[0].id == outbound_id(lane(), "toy:1/1", 0)


async def test_nothing_remains_of_what_was_handled(
    plan: Plan, lanes: Lanes, provider: toy.Toy, wait_until: WaitUntil
) -> None:
    """After the answer, all queues are empty and no attempt is remembered."""
    async with rooms(plan) as house:
        await house.ear.hear([toy.event(n, "report", f"toy:{n % 7}") for n in range(50)])
        await wait_until(lambda: len(provider.sent) == 50)
        await eventually(partial(_empty, lanes))
    found = await lanes.redis.call("KEYS", "*:tries:*")
    assert found == []


async def _empty(lanes: Lanes) -> bool:
    """Whether nothing waits."""
    return await waiting(lanes) == 0


def _said(provider: toy.Toy, count: int) -> bool:
    """Whether so many messages were sent."""
    return len(provider.sent) == count


async def test_an_answer_is_not_looked_for(
    plan: Plan, provider: toy.Toy, wait_until: WaitUntil, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one process it is handed from room to room: while a person talks, nobody asks Redis what waits for them."""
    looks: list[tuple[str, set[int]]] = []
    take = Lanes.take

    def noted(self: Lanes, queue: Queue, places: Mapping[int, str], count: int, **more: Any) -> Any:
        if len(places) < LANES and queue in ("inbox", "outbox"):  # all of them are looked at once a second
            looks.append((queue, {*places}))
        return take(self, queue, places, count, **more)

    async with rooms(plan) as house:
        await house.ear.hear([toy.event(0)])
        await wait_until(lambda: provider.sent)
        monkeypatch.setattr(Lanes, "take", noted)
        for n in range(1, 20):
            await house.ear.hear([toy.event(n)])
            await wait_until(partial(_said, provider, n + 1))
        monkeypatch.undo()
    assert (
        len([lanes for _, lanes in looks if lane() in lanes]) <= 4
    )  # after a look at all, which may have been in between


async def test_reports_that_come_together_are_filed_together(
    plan: Plan, provider: toy.Toy, books: toy.Books, wait_until: WaitUntil
) -> None:
    """The clerk rests after each round, so that many people's reports are few transactions."""
    async with rooms(plan) as house:
        for n in range(40):
            await house.ear.hear([toy.event(0, "report", f"toy:{n}")])
            await wait_until(partial(_said, provider, n + 1))
        await wait_until(lambda: len(books.filed) == 40)
    assert len(books.batches) <= 20


async def test_a_repeated_delivery_is_answered_once(plan: Plan, provider: toy.Toy, wait_until: WaitUntil) -> None:
    """The same event, at once or later, alone or among others, counts once."""
    async with rooms(plan) as house:
        await house.ear.hear([toy.event(1), toy.event(1)])
        await wait_until(lambda: provider.sent)
        await house.ear.hear([toy.event(1), toy.event(2)])
        await wait_until(lambda: len(provider.sent) == 2)
    assert provider.said() == ["1 hello", "2 hello"]


async def test_many_chats_each_in_order(plan: Plan, provider: toy.Toy, wait_until: WaitUntil) -> None:
    """Chats are served side by side, and each gets its answers in order, one at a time."""
    async with rooms(plan) as house:
        for n in range(5):
            await house.ear.hear([toy.event(n, f"m{n}", f"toy:{chat}") for chat in range(100)])
        await wait_until(lambda: len(provider.sent) == 500)
    assert all(provider.said(f"toy:{chat}") == [f"{n + 1} m{n}" for n in range(5)] for chat in range(100))
    assert provider.most_at_once == 1


@pytest.mark.timeout(90)
async def test_redis_is_killed_in_the_middle_and_comes_back(
    plan: Plan, provider: toy.Toy, valkey_server: LiveValkey, wait_until: WaitUntil, seal: Seal, lanes: Lanes
) -> None:
    """While Redis is away the door is shut and nothing is lost; when it returns, everything goes on by itself."""
    story = [toy.event(n, f"m{n}", f"toy:{n % 10}") for n in range(200)]
    async with rooms(plan) as house:
        for n, one in enumerate(story):
            if n in (50, 120):
                valkey_server.kill()
                with pytest.raises(Away):
                    await house.ear.hear([one])
                valkey_server.start()
                await eventually(partial(toy.heard, house.ear, one))
            else:
                await eventually(partial(toy.heard, house.ear, one))
        await wait_until(lambda: len({(out.chat, out.text) for out in provider.sent}) == 200, timeout=30)
        await eventually(partial(_empty, lanes))
    for chat in range(10):
        said = provider.said(f"toy:{chat}")
        assert list(dict.fromkeys(said)) == [f"{n + 1} m{n * 10 + chat}" for n in range(20)]
        session = await session_of(lanes, seal, f"toy:{chat}")
        assert session is not None
        assert session.drafts == 20


async def test_a_stop_finishes_what_is_in_the_air(
    plan: Plan, provider: toy.Toy, lanes: Lanes, wait_until: WaitUntil
) -> None:
    """A send that has begun is ended and its entry removed, so that the next process does not say it again."""
    provider.gate.clear()
    async with rooms(plan) as house:
        await house.ear.hear([toy.event(1), toy.event(2)])
        await wait_until(lambda: provider.given)
        house.bell.rouse()
        provider.gate.set()
    async with rooms(plan):
        await wait_until(lambda: len(provider.sent) == 2)
    assert provider.said() == ["1 hello", "2 hello"]
    assert await waiting(lanes) == 0


async def test_two_processes_share_and_neither_doubles(plan: Plan, provider: toy.Toy, wait_until: WaitUntil) -> None:
    """A second process takes its share while messages come, and leaves again: everything is said once, in order."""
    async with rooms(plan._replace(name="host-a:1:1.0")) as first:
        await first.ear.hear([toy.event(0, "m0", f"toy:{chat}") for chat in range(64)])
        async with rooms(plan._replace(name="host-b:1:1.0")) as second:
            await wait_until(lambda: len(second.owner.lanes("reader")) == 32, timeout=10)
            assert not set(first.owner.lanes("sender")) & set(second.owner.lanes("sender"))
            for n in range(1, 4):
                await first.ear.hear([toy.event(n, f"m{n}", f"toy:{chat}") for chat in range(64)])
            await wait_until(lambda: len(provider.sent) == 256)
        await first.ear.hear([toy.event(4, "m4", f"toy:{chat}") for chat in range(64)])
        await wait_until(lambda: len(provider.sent) == 320)
    assert all(provider.said(f"toy:{chat}") == [f"{n + 1} m{n}" for n in range(5)] for chat in range(64))


async def test_a_process_without_a_channel_leaves_its_messages(
    plan: Plan, lanes: Lanes, provider: toy.Toy, wait_until: WaitUntil
) -> None:
    """An installation that was started without a channel's token keeps its messages until it has one."""
    async with rooms(plan._replace(channels={})) as house:
        await house.ear.hear([toy.event(1)])
        await eventually(partial(_one_waits, lanes))
    async with rooms(plan):
        await wait_until(lambda: provider.sent)
    assert provider.said() == ["1 hello"]


async def _one_waits(lanes: Lanes) -> bool:
    """Whether the answer lies in the outbox."""
    return (await lanes.lag(range(64)))["outbox"][0] == 1


async def test_a_carried_event_is_reported_at_the_desk(
    plan: Plan, provider: toy.Toy, books: toy.Books, wait_until: WaitUntil
) -> None:
    """A message that carries an officer's reply is filed as sent, and later as the provider reports it."""
    async with rooms(plan) as house:
        await house.ear.hear([toy.event(1, "reply", event="news7"), toy.event(2)])
        await wait_until(lambda: len(provider.sent) == 2 and books.filed)
        carried, plain = provider.sent
        await house.ear.receipt(carried.id, "delivered")
        await house.ear.receipt(carried.id, "delivered")
        await house.ear.receipt(plain.id, "delivered")
        await house.ear.receipt("somebody else's", "delivered")
        await wait_until(lambda: len(books.filed) == 2)
    assert list(books.filed) == [f"{carried.id}:sent", f"{carried.id}:delivered"]
