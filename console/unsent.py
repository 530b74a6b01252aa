"""Words that could not be sent (signed out meanwhile, the store away, a fault): shown again, so that nobody writes them twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request

from console.gate import MOST
from locales.mark import N_
from locales.say import NAMES

PLACES = ("/console/cases/", "/console/offers/", "/console/phrases/")
"""Where words are written. A form elsewhere may hold a password, and is never shown again."""

LABELS: Mapping[str, str] = {
    "text": N_("Your words"),
    "original": N_("The same in your own language"),
    "reason": N_("Reason, between the two agencies"),
    "override": N_("Why the person was not asked"),
    "name": N_("Name, for officers"),
    **{f"text-{tag}": name for tag, name in NAMES.items()},
}
"""The fields that hold words, and what they are called."""

_FIELDS = 40


class Unsent(NamedTuple):
    """A form that was sent in vain: where to, its words by field, what else stood in it."""

    where: str
    words: Sequence[tuple[str, str]]
    rest: Sequence[tuple[str, str]]


async def unsent(request: Request) -> Unsent | None:
    """The words of a form that one of our own pages sent; None if there are none, or if it came from elsewhere."""
    ours = request.headers.get("sec-fetch-site") == "same-origin" and request.url.path.startswith(PLACES)
    if request.method != "POST" or not ours or not _small(request):
        return None
    try:
        form = await request.form(max_files=0, max_fields=_FIELDS)
    except HTTPException:
        return None
    given = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name != "form"]
    words = [(name, value) for name, value in given if name in LABELS and value.strip()]
    return Unsent(request.url.path, words, [pair for pair in given if pair not in words]) if words else None


def _small(request: Request) -> bool:
    """Whether the form says that it is no longer than ours may be."""
    length = request.headers.get("content-length", "")
    return length.isascii() and length.isdigit() and len(length) < 10 and int(length) <= MOST
