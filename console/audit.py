"""The audit's page: what an agency's own people did, for its administrators, the newest first."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from console.desk import Desk
from console.gate import Forbidden, Gate
from console.pages import Pages
from console.permits import may
from handlers.refs import read_ref
from storage.records import Deed
from storage.sql.audit_reading import Wanted

SIZE = 100
"""Rows a page."""
_FILTERS = ("who", "case", "since")


class AuditPage:
    """The agency's rows, by officer, by case, since a day."""

    def __init__(self, desk: Desk, gate: Gate, pages: Pages) -> None:
        """All three are shared with the other pages."""
        self._officers = desk.cases.officers
        self._audit = desk.cases.audit
        self._zone = desk.zone
        self._gate = gate
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """GET: a page of it."""
        officer = await self._gate.officer(request)
        if not may(officer, "administer"):
            raise Forbidden
        asked = {name: request.query_params.get(name, "")[:64] for name in _FILTERS}
        subject = await self._audit.case(officer.agency, read_ref(asked["case"]) or asked["case"])
        wanted = Wanted(asked["who"], subject, _morning(asked["since"], self._zone(officer.agency)))
        before = _number(request.query_params.get("before", ""))
        unknown = bool(asked["case"]) and not subject
        deeds = [] if unknown else await self._audit.page(officer.agency, wanted, before, SIZE + 1)
        shown, kept = deeds[:SIZE], {name: value for name, value in asked.items() if value}
        people = [account.officer for account in await self._officers.accounts(officer.agency)]
        return self._pages.page(
            request,
            "audit.html",
            officer,
            deeds=shown,
            people=people,
            names={person.id: person.name for person in people},
            cases=await self._audit.keys(officer.agency, [deed.subject for deed in shown]),
            asked=asked,
            failures=failures,
            first=not before,
            query=urlencode(kept),
            later=urlencode({**kept, "before": shown[-1].n}) if len(deeds) > SIZE else "",
            here="/console/audit",
        )


class Failures(NamedTuple):
    """How often something had failed by then within a quarter of an hour, and whether that locked the account."""

    n: int
    locked: bool


def failures(deed: Deed) -> Failures:
    """What a failed sign-in's row tells (storage/people/tries.py); 0 for another."""
    parts = deed.detail.split() if deed.act.endswith(".failed") else []
    return Failures(next((int(part) for part in parts if part.isdecimal()), 0), "locked" in parts)


def _morning(day: str, zone: tzinfo) -> datetime | None:
    """The first moment of the agency's own day; None for what is no day."""
    try:
        return datetime.combine(date.fromisoformat(day), time(), zone).astimezone(UTC)
    except ValueError:
        return None


def _number(text: str) -> int:
    """A row's number; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
