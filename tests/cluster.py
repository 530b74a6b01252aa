"""A real Valkey Cluster on loopback: three servers that share the slots, and replicas where a test wants them.

Like the one Valkey of tests/servers.py each has its append-only file synced at every write, and comes back on its port.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from storage.keys import LANES, tag
from storage.slots import SLOTS, Address, Range, slot_of, view
from storage.wire import Answer
from tests.servers import LiveValkey, folder, free_port
from tests.waiting import wait_for

SERVERS = 3
START_SECONDS = 60.0


class Node(LiveValkey):
    """One server of a cluster."""

    def __init__(self, folder: Path) -> None:
        """Of no cluster yet."""
        super().__init__(folder)
        self._pid = 0
        self.options |= {
            "cluster-enabled": "yes",
            "cluster-config-file": "nodes.conf",
            "cluster-port": str(free_port()),
            "cluster-node-timeout": "15000",
            "cluster-require-full-coverage": "no",
            "cluster-replica-no-failover": "yes",  # only when a test says so
            "repl-diskless-sync-delay": "0",
        }

    def pause(self) -> None:
        """SIGSTOP: its lines stand, and nobody answers."""
        self._pid = self.pid
        os.kill(self._pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        os.kill(self._pid, signal.SIGCONT)

    @property
    def id(self) -> str:
        """Its name among the servers."""
        return _text(self.ask("CLUSTER", "MYID"))

    @property
    def bus(self) -> str:
        """The port on which the servers talk to each other."""
        return str(self.options["cluster-port"])

    @property
    def ranges(self) -> Sequence[Range]:
        """Who has which slots, as it sees it."""
        return view(self.ask("CLUSTER", "INFO"), self.ask("CLUSTER", "SLOTS"), Address("127.0.0.1", self.port)).ranges


def _text(answer: Answer) -> str:
    """The answer as text."""
    return answer.decode() if isinstance(answer, bytes) else ""


class LiveCluster:
    """Three servers, each with a third of the slots. Start it before use."""

    def __init__(self, folder: Path) -> None:
        """Keeps its data in `folder`, which must exist."""
        self._folder = folder
        self.nodes = [self._made(n) for n in range(SERVERS)]

    @property
    def url(self) -> str:
        """Two of its servers, as an operator would name them."""
        return f"redis://127.0.0.1:{self.nodes[0].port},127.0.0.1:{self.nodes[1].port}/0"

    def start(self) -> None:
        """Start all, make them one if they are not, and wait until each has heard so. Nothing happens if all is well."""
        for node in self.nodes:
            node.start()
        if not self.nodes[0].ranges:
            for n, node in enumerate(self.nodes):
                node.ask("CLUSTER", "ADDSLOTSRANGE", *_third(n))
                node.ask("CLUSTER", "SET-CONFIG-EPOCH", n + 1)
            for node in self.nodes[1:]:
                node.ask("CLUSTER", "MEET", "127.0.0.1", self.nodes[0].port, self.nodes[0].bus)
        self.settle()

    def settle(self) -> None:
        """Wait until every server that runs says that all is well, and all of them the same."""
        wait_for(self._agreed, START_SECONDS, "the cluster to be in working order")

    def replica_of(self, of: Node) -> Node:
        """One more server, which copies `of` and has all that it has."""
        new = self._made(len(self.nodes))
        self.nodes.append(new)
        new.start()
        new.ask("CLUSTER", "MEET", "127.0.0.1", of.port, of.bus)
        wait_for(
            lambda: of.id in _text(new.ask("CLUSTER", "NODES")), START_SECONDS, "the new server to know its master"
        )
        new.ask("CLUSTER", "REPLICATE", of.id)
        wait_for(lambda: "master_link_status:up" in _text(new.ask("INFO", "replication")), START_SECONDS, "the copy")
        self.settle()
        return new

    def wipe(self) -> None:
        """Remove every key, script and function."""
        for node in self.nodes:
            node.wipe()

    def kill(self) -> None:
        """SIGKILL to all."""
        for node in self.nodes:
            node.kill()

    def at(self, key: str) -> Node:
        """The server that has this key."""
        slot = slot_of(key)
        there = next(node for node in self.nodes if node.running)
        port = next(one.at.port for one in there.ranges if one.first <= slot <= one.last)
        return next(node for node in self.nodes if node.port == port)

    def lanes(self, node: Node) -> list[int]:
        """The lanes whose slots this server has."""
        mine = [one for one in node.ranges if one.at.port == node.port]
        return [lane for lane in range(LANES) if any(one.first <= slot_of(tag(lane)) <= one.last for one in mine)]

    def move(self, lane: int, to: Node) -> None:
        """Give this lane's slot to another server, at one blow (Valkey 9), and wait until all have heard of it."""
        slot = slot_of(tag(lane))
        self.at(tag(lane)).ask("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", to.id)
        wait_for(lambda: lane in self.lanes(to), START_SECONDS, "the slot to be moved")
        self.settle()

    def open_move(self, lane: int, to: Node) -> None:
        """Begin to move this lane's slot key by key, as any version can."""
        slot, home = slot_of(tag(lane)), self.at(tag(lane))
        to.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", home.id)
        home.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", to.id)

    def move_keys(self, lane: int, to: Node, most: int = 1000) -> None:
        """Move so many of its keys, after `open_move`."""
        home = self.at(tag(lane))
        keys = home.ask("CLUSTER", "GETKEYSINSLOT", slot_of(tag(lane)), most)
        for key in keys if isinstance(keys, list) else ():
            if isinstance(key, bytes):
                home.ask("MIGRATE", "127.0.0.1", to.port, key, 0, 5000)

    def close_move(self, lane: int, to: Node) -> None:
        """The slot is the other server's from now on."""
        slot, home = slot_of(tag(lane)), self.at(tag(lane))
        to.ask("CLUSTER", "SETSLOT", slot, "NODE", to.id)
        home.ask("CLUSTER", "SETSLOT", slot, "NODE", to.id)
        self.settle()

    def other(self, node: Node) -> Node:
        """Another server."""
        return next(one for one in self.nodes if one is not node)

    def _made(self, n: int) -> Node:
        """The nth server, not started."""
        place = self._folder / str(n)
        place.mkdir()
        return Node(place)

    def _agreed(self) -> bool:
        """Whether all that run see the same, and find it good."""
        there = [node for node in self.nodes if node.running]
        sound = all("cluster_state:ok" in _text(node.ask("CLUSTER", "INFO")) for node in there)
        ports = {node.port for node in there}
        return sound and len({tuple(node.ranges) for node in there}) == 1 and all(ports <= _linked(n) for n in there)


def _linked(node: Node) -> set[int]:
    """The ports of the servers that this one has a line to, and its own: what is published at it is heard at these."""
    rows = (line.split() for line in _text(node.ask("CLUSTER", "NODES")).splitlines())
    return {int(row[1].partition("@")[0].rpartition(":")[2]) for row in rows if row[7] == "connected"}


def _third(n: int) -> tuple[int, int]:
    """The nth part of the slots."""
    return SLOTS * n // SERVERS, SLOTS * (n + 1) // SERVERS - 1


@contextmanager
def cluster() -> Iterator[LiveCluster]:
    """A cluster that runs until the block ends."""
    with folder("kc-") as place:
        live = LiveCluster(place)
        live.start()
        try:
            yield live
        finally:
            live.kill()
