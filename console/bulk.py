"""One act on several cases. Each is done or refused on its own, exactly as on its page, and the answer says which and why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.asked import STATUSES
from console.desk import Desk
from console.gate import Forbidden, Gate
from console.pages import Pages
from console.permits import may
from console.queue import SIZE
from console.signing import text
from handlers.nouns import Status
from storage.records import HeldBy, Missing, Officer, Stale

_FIELDS = SIZE + 10
"""Fields of the form: a page of cases, and what is to be done."""


class Ended(NamedTuple):
    """What became of one case: `done`, `stale`, `held` (by `name`) or `missing`."""

    key: str
    how: str
    name: str = ""


class Bulk:
    """The form under the queue, for supervisors."""

    def __init__(self, desk: Desk, gate: Gate, pages: Pages) -> None:
        """All three are shared with the other pages."""
        self._cases = desk.cases
        self._gate = gate
        self._pages = pages
        self._acts: Mapping[str, Callable[[Officer, str, str, str], Awaitable[object]]] = {
            "claim": lambda officer, key, seen, rest: self._cases.claim(officer, key),
            "release": lambda officer, key, seen, rest: self._cases.release(officer, key, over=True),
            "assign": lambda officer, key, seen, rest: self._cases.assign(officer, key, rest),
            "status": lambda officer, key, seen, rest: self._cases.set_status(officer, key, _status(rest), seen),
        }

    async def act(self, request: Request) -> Response:
        """POST: `case` is a key and the newest event shown, several times; `act` is one word, or `word:what`."""
        officer = await self._gate.officer(request)
        form = await self._gate.form(request, fields=_FIELDS)
        if not may(officer, "supervise"):
            raise Forbidden
        what, _, rest = text(form, "act").partition(":")
        if what not in self._acts or (what == "status" and rest not in STATUSES):
            raise HTTPException(422)
        if what == "assign" and rest not in dict(await self._cases.colleagues(officer.agency)):
            raise HTTPException(422)
        picked = [str(value).partition(" ") for value in form.getlist("case")[:SIZE]]
        ended = [await self._one(officer, what, rest, key, seen) for key, _, seen in picked]
        return self._pages.page(request, "bulk.html", officer, ended=ended)

    async def _one(self, officer: Officer, what: str, rest: str, key: str, seen: str) -> Ended:
        """One case."""
        try:
            await self._acts[what](officer, key, seen, rest)
        except Stale:
            return Ended(key, "stale")
        except HeldBy as fault:
            return Ended(key, "held", fault.name)
        except Missing:
            return Ended(key, "missing")
        return Ended(key, "done")


def _status(word: str) -> Status:
    """A status by its word. Raises LookupError for another word."""
    return next(status for status in STATUSES if status == word)
