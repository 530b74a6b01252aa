"""The balance: what people sent, what the service should have made of it, and what it did."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import select

from handlers.nouns import AddToCase, OpenCase, Session
from storage.cases import Cases
from storage.chats import Chats
from storage.keys import lane_of
from storage.letters import listed
from storage.queues import Lanes
from storage.records import CaseFile, Happening
from storage.redis import as_bytes, as_list
from storage.seal import Seal
from storage.sql import tables
from storage.store import Store
from tests.chaos.clean import Clean, bare, compare, match
from tests.chaos.faults import KINDS
from tests.chaos.house import KEYS, SECRET, Town, queues
from tests.chaos.people import AGENCY, PHOTO, Person

SPREAD = 5.0
"""Seconds around a fault in which it may still be the cause: a lease lapses, a lost send is tried again."""


class Struck(NamedTuple):
    """A fault that happened, from when until when by the loop's time."""

    name: str
    began: float
    over: float


class Line(NamedTuple):
    """One line of the balance. It is even if `found` is `wanted` and nothing else is wrong."""

    what: str
    wanted: int
    found: int
    wrong: int = 0
    note: str = ""
    uneven: Sequence[str] = ()
    """Each imbalance by the person's number in the order of their coming, without a word of theirs."""

    @property
    def even(self) -> bool:
        """Whether nothing is missing, doubled or wrong."""
        return self.wanted == self.found and not self.wrong


async def balance(town: Town, cases: Cases, people: Sequence[Person], struck: Sequence[Struck]) -> list[Line]:
    """All lines. Everything must have come to rest."""
    async with queues(town.valkeys) as redis:
        chats = Chats(Seal(KEYS), SECRET)
        lanes = Lanes(redis, Seal(KEYS))
        files = await _filed(cases, chats, people)
        sessions = [await _session(lanes, chats, person) for person in people]
        for person, session, mine in zip(people, sessions, files.theirs, strict=True):
            _choose(person, session, mine)
        return [
            _heard(town, people),
            _unanswered(people),
            *_replies(people, town, struck),
            *_sessions(people, sessions),
            *await _cases(cases, files, people, town),
            *await _announced(redis, cases, town),
            *await _left(lanes),
        ]


def printed(lines: Sequence[Line]) -> str:
    """The balance sheet."""
    rows = [f"{'':46}{'wanted':>8}{'found':>8}{'wrong':>8}"]
    for line in lines:
        end = "" if line.even else "  UNEVEN"
        rows.append(f"{line.what:46}{line.wanted:8}{line.found:8}{line.wrong:8}  {line.note}{end}".rstrip())
    rows += [f"{line.what}: {one}" for line in lines for one in line.uneven]
    return "\n".join(rows)


def _heard(town: Town, people: Sequence[Person]) -> Line:
    """What was sent, and what the providers got a 2xx for, but for what Twilio lost and the sweep must find."""
    lost = {f"twilio:{sid}" for sid in town.twilio.lost}
    sent = {event.id for person in people for event in town.memory.sent[person.chat]} - lost
    note = f"(and {len(lost)} webhooks lost)"
    return Line("messages sent, and taken with a 2xx", len(sent), len(sent & town.memory.taken), 0, note)


def _unanswered(people: Sequence[Person]) -> Line:
    """Whose story came to its end."""
    return Line("people, and those answered to the end", len(people), sum(person.content for person in people))


def _replies(people: Sequence[Person], town: Town, struck: Sequence[Struck]) -> Iterator[Line]:
    """What each was told, in order; what was told again, and whether a lost answer explains it."""
    wanted = found = strangers = again = unexplained = listed = 0
    uneven = []
    for number, person in enumerate(people):
        arrived = [(at, bare(text)) for at, text in town.memory.arrived[person.chat]]
        result = match(person.clean.texts, [text for _, text in arrived])
        wanted += len(person.clean.texts)
        unheard = [text for text in result.missing if text in town.memory.unknown[person.chat]]
        listed += len(unheard)
        found += len(person.clean.texts) - len(result.missing) + len(unheard)
        strangers += result.strangers
        if len(result.missing) > len(unheard) or result.strangers:
            lacks = f"{len(result.missing) - len(unheard)} missing, {result.strangers} strange"
            uneven.append(f"{_name(number, person)}: {lacks} of {len(person.clean.texts)}")
        again += len(result.again)
        for n in result.again:
            first = next(at for at, text in arrived if text == arrived[n][1])
            unexplained += not explained(first, arrived[n][0], struck)
    note = f"({listed} of them only listed as unknown)"
    yield Line("replies in order, each person's", wanted, found, strangers, note, uneven)
    yield Line("replies said again though no answer was lost", 0, unexplained, 0, f"({again} said again in all)")


def explained(first: float, second: float, struck: Sequence[Struck]) -> bool:
    """Whether a fault that can lose a provider's answer lay between."""
    return any(
        KINDS[fault.name].twice and fault.began - SPREAD < second and first < fault.over + SPREAD for fault in struck
    )


async def _session(lanes: Lanes, chats: Chats, person: Person) -> Session | None:
    """A chat's session as it is stored."""
    ref = chats.ref(person.chat)
    return chats.read(ref, (await lanes.sessions({ref: lane_of(ref)}))[ref])


def _choose(person: Person, session: Session | None, mine: Sequence[CaseFile]) -> None:
    """Of several ways in which the service may have heard the person, the one that fits best: no other was wanted."""
    filed = [pair for case in mine for pair in _added(case)]
    arrived = person.texts

    def wrong(clean: Clean) -> tuple[int, ...]:
        result = match(clean.texts, arrived)
        turns = abs(clean.turns - (session.version if session else 0))
        return (
            len(result.missing) + result.strangers,
            turns,
            sum(compare(clean.told, filed)),
            _bare(session) != _bare(clean.session),
        )

    person.cleans = [min(person.cleans, key=wrong)]


def _sessions(people: Sequence[Person], sessions: Sequence[Session | None]) -> Iterator[Line]:
    """Each chat's session: counted once for each message, and what it holds."""
    turns = events = again = 0
    off, differ = [], []
    for number, (person, session) in enumerate(zip(people, sessions, strict=True)):
        name, version = _name(number, person), session.version if session else 0
        # a message that was said again for want of an answer may meet a person who has blocked us since: news of its own
        twice = int(bool(person.refused) and version == person.clean.turns + 1)
        again += twice
        events += person.clean.turns + twice
        turns += version
        if version != person.clean.turns + twice:
            off.append(f"{name}: {version} turns of {person.clean.turns}")
        if _bare(session) != _bare(person.clean.session):
            differ.append(f"{name}: another session after {person.clean.turns} turns")
    note = f"({again} of them a second refusal)"
    yield Line("messages and news, and turns committed", events, turns, 0, note, off)
    yield Line("sessions that hold what they should", len(people), len(people) - len(differ), uneven=differ)


def _name(number: int, person: Person) -> str:
    """Who, without a word of theirs."""
    return f"person {number} ({person.channel})"


_MOMENTS = frozenset({"heard", "at", "opened", "began", "id", "ref"})
"""Fields of a session that hold a moment or come from one."""


def _bare(session: Session | None) -> object:
    """A session without times, without the count of its turns, without what `faults.other_code` takes away."""
    return _timeless(msgspec.to_builtins(msgspec.structs.replace(session, version=0, said=()))) if session else None


def _timeless(value: object) -> object:
    """The same without the moments in it."""
    if isinstance(value, dict):
        return {name: _timeless(inner) for name, inner in value.items() if name not in _MOMENTS}
    if isinstance(value, list | tuple):
        return [_timeless(inner) for inner in value]
    return "" if isinstance(value, datetime) else value


class Files(NamedTuple):
    """The cases that there are: each person's, in the order of `people`, and how many belong to nobody."""

    theirs: Sequence[Sequence[CaseFile]]
    strange: int


async def _filed(cases: Cases, chats: Chats, people: Sequence[Person]) -> Files:
    """All cases."""
    async with cases._db.read() as connection:
        rows = (await connection.execute(select(tables.cases.c.chat_ref, tables.cases.c.id))).all()
    ids: dict[str, list[str]] = {}
    for ref, id in rows:
        ids.setdefault(ref, []).append(id)
    theirs = [[await cases.case(AGENCY, id) for id in ids.pop(chats.ref(person.chat), [])] for person in people]
    return Files(theirs, sum(map(len, ids.values())))


async def _cases(cases: Cases, files: Files, people: Sequence[Person], town: Town) -> Iterator[Line]:
    """Each case once, with the words and files that were added to it, each once, in order."""
    count: Counter[str] = Counter(strange=files.strange)
    lack, words, fates = [], [], []
    for number, (person, mine) in enumerate(zip(people, files.theirs, strict=True)):
        name, told = _name(number, person), person.clean.told
        opened = sum(isinstance(effect, OpenCase) for effect in person.clean.effects)
        count.update(opened=opened, filed=min(opened, len(mine)), strange=max(0, len(mine) - opened))
        if len(mine) != opened:
            lack.append(f"{name}: {len(mine)} cases, not {opened}")
        difference = compare(told, [pair for case in mine for pair in _added(case)])
        count.update(told=len(told), added=len(told) - difference.missing, wrong=sum(difference[1:]))
        if any(difference):
            kinds = [" ".join(what for what, _ in row) for row in (told, [p for case in mine for p in _added(case)])]
            words.append(f"{name}: {difference}; told {kinds[0]}; filed {kinds[1]}")
        count["files"] += sum(isinstance(e, AddToCase) and e.media is not None for e in person.clean.effects)
        for case in mine:
            fates += [f"{name}: {fault}" for fault in _answers(case, person, town, count)]
            for file in (file for event in case.events for file in event.attachments if file.state == "stored"):
                count["kept"] += (await cases.attachment(AGENCY, case.line.key, file.id))[1] == PHOTO
    return iter(
        (
            Line("cases", count["opened"], count["filed"], count["strange"], uneven=lack),
            Line(
                "what people added to their cases, in order", count["told"], count["added"], count["wrong"], "", words
            ),
            Line("photos kept whole", count["files"], count["kept"]),
            Line("officers' answers, and those whose fate is known", count["answers"], count["known"], uneven=fates),
        )
    )


def _added(case: CaseFile) -> list[tuple[str, str]]:
    """What the person added to the case, as it stands in it."""
    return [(e.what, e.body) for e in case.events if e.actor == "citizen" and e.what != "opened"]


def _answers(case: CaseFile, person: Person, town: Town, count: Counter[str]) -> Iterator[str]:
    """What the desk knows of its answers, beside what became of them."""
    for event in case.events:
        if event.what == "reply":
            fates = _fates(town, person, event)
            count.update(answers=1, known=event.delivery in fates)
            if event.delivery not in fates:
                yield f"known as {event.delivery or 'nothing'}, and was {' or '.join(sorted(fates))}"


def _fates(town: Town, person: Person, event: Happening) -> set[str]:
    """What may be known of an officer's answer: the last that Twilio told of it, or believes that it could not tell; where
    nothing was told, what we saw.
    """
    if event.id in person.refused:
        return {"blocked", "unknown"}
    if not person.chat.startswith("whatsapp:"):
        # said again because its answer was lost, it may meet a person who does not want to hear from us by now
        return {"sent", "unknown", *(("blocked",) if person.refused else ())}
    sids = [said.sid for said in town.twilio.citizen(person.chat).said if event.body in said.text]
    told = {status for sid in sids for status in town.twilio.told[sid]}
    tried = {status for sid in sids for status in town.twilio.tried[sid]}
    if "read" in told:
        return {"read"}
    known = {"delivered"} if "delivered" in told else {"sent", "unknown"}
    return known | (tried & {"delivered", "read"})


async def _announced(redis: Store, cases: Cases, town: Town) -> Iterator[Line]:
    """Case events in the agencies' streams, each once; and posted to the agency that has a webhook, each at least once."""
    async with cases._db.read() as connection:
        due = (await connection.execute(select(tables.announcements.c.event_id, tables.announcements.c.agency))).all()
    counts: Counter[tuple[str, str]] = Counter()
    for agency in {agency for _, agency in due}:
        for row in as_list(await redis.call("XRANGE", f"agency:{agency}", "-", "+")):
            body = json.loads(as_bytes(as_list(as_list(row)[1])[1]))
            counts[body["event"], agency] += 1
    once = sum(counts[id, agency] == 1 for id, agency in due)
    owed, told = {id for id, agency in due if agency == AGENCY}, town.receiver.told
    strange = len(told.keys() - owed) + town.receiver.forged
    note = f"({told.total() - len(told)} told again)"
    return iter(
        (
            Line("case events, and those announced once", len(due), once, sum(counts.values()) - len(due)),
            Line("case events, and those the webhook told", len(owed), len(owed & told.keys()), strange, note),
        )
    )


async def _left(lanes: Lanes) -> Iterator[Line]:
    """What still waits, and what was put aside."""
    waits = sum(length for queue, (length, _) in (await lanes.lag(range(64))).items() if queue != "dead")
    letters = await listed(lanes)
    unknown = [letter for letter in letters if letter.queue == "outbox" and letter.cause.startswith("unknown")]
    note = f"({len(unknown)} replies listed as unknown)"
    return iter(
        (Line("entries left in queues", 0, waits), Line("dead letters", 0, len(letters) - len(unknown), 0, note))
    )
