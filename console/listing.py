"""Lists taken out: the cases that fit a filter as CSV or JSON, line by line, so that a million need no more room than one.

Only what the queue shows is in them: nothing that a person said, and nothing that is sealed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, get_args

import msgspec
from starlette.responses import StreamingResponse

from handlers.nouns import Priority, Status
from relief.nouns import Level, Verdict
from storage.cases import Cases
from storage.records import Filter, Line, Officer

Form = Literal["csv", "json"]
Country = Annotated[str, msgspec.Meta(pattern="^([A-Z]{2})?$", description="ISO 3166 alpha-2; empty: any")]


class Which(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which cases, as the queue is filtered. `status` open: all but decided and closed. A case number (`ref`) or words that
    the case holds (`words`; all of them) find a case at any status.
    """

    status: Literal["open", "all"] | Status = "open"
    level: Level | None = None
    priority: Priority | None = None
    reason: Annotated[str, msgspec.Meta(max_length=16)] = ""
    host: Country = ""
    nationality: Country = ""
    place: Annotated[str, msgspec.Meta(max_length=32)] = ""
    locale: Annotated[str, msgspec.Meta(max_length=16)] = ""
    outcome: Verdict | Literal[""] = ""
    held: bool | None = None
    unread: bool = False
    overdue: bool = False
    ref: Annotated[str, msgspec.Meta(max_length=40, description="a case number in any spelling")] = ""
    words: Annotated[str, msgspec.Meta(max_length=200)] = ""

    def filter(self) -> Filter:
        """As the store takes it."""
        statuses: tuple[Status, ...] = ()
        if self.status == "all":
            statuses = get_args(Status)
        elif self.status != "open":
            statuses = (self.status,)
        same = ("level", "priority", "reason", "host", "nationality", "place", "locale", "outcome", "unread", "overdue")
        holder = "" if self.held is None else "+" if self.held else "-"
        asked = {name: getattr(self, name) for name in (*same, "ref", "words")}
        return msgspec.convert({**asked, "statuses": statuses, "holder": holder}, Filter)

    def said(self) -> str:
        """As the record of a list has it."""
        asked = {name: getattr(self, name) for name in Which.__struct_fields__}
        return said_of(asked, ("place", "reason", "locale", "ref", "words"))


def said_of(asked: Mapping[str, object], typed: Sequence[str]) -> str:
    """A filter as the record of a list has it: codes, and of what somebody `typed` only that it was."""
    shown = {name: "*" if name in typed else value for name, value in asked.items() if value not in ("", None, False)}
    return " ".join(f"{name}={value}" for name, value in shown.items())


class CaseLine(msgspec.Struct, kw_only=True):
    """A case as the queue shows it. `key` opens it; `agency`: whose turn it is; `outcome`: what the permit check said.

    `held_by`: the name of your agency's officer who has it; empty: nobody of yours.
    """

    id: str
    key: str
    agency: str
    status: Status
    priority: Priority
    reasons: tuple[str, ...]
    opened: datetime
    touched: datetime
    locale: str
    host: str
    nationality: str
    place: str
    outcome: str
    forgotten: bool
    held_by: str


def shown(line: Line) -> CaseLine:
    """A line of the queue as other programs see it."""
    return CaseLine(
        id=line.id,
        key=line.key,
        agency=line.owner,
        status=line.status,
        priority=line.priority,
        reasons=line.reasons,
        opened=line.opened,
        touched=line.touched,
        locale=line.locale,
        host=line.host,
        nationality=line.nationality,
        place=line.place,
        outcome=line.outcome,
        forgotten=line.forgotten,
        held_by=line.holding,
    )


async def listing(cases: Cases, officer: Officer, wanted: Filter, said: str, form: Form) -> StreamingResponse:
    """The list as a file. Who takes it stands in the records before its first byte leaves."""
    lines = await cases.take(officer, wanted, form, said)
    content, kind = (_csv(lines), "text/csv; charset=utf-8") if form == "csv" else (_json(lines), "application/json")
    return StreamingResponse(
        content, headers={"Content-Type": kind, "Content-Disposition": f'attachment; filename="cases.{form}"'}
    )


async def _csv(lines: AsyncIterator[Line]) -> AsyncIterator[bytes]:
    """RFC 4180, a head line first."""
    yield _row(CaseLine.__struct_fields__)
    async for line in lines:
        found = shown(line)
        yield _row(tuple(_cell(getattr(found, name)) for name in CaseLine.__struct_fields__))


async def _json(lines: AsyncIterator[Line]) -> AsyncIterator[bytes]:
    """One array. It is closed only if all of it is there."""
    before = b"["
    async for line in lines:
        yield before + msgspec.json.encode(shown(line))
        before = b",\n"
    yield b"]\n" if before != b"[" else b"[]\n"


def _row(cells: tuple[str, ...]) -> bytes:
    """One line of CSV."""
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()


def _cell(value: object) -> str:
    """A value as a spreadsheet may see it: one that begins like a formula is a text (OWASP, CSV injection)."""
    text = " ".join(value) if isinstance(value, tuple) else str(msgspec.to_builtins(value))
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text
