"""One case: what is known, what happened, who else is there, and all that an officer does on it.

Opening a case changes nothing for the person: *reading* is said to them only when an officer says so, with one press, and
the page offers it on a case that nobody has answered. A word that sets itself would promise what nobody has decided.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import get_args
from urllib.parse import quote

import msgspec
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.claims import deeds
from console.comparing import compare, verdict
from console.desk import Desk
from console.forms import LONGEST, Unfit, given, words
from console.gate import Forbidden, Gate
from console.links import Linking
from console.pages import Pages, language
from console.permits import may
from console.phrases import Picked, offered, pick
from console.queue import STATUSES
from console.referral import Referring
from console.signing import text
from console.window import Window, window
from console.words import DONE
from console.words_case import DONE as MORE_DONE
from console.words_case import FAULTS, STATES
from handlers.nouns import Status
from handlers.referral import WHY
from handlers.survey import FACES
from locales.say import NAMES, voice
from storage.records import CaseFile, HeldBy, Officer, Stale
from storage.records_work import Barred, Handover, Original
from storage.sql.mentions import called

_statuses: tuple[Status, ...] = get_args(Status)
_KEPT = ("text", "original", "reason", "override", "target", "why", "other", "id")
"""Fields that come back in their boxes when a form could not be taken."""

Act = Callable[[Officer, str, FormData], Awaitable[str]]
"""What a form does; it returns the word under which the page says that it was done, empty: the case is not here any more."""


class Case:
    """A case's page and its forms."""

    def __init__(self, desk: Desk, gate: Gate, pages: Pages) -> None:
        """All three are shared with the other pages."""
        self._desk = desk
        self._cases = desk.cases
        self._gate = gate
        self._pages = pages
        referring, linking = Referring(desk), Linking(desk)
        self._acts: dict[str, Act] = {
            "reply": self._reply,
            "status": self._status,
            "note": self._note,
            "refer": referring.refer,
            "withdraw": referring.withdraw,
            "let-go": referring.let_go,
            "link": linking.link,
            "unlink": linking.unlink,
            **deeds(desk.cases),
        }

    async def show(self, request: Request) -> Response:
        """GET: the page."""
        officer = await self._gate.officer(request)
        return await self._render(request, officer, done=request.query_params.get("done", ""))

    async def act(self, request: Request) -> Response:
        """POST: one act. On a page that is too old nothing is done: the newest is shown, with the words kept in their boxes."""
        officer = await self._gate.officer(request)
        form = await self._gate.form(request)
        if not may(officer, "work"):
            raise Forbidden
        key, what = str(request.path_params["key"]), str(request.path_params["what"])
        if what not in self._acts:
            raise HTTPException(404)
        kept = {what: {name: text(form, name) for name in _KEPT if name in form}}
        try:
            done = await self._acts[what](officer, key, form)
        except Stale:
            return await self._render(request, officer, 409, fault="stale", kept=kept)
        except Barred as fault:
            return await self._render(request, officer, 409, fault=str(fault), kept=kept)
        except HeldBy as fault:
            return await self._render(request, officer, 409, fault="held", kept=kept, by=fault.name)
        except Unfit as fault:
            return await self._render(request, officer, 422, fault=str(fault), kept=kept)
        back = f"/console/cases/{quote(key, safe='')}?done={done}#done"
        return RedirectResponse(back if done else "/console/", 303)

    async def _render(
        self,
        request: Request,
        officer: Officer,
        status: int = 200,
        done: str = "",
        fault: str = "",
        kept: Mapping[str, Mapping[str, str]] | None = None,
        by: str = "",
    ) -> Response:
        """The page as the case is now. `by`: the colleague who holds it, where that kept something from being done."""
        key = str(request.path_params["key"])
        found = await self._cases.case(officer.agency, key)
        await self._cases.audit.read(officer, "case.read", found.line.id)
        beside = await self._cases.work.beside(officer, key)
        say = voice(language(request))
        shut = window(found, self._desk.clock())
        own = await self._cases.work.phrases(officer.agency)
        picked = pick(own, request.query_params.get("phrase", ""), say.tag, found.line.locale)
        weighs = bool(found.facts) and not found.line.forgotten
        return self._pages.page(
            request,
            "case.html",
            officer,
            status,
            case=self._pages.told(request, found),
            line=found.line,
            beside=beside,
            readers=await self._cases.audit.readers(officer.agency, found.line.id),
            nameable=await self._cases.work.nameable(officer) if may(officer, "work") else (),
            here=f"/console/cases/{quote(found.line.key, safe='')}",
            done=_done(done, shut),
            fault=FAULTS.get(fault, ""),
            by=by,
            colleagues=await self._cases.colleagues(officer.agency) if may(officer, "supervise") else (),
            kept=kept or {},
            boxes=_boxes(kept or {}, picked),
            picked=picked,
            phrases=offered(own, say.tag, found.line.locale),
            window=shut,
            today_check=compare(say, found.assessment, self._desk.weigh(found.facts)) if weighs else None,
            verdict=lambda assessment: verdict(say, assessment),
            others=self._desk.others(officer.agency),
            whys=WHY,
            states=STATES,
            faces=FACES,
            statuses=STATUSES,
            longest=LONGEST,
            refers=_refers(officer, found, beside.handovers),
            may_act=may(officer, "work") and not found.line.forgotten,
        )

    async def _reply(self, officer: Officer, key: str, form: FormData) -> str:
        """An answer to the citizen, and beside it what the officer meant, if it was in another language."""
        tag = text(form, "language")
        original = Original(given(form, "original"), tag if tag in NAMES else "en")
        over = bool(text(form, "over"))
        await self._cases.reply(officer, key, words(form), text(form, "seen"), original, over=over)
        return "reply"

    async def _status(self, officer: Officer, key: str, form: FormData) -> str:
        """Where the case stands."""
        try:
            status = msgspec.convert(text(form, "status"), Status)
        except msgspec.ValidationError:
            raise Unfit("status") from None
        await self._cases.set_status(officer, key, status, text(form, "seen"), over=bool(text(form, "over")))
        return "status"

    async def _note(self, officer: Officer, key: str, form: FormData) -> str:
        """A note for colleagues."""
        said = words(form)
        await self._cases.note(officer, key, said, text(form, "seen"))
        known = {login.lower() for login, _ in await self._cases.work.nameable(officer)} | {officer.login.lower()}
        return "note" if {login.lower() for login in called(said)} <= known else "unnamed"


def _done(word: str, shut: Window | None) -> str:
    """What is said after an act; of an answer, whether it goes now or waits for the window."""
    if word == "reply" and shut is not None and not shut.open:
        return MORE_DONE["parked"]
    return DONE.get(word) or MORE_DONE.get(word, "")


def _boxes(kept: Mapping[str, Mapping[str, str]], picked: Picked | None) -> Mapping[str, str]:
    """What the answer's two boxes hold: what was being sent, else the picked phrase."""
    if "reply" in kept:
        return {"text": kept["reply"].get("text", ""), "original": kept["reply"].get("original", "")}
    return {"text": picked.theirs, "original": picked.mine if picked.mine != picked.theirs else ""} if picked else {}


def _refers(officer: Officer, found: CaseFile, handovers: Sequence[Handover]) -> bool:
    """Whether the officer's agency may refer the case: it is its turn, and nobody's word is waited for."""
    waits = any(h.state in ("asked", "agreed", "offered") for h in handovers)
    return found.line.owner == officer.agency and not waits
