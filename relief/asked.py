"""Facts as other programs give them, from the command line or through the API: spelled as the law does, or named as wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from relief.facts import value_of
from relief.pack import Pack

CASE_FACTS = frozenset({"needs", "people", "minors", "contact", "note"})
"""Facts of a case that no measure looks at: accepted, and ignored here."""

Given = str | int | bool | None
"""A fact's value in JSON; null is the same as leaving it out."""


def spelled(facts: Mapping[str, Given]) -> dict[str, str]:
    """The facts as the law spells them: true is yes, 60 is "60"."""
    return {name: _word(value) for name, value in facts.items() if value is not None}


def complaints(law: Pack, facts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong: each fact's name, and what is allowed instead; never a person's value."""
    for name, value in facts.items():
        question = law.questions.get(name)
        if question is None:
            if name not in CASE_FACTS:
                yield name, f"there is no such fact; known are {', '.join(law.questions)}"
        elif value_of(question, value) is None:
            allowed = {"date": "a day like 2020-05-08", "country": "two capital letters like UZ", "text": "some text"}
            yield name, f"must be {allowed.get(question.kind) or 'one of ' + ', '.join(question.values)}"


def _word(value: str | int | bool) -> str:
    """One value."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
