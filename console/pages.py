"""Pages: templates, the officer's language, the words and filters they use, and the headers on every answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from babel.dates import format_timedelta
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from console import words
from console.desk import Desk
from console.gate import Gate
from console.guard import Statics, guarded
from console.permits import may
from locales.say import NAMES, Voice, offered, voice
from storage.records import CaseFile, Line, Officer
from storage.words import answer, country

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE = Path(__file__).parent
LANGUAGE = "komek-language"


class Pages:
    """Renders what an officer sees."""

    def __init__(self, desk: Desk, gate: Gate) -> None:
        """For this desk and its gate."""
        self._desk = desk
        self._gate = gate
        self.statics = Statics(_HERE / "static", "/console/static")

    @cached_property
    def _env(self) -> Environment:
        """The templates under templates/; every value is escaped. Made with the first page: it takes 2 MB."""
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        return Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )

    def page(
        self, request: Request, template: str, officer: Officer | None = None, status: int = 200, **values: object
    ) -> Response:
        """A page in the officer's language. `values` and the status (`answered`) are the template's own."""
        say = voice(language(request))
        given = {**self._words(request, say, officer), "answered": status, **values}
        text = self._env.get_template(template).render(given)
        answer = guarded(HTMLResponse(text, status, headers={"Content-Language": say.tag.replace("_", "-")}))
        self._gate.plant(request, answer)
        return answer

    def told(self, request: Request, case: CaseFile) -> CaseFile:
        """The case with its place called by the name in the officer's language."""
        name = self._desk.place_name(case.report, language(request))
        return replace(case, report={**case.report, "place_name": name}) if name else case

    def _words(self, request: Request, say: Voice, officer: Officer | None) -> Mapping[str, object]:
        """What every template may use."""
        today, zone = self._desk.settings.today, self._desk.zone(officer.agency if officer else "")
        return {
            "_": say.gettext,
            "ngettext": say.ngettext,
            "tag": say.tag.replace("_", "-"),
            "language": say.tag,
            "names": NAMES,
            "languages": [(tag, NAMES[tag]) for tag in offered()],
            "here": request.url.path if request.method == "GET" else "/console/",
            "officer": officer,
            "may": lambda act: officer is not None and may(officer, act),
            "today": say.day(today) if today else "",
            "now": self._desk.clock(),
            "left": lambda line: left(say, line, self._desk.today),
            "within": lambda at: ago(say, at - self._desk.clock()),
            "form_token": self._gate.form_token(request),
            "static": self.statics.address,
            "word": lambda table, code: say.gettext(words.word(table, code)),
            "country": lambda code: country(say, code),
            "day": say.day,
            "local": lambda at: at.astimezone(zone),
            "moment": lambda at: moment(say, at.astimezone(zone)),
            "ago": lambda at: ago(say, self._desk.clock() - at),
            "agency": lambda id: self._desk.agency(id, say.tag),
            "fact": lambda name: say.gettext(words.fact(name)),
            "answer": lambda name, value: answer(say, name, value),
            "delivery": lambda event: delivery(say, event.delivery, event.cause, told_now=event.told),
            "failed": words.FAILED,
        }


def language(request: Request) -> str:
    """The officer's choice; else the first that their browser asks for and we offer; else English."""
    chosen = request.cookies.get(LANGUAGE, "")
    if chosen in offered():
        return chosen
    asked = (part.split(";")[0].strip().lower() for part in request.headers.get("accept-language", "")[:200].split(","))
    known = {tag.lower().replace("_", "-"): tag for tag in offered()}
    return next((known[a] if a in known else known[a[:2]] for a in asked if a in known or a[:2] in known), "en")


def moment(say: Voice, at: datetime) -> str:
    """When, by the clock of the zone that `at` is in, which is said: `26 November 2026, 14:05 UTC+5`.

    The day is as the language writes it, its month in words, never in figures.
    """
    return f"{say.written(at.date())}, {at:%H:%M} {offset(at)}"


def offset(at: datetime) -> str:
    """How far the clock of a moment's zone is from UTC: `UTC`, `UTC+5`, `UTC-3:30`."""
    minutes = round((at.utcoffset() or timedelta()) / timedelta(minutes=1))
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}{f':{rest:02}' if rest else ''}" if minutes else "UTC"


def ago(say: Voice, time: timedelta) -> str:
    """How long, in one unit."""
    return format_timedelta(max(time, timedelta(minutes=1)), granularity="minute", threshold=1.2, locale=say.locale)


def left(say: Voice, line: Line, today: date) -> str:
    """How long relief, or the permit where there is none, still protects the person; empty if no last day is known."""
    if line.ends is None:
        return ""
    n, relief = (line.ends - today).days, line.outcome not in ("", "not_covered", "unknown")
    if n <= 0:
        return say.gettext(words.ENDS[relief, n == 0])
    if relief:
        return say.ngettext("relief ends in {n} day", "relief ends in {n} days", n).format(n=n)
    return say.ngettext("permit ends in {n} day", "permit ends in {n} days", n).format(n=n)


def delivery(say: Voice, state: str, cause: str, *, told_now: bool) -> str:
    """What became of an answer, in plain words, with the reason if there is one."""
    if not state:
        return say.gettext(words.ON_ITS_WAY if told_now else words.WAITING)
    why = say.gettext(words.CAUSES[cause]) if cause in words.CAUSES else ""
    code = say.gettext("The provider's code is {code}.").format(code=cause) if cause and not why else ""
    return " ".join(filter(None, (say.gettext(words.word("delivery", state)), why, code)))
