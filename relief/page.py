"""A readable page (Markdown) of all that a pack holds on one state: for lawyers who check it, made from the files they check."""

from __future__ import annotations

from collections.abc import Iterator

from babel import Locale

from relief.law import DutyRule, Event, Grant, Measure
from relief.nouns import Agency, Ordinary, Source
from relief.pack import Pack
from relief.timeline import timeline
from relief.words import PROMISES, conditions, day


def page(pack: Pack, host: str) -> str:
    """The page of one state. It refers to its picture as `HOST.svg` in the same folder."""
    return "\n".join(_lines(pack, host)) + "\n"


def picture(pack: Pack, host: str) -> str:
    """The picture (SVG) of one state's measures over time; empty where it has none."""
    ours = [m for m in pack.measures if m.host == host]
    return timeline(pack, ours, f"{country(host)}: measures over time") if ours else ""


def country(code: str) -> str:
    """A state's English name; its code where there is none."""
    return str(Locale("en").territories.get(code, code))


def _lines(pack: Pack, host: str) -> Iterator[str]:
    """The page, line by line."""
    ours = sorted((m for m in pack.measures if m.host == host), key=lambda m: (m.known_from, m.id))
    yield f"# {country(host)}"
    yield ""
    yield f"<!-- Written by `komek pack page {host}` from the pack's files. Change those, then write this page anew. -->"
    yield ""
    entry = pack.host(host)
    if entry and entry.gap:
        yield from (entry.gap, "")
    if ours:
        yield f"![{country(host)}: measures over time]({host}.svg)"
        yield ""
    for side, heading in (("host", "Relief for foreigners"), ("home", "Help for its own citizens abroad")):
        chosen = [m for m in ours if m.side == side]
        if chosen:
            yield from (f"## {heading}", "")
            for measure in chosen:
                yield from _measure(pack, measure)
    yield from _events(pack, host)
    yield from _ordinary(pack, host)
    yield from _agencies(pack, host)


def _measure(pack: Pack, m: Measure) -> Iterator[str]:
    """One measure."""
    yield from (f"### {m.id}. {m.title}", "")
    yield f"- **Issued by** {m.issuer}; decided {m.decided}, known from {m.known_from}, sure: {m.confidence}"
    yield from _neighbours(pack, m)
    yield from _block("For", conditions(m.covers))
    for grant in m.grants or (Grant(relief=m.relief or "none", until=m.until, boundary=m.boundary, note=m.note),):
        yield from _grant(grant)
    yield from _block("To do", (_duty(d) for d in m.duties))
    yield from _block("Not covered", (e.text + _in_brackets(conditions(e.when)) for e in m.excludes))
    if m.comment:
        yield f"- **Comment** {m.comment}"
    yield from _block("Sources", (_source(s) for s in m.sources))
    yield f"- **Look again** {m.review_by or 'no day'}; {len(m.examples)} worked cases; file `measures/{m.host}/{m.id}.yaml`"
    yield ""


def _neighbours(pack: Pack, m: Measure) -> Iterator[str]:
    """Which measures it replaces, which replace it, and which stand beside it."""
    later = [o.id for o in pack.measures if m.id in o.supersedes]
    beside = [*m.beside, *(o.id for o in pack.measures if m.id in o.beside)]
    for words, names in (("Replaces", m.supersedes), ("Replaced by", later), ("Stands beside", beside)):
        if names:
            yield f"- **{words}** {', '.join(names)}"


def _grant(grant: Grant) -> Iterator[str]:
    """One thing that a measure gives."""
    edge = " (the last day itself is in doubt)" if grant.boundary == "unclear" else ""
    until = "" if grant.relief == "none" and grant.until is None else f", until {day(grant.until)}{edge}"
    yield f"- **Gives** {PROMISES[grant.relief]}{until}{_in_brackets(conditions(grant.when))}"
    if grant.note:
        yield f"  - {grant.note}"
    yield from (f"  - To do: {_duty(d)}" for d in grant.duties)


def _duty(duty: DutyRule) -> str:
    """A duty with its day and place."""
    parts = [duty.text]
    if duty.by:
        parts.append(f"By {day(duty.by)}.")
    if duty.where or duty.url:
        parts.append(f"Where: {duty.where}{_link(duty.url)}.")
    return " ".join(parts) + _in_brackets(conditions(duty.when))


def _block(name: str, lines: Iterator[str]) -> Iterator[str]:
    """A heading with points under it, if there are any."""
    found = list(lines)
    if found:
        yield f"- **{name}**"
        yield from (f"  - {line}" for line in found)


def _in_brackets(lines: Iterator[str]) -> str:
    """Conditions after a sentence."""
    found = "; ".join(lines)
    return f" [{found}]" if found else ""


def _source(source: Source) -> str:
    """A source in full."""
    when = f", {source.date}" if source.date else ""
    return f"{source.publisher}: {source.title}{when} ({source.confidence}) <{source.url}>"


def _link(url: str) -> str:
    """An address after a place."""
    return f" <{url}>" if url else ""


def _events(pack: Pack, host: str) -> Iterator[str]:
    """The dated events of a state."""
    events = sorted((e for e in pack.events.values() if e.state == host), key=lambda e: e.id)
    if events:
        yield from ("## Dated events", "")
    for event in events:
        yield from (f"### {event.id}", "", f"{event.title}.", "")
        yield from _sayings(event)
        yield ""


def _sayings(event: Event) -> Iterator[str]:
    """What was known of an event, day by day."""
    for s in sorted(event.says, key=lambda s: (s.nationality, s.known_from)):
        who = f" for citizens of {', '.join(s.nationality)}" if s.nationality else ""
        what = "in doubt" if s.unclear else f"{s.date}" if s.date else "not happened, or open"
        yield f"- Known from {s.known_from}{who}: **{what}** ({s.confidence}). {s.comment}".rstrip()
        yield from (f"  - {_source(source)}" for source in s.sources)


def _ordinary(pack: Pack, host: str) -> Iterator[str]:
    """The ordinary rules of a state."""
    rules = [r for r in pack.ordinary if r.host == host]
    if rules:
        yield from ("## Ordinary rules", "")
    for r in rules:
        since = f" from {r.known_from}" if r.known_from else ""
        until = f" to {r.until}" if r.until else ""
        permit = f" [permit: {', '.join(r.permit)}]" if r.permit else ""
        yield f"- **{r.topic}**{since}{until} ({r.confidence}): {_rule(r)}{permit}"
        yield from (f"  - {_source(s)}" for s in r.sources)
    if rules:
        yield ""


def _rule(rule: Ordinary) -> str:
    """What a rule says; one on visa-free days once for each number of days."""
    if not rule.days:
        return rule.text
    citizens: dict[int, list[str]] = {}
    for state, days in rule.days.items():
        citizens.setdefault(days, []).append(state)
    return " ".join(
        rule.text.format(country=", ".join(map(country, states)), host=country(rule.host), days=days)
        for days, states in citizens.items()
    )


def _agencies(pack: Pack, host: str) -> Iterator[str]:
    """The agencies and emergency numbers of a state."""
    yield from ("## Agencies and numbers", "")
    for agency in sorted((a for a in pack.agencies.values() if a.state == host), key=lambda a: a.id):
        yield from _agency(agency)
    for number in pack.emergency(host):
        unsure = ", from memory: not told as certain" if number.confidence == "low" else ""
        yield f"- {number.service}: {number.number} ({number.confidence}{unsure})"


def _agency(agency: Agency) -> Iterator[str]:
    """One agency."""
    yield f"- **{agency.name}** ({' and '.join(agency.roles)} side, `{agency.id}`)"
    if agency.hours:
        yield f"  - {agency.hours}"
    for contact in agency.contacts:
        yield f"  - {contact.kind}: {contact.value} ({contact.confidence}){'. ' + contact.note if contact.note else ''}"
