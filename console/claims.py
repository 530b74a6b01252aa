"""Who holds a case: taking it, giving it back, giving it to a colleague. Forms on the case's page, acts in bulk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.datastructures import FormData

from console.gate import Forbidden
from console.permits import may
from console.signing import text
from storage.cases import Cases
from storage.records import Officer

Deed = Callable[[Officer, str, FormData], Awaitable[str]]
"""What a form does to a case: the officer, the case's key, the form. It returns the word under which it is said to be done."""


def deeds(cases: Cases) -> Mapping[str, Deed]:
    """The forms by their last word in the address. A supervisor may free a colleague's case, anybody at work take it over."""

    async def claim(officer: Officer, key: str, form: FormData) -> str:
        await cases.claim(officer, key, over=bool(text(form, "over")))
        return "claim"

    async def release(officer: Officer, key: str, form: FormData) -> str:
        await cases.release(officer, key, over=may(officer, "supervise"))
        return "release"

    async def assign(officer: Officer, key: str, form: FormData) -> str:
        if not may(officer, "supervise"):
            raise Forbidden
        await cases.assign(officer, key, text(form, "to"))
        return "assign"

    return {"claim": claim, "release": release, "assign": assign}
