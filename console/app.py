"""The desk's routes. Each passes `careful`, so that no failure shows anything but a plain page."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from console.account import Account
from console.attachments import Attachments
from console.audit import AuditPage
from console.bulk import Bulk
from console.case import Case
from console.desk import Desk
from console.faults import Endpoint, careful
from console.gate import Gate
from console.links import Colleagues
from console.live import Live
from console.machines import Machines
from console.pages import Pages
from console.people import People
from console.phrases import Phrases
from console.queue import Queue
from console.referral import Offers
from console.signing import Signing
from console.views import Views

__all__ = ["Desk", "routes"]

_ANY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Everything under /console. The application that takes them needs no middleware or exception handler for them."""
    gate = Gate(desk)
    pages = Pages(desk, gate)
    signing, queue, case = Signing(desk, gate, pages), Queue(desk, gate, pages), Case(desk, gate, pages)
    files = Attachments(desk, gate)
    machines = Machines(desk, gate, pages)
    account, people, audit = Account(desk, gate, pages), People(desk, gate, pages), AuditPage(desk, gate, pages)
    offers, colleagues, phrases = Offers(desk, gate, pages), Colleagues(desk, gate, pages), Phrases(desk, gate, pages)
    live, bulk, views = Live(desk, gate), Bulk(desk, gate, pages), Views(desk, gate)

    async def static(request: Request) -> Response:
        """The style sheet, the script, the sign."""
        answer = pages.statics.answer(str(request.path_params["name"]))
        if answer is None:
            raise HTTPException(404)
        return answer

    def route(path: str, endpoint: Endpoint, method: str = "GET", name: str | None = None) -> Route:
        return Route(path, careful(pages, endpoint), methods=[method], name=name)

    return [
        route("/console", _home),
        Mount(
            "/console",
            routes=[
                route("/", queue.show),
                route("/lines", queue.lines),
                route("/search", queue.search, "POST"),
                route("/live", live.show),
                route("/bulk", bulk.act, "POST"),
                route("/views", views.keep, "POST"),
                route("/views/{id}/drop", views.drop, "POST"),
                route("/cases/{key}", case.show),
                route("/cases/{key}/files/{id}", files.show),
                route("/cases/{key}/here", colleagues.here),
                route("/cases/{key}/{what}", case.act, "POST"),
                route("/keys", machines.keys),
                route("/keys", machines.make_key, "POST"),
                route("/keys/{id}/revoke", machines.revoke, "POST"),
                route("/hooks", machines.hooks),
                route("/hooks", machines.make_hook, "POST"),
                route("/hooks/{id}", machines.hook),
                route("/hooks/{id}/{what}", machines.act, "POST"),
                route("/export", machines.export),
                route("/offers", offers.list),
                route("/offers/{id}", offers.show),
                route("/offers/{id}/{what}", offers.act, "POST"),
                route("/mentions", colleagues.mentions),
                route("/phrases", phrases.show),
                route("/phrases/{what}", phrases.act, "POST"),
                route("/sign-in", signing.show),
                route("/sign-in", signing.sign_in, "POST"),
                route("/sign-out", signing.sign_out, "POST"),
                route("/welcome/{token}", signing.welcome),
                route("/welcome", signing.choose, "POST"),
                route("/language", signing.speak, "POST"),
                # People: one's own account, the agency's accounts, the audit.
                route("/code", signing.ask_code),
                route("/code", signing.take_code, "POST"),
                *(route(path, endpoint) for path, endpoint in _oidc(desk, gate, signing).items()),
                route("/account", account.show),
                route("/account/password", account.password, "POST"),
                route("/account/sessions", account.sessions, "POST"),
                route("/account/factor", account.factor),
                route("/account/factor", account.act, "POST"),
                route("/account/factor.svg", account.square),
                route("/people", people.show),
                route("/people", people.make, "POST"),
                route("/people/{id}", people.one),
                route("/people/{id}/{what}", people.act, "POST"),
                route("/audit", audit.show),
                route("/static/{name}", static),
                Route("/{rest:path}", careful(pages, _nothing), methods=_ANY),
            ],
        ),
    ]


def _oidc(desk: Desk, gate: Gate, signing: Signing) -> Mapping[str, Endpoint]:
    """Signing in at an agency's own provider, where one has one. What it needs takes 10 MB of memory: imported only then."""
    if not desk.settings.providers():
        return {}
    from console.oidc import Oidc

    oidc = Oidc(desk, gate, signing)
    return {"/oidc/back": oidc.back, "/oidc/{agency}": oidc.go}


async def _home(request: Request) -> Response:
    """To the queue."""
    return RedirectResponse("/console/", 308)


async def _nothing(request: Request) -> Response:
    """There is nothing here, or not by this method."""
    raise HTTPException(404)
