"""Every way into the desk: how each route is called rightly, who may, what stands in the audit then; a desk where all is there.

A route that is not among WAYS fails `test_isolation.test_every_route_is_known`: whoever adds one says here how it is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import httpx
import pyotp
from starlette.routing import BaseRoute, Mount, Route

from console.permits import MAY
from handlers.nouns import AddToCase, Media
from storage.records import Officer, Role
from storage.records_work import Wish
from tests.console.office import CASE, PASSWORD, Browser, Listener, Office
from tests.storage_sql.sample import NUMBER, SECRET, at, opened
from tests.waiting import wait_until

TWIN, THIRD = opened("twin", minutes=1), opened("third", minutes=2)
GUEST = opened("guest", minutes=3, agencies=("kz.mfa", "uz.mfa"))
SENT = opened("sent", minutes=4)
OFFERED = opened("offered", minutes=5, agencies=("kz.mfa",))
URL = "https://demo.example/hidden-hook"
WORDS = ("hidden-note", "hidden-phrase", "hidden-view", "hidden-key", "hidden-reason", "hidden-hook", "Demo mate")
HIDDEN = (*WORDS, SECRET, NUMBER, *(x for c in (CASE, TWIN, THIRD, GUEST, SENT, OFFERED) for x in (c.id, c.ref)))
"""What no answer to a stranger holds."""
LOWEST: Mapping[str, Role] = {
    "": "observer",
    "half": "observer",
    "session": "observer",
    "read": "observer",
    "work": "officer",
    "export": "supervisor",
    "supervise": "supervisor",
    "administer": "administrator",
}
"""Who is just allowed to."""


class Way(NamedTuple):
    """A call. `needs`: an act of the permits, `session` (anybody signed in), `half` (a password given), empty (nobody).

    `path` and `form` have places for the ids of `Full`. `deed`: what the audit calls it, and of whom or what: `subject`, an id's
    name. `first`: what must be done before, a method of `Full`. `answer`: the status when all is right.
    """

    method: str
    route: str
    path: str
    needs: str
    form: Mapping[str, str] = {}
    deed: str = ""
    subject: str = ""
    first: str = ""
    answer: int = 303

    @property
    def name(self) -> str:
        """As a failing test calls it."""
        return " ".join(filter(None, (self.method, self.path, self.form.get("do", ""))))


def _get(route: str, needs: str, path: str = "", answer: int = 200, **more: Any) -> Way:
    return Way("GET", route, path or route, needs, answer=answer, **more)


def _post(route: str, needs: str, deed: str, subject: str, path: str = "", **more: Any) -> Way:
    return Way("POST", route, path or route, needs, deed=deed, subject=subject, **more)


def _case(what: str, deed: str, key: str = "case", first: str = "", **form: str) -> Way:
    """A form on a case's page."""
    route, path = "/console/cases/{key}/{what}", f"/console/cases/{{{key}}}/{what}"
    return _post(route, "work", f"case.{deed}", f"{key}_id", path, form=form, first=first)


def _person(what: str, deed: str, answer: int = 303, **form: str) -> Way:
    """A form on a colleague's page."""
    path = f"/console/people/{{mate}}/{what}"
    return _post("/console/people/{id}/{what}", "administer", deed, "mate", path, form=form, answer=answer)


def _hook(what: str, deed: str, subject: str = "hook", **form: str) -> Way:
    """A form on a webhook's page."""
    return _post(
        "/console/hooks/{id}/{what}", "administer", deed, subject, f"/console/hooks/{{hook}}/{what}", form=form
    )


def _factor(do: str, deed: str, first: str = "", **form: str) -> Way:
    """A form of the second factor."""
    answer = 200 if do in ("confirm", "codes") else 303
    form = {"do": do, **form}
    return _post("/console/account/factor", "session", deed, "me", form=form, first=first, answer=answer)


WAYS: Sequence[Way] = (
    _get("/console", "", answer=308),
    _get("/console/", "read"),
    _get("/console/", "read", "/console/?status=all"),
    _post("/console/search", "read", "queue.searched", "", form={"q": "food"}, answer=200),
    _get("/console/lines", "read"),
    _get("/console/live", "read"),
    _post(
        "/console/bulk", "supervise", "case.claimed", "case_id", form={"case": "{case} x", "act": "claim"}, answer=200
    ),
    _post("/console/views", "read", "view.kept", "", form={"name": "Mine", "query": "level=minors"}),
    _post("/console/views", "supervise", "view.kept", "", form={"name": "Ours", "query": "host=UZ", "shared": "1"}),
    _post("/console/views/{id}/drop", "read", "view.dropped", "view", "/console/views/{view}/drop", first="saves"),
    _get("/console/cases/{key}", "read", "/console/cases/{case}", deed="case.read", subject="case_id"),
    _get("/console/cases/{key}", "read", "/console/cases/{case}?phrase={phrase}"),
    _get(
        "/console/cases/{key}/files/{id}",
        "read",
        "/console/cases/{case}/files/{file}",
        deed="file.read",
        subject="case_id",
    ),
    _get("/console/cases/{key}/here", "read", "/console/cases/{case}/here"),
    _case("reply", "reply", text="Demo", seen="{seen}"),
    _case("status", "status", status="reading", seen="{seen}"),
    _case("note", "note", text="Demo", seen="{seen}"),
    _case("refer", "referral_asked", target="hu.mfa", why="stay", reason="Demo", seen="{seen}"),
    _case("withdraw", "referral_withdrawn", "sent", id="{referral}", reason="Demo"),
    _case("let-go", "let_go", "guest", sure="yes"),
    _case("link", "linked", other="{third}"),
    _case("unlink", "unlinked", other="{twin}"),
    _case("claim", "claimed"),
    _case("release", "released", first="holds"),
    _post(
        "/console/cases/{key}/{what}",
        "supervise",
        "case.assigned",
        "case_id",
        "/console/cases/{case}/assign",
        form={"to": "{mate}"},
    ),
    _get("/console/keys", "administer"),
    _post(
        "/console/keys",
        "administer",
        "key.made",
        "",
        form={"name": "Demo", "scope": "assess", "days": "90"},
        answer=200,
    ),
    _post("/console/keys/{id}/revoke", "administer", "key.revoked", "key", "/console/keys/{key}/revoke"),
    _get("/console/hooks", "administer"),
    _post("/console/hooks", "administer", "hook.made", "", form={"url": "https://demo.example/other"}, answer=200),
    _get("/console/hooks/{id}", "administer", "/console/hooks/{hook}"),
    _hook("stop", "hook.stopped"),
    _hook("start", "hook.started"),
    _hook("resend", "hook.resent", "delivery", delivery="{delivery}"),
    _hook("remove", "hook.removed"),
    _get("/console/export", "export"),
    _get("/console/export", "export", "/console/export?form=json&status=all"),
    _get("/console/offers", "read"),
    _get("/console/offers/{id}", "read", "/console/offers/{offer}", deed="case.read", subject="offer"),
    _post(
        "/console/offers/{id}/{what}",
        "work",
        "case.referral_accepted",
        "offered_id",
        "/console/offers/{offer}/accept",
    ),
    _post(
        "/console/offers/{id}/{what}",
        "work",
        "case.referral_rejected",
        "offered_id",
        "/console/offers/{offer}/reject",
        form={"reason": "Demo"},
    ),
    _get("/console/mentions", "read", deed="note.read", subject="case_id"),
    _get("/console/phrases", "read"),
    _post(
        "/console/phrases/{what}",
        "supervise",
        "phrase.kept",
        "",
        "/console/phrases/keep",
        form={"name": "Demo", "text-en": "Demo"},
    ),
    _post(
        "/console/phrases/{what}",
        "supervise",
        "phrase.dropped",
        "phrase",
        "/console/phrases/drop",
        form={"id": "{phrase}"},
    ),
    _get("/console/sign-in", ""),
    _post("/console/sign-in", "", "sign-in", "me", form={"login": "demo", "password": PASSWORD}),
    _post("/console/sign-out", "", "sign-out", "me"),
    _get("/console/welcome/{token}", "", "/console/welcome/{token}"),
    _post(
        "/console/welcome",
        "",
        "password.set",
        "mate",
        form={"token": "{token}", "password": PASSWORD, "again": PASSWORD},
    ),
    _post("/console/language", "", "", "", form={"language": "en"}),
    _get("/console/code", "half", first="halves"),
    _post("/console/code", "half", "sign-in", "me", form={"code": "{code}"}, first="halves"),
    _get("/console/oidc/back", "", answer=403),
    _get("/console/oidc/{agency}", "", "/console/oidc/uz.mfa", answer=404),
    _get("/console/account", "session"),
    _post(
        "/console/account/password",
        "session",
        "password.set",
        "me",
        form={"old": PASSWORD, "password": f"{PASSWORD} two", "again": f"{PASSWORD} two"},
    ),
    _post("/console/account/sessions", "session", "session.ended", "me", form={"id": "{session}"}),
    _get("/console/account/factor", "session"),
    _factor("begin", ""),
    _factor("confirm", "factor.on", "begins", code="{code}"),
    _factor("codes", "factor.codes", "sets_up", code="{code}"),
    _factor("off", "factor.off", "sets_up", code="{code}"),
    _get("/console/account/factor.svg", "session", first="begins"),
    _get("/console/people", "supervise"),
    _post(
        "/console/people",
        "administer",
        "account.made",
        "",
        form={"login": "new1", "name": "Demo New", "role": "officer"},
        answer=200,
    ),
    _get("/console/people/{id}", "administer", "/console/people/{mate}"),
    _person("role", "account.role", value="observer"),
    _person("disable", "account.disabled"),
    _person("enable", "account.enabled"),
    _person("link", "account.link", 200),
    _person("factor", "factor.reset"),
    _person("sessions", "session.ended"),
    _person("unlink", "account.unlinked"),
    _get("/console/audit", "administer"),
    _get("/console/static/{name}", "", "/console/static/console.css"),
)
CATCH_ALL = "/console/{rest:path}"
"""What answers everything else with nothing."""
UNRECORDED = ("/console/language", "/console/account/factor begin")
"""Forms that leave no row: a cookie of one browser; a second factor that counts only once it is confirmed."""


def routed(found: Sequence[BaseRoute], above: str = "") -> Iterator[tuple[str, str]]:
    """(method, path) of a table of routes."""
    for route in found:
        match route:
            case Mount():
                yield from routed(route.routes, above + route.path)
            case Route() if above + route.path != CATCH_ALL:
                yield from ((method, above + route.path) for method in route.methods or () if method != "HEAD")


class Full:
    """A desk of uz.mfa where everything is there that could be told: `ids` names it. `me` is the officer `demo`."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.cases = office.cases
        self.ids: dict[str, str] = {}

    async def fill(self, role: Role = "administrator") -> Full:
        """Fill it."""
        cases, work = self.cases, self.cases.work
        await cases.file([TWIN, THIRD, GUEST, SENT, OFFERED])
        voice = AddToCase("voice", CASE.id, at(9), "media", SECRET, Media("voice", "handle-v", "audio/ogg", "demo.ogg"))
        await cases.file([voice])
        for fetch in await cases.pending_media(99):
            await cases.stored(fetch.id, b"\xff\xd8\xff demo", "image/jpeg")
        self.me = await self.office.hire("demo", role=role)
        mate, home = await self.office.hire("mate"), await self.office.hire("home", "kz.mfa")
        await cases.note(mate, CASE.ref, "hidden-note for @demo", await self._seen(CASE.ref))
        await work.link(mate, CASE.ref, TWIN.ref)
        sent = await work.refer(mate, SENT.ref, Wish("hu.mfa", "stay", "hidden-reason"), await self._seen(SENT.ref))
        seen = (await cases.case("kz.mfa", OFFERED.ref)).seen
        offer = await work.refer(home, OFFERED.ref, Wish("uz.mfa", "stay", "hidden-reason", "Demo: life"), seen)
        assert await cases.keep_view(mate, "hidden-view", "level=danger", shared=True)
        key, _ = await cases.keys.make("uz.mfa", "hidden-key", ["assess"])
        hook, _ = await cases.hooks.make("uz.mfa", URL, [], ())
        await cases.file([AddToCase("more", CASE.id, at(10), "message", SECRET)])
        await cases.published([(agency, event) for agency, event, _ in await cases.unpublished(99)])
        ((post, *_),) = await cases.posts()
        lines = (await cases.case("uz.mfa", CASE.ref)).events
        named = {"case": CASE, "twin": TWIN, "third": THIRD, "guest": GUEST, "sent": SENT, "offered": OFFERED}
        self.ids = {name: case.ref for name, case in named.items()} | {f"{n}_id": c.id for n, c in named.items()}
        self.ids |= {
            "file": next(a.id for event in lines for a in event.attachments),
            "me": self.me.id,
            "mate": mate.id,
            "referral": sent,
            "offer": offer,
            "view": (await cases.views(mate))[0].id,
            "phrase": await work.keep_phrase(mate, "hidden-phrase", {"en": "hidden-phrase"}),
            "key": key.id,
            "hook": hook,
            "delivery": post.id,
            "token": await cases.officers.invite("mate"),
        }
        return self

    async def signed_in(self) -> Browser:
        """The browser of `demo`, who is signed in elsewhere too."""
        _, browser = [await self._sign_in() for _ in range(2)]
        mine = await self.cases.officers.sessions(self.me, session_of(browser))
        self.ids["session"] = next(session.id for session in mine if not session.current)
        return browser

    async def _sign_in(self) -> Browser:
        browser = self.office.browser()
        answer = await browser.send("/console/sign-in", "/console/sign-in", login="demo", password=PASSWORD)
        assert answer.status_code == 303
        return browser

    async def ready(self, way: Way, browser: Browser) -> None:
        """Do what must be done before, and look at the case as it is now."""
        if way.first:
            await getattr(self, way.first)(browser)
        self.ids["seen"] = await self.seen()

    async def holds(self, browser: Browser) -> None:
        """`demo` holds the case."""
        await self.cases.claim(self.me, CASE.ref)

    async def saves(self, browser: Browser) -> None:
        """`demo` keeps a view of their own."""
        await self.cases.keep_view(self.me, "Mine", "host=UZ", shared=False)
        self.ids["view"] = next(view.id for view in await self.cases.views(self.me) if view.own)

    async def begins(self, browser: Browser) -> None:
        """`demo` has begun to set up a second factor."""
        await self.cases.officers.begin_factor(self.me)
        self.ids["code"] = await self._code(self.me)

    async def sets_up(self, browser: Browser) -> None:
        """`demo` has a second factor, and a fresh code of it."""
        self.ids["code"] = await with_factor(self.office, self.me, session_of(browser))

    async def halves(self, browser: Browser) -> None:
        """`demo` has given the password, and not yet the code."""
        self.ids["code"] = await with_factor(self.office, self.me, "")
        await browser.send("/console/sign-in", "/console/sign-in", login="demo", password=PASSWORD)

    async def _code(self, officer: Officer) -> str:
        begun = await self.cases.officers.enrolment(officer)
        assert begun
        return pyotp.TOTP(begun.secret).at(self.office.clock())

    async def seen(self) -> str:
        """The newest event of the case."""
        return await self._seen(CASE.ref)

    async def _seen(self, key: str) -> str:
        return (await self.cases.case("uz.mfa", key)).seen


def session_of(browser: Browser) -> str:
    """The token of a browser's session."""
    return next(value for name, value in browser.http.cookies.items() if name.endswith("komek-desk"))


async def with_factor(office: Office, officer: Officer, token: str) -> str:
    """Set an officer's second factor up. A code that is good now."""
    officers = office.cases.officers
    await officers.begin_factor(officer)
    begun = await officers.enrolment(officer)
    assert begun
    app = pyotp.TOTP(begun.secret)
    assert await officers.confirm_factor(officer, app.at(office.clock()), token)
    office.clock.forward(seconds=60)
    return app.at(office.clock())


async def call(office: Office, browser: Browser, way: Way, ids: Mapping[str, str]) -> httpx.Response:
    """Go this way with these ids, with the right token in a form. A stream is read until it first says something."""
    path = way.path.format_map(ids)
    if way.route == "/console/live":
        line = Listener(office, browser)
        await wait_until(lambda: bool(line.heard) or line.ended)
        await line.leave()
        return httpx.Response(line.status, headers=line.headers, text="".join(line.heard))
    if way.method == "GET":
        return await browser.get(path)
    token = Browser.hidden((await browser.get("/console/sign-in")).text, "/console/sign-in")["form"]
    return await browser.post(path, {"form": token} | {k: v.format_map(ids) for k, v in way.form.items()})


def barred(role: Role) -> list[Way]:
    """The ways that a role may not go."""
    acts = {act for allowed in MAY.values() for act in allowed} - MAY[role]
    return [way for way in WAYS if way.needs in acts]
