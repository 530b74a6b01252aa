"""The law in the citizen's words: why the answer is what it is, and what is in force in the country now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from handlers.advice import cite, known
from handlers.labels import FIELDS, told
from handlers.nouns import Block, Country, Day, Raw, Say, Sentence, Session
from handlers.world import World
from relief.law import Measure
from relief.nouns import Because, Verdict
from relief.trace import Trace, trace

VERDICTS: Mapping[Verdict, Say] = {
    "covered": Say("It protects you."),
    "covered_if": Say("It protects you if you do what it asks."),
    "no_penalty": Say("It spares you fine and ban; it does not extend your stay."),
    "unclear": Say("It may protect you; an officer must say."),
    "not_covered": Say("It does not protect you."),
    "unknown": Say("It may protect you; I would have to know more."),
}
"""What one measure means for the person."""

_SHOWN = 8
"""Measures told of at once: the ones that say most come first."""
_ORDER: tuple[Verdict, ...] = ("covered", "covered_if", "no_penalty", "unclear", "unknown", "not_covered")


def why(session: Session, world: World, because: Iterable[Because]) -> tuple[Sentence, ...]:
    """Each measure, what it means for this person and why; the answers it looked at; its sources."""
    grounds = {b.measure: b for b in because}
    looked = trace(world.pack, known(session.facts), world.today)
    heard_of = (t for t in looked if t.known_from <= world.today or t.verdict != "not_covered")
    traces = sorted(heard_of, key=lambda t: _ORDER.index(t.verdict))
    if not traces:
        return (Say("No measure that I know fits what you told me."),)
    return tuple(_told(t, grounds.get(t.measure)) for t in traces[:_SHOWN])


def _told(one: Trace, ground: Because | None) -> Block:
    """One measure."""
    lines: list[Say | Raw] = [Say(one.title), VERDICTS[one.verdict]]
    if one.why:
        lines.append(Say(one.why))
    if ground:
        lines += [
            Say("{field}: {value}", {"field": FIELDS[name], "value": told(name, value)})
            for name, value in ground.facts.items()
            if name in FIELDS
        ]
        lines += [cite(source) for source in ground.sources]
    lines.append(Say("Known since {day}.", {"day": Day(one.known_from)}))
    return Block(tuple(lines))


def changes(session: Session, world: World) -> tuple[Sentence, ...]:
    """The host's measures known on the day, the newest first, ended ones as ended. Empty where we know none."""
    host = session.facts.get("host", "")
    ours = [m for m in world.pack.measures if m.host == host and m.side == "host" and m.known_from <= world.today]
    gone = {old for m in ours for old in m.supersedes}
    newest = sorted(ours, key=lambda m: (m.known_from, m.id), reverse=True)
    head = (Say("Measures in {country}, the newest first:", {"country": Country(host)}),) if newest else ()
    return (*head, *(_standing(m, m.id in gone or ended(m, world), world) for m in newest[:_SHOWN]))


def _standing(measure: Measure, over: bool, world: World) -> Block:
    """One measure and whether it still holds."""
    state = Say("Ended.") if over else Say("In force.")
    return Block((Say(measure.title), Say("Known since {day}.", {"day": Day(measure.known_from)}), state))


def ended(measure: Measure, world: World) -> bool:
    """Whether every last day that the measure names has passed. One without a fixed day has not ended by itself."""
    untils = [g.until for g in measure.grants] or [measure.until]
    days = [u.date for u in untils if u is not None and u.date is not None]
    return len(days) == len(untils) and all(day < world.today for day in days)
