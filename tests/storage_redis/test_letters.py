"""Dead letters can be seen, opened, put back and dropped."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from storage import letters
from storage.letters import Letter
from storage.queues import Arrival, Lanes, bury
from storage.seal import Seal
from storage.store import Store


async def _dead(lanes: Lanes) -> Letter:
    """An event that was put aside."""
    await lanes.admit({7: [Arrival("a", "ref", lanes.seal(7, "inbox", b"word"))]})
    entries, _ = await lanes.take("inbox", {7: "-"}, 10)
    await lanes.commit(entries[0], [bury("inbox", entries[0].sealed, "ValueError at x.py:1")])
    return (await _listed(lanes))[0]


async def _listed(lanes: Lanes) -> Sequence[Letter]:
    """All of them."""
    return await letters.listed(lanes)


async def test_a_letter_tells_where_it_came_from_and_why(lanes: Lanes, seal: Seal) -> None:
    """And shows nothing of its content until it is opened."""
    letter = await _dead(lanes)
    assert (letter.lane, letter.queue, letter.ref, letter.cause) == (7, "inbox", "ref", "ValueError at x.py:1")
    assert b"word" not in letter.sealed
    assert letters.opened(seal, letter) == b"word"
    assert await letters.found(lanes, letter.name) == letter


async def test_a_replayed_letter_is_back_in_its_queue_once(lanes: Lanes) -> None:
    """With its attempts forgotten."""
    letter = await _dead(lanes)
    assert [await letters.replay(lanes, letter), await letters.replay(lanes, letter)] == [True, False]
    entries, _ = await lanes.take("inbox", {7: "-"}, 10)
    assert [(lanes.open(entry), entry.ref, entry.tries) for entry in entries] == [(b"word", "ref", 1)]
    assert await _listed(lanes) == []


async def test_a_dropped_letter_is_gone(lanes: Lanes) -> None:
    """For good."""
    letter = await _dead(lanes)
    assert await letters.drop(lanes, letter)
    assert not await letters.drop(lanes, letter)
    assert await letters.found(lanes, letter.name) is None


async def test_a_raw_payload_is_kept_but_has_no_queue(lanes: Lanes, seal: Seal) -> None:
    """What no channel could read can be looked at and dropped."""
    await lanes.bury_raw(b"\xff\x00", "telegram: not JSON")
    letter = (await _listed(lanes))[0]
    assert letters.opened(seal, letter) == b"\xff\x00"
    with pytest.raises(ValueError, match="came from no queue"):
        await letters.replay(lanes, letter)
    assert await letters.drop(lanes, letter)


@pytest.mark.parametrize("name", ["", "7", "99/1-0", "x/1-0", "07/x"])
async def test_a_wrong_name_is_said_to_be_one(lanes: Lanes, name: str) -> None:
    """An operator's slip is answered in words."""
    with pytest.raises(ValueError, match="looks like"):
        await letters.found(lanes, name)


async def test_all_is_left_as_it_was(lanes: Lanes, store: Store) -> None:
    """Listing changes nothing."""
    await _dead(lanes)
    assert await _listed(lanes) == await _listed(lanes)
    assert await store.call("EXISTS", "{07}:tries:dead") == 0
