"""A file a person sent through Twilio. https://www.twilio.com/docs/messaging/api/media-resource

Our credentials go to one host and one path: the account's own media at KOMEK_TWILIO_API. Where Twilio sends us on to its
storage we go without them, and only to https (or to this machine, if the API itself is on it).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urljoin, urlsplit

from bot.channels.answer import Answer, Lost, TooLarge, Unreached
from bot.channels.contract import Away, Gone
from bot.channels.http import Line

LIMIT = 16_777_216
"""Bytes of a file at most: WhatsApp's own limit."""

STEPS = 4
"""Redirects at most."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


async def fetch(line: Line, api: str, account: str, handle: str, headers: Mapping[str, str], total: float) -> Answer:
    """The file's answer. `handle` is the media's URL or path, `total` the seconds for each step.

    Raises Gone for a handle that is not this account's media and for a file that is too large or no more; Away otherwise.
    """
    path = _split(handle).path
    if not re.fullmatch(re.escape(account) + r"/Messages/[A-Za-z0-9]+/Media/[A-Za-z0-9]+", path):
        raise Gone("not a file of this account")
    url, credentials = api + path, dict(headers)
    for _ in range(STEPS):
        answer = await _step(line, url, credentials, total)
        if answer.status not in (301, 302, 303, 307, 308):
            return _whole(answer)
        url, credentials = _onward(url, answer.headers.get("location", ""), api), {}
    raise Gone("sent on and on")


async def _step(line: Line, url: str, headers: Mapping[str, str], total: float) -> Answer:
    """One GET."""
    try:
        return await line.ask("GET", url, headers=headers, cap=LIMIT, total=total)
    except TooLarge:
        raise Gone("the file is too large") from None
    except (Unreached, Lost) as fault:
        raise Away(f"Twilio does not answer ({type(fault).__name__})") from None


def _whole(answer: Answer) -> Answer:
    """A 200; Gone for a file that is no more, Away for what may pass."""
    if answer.status == 200:
        return answer
    raise (Gone if answer.status in (403, 404, 410) else Away)(f"answer {answer.status}")


def _onward(url: str, location: str, api: str) -> str:
    """Where a redirect leads: https anywhere; this machine only if the API is on it. Raises Gone for any other place."""
    onward = urljoin(url, _split(location).geturl())
    scheme, host = _split(onward).scheme, _split(onward).hostname
    if scheme == "https" or (scheme == "http" and {host, _split(api).hostname} <= _LOOPBACK):
        return onward
    raise Gone("sent on to a place we do not go")


def _split(url: str) -> SplitResult:
    """The parts of an address. Raises Gone for what is none."""
    try:
        return urlsplit(url)
    except ValueError:
        raise Gone("not an address") from None
