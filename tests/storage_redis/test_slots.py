"""The map of a cluster: the slot of a key, the answers that tell who has it, and the addresses of a setting."""

from __future__ import annotations

from itertools import product

import pytest

from storage.redis import Answer, Lost, Redis, answers
from storage.slots import Address, Range, View, addresses, elsewhere, places, seeds, slot_of, view
from tests.cluster import LiveCluster

HERE = Address("10.0.0.1", 6379)
INFO = b"cluster_state:ok\r\ncluster_slots_ok:16384\r\ncluster_current_epoch:7\r\n"


def test_the_specifications_own_vectors() -> None:
    """https://valkey.io/topics/cluster-spec/: the checksum of 123456789 is 0x31C3, and how a hash tag is found."""
    assert slot_of("123456789") == slot_of(b"123456789") == 0x31C3
    assert slot_of("foo") == 12182
    assert slot_of("{user1000}.following") == slot_of("{user1000}.followers") == slot_of("user1000")
    assert slot_of("foo{}{bar}") != slot_of("bar")
    assert slot_of("foo{{bar}}zap") == slot_of("{bar")
    assert slot_of("foo{bar}{zap}") == slot_of("bar")


async def test_the_server_finds_the_same_slot(valkey_cluster: LiveCluster) -> None:
    """For every key of up to six pieces that matter to a hash tag, and for bytes that are no text."""
    one = Redis(valkey_cluster.nodes[0].url)
    await one.open()
    keys: list[str | bytes] = ["".join(pieces) for pieces in product(("{", "}", "a", "ş1", ""), repeat=6)]
    keys += [bytes([n, 0x7B, 255 - n, 0x7D]) for n in range(256)]
    assert await answers([one.call("CLUSTER", "KEYSLOT", key) for key in keys]) == [slot_of(key) for key in keys]
    await one.close()


def _row(first: int, last: int, host: bytes | None, port: int) -> Answer:
    """A row of CLUSTER SLOTS with one replica."""
    nothing: list[Answer] = []
    return [first, last, [host, port, b"id", nothing], [b"10.0.0.9", 6379, b"other", nothing]]


def test_an_answer_becomes_a_map() -> None:
    """Ranges in order, replicas left out; a server that does not know its own name is where it was asked."""
    rows: Answer = [_row(5, 9, b"10.0.0.2", 7000), _row(0, 3, None, 6379), _row(4, 4, b"", 6380)]
    found = view(INFO, rows, HERE)
    expected = (Range(0, 3, HERE), Range(4, 4, Address("10.0.0.1", 6380)), Range(5, 9, Address("10.0.0.2", 7000)))
    assert found == View(sound=True, epoch=7, ranges=expected)
    assert addresses(found.ranges) == [one.at for one in expected]
    assert dict(places(found.ranges))[9] == Address("10.0.0.2", 7000)


def test_of_two_views_the_better_informed_counts() -> None:
    """One that finds the cluster in order before one that was cut off from it, and then the one with the later change."""
    rows: Answer = [_row(0, 16383, b"10.0.0.2", 7000)]
    cut_off = view(INFO.replace(b":ok", b":fail").replace(b"epoch:7", b"epoch:9"), rows, HERE)
    earlier = view(INFO.replace(b"epoch:7", b"epoch:6"), rows, HERE)
    assert max(cut_off, earlier, view(INFO, rows, HERE)) == view(INFO, rows, HERE)


@pytest.mark.parametrize(("info", "rows"), [(b"", []), (INFO, None), (INFO, [[1, 2]]), (INFO, [[0, 1, [b"h", b"x"]]])])
def test_an_answer_of_another_shape_is_a_fault(info: Answer, rows: Answer) -> None:
    """And never a map with holes."""
    with pytest.raises(Lost):
        view(info, rows, HERE)


def test_a_setting_names_one_server_or_several() -> None:
    """The user, the password and the manner are the same for all; what was learned is reached in the same way."""
    assert seeds("redis://a:1/2") == ["redis://a:1/2"]
    assert seeds("unix:///run/valkey.sock?db=3") == ["unix:///run/valkey.sock?db=3"]
    several = seeds("rediss://u:p%2Cq@a:1, b ,[::1]:3/0")
    assert several == ["rediss://u:p%2Cq@a:1/0", "rediss://u:p%2Cq@b/0", "rediss://u:p%2Cq@[::1]:3/0"]
    assert elsewhere(several[0], Address("10.0.0.2", 7000)) == "rediss://u:p%2Cq@10.0.0.2:7000/0"
    assert elsewhere(several[0], Address("::2", 7000)) == "rediss://u:p%2Cq@[::2]:7000/0"
    assert elsewhere("unix:///run/valkey.sock", HERE) == "redis://10.0.0.1:6379"
