"""The API's door: who calls, whether they may, what they ask, and what they are told if it cannot be."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console.api.call import Api, Asked, Call
from console.api.openapi import written
from console.api.pace import Pace
from console.api.problem import Problem, unfit
from console.api.table import TABLE
from console.faults import place
from console.guard import guarded
from storage.machines import Key, Reused
from storage.records import HeldBy, Missing, Stale
from storage.records_work import Barred

__all__ = ["Api", "routes"]

log = logging.getLogger(__name__)

MOST = 65_536
"""Bytes of a body at most."""
ROOT = "/api/v1"

Endpoint = Callable[[Request], Awaitable[Response]]
_ANY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_BEARER = re.compile(r"Bearer +(\S+) *", re.IGNORECASE | re.ASCII)


def routes(api: Api) -> list[BaseRoute]:
    """Everything under /api/v1."""
    pace = Pace(api.rate, api.desk.clock)
    ways: dict[str, dict[str, Endpoint]] = defaultdict(dict)
    for call in TABLE:
        ways[call.path][call.method] = _way(api, pace, call)
    document = written()

    async def openapi(request: Request) -> Response:
        """The description. It is no secret."""
        return Response(document, headers={"Content-Type": "application/json"})

    ways["/openapi.json"]["GET"] = openapi
    ways["/{rest:anything}"] = dict.fromkeys(_ANY, _nothing)
    return [Route(f"{ROOT}{path}", _careful(_by_method(methods)), methods=_ANY) for path, methods in ways.items()]


class _Anything(PathConvertor):
    """The rest of a path, line breaks and all: Starlette's own `path` leaves those to nobody."""

    regex = r"[\s\S]*"


register_url_convertor("anything", _Anything())


def _way(api: Api, pace: Pace, call: Call[Any, Any]) -> Endpoint:
    """One call: key, pace, scope, query, body, and only then what was asked for."""

    async def answer(request: Request) -> Response:
        """One request."""
        key = await _key(api, request)
        wait = pace.take(key.id)
        if wait:
            raise Problem("too-many", headers={"Retry-After": str(wait)})
        if call.scope not in key.scopes:
            raise Problem("forbidden")
        query = _query(request, call.query)
        body = await _body(request, call.body) if call.body else None
        path = {name: str(value) for name, value in request.path_params.items()}
        return await call.do(api, Asked(key, path, query, body, request.headers))

    return answer


async def _key(api: Api, request: Request) -> Key:
    """Whose key it is. One answer for every reason why it is none."""
    bearer = _BEARER.fullmatch(request.headers.get("authorization", ""))
    key = await api.desk.cases.keys.open(bearer[1]) if bearer else None
    if key is None:
        raise Problem("unauthorized", headers={"WWW-Authenticate": "Bearer"})
    return key


def _query(request: Request, kind: type[msgspec.Struct]) -> msgspec.Struct:
    """The query. A name that comes twice or that nobody knows does not fit."""
    pairs = request.query_params.multi_items()
    if len({name for name, _ in pairs}) < len(pairs):
        raise Problem("unfit", at="query")
    try:
        return msgspec.convert(dict(pairs), kind, strict=False)
    except msgspec.ValidationError as fault:
        raise unfit(fault) from None


async def _body(request: Request, kind: type[Any]) -> object:
    """The body, read no further than it may be long."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem("media-type")
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > MOST:
            raise Problem("too-large", headers={"Connection": "close"})
    try:
        return msgspec.json.decode(bytes(read), type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError) as fault:
        raise unfit(fault) from None
    except (UnicodeDecodeError, RecursionError):
        raise Problem("unfit", at="$") from None


def _by_method(methods: Mapping[str, Endpoint]) -> Endpoint:
    """The way for a request's method."""
    allowed = ", ".join([*methods, *(["HEAD"] if "GET" in methods else [])])

    async def answer(request: Request) -> Response:
        """One request."""
        way = methods.get("GET" if request.method == "HEAD" else request.method)
        if way is None:
            raise Problem("method", headers={"Allow": allowed})
        return await way(request)

    return answer


def _careful(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with a problem for each way in which it can fail, and our headers on whatever it answers."""

    async def answer(request: Request) -> Response:
        """One request."""
        try:
            return guarded(await endpoint(request))
        except Exception as fault:  # noqa: BLE001 - the last net: a fault's text may hold data, so only its kind is told
            return guarded(_problem(fault).answer())

    return answer


def _problem(fault: Exception) -> Problem:
    """A fault as a caller is told of it. A case of another agency is as absent as one that never was."""
    match fault:
        case Problem():
            return fault
        case Missing():
            return Problem("missing")
        case Stale():
            return Problem("stale")
        case Barred():
            return Problem("barred", detail=str(fault))
        case HeldBy():
            return Problem("barred", detail="held")
        case Reused():
            return Problem("reused")
        case OperationalError() | InterfaceError() | PoolTimeout() | OSError():
            log.warning("the case store cannot be reached: %s", type(fault).__name__)
            return Problem("away", headers={"Retry-After": "5"})
    log.error("api: %s at %s", type(fault).__name__, place(fault))
    return Problem("fault")


async def _nothing(request: Request) -> Response:
    """There is nothing here."""
    raise Problem("missing")
