"""An Outbound as a sendMessage call, and Telegram's answer as a Receipt. https://core.telegram.org/bots/api#sendmessage"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import msgspec

from bot.channels.answer import Answer
from bot.channels.contract import Limits
from bot.channels.telegram_inbound import PAYLOAD
from handlers.nouns import Button, Outbound, Receipt
from locales.mark import N_
from locales.say import voice

log = logging.getLogger(__name__)

LIMITS = Limits(text=4096, buttons=30, button=64, items=0, item=0, window=None)
"""100 buttons fit, 30 can be read. https://core.telegram.org/bots/api#inlinekeyboardbutton"""

SHORT = 16
"""Labels up to this many characters stand two in a row on the narrowest phone."""

WAIT = 5.0
"""Seconds to hold a chat after a 429 that does not say how long."""

_ASK: Mapping[str, tuple[str, str]] = {
    "location": ("request_location", N_("Send my location")),
    "contact": ("request_contact", N_("Send my phone number")),
}

_CAUSES: Sequence[tuple[str, str]] = (
    ("blocked by the user", "blocked"),
    ("user is deactivated", "deactivated"),
    ("can't initiate conversation", "not_started"),
    ("chat not found", "chat_not_found"),
    ("message is too long", "too_long"),
    ("message text is empty", "empty"),
    ("BUTTON_", "button"),
    ("reply markup", "keyboard"),
)
"""What Telegram's descriptions say, as codes: the text itself may quote a message and stays out of records."""


def payload(out: Outbound) -> bytes:
    """The JSON body of sendMessage: plain text, no link preview, and one keyboard."""
    return msgspec.json.encode(
        {
            "chat_id": int(out.chat.partition(":")[2]),
            "text": out.text,
            "link_preview_options": {"is_disabled": True},
            "reply_markup": _keyboard(out),
        }
    )


def _keyboard(out: Outbound) -> dict[str, object]:
    """Choices under the message; else the button that asks the device; else none, and an older one is taken away."""
    if out.choices and not out.numbered:
        return {
            "inline_keyboard": [[{"text": b.text, "callback_data": b.value} for b in row] for row in _rows(out.choices)]
        }
    if out.ask:
        wish, label = _ASK[out.ask]
        key = {"text": voice(out.locale).gettext(label), wish: True}
        return {"keyboard": [[key]], "resize_keyboard": True, "one_time_keyboard": True}
    return {"remove_keyboard": True}


def _rows(buttons: Sequence[Button]) -> list[list[Button]]:
    """One button a row; two neighbours share one where both are short."""
    rows: list[list[Button]] = []
    for button in buttons:
        if rows and len(rows[-1]) == 1 and max(len(rows[-1][0].text), len(button.text)) <= SHORT:
            rows[-1].append(button)
        else:
            rows.append([button])
    return rows


class _Parameters(msgspec.Struct):
    """https://core.telegram.org/bots/api#responseparameters"""

    retry_after: float = WAIT


class _Message(msgspec.Struct):
    """What we keep of the message sent."""

    message_id: int


class _Body(msgspec.Struct):
    """https://core.telegram.org/bots/api#making-requests"""

    ok: bool
    result: _Message | None = None
    description: str = ""
    parameters: _Parameters = msgspec.field(default_factory=_Parameters)


def receipt(answer: Answer) -> Receipt:
    """How the send ended. A refusal's `cause` is a short code, never Telegram's text."""
    try:
        body = msgspec.json.decode(answer.body, type=_Body)
    except msgspec.MsgspecError:
        body = None
    if answer.status == 200:
        return _accepted(body)
    return _refused(answer.status, body or _Body(ok=False))


def _accepted(body: _Body | None) -> Receipt:
    """200: sent, unless the answer is not Telegram's."""
    if body is None or body.result is None:
        return Receipt("unknown", cause="answer")
    return Receipt("sent", external=str(body.result.message_id))


def _refused(status: int, body: _Body) -> Receipt:
    """Everything but 200. facts: 429 was not sent, 403 and 400 never will be, a 5xx is worth another try."""
    code = next((code for text, code in _CAUSES if text in body.description), "")
    if status == 429:
        return Receipt("slow_down", wait=body.parameters.retry_after, cause="429")
    if status >= 500:
        return Receipt("retry", cause=str(status))
    if status == 403:
        return Receipt("blocked", cause=code or "forbidden")
    if status in (401, 404):
        log.error("Telegram refuses the bot's token (%d): check KOMEK_TELEGRAM_TOKEN and KOMEK_TELEGRAM_API", status)
        return Receipt("refused", cause="token")
    return Receipt("refused", cause=code or str(status))


def deep_link(username: str, ref: str) -> str:
    """`https://t.me/USERNAME?start=REF`. Raises ValueError for a `ref` that is not 1-64 of A-Za-z0-9_-."""
    if not PAYLOAD.fullmatch(ref):
        raise ValueError("only 1-64 of these characters are allowed in a deep link: A-Z a-z 0-9 _ -")
    return f"https://t.me/{username}?start={ref}"
