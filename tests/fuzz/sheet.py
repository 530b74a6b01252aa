"""What came of it, as lines that are even or not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from tests.chaos.books import Line
from tests.fuzz.driver import Run

FLAT = 0.10
"""How much memory may grow from the first tenth to the end."""
ENOUGH = 200_000
"""Inputs from which memory can be judged: before, caches still fill."""
FILES = 160
"""Open files that may be added at most: the lines to both providers, kept for the next call."""
FAULTS = (
    "answers 5xx",
    "answers of a wrong status",
    "answers with another's words",
    "messages with another's words",
    "planted words in the log",
    "planted words in the metrics",
)


async def sheet(run: Run) -> list[Line]:
    """All lines. Everything must have come to rest."""
    _, counts = await run.house.metrics()
    statuses = ", ".join(f"{status} {count}" for status, count in run.judge.by_status())
    bounds = int(counts.get("komek_refused_chat_total", 0) + counts.get("komek_refused_full_total", 0))
    whole = [seconds for seconds in run.stories if not math.isinf(seconds)]
    open_ = run.house.at_rest()
    return [
        Line("inputs", run.inputs, run.world.made, 0, f"({run.world.made / run.seconds:.0f} a second; {statuses})"),
        *(Line(what, 0, run.judge.faults[what]) for what in FAULTS),
        Line("503, and bounds reached", bounds, run.judge.come_again),
        Line("whole stories, and told to the end", len(run.stories), len(whole), 0, f"(slowest {max(whole):.1f} s)"),
        Line("stack traces in the log", 0, run.house.service.log.count("Traceback")),
        Line("entries left in queues", 0, run.house.waiting()),
        Line("events heard, and answered", _sum(counts, "komek_heard_total"), _answered(counts)),
        *_dead(counts),
        Line("files with something planted in them", 0, len(open_), 0, ", ".join(open_)),
        *_memory(run),
    ]


def _sum(counts: Mapping[str, float], name: str) -> int:
    """A metric over all its labels."""
    return sum(int(value) for label, value in counts.items() if label.partition("{")[0] == name)


def _answered(counts: Mapping[str, float]) -> int:
    """Turns, and what could not be answered, but for the timers', which nobody sent."""
    ticks = int(counts.get('komek_turns_total{kind="tick"}', 0))
    return _sum(counts, "komek_turns_total") - ticks + int(counts.get('komek_dead_letters_total{queue="inbox"}', 0))


def _dead(counts: Mapping[str, float]) -> Iterator[Line]:
    """Dead letters. A payload that cannot be read is one, and nothing else may be."""
    found = {name: int(value) for name, value in counts.items() if name.startswith("komek_dead_letters_total")}
    raw = found.pop('komek_dead_letters_total{queue="raw"}', 0)
    note = ", ".join(f"{name} {value}" for name, value in found.items() if value)
    yield Line("dead letters", 0, sum(found.values()), 0, f"(and {raw} payloads that cannot be read) {note}")


def _memory(run: Run) -> Iterator[Line]:
    """Memory and open files: at first, after each tenth, at the end."""
    seen = [run.begin, *(vitals for _, vitals in run.marks), run.house.vitals()]
    grown = run.world.made >= ENOUGH and seen[-1].rss > seen[1].rss * (1 + FLAT)
    sizes = " ".join(f"{vitals.rss / 1e6:.1f}" for vitals in seen)
    yield Line("memory grown by more than a tenth", 0, int(grown), 0, f"({sizes} MB)")
    files = " ".join(str(vitals.files) for vitals in seen)
    yield Line("open files that stay", 0, max(0, seen[-1].files - seen[0].files - FILES), 0, f"({files})")


def told(run: Run) -> Iterator[str]:
    """What explains the sheet: faults, log lines, what Valkey keeps."""
    yield from run.judge.shown
    yield from (f"{count} x {trace}" for trace, count in run.house.traces().most_common(5))
    yield "log lines: " + "; ".join(f"{count} x {line[:150]}" for line, count in run.house.log_lines().most_common(25))
    parts = (f"{kind} {count} keys {size / 1e6:.1f} MB" for kind, (count, size) in run.house.keys().items())
    yield f"Valkey keeps {run.house.vitals().valkey / 1e6:.0f} MB: " + ", ".join(parts)
    for (kind, status), count in sorted(run.judge.answers.items()):
        yield f"  {kind:40}{status:>8}{count:10}"
