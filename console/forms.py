"""What a case's forms hold: words without control characters, and why a form cannot be taken as it is."""

from __future__ import annotations

from unicodedata import category

from starlette.datastructures import FormData

from console.signing import text

LONGEST = 3500
"""Characters of an answer or a note: what every channel carries in at most a few messages."""


class Unfit(Exception):
    """A form that cannot be taken as it is; the word says why (`console.words_case.FAULTS`)."""


def words(form: FormData, name: str = "text", lacking: str = "empty") -> str:
    """What was written in a field, without control characters. Raises Unfit: `lacking` if it is empty, or `long`."""
    found = given(form, name)
    if not found:
        raise Unfit(lacking)
    return found


def given(form: FormData, name: str) -> str:
    """The same for a field that may be empty."""
    return tidy(text(form, name))


def tidy(written: str) -> str:
    """Words as they are kept: without control characters, nothing around them, not too long. Raises Unfit."""
    found = "".join(c for c in written if c in "\n\t" or category(c) != "Cc").strip()
    if len(found) > LONGEST:
        raise Unfit("long")
    return found
