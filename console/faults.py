"""What an officer sees when something is not there, not allowed or not working. Never what went wrong inside."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.gate import Forbidden, SignedOut
from console.guard import guarded
from console.pages import Pages
from console.unsent import LABELS, Unsent, unsent
from storage.records import Missing

log = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]


def careful(pages: Pages, endpoint: Endpoint) -> Endpoint:
    """The endpoint, with a page for each way in which it can fail and our headers on whatever it answers."""

    async def answer(request: Request) -> Response:
        """One request."""
        try:
            return guarded(await endpoint(request))
        except SignedOut as fault:
            lost = await unsent(request)
            return again(request, 401, lost) if lost else guarded(_to_sign_in(request, fault.where))
        except (Forbidden, Missing, HTTPException) as fault:
            return await failed(request, _status(fault))
        except (OperationalError, InterfaceError, PoolTimeout, OSError) as fault:
            log.warning("the case store cannot be reached: %s", type(fault).__name__)
            return await failed(request, 503)
        except Exception as fault:  # noqa: BLE001 - the last net: its text may hold data, so only its kind and place are logged
            log.error("console: %s at %s", type(fault).__name__, place(fault))  # noqa: TRY400 - a traceback may hold data
            return await failed(request, 500)

    async def failed(request: Request, status: int) -> Response:
        """What went wrong in general, and the words that were to be sent."""
        lost = await unsent(request)
        return again(request, status, lost) if lost else pages.page(request, "fault.html", status=status)

    def again(request: Request, status: int, lost: Unsent) -> Response:
        """The words, to be sent again."""
        return pages.page(request, "unsent.html", status=status, unsent=lost, labels=LABELS, here="/console/")

    return answer


def _status(fault: Forbidden | Missing | HTTPException) -> int:
    """A case of another agency is as absent as one that never was."""
    if isinstance(fault, HTTPException):
        return fault.status_code
    return 404 if isinstance(fault, Missing) else 403


def _to_sign_in(request: Request, where: str) -> Response:
    """To the sign-in (or what is missing of it), and back afterwards; a script's request is told plainly."""
    if request.headers.get("x-requested-with") == "fetch":
        return Response(status_code=401)
    if request.method != "GET":
        return RedirectResponse(where, 303)
    return RedirectResponse(f"{where}?{urlencode({'next': request.url.path})}", 303)


def place(fault: Exception) -> str:
    """File and line, nothing else."""
    frames = traceback.extract_tb(fault.__traceback__)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "nowhere"
