"""Twilio's rules for the fake: templates and their limits, error answers, and how it may misbehave."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

SHAPES = (*(f"buttons{n}" for n in range(1, 4)), *(f"list{n}" for n in range(1, 11)), "answer_ready")


@dataclass(frozen=True)
class Fault:
    """What the API does instead: an error with Twilio's `code`, or hanging up "before" or "after" it took the message."""

    status: int = 0
    code: int = 0
    retry_after: int | None = None
    drop: str = ""
    garbage: bool = False


DROPPED_BEFORE = Fault(drop="before")
DROPPED_AFTER = Fault(drop="after")
GARBAGE = Fault(garbage=True)
BUSY = Fault(429, 20429)
BROKEN = Fault(503, 0)


class Refused(Exception):
    """An error as Twilio answers it."""

    def __init__(self, status: int, code: int) -> None:
        super().__init__(str(code))
        self.status, self.code = status, code


def rendered(params: Mapping[str, str], content: Mapping[str, str]) -> tuple[str, tuple[tuple[str, str], ...], str]:
    """Text, buttons and template name of a message, within the limits of its template."""
    if "ContentSid" not in params:
        return params["Body"], (), ""
    name = next((n for n, sid in content.items() if sid == params["ContentSid"]), "")
    require(bool(name), 21655)
    try:
        values = {str(k): str(v) for k, v in json.loads(params.get("ContentVariables", "{}")).items()}
    except (ValueError, AttributeError):
        raise Refused(400, 21656) from None
    if name == "answer_ready":
        require(not values, 63028)
        return "(template answer_ready)", (), name
    return _choices(name, values)


def _choices(name: str, values: dict[str, str]) -> tuple[str, tuple[tuple[str, str], ...], str]:
    """A quick-reply or list-picker template, filled."""
    kind = name.rstrip("0123456789")
    count = name.removeprefix(kind)
    needed = 1 + 2 * int(count) + (kind == "list")
    require(set(values) == {str(i) for i in range(1, needed + 1)} and all(values.values()), 63028)
    buttons = tuple((values[str(2 * i)], values[str(2 * i + 1)]) for i in range(1, int(count) + 1))
    longest = 24 if kind == "list" else 20
    require(all(len(label) <= longest and len(token) <= 200 for label, token in buttons), 63021)
    require(len({label for label, _ in buttons}) == len(buttons), 63021)
    require(len(values["1"]) <= 1024 and (kind != "list" or len(values[str(needed)]) <= 20), 63021)
    return values["1"], buttons, name


def require(held: bool, code: int) -> None:
    """A rule of Twilio's; its code where it is broken."""
    if not held:
        raise Refused(400, code)


def error(status: int, code: int, retry_after: int | None = None) -> web.Response:
    """https://www.twilio.com/docs/usage/twilios-response"""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    body = {
        "code": code,
        "message": "scripted",
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return web.json_response(body, status=status, headers=headers)


def hang_up(request: web.Request) -> web.Response:
    """The line breaks without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
