"""An Outbound as a Messages POST, and Twilio's answer as a Receipt. https://www.twilio.com/docs/messaging/api/message-resource

Buttons and lists need a Content template that exists before the message. docs/whatsapp.md says which and how they are
filled. Without one the choices are numbers in the text.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from bot.channels.answer import Answer
from bot.channels.contract import Limits
from handlers.nouns import Outbound, Outcome, Receipt
from handlers.world import WHATSAPP
from locales.mark import N_
from locales.say import voice

log = logging.getLogger(__name__)

BODY = 1600
"""Characters of Body. https://www.twilio.com/docs/api/errors/21617"""

CONTENT_BODY = 1024
"""Characters of a template's text, all variables filled. https://www.twilio.com/docs/api/errors/63021"""

CHOOSE = N_("Choose", 20)
"""The label that opens a list, at most 20 characters."""

_WORDS: Mapping[Outcome, frozenset[int]] = {
    "slow_down": frozenset({14107, 20429, 63017, 63018}),
    "blocked": frozenset({21610, 63014, 63032, 63033}),
    "retry": frozenset({30008, 30410, 63009, 63010, 63012}),
}
"""Twilio's codes; every other one is `refused`. https://www.twilio.com/docs/api/errors"""

_OURS = frozenset({20003, 20008, 20404, 21606, 21659, 63001, 63002, 63007})
"""Codes that say our settings are wrong, not the message."""

WAIT = 10.0
"""Seconds to hold a chat where Twilio says no number. The sandbox takes a message every three."""


def outcome(code: int, status: int = 400) -> Outcome:
    """The closed word for an error code (0: none known) and an HTTP status. For status callbacks too."""
    found = next((word for word, codes in _WORDS.items() if code in codes), None)
    return found or ("slow_down" if status == 429 else "retry" if status >= 500 else "refused")


def limits(channel: str, content: Mapping[str, str]) -> Limits:
    """What `channel` carries with these templates: as many buttons and rows as there is an unbroken series of templates for."""
    if channel != "whatsapp":
        return Limits(text=BODY, buttons=0, button=0, items=0, item=0)
    buttons, items = _series("buttons", 3, content), _series("list", 10, content)
    text = CONTENT_BODY if buttons or items else BODY
    return Limits(text=text, buttons=buttons, button=20, items=items, item=24, window=WHATSAPP)


def _series(name: str, most: int, content: Mapping[str, str]) -> int:
    """How far `name`1, `name`2, … goes without a gap."""
    return next((n - 1 for n in range(1, most + 1) if f"{name}{n}" not in content), most)


def payload(out: Outbound, sender: str, content: Mapping[str, str], callback: str) -> dict[str, str] | None:
    """The form. None where the message needs a template that does not exist. `callback`: where its fate is told, or empty."""
    channel, _, address = out.chat.partition(":")
    fields = {"To": out.chat if channel == "whatsapp" else address, "From": sender}
    if callback:
        fields["StatusCallback"] = f"{callback}?m={quote(out.id, safe='')}"
    if channel != "whatsapp":  # an SMS shows a template's labels, and its tokens nowhere
        return fields | {"Body": _numbered(out)}
    if out.template:
        template = content.get(f"{out.template}_{out.locale}") or content.get(out.template)
        return fields | {"ContentSid": template} if template else None
    return fields | (_interactive(out, content) or {"Body": _numbered(out)})


def _interactive(out: Outbound, content: Mapping[str, str]) -> dict[str, str] | None:
    """Buttons or a list: {"1": text, "2": label, "3": token, "4": label, …}; a list's opening label stands last."""
    count = len(out.choices)
    name = f"buttons{count}" if f"buttons{count}" in content else f"list{count}"
    if not count or out.numbered or name not in content or len(out.text) > CONTENT_BODY:
        return None
    values = [out.text, *(value for choice in out.choices for value in (choice.text, choice.value))]
    if name.startswith("list"):
        values.append(voice(out.locale).gettext(CHOOSE)[:20])
    variables = {str(i): value for i, value in enumerate(values, 1)}
    return {"ContentSid": content[name], "ContentVariables": msgspec.json.encode(variables).decode()}


def _numbered(out: Outbound) -> str:
    """The text; choices that no template carries and nobody has written into it are added with numbers."""
    if out.numbered or not out.choices:
        return out.text
    rows = "\n".join(f"{i}. {choice.text}" for i, choice in enumerate(out.choices, 1))
    return f"{out.text}\n\n{rows}"


class _Body(msgspec.Struct):
    """https://www.twilio.com/docs/usage/twilios-response"""

    sid: str = ""
    code: int | None = None
    error_code: int | None = None


def receipt(answer: Answer) -> Receipt:
    """How the send ended; `cause` is Twilio's code, never its text."""
    try:
        body = msgspec.json.decode(answer.body, type=_Body)
    except msgspec.MsgspecError:
        body = _Body()
    if 200 <= answer.status < 300:
        return _accepted(body)
    return _refused(answer, body.code or 0)


def _accepted(body: _Body) -> Receipt:
    """Taken, unless the answer is not Twilio's or names an error already."""
    if body.error_code:
        return Receipt(outcome(body.error_code), external=body.sid, cause=str(body.error_code))
    return Receipt("sent", external=body.sid) if body.sid else Receipt("unknown", cause="answer")


def _refused(answer: Answer, code: int) -> Receipt:
    """Everything but 2xx."""
    word = outcome(code, answer.status)
    if answer.status in (401, 403) or code in _OURS:
        log.error("Twilio refuses our settings (%d, code %d): check KOMEK_TWILIO_*", answer.status, code)
    wait = _seconds(answer.headers.get("retry-after", "")) if word == "slow_down" else 0.0
    return Receipt(word, wait=wait, cause=str(code or answer.status))


def _seconds(text: str) -> float:
    """Retry-After in seconds; its date form and nonsense are WAIT."""
    return min(float(text), 3600.0) if text.isascii() and text.isdigit() and len(text) < 6 else WAIT
