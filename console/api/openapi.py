"""The API's description, OpenAPI 3.1, made of the table of calls: what is not in it cannot be called."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from console.api.call import Call, File
from console.api.problem import KINDS, Code, ProblemDetails
from console.api.table import TABLE
from storage.machines import CaseEvent

Json = dict[str, Any]

VERSION = "1.0.0"
"""The contract's own number: the second figure grows with every addition; what would break a caller is /api/v2."""

_ALWAYS: tuple[Code, ...] = ("unauthorized", "forbidden", "unfit", "too-many", "fault", "away")
_WITH_BODY: tuple[Code, ...] = ("too-large", "media-type")
_REF = "#/components/schemas/{name}"
_JSON = "application/json"
_NAMES = {"key": "the case's number (`7F3K-9QX2-MR5`) or id", "id": "its id"}
_SENDS: Mapping[Code, Mapping[str, str]] = {
    "too-many": {"Retry-After": "seconds to wait"},
    "away": {"Retry-After": "seconds to wait"},
    "unauthorized": {"WWW-Authenticate": "Bearer"},
}


def written() -> bytes:
    """The document as it is served and as it lies in docs/openapi.json."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=2) + b"\n"


def document() -> Json:
    """The document."""
    bodies = [kind for call in TABLE for kind in (call.body, call.answer) if isinstance(kind, type)]
    _, components = msgspec.json.schema_components([*bodies, CaseEvent, ProblemDetails], ref_template=_REF)
    paths: dict[str, Json] = defaultdict(dict)
    for call in TABLE:
        paths[call.path][call.method.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kömek for agencies",
            "version": VERSION,
            "description": "Cases, answers and measures for an agency's own programs. docs/api.md tells how to begin.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "paths": dict(paths),
        "webhooks": {"caseEvent": {"post": _webhook()}},
        "components": {
            "schemas": components,
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key of your agency, `kmk_…`, made in the console.",
                }
            },
        },
    }


def _operation(call: Call[Any, Any]) -> Json:
    """One call."""
    found: Json = {
        "operationId": call.name,
        "summary": call.says,
        "description": f"Scope: `{call.scope}`.",
        "parameters": [*_path(call), *_query(call), *_headers(call)],
        "responses": _responses(call),
    }
    if call.body is not None:
        found["requestBody"] = {"required": True, "content": {_JSON: {"schema": _ref(call.body)}}}
    return found


def _path(call: Call[Any, Any]) -> Iterator[Json]:
    """The names in the path."""
    for name in re.findall(r"\{(\w+)\}", call.path):
        schema = {"type": "string", "minLength": 1, "maxLength": 64}
        yield {"name": name, "in": "path", "required": True, "description": _NAMES[name], "schema": schema}


def _query(call: Call[Any, Any]) -> Iterator[Json]:
    """The query's names. What may be left out is never null in an address."""
    _, components = msgspec.json.schema_components([call.query], ref_template=_REF)
    schema = components[call.query.__name__]
    for name, kind in schema.get("properties", {}).items():
        kinds = [one for one in kind.get("anyOf", [kind]) if one != {"type": "null"}]
        plain = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
        default = {"default": kind["default"]} if kind.get("default") is not None else {}
        yield {"name": name, "in": "query", "required": False, "schema": {**plain, **default}}


def _headers(call: Call[Any, Any]) -> Iterator[Json]:
    """The headers that it reads."""
    for name, says in call.headers.items():
        yield {"name": name, "in": "header", "required": False, "description": says, "schema": {"type": "string"}}


def _responses(call: Call[Any, Any]) -> Json:
    """What it answers: by status, problems that share one together."""
    kinds = call.answer.kinds if isinstance(call.answer, File) else (_JSON,)
    schema: Json = {"type": "string", "format": "binary"} if isinstance(call.answer, File) else _ref(call.answer)
    if call.name == "exportCases":
        schema = {}
    good = {"description": "Done.", "content": {kind: {"schema": schema} for kind in kinds}, **_given(call.gives)}
    found: Json = {str(call.status): good}
    if "If-None-Match" in call.headers:
        found["304"] = {"description": "As it was.", **_given(call.gives)}
    for code in (*_ALWAYS, *(_WITH_BODY if call.body else ()), *call.faults):
        status, title = KINDS[code]
        answer = found.setdefault(str(status), {"description": "", **_given(_SENDS.get(code, {}))})
        answer["description"] = f"{answer['description']} {title}".strip()
        answer["content"] = {"application/problem+json": {"schema": _ref(ProblemDetails)}}
    return dict(sorted(found.items()))


def _given(headers: Mapping[str, str]) -> Json:
    """An answer's headers."""
    told = {name: {"description": says, "schema": {"type": "string"}} for name, says in headers.items()}
    return {"headers": told} if told else {}


def _webhook() -> Json:
    """What we send to an agency's webhook."""
    told = {
        "Komek-Signature": "`t=SECONDS,v1=HEX`: HMAC-SHA256 over `SECONDS.BODY`, keyed by the webhook's secret",
        "Komek-Delivery": "this delivery's id, the same at every attempt",
    }
    return {
        "operationId": "receiveCaseEvent",
        "summary": "Something happened to a case: the same entry as in the agency's stream.",
        "security": [],
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": says, "schema": {"type": "string"}}
            for name, says in told.items()
        ],
        "requestBody": {"required": True, "content": {_JSON: {"schema": _ref(CaseEvent)}}},
        "responses": {"2XX": {"description": "Taken. Anything else is tried again later."}},
    }


def _ref(kind: type) -> Json:
    """Where the kind is described."""
    return {"$ref": _REF.format(name=kind.__name__)}
