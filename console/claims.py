"""Who holds a case: taking it, giving it back, giving it to a colleague. Forms on the case's page, acts in bulk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.datastructures import FormData

from console.gate import Forbidden
from console.permits import may
from console.signing import text
from storage.cases import Cases
from storage.records import Officer

Deed = Callable[[Officer, str, FormData], Awaitable[object]]
"""What a form does to a case: the officer, the case's key, the form."""


def deeds(cases: Cases) -> Mapping[str, Deed]:
    """The forms by their last word in the address. A supervisor may free a colleague's case, anybody at work take it over."""

    async def claim(officer: Officer, key: str, form: FormData) -> None:
        await cases.claim(officer, key, over=bool(text(form, "over")))

    async def release(officer: Officer, key: str, form: FormData) -> None:
        await cases.release(officer, key, over=may(officer, "supervise"))

    async def assign(officer: Officer, key: str, form: FormData) -> None:
        if not may(officer, "supervise"):
            raise Forbidden
        await cases.assign(officer, key, text(form, "to"))

    return {"claim": claim, "release": release, "assign": assign}
