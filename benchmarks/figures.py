"""What is measured of a bot at work, and how it is printed: each figure with its unit, medians with the span they come from."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil

BUSY = 10.0
"""Percent of the processors' time that others may use before the figures are not to be trusted."""


class Cost(NamedTuple):
    """Seconds of processor time used until now."""

    service: float
    valkey: float
    postgres: float


class Figures(NamedTuple):
    """One measurement, or the medians of several.

    `rate`: turns a second. `half`, `most`: milliseconds that 50 and 99 of 100 turns take at most. `service`, `valkey`,
    `postgres`: microseconds of processor time a turn. `memory`: the service's resident megabytes.
    """

    rate: float
    half: float
    most: float
    service: float
    valkey: float
    postgres: float
    memory: float

    @classmethod
    def of(
        cls, turns: int, seconds: float, cuts: tuple[float, float], costs: tuple[Cost, Cost], memory: float
    ) -> Figures:
        """From what was counted: `cuts` are p50 and p99, `costs` before and after."""
        service, valkey, postgres = (1e6 * (after - before) / turns for before, after in zip(*costs, strict=True))
        return cls(turns / seconds, *cuts, service, valkey, postgres, memory)


def middle(many: Sequence[Figures]) -> Figures:
    """The median of each figure."""
    return Figures(*(median(column) for column in zip(*many, strict=True)))


def machine() -> tuple[str, float]:
    """What it is measured on, in one line; and the percentage of its processors' time that others use now."""
    busy = psutil.cpu_percent(interval=2.0)
    load = os.getloadavg()[0]
    line = f"{os.cpu_count()} x {_model()}, Python {platform.python_version()}; before we begin: "
    return f"{line}{busy:.0f} % of the processors busy, {load:.2f} programs at work in the last minute", busy


def _model() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or "processor"
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "processor")


def levels_table(found: Mapping[str, Mapping[int, Sequence[Figures]]], ours: str, peer: str) -> list[str]:
    """How everybody does with so many people at once."""
    lines = [
        "                      people      turns/s, median        p50      p99    processor, us a turn of       memory   turns/s",
        "                     at once       (lowest-highest)       ms       ms  service  Valkey  PostgreSQL      MB  x aiogram",
    ]
    for level in found[ours]:
        for name, levels in found.items():
            if level not in levels:
                continue
            many, beside = levels[level], found.get(peer, {}).get(level)
            m = middle(many)
            span = f"({min(f.rate for f in many):,.0f}-{max(f.rate for f in many):,.0f})"
            ratio = f"{m.rate / middle(beside).rate:10.2f}" if beside else f"{'':>10}"
            lines.append(
                f"{name:20} {level:7}  {m.rate:7,.0f} {span:>15} {m.half:8.2f} {m.most:8.2f} "
                f"{m.service:8,.0f} {m.valkey:7,.0f} {m.postgres:11,.0f} {m.memory:7.0f} {ratio}"
            )
    return lines


def stored_table(found: Mapping[int, Sequence[Figures]], each: Mapping[int, tuple[float, float]]) -> list[str]:
    """A turn beside so many stored sessions; `each`: bytes of memory and of the append-only file a session takes."""
    lines = [
        " sessions   bytes of   bytes of   turns/s, median       p50    processor, us a turn of",
        "   stored     memory        AOF  (lowest-highest)        ms   service   Valkey    both",
    ]
    for number, many in found.items():
        m, (memory, disk) = middle(many), each[number]
        span = f"({min(f.rate for f in many):,.0f}-{max(f.rate for f in many):,.0f})"
        lines.append(
            f"{number:9,} {memory:10,.0f} {disk:10,.0f}  {m.rate:7,.0f} {span:>15} {m.half:7.2f}"
            f" {m.service:9,.0f} {m.valkey:8,.0f} {m.service + m.valkey:7,.0f}"
        )
    few, most = ([f.service + f.valkey for f in found[end(found)]] for end in (min, max))
    change, least = median(most) / median(few) - 1, min(most) / min(few) - 1
    lines.append(
        f"From {min(found):,} to {max(found):,} sessions a turn's processor time changes by {change:+.1%}"
        f" ({least:+.1%} between the lowest of each, which others on the machine disturb least)."
    )
    return lines
