"""Names of keys and ids: stable, impersonal, of one slot."""

from __future__ import annotations

from collections import Counter

from storage.keys import LANES, digest, key, lane_of, lane_of_outbound, outbound_id, tag
from storage.seal import chat_ref


def test_a_lane_never_changes() -> None:
    """Stored sessions lie where these lanes say: these values may not change between versions."""
    assert [lane_of(ref) for ref in ("a", "b", "mhvtcbw5bujuwcuinxgu55h2oq")] == [18, 22, 12]


def test_lanes_are_used_evenly() -> None:
    """Chats spread over all lanes."""
    counts = Counter(lane_of(chat_ref("k" * 32, f"telegram:{n}")) for n in range(6400))
    assert set(counts) == set(range(LANES))
    assert max(counts.values()) < 2 * 100


def test_every_key_of_a_lane_has_its_tag() -> None:
    """A cluster finds all of a lane's keys in one slot."""
    assert tag(7) == "{07}:"
    assert key(7, "chat", "ref") == "{07}:chat:ref"


def test_an_outbound_id_tells_its_lane_and_nothing_else() -> None:
    """It is derived, fits an address, and does not show the event's id."""
    one = outbound_id(7, "web:TOKEN/3", 0)
    assert one == outbound_id(7, "web:TOKEN/3", 0)
    assert one.startswith("07-")
    assert "TOKEN" not in one
    assert one.replace("-", "").isalnum()
    assert lane_of_outbound(one) == 7
    assert lane_of_outbound(f"{one}.2") == 7


def test_what_is_no_outbound_id_has_no_lane() -> None:
    """A provider's callback may carry anything."""
    assert [lane_of_outbound(text) for text in ("", "07", "99-x-0", "x-y", "-1-x", "٠٧-x-0")] == [None] * 6


def test_digests_differ() -> None:
    """Ids of a person's messages do not meet."""
    assert len({digest(f"telegram:{n}") for n in range(1000)}) == 1000
