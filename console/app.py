"""The desk's routes. Each passes `careful`, so that no failure shows anything but a plain page."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from console.attachments import Attachments
from console.bulk import Bulk
from console.case import Case
from console.desk import Desk
from console.faults import Endpoint, careful
from console.gate import Gate
from console.live import Live
from console.pages import Pages
from console.queue import Queue
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
                route("/cases/{key}/{what}", case.act, "POST"),
                route("/sign-in", signing.show),
                route("/sign-in", signing.sign_in, "POST"),
                route("/sign-out", signing.sign_out, "POST"),
                route("/welcome/{token}", signing.welcome),
                route("/welcome", signing.choose, "POST"),
                route("/language", signing.speak, "POST"),
                route("/static/{name}", static),
                Route("/{rest:path}", careful(pages, _nothing), methods=_ANY),
            ],
        ),
    ]


async def _home(request: Request) -> Response:
    """To the queue."""
    return RedirectResponse("/console/", 308)


async def _nothing(request: Request) -> Response:
    """There is nothing here, or not by this method."""
    raise HTTPException(404)
