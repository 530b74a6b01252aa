"""An assessment in the citizen's words: what to do, by when, then why, on whose word, how sure, and what it does not cover."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.labels import FIELDS, UNKNOWN
from handlers.nouns import Arg, Block, Country, Day, Raw, Say, Sentence, Session
from handlers.world import World
from relief.assess import assess
from relief.nouns import Assessment, Because, Duty, Source
from relief.ordinary import cost_of_overstay

SURE = {
    "high": Say("How sure: the issuing authority's text, or two independent sources, say so."),
    "medium": Say("How sure: fairly. We know it from one secondary source; let the authority confirm it."),
    "low": Say("How sure: not. Nobody has confirmed it; ask the authority before you act."),
}


CONTACTS = {
    "phone": Say("Telephone"),
    "web": Say("Web"),
    "email": Say("E-mail"),
    "whatsapp": Say("WhatsApp"),
    "address": Say("Address"),
}


def known(facts: dict[str, str]) -> dict[str, str]:
    """The facts without those the person left open: a missing answer is unknown, never no."""
    return {name: value for name, value in facts.items() if value != UNKNOWN}


def weigh(session: Session, world: World) -> Assessment:
    """The law's answer to what is known of this person today."""
    return assess(world.pack, known(session.facts), world.today)


def advise(a: Assessment, session: Session, world: World) -> tuple[Sentence, ...]:
    """The answer, whole."""
    host = session.facts.get("host", "")
    if host == session.facts.get("nationality"):
        return (
            Say(
                "You are in your own country, {country}: the law on foreigners does not limit your stay there. "
                "If you need help, or ask for somebody else, send a report.",
                {"country": Country(host)},
            ),
        )
    return (
        *_headline(a, world),
        *((Say(a.note),) if a.note else ()),
        *_meaning(a),
        *_duties(a.duties, world),
        *_grounds(a),
        *_limits(a),
        *_costs(a, session, world),
        *_whom(a, session, world),
        *_promised(a),
    )


def _headline(a: Assessment, world: World) -> Iterable[Sentence]:
    """What to do and by which day."""
    day = Day(a.until) if a.until else None
    late = bool(a.until and a.until < world.today)
    match a.outcome:
        case "covered" if day:
            yield Say("You may stay until {day}.", {"day": day})
            if not a.duties:
                yield Say("Until then you need to do nothing else.")
        case "covered":
            yield Say("You are protected now. No last day has been set yet: ask me again, at least once a week.")
        case "covered_if" if day:
            yield Say("You may stay until {day}, but only if you do what is written here.", {"day": day})
        case "covered_if":
            yield Say("You can be protected, but only if you do what is written here.")
        case "no_penalty" if day:
            yield Say(
                "Leave by {day}: then there is no fine and no entry ban. Your stay itself is not extended.",
                {"day": day},
            )
        case "no_penalty":
            yield Say(
                "There is no fine and no entry ban while you cannot leave. Your stay itself is not extended: "
                "leave as soon as travel is possible, and ask me again at least once a week."
            )
        case "unclear":
            yield Say(
                "I cannot give you a certain answer. Ask the authority before you act; I can pass on your question."
            )
            if day:
                yield Say("A possible last day is {day}, but it is not confirmed.", {"day": day})
        case "not_covered":
            yield Say("No relief that I know of protects your stay. Contact the authority now; I can send your report.")
        case _:
            fields = tuple(FIELDS[n] for n in a.needs if n in FIELDS)
            yield Say("I cannot answer without knowing more: {facts}.", {"facts": fields or (Say("your facts"),)})
    if late:
        yield Say("That day has passed. Contact the authority today.")


def _meaning(a: Assessment) -> Iterable[Sentence]:
    """What the measure itself promises, in its own words: *until* may mean staying, or only leaving without a fine."""
    return (Say(note) for note in dict.fromkeys(b.note for b in resting(a) if b.note))


def _duties(duties: Iterable[Duty], world: World) -> Iterable[Sentence]:
    """What to do, each with its last day and place."""
    for duty in duties:
        if duty.done:
            continue
        lines: list[Say | Raw] = [Say(duty.text)]
        if duty.by:
            lines.append(Say("Last day: {day}.", {"day": Day(duty.by)}))
            if duty.by < world.today:
                lines.append(Say("That day has passed. Contact the authority today."))
        if duty.where:
            lines.append(Say("Where: {place}", {"place": Say(duty.where)}))
        if duty.url:
            lines.append(Raw(duty.url))
        yield Block(tuple(lines))


def _grounds(a: Assessment) -> Iterable[Sentence]:
    """The measure the answer rests on, its issuer, one source, and how sure we are."""
    if not a.because:
        return
    for because in resting(a):
        yield Block(
            (
                Say("This rests on: {title}.", {"title": Say(because.title)}),
                Say("Issued by: {issuer}.", {"issuer": Say(because.issuer)}),
                *(cite(s) for s in because.sources[:1]),
            )
        )
    yield SURE[surest(a.sources)]


def resting(a: Assessment) -> tuple[Because, ...]:
    """The measures whose word agrees with the answer; all of them where none does."""
    agreeing = tuple(b for b in a.because if b.verdict == a.outcome)
    return agreeing or a.because


def surest(sources: Iterable[Source]) -> str:
    """The best confidence among the sources."""
    ranks = ("high", "medium", "low")
    return min((s.confidence for s in sources), key=ranks.index, default="low")


def cite(source: Source) -> Say:
    """A source on one line: publisher, day, address."""
    args: dict[str, Arg] = {"publisher": source.publisher, "url": source.url}
    if source.date:
        return Say("Source: {publisher}, {day}. {url}", args | {"day": Day(source.date)})
    return Say("Source: {publisher}. {url}", args)


def _limits(a: Assessment) -> Iterable[Sentence]:
    """What the answer does not cover."""
    if a.excluded:
        yield Block((Say("Limits:"), *(Say("- {what}", {"what": Say(text)}) for text in a.excluded)))


def _costs(a: Assessment, session: Session, world: World) -> Iterable[Sentence]:
    """What staying too long costs by the ordinary rules, where nothing surely protects; unsure rules are left out."""
    if a.outcome not in ("not_covered", "unclear"):
        return ()
    rules = cost_of_overstay(world.pack, session.facts.get("host", ""), world.today)
    return (Say(rule.text) for rule in rules[:2] if rule.confidence != "low")


def _whom(a: Assessment, session: Session, world: World) -> Iterable[Sentence]:
    """Whom to ask."""
    if a.ask:
        yield agency(a.ask, world)
    host = session.facts.get("host", "")
    if host and host not in world.pack.hosts:
        yield Say("I hold no law for {country} yet.", {"country": Country(host)})


def _promised(a: Assessment) -> Iterable[Sentence]:
    """What the states promised each other: words to show an officer, where the law itself gives no certain day."""
    if a.outcome in ("covered", "covered_if", "unknown"):
        return
    for promise in a.cite:
        yield Block(
            (
                Say("You can show the officer this promise of the states. It is not a law and sets no date:"),
                Say(promise.text),
                *(cite(s) for s in promise.sources[:1]),
            )
        )


def agency(name: str, world: World) -> Block:
    """An agency with the contacts we can stand behind; a low-confidence contact is never shown as fact."""
    found = world.pack.agencies[name]
    contacts = (Say("{kind}: {value}", {"kind": CONTACTS[c.kind], "value": Raw(c.value)}) for c in found.told())
    return Block((Say("Authority: {name}", {"name": Say(found.name)}), *tuple(contacts)[:4]))
