"""The Bot API's rules for the fake: queues, parameters, limits, answers, and how it may misbehave."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

Update = dict[str, Any]
BOT = 700_000_001


@dataclass(frozen=True)
class Fault:
    """What the server does instead of answering properly.

    `status` with `description` is an error as Telegram writes it. `drop` hangs up: "before" the call is carried out or
    "after". `garbage` answers 200 with something that is not JSON, the call carried out; `bare` with `true` as the result.
    """

    status: int = 0
    description: str = "scripted"
    retry_after: int | None = None
    drop: str = ""
    garbage: bool = False
    bare: bool = False


TOO_MANY = Fault(429, "Too Many Requests: retry after 3", retry_after=3)
BLOCKED = Fault(403, "Forbidden: bot was blocked by the user")
BROKEN = Fault(502, "Bad Gateway")
DROPPED_BEFORE = Fault(drop="before")
DROPPED_AFTER = Fault(drop="after")
GARBAGE = Fault(garbage=True)
TRUE = Fault(bare=True)


class Refused(Exception):
    """The server's answer to a wrong call."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status, self.description = status, description


def queue_of(update: Update) -> int:
    """The real server's queue: chat_id; user_id + (3<<33) for callbacks; chat_id + (5<<33) for membership."""
    if "callback_query" in update:
        return int(update["callback_query"]["from"]["id"]) + (3 << 33)
    if "my_chat_member" in update:
        return int(update["my_chat_member"]["chat"]["id"]) + (5 << 33)
    message = update.get("message") or update.get("edited_message") or {}
    chat = message.get("chat") if isinstance(message, dict) else None
    return int(chat["id"]) if isinstance(chat, dict) and "id" in chat else 0


async def params_of(request: web.Request) -> dict[str, Any]:
    """A call's parameters: JSON, form or query; structured ones may be JSON texts."""
    if request.content_type == "application/json":
        params = dict(await request.json())
    else:
        params = {**request.query, **(await request.post())}
    for name in ("reply_markup", "commands", "allowed_updates", "link_preview_options"):
        if isinstance(params.get(name), str):
            params[name] = json.loads(params[name])
    return params


def check_text(text: str) -> None:
    """1-4096 UTF-16 units, not only space."""
    if not text.strip():
        raise Refused(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > 4096:
        raise Refused(400, "Bad Request: message is too long")


def buttons_of(markup: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The inline buttons, within the server's limits."""
    rows = markup.get("inline_keyboard", [])
    buttons = tuple((str(b["text"]), str(b["callback_data"])) for row in rows for b in row)
    if any(not 1 <= len(token.encode()) <= 64 for _, token in buttons):
        raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    if len(buttons) > 100 or any(len(row) > 8 for row in rows) or any(not label for label, _ in buttons):
        raise Refused(400, "Bad Request: reply markup is too long")
    return buttons


def error(status: int, description: str, retry_after: int | None = None) -> web.Response:
    """https://core.telegram.org/bots/api#making-requests"""
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if retry_after is not None:
        body["parameters"] = {"retry_after": retry_after}
    return web.json_response(body, status=status)


def hang_up(request: web.Request) -> web.Response:
    """The line breaks without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
