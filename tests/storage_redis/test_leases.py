"""One owner a lane, dead owners replaced at once."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from storage import leases
from storage.store import Store
from tests.rooms.life import eventually

ROOMS = ["reader", "sender"]


async def _hold(store: Store, owner: str, dead: tuple[str, ...] = (), ms: int = 3000) -> set[tuple[str, int]]:
    """Try for lanes 1 and 2."""
    return await leases.hold(store, owner, {1: ROOMS, 2: ["reader"]}, dead, ms)


async def test_the_first_holds_and_the_second_waits(store: Store) -> None:
    """Until it is given back."""
    assert await _hold(store, "a:1:1.0") == {("reader", 1), ("sender", 1), ("reader", 2)}
    assert await _hold(store, "b:1:1.0") == set()
    await leases.release(store, "a:1:1.0", 1, ROOMS)
    await leases.release(store, "somebody", 2, ROOMS)
    assert await _hold(store, "b:1:1.0") == {("reader", 1), ("sender", 1)}


async def test_a_lease_lapses_unless_renewed(store: Store) -> None:
    """An owner that stalls loses its lanes."""
    await _hold(store, "a:1:1.0", ms=50)

    async def lapsed() -> bool:
        return ("reader", 2) in await _hold(store, "b:1:1.0")

    await eventually(lapsed)


async def test_a_dead_owners_lease_is_free_at_once(store: Store) -> None:
    """A restart after kill -9 need not wait."""
    await _hold(store, "a:1:1.0")
    assert len(await _hold(store, "b:1:1.0", dead=("x", "a:1:1.0"))) == 3


def test_a_living_process_is_not_dead() -> None:
    """Nor is one of another host, of which we cannot know."""
    assert not leases.is_dead(leases.owner_here())
    assert not leases.is_dead("elsewhere:1:1.00")


def test_a_dead_process_is_dead_even_if_its_number_is_used_again() -> None:
    """The start time tells two processes of one number apart; a zombie is dead too."""
    here = socket.gethostname()
    assert leases.is_dead(f"{here}:{os.getpid()}:1.00")
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert leases.is_dead(f"{here}:{child.pid}:1.00")


async def test_members_know_each_other(store: Store) -> None:
    """Who beats is counted in its rooms; who left, or is dead, is not."""
    here = leases.owner_here()
    gone = f"{socket.gethostname()}:{os.getpid()}:1.00"
    await leases.beat(store, "elsewhere:1:1.00", ["reader"])
    await leases.beat(store, gone, ["reader"])
    members = await leases.beat(store, here, ROOMS)
    assert {room: set(names) for room, names in members.living.items()} == {
        "reader": {here, "elsewhere:1:1.00"},
        "sender": {here},
    }
    assert members.dead == {gone}
    await leases.leave(store, "elsewhere:1:1.00", ["reader"])
    assert (await leases.beat(store, here, ROOMS)).living["reader"] == [here]
