"""Timers become events once, when they have run down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from handlers.nouns import Inbound, Remind
from storage import timers
from storage.queues import Arrival, Lanes
from storage.store import Store

NOON = datetime(2020, 5, 8, 12, tzinfo=UTC)


async def _commit(lanes: Lanes, *reminds: Remind) -> None:
    """A turn that sets these timers."""
    await lanes.admit({7: [Arrival(f"{reminds}{reminds[-1].at}", "ref", b"")]})
    entries, _ = await lanes.take("inbox", {7: "-"}, 10)
    await lanes.commit(entries[-1], [timers.follow(lanes, 7, "ref", remind) for remind in reminds])


async def _ticks(lanes: Lanes) -> list[Inbound]:
    """The ticks in the inbox."""
    entries, _ = await lanes.take("inbox", {7: "-"}, 100)
    return [msgspec.json.decode(lanes.open(entry), type=Inbound) for entry in entries]


def _remind(at: datetime | None, id: str = "r") -> Remind:
    """A timer of the chat."""
    return Remind(id, "toy:1", at, "wake")


async def test_a_timer_runs_down_once(lanes: Lanes, store: Store) -> None:
    """Not before its time, then exactly once, with the id derived from the timer and its time."""
    await _commit(lanes, _remind(NOON))
    assert await timers.ring(lanes, range(64), NOON - timedelta(seconds=1)) == []
    assert await timers.ring(lanes, range(64), NOON) == [7]
    assert await timers.ring(lanes, range(64), NOON) == []
    assert await _ticks(lanes) == [Inbound(f"tick:r:{NOON.isoformat()}", "toy:1", NOON, "tick", "wake")]
    assert await store.call("EXISTS", "{07}:timers", "{07}:ticks") == 0


async def test_a_later_one_replaces_it(lanes: Lanes) -> None:
    """The same id is the same timer."""
    await _commit(lanes, _remind(NOON))
    await _commit(lanes, _remind(NOON + timedelta(days=1)))
    assert await timers.ring(lanes, range(64), NOON) == []
    assert await timers.ring(lanes, range(64), NOON + timedelta(days=1)) == [7]
    assert [tick.at for tick in await _ticks(lanes)] == [NOON + timedelta(days=1)]


async def test_a_cancelled_one_never_comes(lanes: Lanes, store: Store) -> None:
    """And leaves nothing behind."""
    await _commit(lanes, _remind(NOON), _remind(NOON, "other"))
    await _commit(lanes, _remind(None))
    assert await timers.ring(lanes, range(64), NOON) == [7]
    assert [tick.id for tick in await _ticks(lanes)] == [f"tick:other:{NOON.isoformat()}"]
    assert await store.call("EXISTS", "{07}:timers", "{07}:ticks") == 0


async def test_many_come_in_portions(lanes: Lanes) -> None:
    """A flood of timers does not hold the server."""
    await _commit(lanes, *(_remind(NOON, f"{n}") for n in range(250)))
    assert [await timers.ring(lanes, [7], NOON) for _ in range(4)] == [[7], [7], [7], []]
