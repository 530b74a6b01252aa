"""Answers kept ready. The officer picks one in their language, the person gets it in theirs; never silently in another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.desk import Desk
from console.forms import Unfit
from console.gate import Forbidden, Gate
from console.pages import Pages
from console.permits import may
from console.signing import text
from console.words_case import DONE, FAULTS
from locales.mark import N_
from locales.say import NAMES, voice
from storage.records import Officer
from storage.records_work import Phrase

MOST = 800
"""Characters of a kept phrase: a form with all languages must fit into what a form may hold."""

BUILT_IN: Mapping[str, str] = {
    "passport": N_("Please send a photo of the page of your passport that shows your name, photo and its last day."),
    "permit": N_("Please send a photo of your visa, residence permit or entry stamp."),
    "place": N_("Please write exactly where you are: town, street, terminal or gate."),
    "reach": N_("Please write how we can reach you by telephone, and at what time."),
    "family": N_("Please write who is with you: how many adults, and how old the children are."),
    "health": N_("Do you or anybody with you need a doctor or medicine? Please write what for."),
    "reading": N_("We have read your report. We write to you here as soon as we know more."),
    "embassy": N_("We have passed your question to your embassy and wait for their answer."),
    "come": N_("Please come to our office and bring your passport. If you cannot come, write here."),
    "flight": N_("No journey home is arranged yet. You are on our list; we write to you here when there is one."),
    "solved": N_("Is your question solved? If something is still missing, write it here."),
}
"""Those that every agency has, in all languages of the catalogues."""


class Offered(NamedTuple):
    """A phrase to pick: its label for the officer; `lacks`: it is not kept in the person's language."""

    id: str
    label: str
    lacks: bool


class Picked(NamedTuple):
    """A picked phrase: what the officer reads and in which language, and what the person gets (empty: not kept for them)."""

    mine: str
    language: str
    theirs: str


def texts(id: str) -> Mapping[str, str]:
    """A built-in phrase by language: only those into which it is translated."""
    source = BUILT_IN[id]
    found = {tag: voice(tag).gettext(source) for tag in NAMES}
    return {tag: said for tag, said in found.items() if tag == "en" or said != source}


def every(own: Sequence[Phrase]) -> Mapping[str, tuple[str, Mapping[str, str]]]:
    """All phrases by id: a name (empty for built-in ones, which are their own) and the texts."""
    built_in = {f"built-in-{id}": ("", texts(id)) for id in BUILT_IN}
    return {phrase.id: (phrase.name, phrase.texts) for phrase in own} | built_in


def offered(own: Sequence[Phrase], mine: str, theirs: str) -> list[Offered]:
    """What an officer who reads `mine` can pick for a person who reads `theirs`; the agency's own first."""
    return [
        Offered(id, name or _in(found, mine)[0], theirs not in found)
        for id, (name, found) in every(own).items()
        if found
    ]


def pick(own: Sequence[Phrase], id: str, mine: str, theirs: str) -> Picked | None:
    """The phrase for both; None if there is none of that id."""
    if id not in every(own):
        return None
    _, found = every(own)[id]
    read, language = _in(found, mine)
    return Picked(read, language, found.get(theirs, ""))


def _in(found: Mapping[str, str], mine: str) -> tuple[str, str]:
    """The text that an officer reads: in their language, else in English, else in the first it is kept in."""
    tag = next((t for t in (mine, "en", *found) if t in found), "")
    return found.get(tag, ""), tag


class Phrases:
    """The page on which supervisors keep their agency's own."""

    def __init__(self, desk: Desk, gate: Gate, pages: Pages) -> None:
        """All three are shared with the other pages."""
        self._work = desk.cases.work
        self._gate = gate
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """GET: the phrases; supervisors can change them."""
        officer = await self._gate.officer(request)
        return await self._render(request, officer, done=DONE.get(request.query_params.get("done", ""), ""))

    async def act(self, request: Request) -> Response:
        """POST: keep one, or drop it."""
        officer = await self._gate.officer(request)
        form = await self._gate.form(request)
        if not may(officer, "supervise"):
            raise Forbidden
        what = str(request.path_params["what"])
        if what not in ("keep", "drop"):
            raise HTTPException(404)
        if what == "drop":
            await self._work.drop_phrase(officer, text(form, "id"))
            return RedirectResponse("/console/phrases?done=drop#done", 303)
        name = text(form, "name").strip()
        given = {tag: text(form, f"text-{tag}").strip() for tag in NAMES}
        try:
            _check(name, given)
        except Unfit as fault:
            return await self._render(request, officer, 422, fault=FAULTS[str(fault)])
        await self._work.keep_phrase(officer, name, given)
        return RedirectResponse("/console/phrases?done=keep#done", 303)

    async def _render(
        self, request: Request, officer: Officer, status: int = 200, done: str = "", fault: str = ""
    ) -> Response:
        """The page."""
        return self._pages.page(
            request,
            "phrases.html",
            officer,
            status,
            phrases=await self._work.phrases(officer.agency),
            built_in=[texts(id) for id in BUILT_IN],
            may_change=may(officer, "supervise"),
            done=done,
            fault=fault,
            most=MOST,
        )


def _check(name: str, given: Mapping[str, str]) -> None:
    """Raise Unfit for a phrase without name or words, or with too many."""
    if not name or not any(given.values()):
        raise Unfit("empty")
    if len(name) > 80 or any(len(said) > MOST for said in given.values()):
        raise Unfit("long")
