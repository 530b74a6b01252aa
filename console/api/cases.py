"""Calls on cases. Whatever a key does, its agency has done: the citizen and colleagues read the agency's name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from urllib.parse import quote, unquote

import msgspec
from starlette.responses import Response

from console.api.call import Api, Asked, B, Nothing
from console.api.problem import Problem
from console.api.shapes import (
    Agreed,
    CaseFileInfo,
    CaseInFull,
    CasePage,
    Done,
    EventPage,
    Happened,
    Paged,
    Referral,
    Referred,
    Since,
    Standing,
    Taking,
    Words,
)
from console.attachments import saved
from console.forms import Unfit, tidy
from console.listing import listing, shown
from relief.answer import answer_of
from storage.records import CaseFile, Happening, Officer, Stale
from storage.records_work import Wish
from storage.words import EXTRAS

LONGEST_NAME = 200
"""Characters of an Idempotency-Key at most."""

Act = Callable[[Officer, str], Awaitable[str]]
"""Does it, for somebody who has seen this event; gives the id of what is new. Raises Stale, Missing."""


def given(content: msgspec.Struct, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    body = msgspec.json.encode(content)
    return Response(body, status, {"Content-Type": "application/json", **(headers or {})})


async def queue(api: Api, asked: Asked[Paged, None]) -> Response:
    """A page of the queue."""
    wanted = asked.query.filter()
    if wanted.words:
        await api.desk.cases.audit.read(asked.key.officer, "queue.searched")
    page = await api.desk.cases.queue(asked.key.agency, wanted, asked.query.after, asked.query.limit)
    return given(CasePage(cases=[shown(line) for line in page.lines], after=page.after))


async def events(api: Api, asked: Asked[Since, None]) -> Response:
    """The agency's stream, for who has no line to Redis and no webhook."""
    try:
        found, after = await api.desk.cases.since(asked.key.agency, asked.query.after, asked.query.limit)
    except ValueError:
        raise Problem("unfit", at="$.after") from None
    return given(EventPage(events=found, after=after))


async def case(api: Api, asked: Asked[Nothing, None]) -> Response:
    """A case; 304 where the ETag says that the caller has it as it is."""
    found = await api.desk.cases.case(asked.key.agency, asked.path["key"])
    content = _in_full(found)
    tag = f'"{quote(found.seen, safe="")}.{sha256(msgspec.json.encode(content)).hexdigest()[:16]}"'
    if tag in (part.strip() for part in asked.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers={"ETag": tag})
    await api.desk.cases.audit.read(asked.key.officer, "case.read", found.line.id)
    return given(content, headers={"ETag": tag})


async def attachment(api: Api, asked: Asked[Nothing, None]) -> Response:
    """A citizen's file."""
    found, content = await api.desk.cases.attachment(asked.key.agency, asked.path["key"], asked.path["id"])
    await api.desk.cases.audit.read(asked.key.officer, "file.read", found.case, found.id)
    return saved(found, content, show=False)


async def reply(api: Api, asked: Asked[Nothing, Words]) -> Response:
    """An answer to the citizen."""
    key, words = asked.path["key"], _words(asked.body)
    return await _act(
        api,
        asked,
        asked.body.seen,
        ("reply", key, words),
        lambda who, seen: api.desk.cases.reply(who, key, words, seen),
    )


async def note(api: Api, asked: Asked[Nothing, Words]) -> Response:
    """A note for the agency's own officers."""
    key, words = asked.path["key"], _words(asked.body)
    return await _act(
        api, asked, asked.body.seen, ("note", key, words), lambda who, seen: api.desk.cases.note(who, key, words, seen)
    )


async def status(api: Api, asked: Asked[Nothing, Standing]) -> Response:
    """Where the case stands."""
    key, now = asked.path["key"], asked.body.status
    return await _act(
        api,
        asked,
        asked.body.seen,
        ("status", key, now),
        lambda who, seen: api.desk.cases.set_status(who, key, now, seen),
    )


async def refer(api: Api, asked: Asked[Nothing, Referral]) -> Response:
    """The case to another agency."""
    key, body = asked.path["key"], asked.body
    if body.target not in api.desk.pack.agencies:
        raise Problem("unfit", at="$.target")
    override = _tidy(body.override, "override") if body.override else ""
    wish = Wish(body.target, body.why, _tidy(body.reason, "reason"), override)
    asks = ("refer", key, wish.target, wish.why, wish.reason, wish.override)
    id = await _once(api, asked, body.seen, asks, lambda who, seen: api.desk.cases.work.refer(who, key, wish, seen))
    return given(Referred(referral=id), 201)


async def export(api: Api, asked: Asked[Taking, None]) -> Response:
    """The queue as a file."""
    return await listing(api.desk.cases, asked.key.officer, asked.query.filter(), asked.query.said(), asked.query.form)


async def _act(api: Api, asked: Asked[Nothing, B], said: str, asks: tuple[str, ...], do: Act) -> Response:
    """Do it once, and name the event."""
    return given(Done(event=await _once(api, asked, said, asks, do)), 201)


async def _once(api: Api, asked: Asked[Nothing, B], said: str, asks: tuple[str, ...], do: Act) -> str:
    """Do it once, however often the call comes. Returns what it made.

    The store derives an act's id from who acts, what they had seen, and their words. A call that bears an Idempotency-Key
    counts as seen what its first attempt had, so that it stays the same act after the case was read again.
    """
    seen = said or _matched(asked.headers.get("if-match", ""))
    if not seen:
        raise Problem("seen")
    call = asked.headers.get("idempotency-key", "")
    if len(call) > LONGEST_NAME:
        raise Problem("unfit", at="Idempotency-Key")
    first = await api.desk.cases.keys.first(asked.key, call, seen, *asks) if call else seen
    try:
        return await do(asked.key.officer, first)
    except Stale:
        if first == seen:
            raise
    made = await do(asked.key.officer, seen)
    await api.desk.cases.keys.again(asked.key, call, seen)
    return made


def _matched(tag: str) -> str:
    """The event that an ETag of ours speaks of."""
    return unquote(tag.strip().removeprefix("W/").strip('"').rpartition(".")[0])


def _words(body: Words) -> str:
    """The text as it is kept."""
    return _tidy(body.text, "text")


def _tidy(given: str, name: str) -> str:
    """What stands in a field, as it is kept. It must be something."""
    try:
        found = tidy(given)
    except Unfit:
        found = ""
    if not found:
        raise Problem("unfit", at=f"$.{name}")
    return found


def _in_full(found: CaseFile) -> CaseInFull:
    """A case as other programs see it."""
    return CaseInFull(
        **msgspec.structs.asdict(shown(found.line)),
        agencies=found.agencies,
        channel=found.channel,
        facts=dict(found.facts),
        report=dict(found.report),
        assessment=answer_of(found.assessment) if found.assessment else None,
        consent=Agreed(version=found.consent.version, at=found.consent.at) if found.consent else None,
        events=[_happened(event) for event in found.events],
        seen=found.seen,
    )


def _happened(event: Happening) -> Happened:
    """An event of the timeline."""
    return Happened(
        event=event.id,
        seq=event.seq,
        at=event.at,
        what=event.what,
        by=event.actor,
        who=event.who,
        status=event.status,
        text=event.body,
        extras={name: value for name, value in event.extras.items() if name in EXTRAS},
        told=event.told,
        delivery=event.delivery,
        cause=event.cause,
        files=[
            CaseFileInfo(id=f.id, kind=f.kind, mime=f.mime, name=f.name, size=f.size, state=f.state, cause=f.cause)
            for f in event.attachments
        ],
    )
