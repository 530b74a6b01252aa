"""A pack: all that is known of one crisis' law, agencies and places, read from a folder of YAML files.

`load` reads strictly: an unknown field, a missing one or a wrong type is one line that names the file and the field.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec

from relief.law import Cover, Event, Grant, HostState, Measure, Question, RoutingRule
from relief.nouns import Agency, Commitment, Number, Ordinary, Place
from relief.references import dangling
from relief.texts import PackError, read_file, read_files

PACKS = Path(__file__).parent / "packs"

__all__ = ["Clause", "Pack", "PackError", "concerns", "faults_in", "in_force", "load"]


class Clause(msgspec.Struct, frozen=True, eq=False):
    """One grant of one measure: the unit that either holds for a person or does not.

    `pending`: decided, but not yet known on the day of asking, so it can be no more than unclear.
    """

    measure: Measure
    grant: Grant
    order: int
    facts: frozenset[str]
    """Every fact that it looks at."""
    pending: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Pack:
    """One crisis as data. Immutable; two loads are two packs."""

    path: Path
    cover: Cover
    measures: tuple[Measure, ...]
    events: Mapping[str, Event]
    agencies: Mapping[str, Agency]
    places: tuple[Place, ...]
    ordinary: tuple[Ordinary, ...]
    numbers: Mapping[str, tuple[Number, ...]]
    commitments: tuple[Commitment, ...]
    files: Mapping[str, Path]
    """The file in which a measure, event or agency is written, by its id."""

    @property
    def questions(self) -> Mapping[str, Question]:
        """The facts, in the order of asking, with their allowed values."""
        return self.cover.questions

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host states, in the pack's order."""
        return tuple(self.cover.hosts)

    @property
    def states(self) -> tuple[str, ...]:
        """The nationalities to offer, in the pack's order. Any other nationality is understood too."""
        return self.cover.states

    @property
    def routing(self) -> tuple[RoutingRule, ...]:
        """Whom a case goes to; the first rule that fits decides."""
        return self.cover.routing

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place of each fact in the order of asking."""
        return {name: n for n, name in enumerate(self.questions)}

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """Every grant of every measure, by the measures' ids."""
        ordered = sorted(self.measures, key=lambda m: m.id)
        return tuple(Clause(m, g, n, _facts(m, g)) for m in ordered for n, g in enumerate(_grants(m)))

    @cached_property
    def turns(self) -> tuple[date, ...]:
        """The days on which a measure was decided or became known, in order: between them the law stands still."""
        return tuple(sorted({day for m in self.measures for day in (m.decided, m.known_from)}))

    def host(self, state: str) -> HostState | None:
        """The pack's entry of a host state."""
        return self.cover.hosts.get(state)

    def permits(self, host: str) -> tuple[str, ...]:
        """The permits to offer in this state, in order; all known ones where the pack does not choose."""
        entry = self.host(host)
        return (entry.permits if entry else ()) or self.questions["permit"].values

    def emergency(self, host: str, on: date | None = None) -> tuple[Number, ...]:
        """The emergency numbers of a state (on a day), surest first. A `low` one must not be told as certain."""
        valid = (n for n in self.numbers.get(host, ()) if on is None or _valid(n, on))
        return tuple(sorted(valid, key=lambda n: ("high", "medium", "low").index(n.confidence)))

    def ordinary_rules(self, host: str, on: date) -> tuple[Ordinary, ...]:
        """The ordinary rules of a host state on a day."""
        return tuple(r for r in self.ordinary if r.host == host and _valid(r, on))


def in_force(pack: Pack, host: str | None, nationality: str | None, as_of: date) -> tuple[Clause, ...]:
    """The clauses that can matter on this day in this state (None: in any): decided by then, and not superseded.

    Only a measure that is known replaces another. Home-side help counts for its own citizens in every state but their own.
    """
    past = bisect_right(pack.turns, as_of)
    return _in_force(pack, host, nationality, pack.turns[past - 1]) if past else ()


@lru_cache(maxsize=8192)
def _in_force(pack: Pack, host: str | None, nationality: str | None, as_of: date) -> tuple[Clause, ...]:
    """The same, on a day on which it changed."""
    gone = {old for m in pack.measures if m.known_from <= as_of for old in m.supersedes}
    return tuple(
        msgspec.structs.replace(c, pending=True) if c.measure.known_from > as_of else c
        for c in pack.clauses
        if c.measure.decided <= as_of and c.measure.id not in gone and concerns(c.measure, host, nationality)
    )


def load(path: str | Path) -> Pack:
    """The pack in this folder; a bare name means a folder under relief/packs. Raises PackError with its first fault."""
    faults: list[str] = []
    pack = _read(_folder(path), faults)
    if pack is None:
        raise PackError(faults[0])
    return pack


def faults_in(path: str | Path) -> tuple[Pack | None, list[str]]:
    """The pack, or None and every line's fault that kept it from being read."""
    faults: list[str] = []
    return _read(_folder(path), faults), faults


def _folder(path: str | Path) -> Path:
    """Where the pack lies."""
    named = PACKS / path
    return named if isinstance(path, str) and "/" not in path and named.is_dir() else Path(path)


def _read(folder: Path, faults: list[str]) -> Pack | None:
    """All files of a pack. None if one of them has a fault."""
    if not (folder / "pack.yaml").is_file():
        faults.append(f"{folder.name}: pack.yaml: there is no such pack")
        return None
    files: dict[str, Path] = {}
    cover = read_file(folder / "pack.yaml", Cover, faults)
    measures = read_files(folder, "measures/*/*.yaml", Measure, files, faults)
    events = read_files(folder, "events/*.yaml", Event, files, faults)
    agencies = read_files(folder, "agencies/*.yaml", Agency, files, faults)
    commitments = read_files(folder, "commitments/*.yaml", Commitment, files, faults)
    places = read_file(folder / "places.yaml", tuple[Place, ...], faults)
    ordinary = read_file(folder / "ordinary.yaml", tuple[Ordinary, ...], faults)
    numbers = read_file(folder / "emergency.yaml", dict[str, tuple[Number, ...]], faults)
    if cover is None or places is None or ordinary is None or numbers is None:
        return None
    faults.extend(dangling(folder, files, cover, measures, events, agencies))
    if faults:
        return None
    return Pack(
        path=folder,
        cover=cover,
        measures=measures,
        events={e.id: e for e in events},
        agencies={a.id: a for a in agencies},
        places=places,
        ordinary=ordinary,
        numbers=numbers,
        commitments=commitments,
        files=files,
    )


def _grants(measure: Measure) -> tuple[Grant, ...]:
    """What a measure gives: its grants, or the single one written at its top level."""
    if measure.grants or measure.relief is None:
        return measure.grants
    return (Grant(relief=measure.relief, until=measure.until, boundary=measure.boundary, note=measure.note),)


def _facts(measure: Measure, grant: Grant) -> frozenset[str]:
    """The facts that a grant and its measure look at."""
    return frozenset(
        fact for tests in (measure.covers, grant.when, *(e.when for e in measure.excludes)) for fact in tests
    )


def concerns(measure: Measure, host: str | None, nationality: str | None = None) -> bool:
    """Whether a measure can matter to somebody in this state, of this nationality. None: not known."""
    if measure.side == "home":
        return measure.host != host and nationality in (None, measure.host)
    return host in (None, measure.host)


def _valid(rule: Number | Ordinary, on: date) -> bool:
    """Whether a dated rule holds on a day."""
    since = rule.since if isinstance(rule, Number) else rule.known_from
    return (since is None or since <= on) and (rule.until is None or on <= rule.until)
