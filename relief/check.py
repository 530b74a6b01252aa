"""What a lawyer's pack must keep beyond its shape: dates in order, chains that resolve, overlaps that are meant, sources in
full, examples right and on both sides of each edge.

Each fault is one line: `file: field: fault`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from relief.answer import until_of
from relief.assess import assess
from relief.edges import untested
from relief.law import Event, Example, Measure, Tests, When
from relief.nouns import Agency, Ordinary, Source
from relief.overlaps import chain, undeclared
from relief.pack import Pack, faults_in
from relief.references import events_of

KINDS_SHOWN = ("phone", "whatsapp", "email")
"""Contacts that a person would use at once: they need a source unless their confidence is low."""


def check(path: str | Path) -> tuple[Pack | None, tuple[str, ...]]:
    """The pack, if it can be read, and every fault found in it."""
    pack, unreadable = faults_in(path)
    return pack, tuple(unreadable) if pack is None else tuple(_faults(pack))


def _faults(pack: Pack) -> Iterator[str]:
    """Every fault of a pack that can be read."""
    ids = {m.id: m for m in pack.measures}
    used = {name for m in pack.measures for name in events_of(m)}
    for measure in pack.measures:
        where = _where(pack.files[measure.id])
        yield from (f"{where}: {fault}" for fault in _measure(measure, ids))
        yield from (f"{where}: {fault}" for fault in _examples(pack, measure))
        yield from (f"{where}: examples: {fault}" for fault in untested(measure, _replaced_on(measure, pack.measures)))
    for one, other in undeclared(pack.measures, pack.events):
        yield f"{_where(pack.files[other.id])}: beside: overlaps with {one.id} and does not say so"
    for event in pack.events.values():
        yield from (f"{_where(pack.files[event.id])}: {fault}" for fault in _event(event))
        if event.id not in used:
            yield f"{_where(pack.files[event.id])}: id: no measure refers to this event"
    for agency in pack.agencies.values():
        yield from (f"{_where(pack.files[agency.id])}: {fault}" for fault in _agency(agency, pack))
    for commitment in pack.commitments:
        yield from (f"{_where(pack.files[commitment.id])}: {fault}" for fault in _sources(commitment.sources))
    yield from _cover(pack)


def _measure(m: Measure, ids: Mapping[str, Measure]) -> Iterator[str]:
    """One measure by itself and in its chain."""
    yield from _days(m)
    yield from _chain(m, ids)
    for tests in (m.covers, *(g.when for g in m.grants), *(e.when for e in m.excludes)):
        yield from _windows(tests)
    yield from _sources(m.sources)
    if not m.comment and not any(s.date for s in m.sources):
        yield "sources: none has a date, and no comment says how the days are known"
    if m.confidence == "high" and m.sources and all(s.confidence == "low" for s in m.sources):
        yield "confidence: is high but no source is more than low"
    if not m.examples:
        yield "examples: there are none"


def _days(m: Measure) -> Iterator[str]:
    """The days of a measure, in order."""
    if m.known_from < m.decided:
        yield f"known_from: {m.known_from} is before decided {m.decided}"
    if not m.review_by:
        yield "review_by: is missing"
    elif m.review_by < m.known_from:
        yield f"review_by: {m.review_by} is before known_from {m.known_from}"
    for day in filter(None, (m.until, *(g.until for g in m.grants))):
        if day.date and day.date < m.known_from:
            yield f"until: {day.date} had passed when the measure became known"


def _chain(m: Measure, ids: Mapping[str, Measure]) -> Iterator[str]:
    """What a measure says of others."""
    for old in m.supersedes:
        yield from _supersedes(m, ids.get(old), old)
    if m.id in chain(m, ids):
        yield "supersedes: the chain runs in a circle"
    for name in m.beside:
        if name not in ids or ids[name].host != m.host:
            yield f"beside: there is no measure {name} of {m.host}"


def _supersedes(m: Measure, old: Measure | None, name: str) -> Iterator[str]:
    """One step of a chain."""
    if old is None:
        yield f"supersedes: there is no measure {name}"
    elif old.host != m.host:
        yield f"supersedes: {name} is a measure of {old.host}, not of {m.host}"
    elif old.known_from > m.known_from:
        yield f"supersedes: {name} became known later than this measure"


def _replaced_on(measure: Measure, measures: Sequence[Measure]) -> date | None:
    """The day from which another measure stands in this one's place."""
    return min((m.known_from for m in measures if measure.id in m.supersedes), default=None)


def _windows(tests: Tests) -> Iterator[str]:
    """Windows whose edges stand the wrong way round."""
    for fact, test in tests.items():
        first, last = _fixed(test.first), _fixed(test.last)
        if first and last and first > last:
            yield f"{fact}: the window from {first} to {last} is empty"


def _fixed(when: When | None) -> str:
    """A fixed day, to be compared as ISO text."""
    return when.date.isoformat() if when and when.date else ""


def _sources(sources: Sequence[Source]) -> Iterator[str]:
    """Sources that are missing, or lack a part."""
    if not sources:
        yield "sources: there are none"
    for n, source in enumerate(sources, 1):
        for field in ("publisher", "title", "url"):
            if not getattr(source, field).strip():
                yield f"sources: number {n} has no {field}"
        if source.url and not source.url.startswith(("http://", "https://")):
            yield f"sources: number {n} has an url that is no web address"


def _event(event: Event) -> Iterator[str]:
    """One dated event."""
    days = [(s.known_from, s.nationality) for s in event.says]
    if not event.says:
        yield "says: there is nothing"
    if len(set(days)) < len(days):
        yield "says: two sayings are of the same day"
    for saying in event.says:
        if saying.sources or not saying.comment:
            yield from _sources(saying.sources)


def _agency(agency: Agency, pack: Pack) -> Iterator[str]:
    """One agency and its contacts."""
    if agency.state not in pack.states and agency.roles != ("group",):
        yield f"state: {agency.state or 'nothing'} is no state of this pack"
    for contact in agency.contacts:
        if contact.kind in KINDS_SHOWN and contact.confidence != "low" and not contact.source:
            yield f"contacts: {contact.value} is {contact.confidence} but has no source"
    for kind in agency.takes:
        for fact in kind.keys() - pack.questions.keys():
            yield f"takes: there is no fact {fact}"


def _cover(pack: Pack) -> Iterator[str]:
    """The pack as a whole: numbers, ordinary rules, places and routing."""
    for host, numbers in pack.numbers.items():
        for number in numbers:
            if number.confidence == "high" and not number.source:
                yield f"{pack.path.name}/emergency.yaml: {host}: {number.number} is high but has no source"
    for host in set(pack.hosts) - pack.numbers.keys():
        yield f"{pack.path.name}/emergency.yaml: {host}: there are no numbers"
    for rule in pack.ordinary:
        faults = (*_sources(rule.sources), *_unsaid(rule))
        yield from (f"{pack.path.name}/ordinary.yaml: {rule.host} {rule.topic}: {f}" for f in faults)
    yield from (f"{pack.path.name}/ordinary.yaml: {fault}" for fault in _twice(pack.ordinary))
    for place in pack.places:
        if place.confirmed and not place.source:
            yield f"{pack.path.name}/places.yaml: {place.id}: is confirmed but has no source"
    for state, entry in pack.cover.hosts.items():
        held = any(m.host == state and m.side == "host" for m in pack.measures)
        if held == bool(entry.gap):
            yield f"{pack.path.name}/pack.yaml: hosts.{state}.gap: {'is told' if held else 'is missing'}"
    if not any(not (r.facts or r.needs or r.has) for r in pack.routing):
        yield f"{pack.path.name}/pack.yaml: routing: no rule takes what the others leave"


def _unsaid(rule: Ordinary) -> Iterator[str]:
    """Placeholders that a rule's text lacks, or has for nothing: a rule on days is said to one person, with their own number."""
    counted = ("days",) if any(n > 0 for n in rule.days.values()) else ()
    wanted = {"country", "host", *counted} if rule.days else set()
    if set(re.findall(r"\{(.*?)\}", rule.text)) != wanted:
        yield f"text: has not just the placeholders {sorted(wanted)}"
    if counted and min(rule.days.values()) <= 0:
        yield "days: counted days, and none or no limit, are told in different words: make two rules of it"


def _twice(rules: Sequence[Ordinary]) -> Iterator[str]:
    """Citizens to whom two rules of one state give visa-free days on the same day."""
    days = [r for r in rules if r.topic == "visa_free"]
    for n, one in enumerate(days):
        for other in days[n + 1 :]:
            for state in one.days.keys() & other.days.keys() if one.host == other.host else ():
                if (one.known_from or date.min) <= (other.until or date.max) and (other.known_from or date.min) <= (
                    one.until or date.max
                ):
                    yield f"{one.host} visa_free: {state} stands in two rules of the same days"


def _examples(pack: Pack, measure: Measure) -> Iterator[str]:
    """Worked cases that come out otherwise than the lawyer wrote."""
    for n, example in enumerate(measure.examples, 1):
        answer = assess(pack, example.facts, example.as_of)
        until = until_of(answer)
        if answer.outcome not in example.outcome:
            yield f"examples: {_named(example, n)}: {answer.outcome} and not {' or '.join(example.outcome)}"
        elif example.until and until not in example.until:
            yield f"examples: {_named(example, n)}: until {until} and not {' or '.join(example.until)}"


def _named(example: Example, n: int) -> str:
    """What to call an example in a fault."""
    return example.id or f"number {n}"


def _where(path: Path) -> str:
    """A file as faults name it."""
    return f"{path.parent.name}/{path.name}"
