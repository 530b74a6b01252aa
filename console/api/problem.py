"""What goes wrong, as RFC 9457 tells it. Never a word of what was sent, nor of what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec
from starlette.responses import Response

Code = Literal[
    "unauthorized",
    "forbidden",
    "missing",
    "method",
    "stale",
    "barred",
    "too-large",
    "media-type",
    "unfit",
    "reused",
    "seen",
    "too-many",
    "away",
    "fault",
]


class _Kind(NamedTuple):
    """The HTTP status and what is always said."""

    status: int
    title: str


KINDS: Mapping[Code, _Kind] = {
    "unauthorized": _Kind(
        401, "A key is needed: Authorization: Bearer kmk_… Yours is missing, unknown, over or revoked."
    ),
    "forbidden": _Kind(403, "This key's scopes do not allow it."),
    "missing": _Kind(404, "There is nothing here that this key may see."),
    "method": _Kind(405, "Not by this method."),
    "stale": _Kind(409, "The case has a newer event than the one you have seen: read it again before you act."),
    "barred": _Kind(409, "It cannot be done as the case stands: `detail` says why."),
    "too-large": _Kind(413, "The body is larger than 65,536 bytes."),
    "media-type": _Kind(415, "The body must be application/json."),
    "unfit": _Kind(422, "The call does not fit the schema."),
    "reused": _Kind(422, "This Idempotency-Key was used for another call."),
    "seen": _Kind(428, "Say which event you have seen last: `seen` in the body, or If-Match with the case's ETag."),
    "too-many": _Kind(429, "Too many calls with this key: wait as long as Retry-After says."),
    "away": _Kind(503, "The case store cannot be reached just now: try again."),
    "fault": _Kind(500, "Something failed on our side. Nothing was done unless a repetition says so."),
}


class ProblemDetails(msgspec.Struct, omit_defaults=True):
    """RFC 9457. `type` is `urn:komek:problem:` and a code to act on; `at`: the place in the body or query that does not fit."""

    type: str
    title: str
    status: int
    at: str = ""
    detail: str = ""


class Problem(Exception):
    """An answer that is a problem. `at` and `detail` hold nothing of a person."""

    def __init__(self, code: Code, at: str = "", detail: str = "", headers: Mapping[str, str] | None = None) -> None:
        """`headers`: what goes with it."""
        super().__init__(code)
        self.code: Code = code
        self.at = at
        self.detail = detail
        self.headers = headers or {}

    def answer(self) -> Response:
        """As it is sent."""
        status, title = KINDS[self.code]
        body = ProblemDetails(f"urn:komek:problem:{self.code}", title, status, self.at, self.detail)
        kind = {"Content-Type": "application/problem+json"}
        return Response(msgspec.json.encode(body), status, {**kind, **self.headers})


def unfit(fault: msgspec.ValidationError | msgspec.DecodeError) -> Problem:
    """What does not fit, by its place alone: msgspec's own text may quote the value."""
    _, _, where = str(fault).partition(" - at `")
    return Problem("unfit", at=where.rstrip("`") if where.startswith("$") else "$")
