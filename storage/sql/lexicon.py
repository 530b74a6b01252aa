"""What a word may say as a fact: `Дубай` is a word, but *Kazakhstan*, *Қазақстан* and *Kazahsztán* are `nationality=KZ` too.

Facts are searched by their codes, so that an officer finds them in their own language, whatever the citizen's was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from handlers.labels import COUNTRY_FACTS, VALUES, told
from handlers.sentence import spoken
from locales.say import NAMES, Voice, voice
from storage.sql.finder import words

_SHORTEST = 3
"""Letters of a word that says something: `of` and `és` name no fact."""


def tokens(name: str, value: str) -> frozenset[str]:
    """What a fact is found by: the code of a closed answer or a country, the words of any other."""
    if name in COUNTRY_FACTS:
        return frozenset({f"{name}={value}"})
    closed = VALUES.get(name, {})
    parts = [part for part in value.split(",") if part in closed]
    return frozenset(f"{name}={part}" for part in parts) or words(value)


@cache
def meanings() -> Mapping[str, frozenset[str]]:
    """The tokens that a word may stand for, in every language we have. Made once a process; it reads all catalogues."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for tag in NAMES:
        for token, phrase in _phrases(voice(tag)):
            for word in words(phrase):
                if len(word) >= _SHORTEST:
                    found[word].add(token)
    return {word: frozenset(several) for word, several in found.items()}


def _phrases(say: Voice) -> Iterator[tuple[str, str]]:
    """Every closed answer and country with its name in a language."""
    for fact, values in VALUES.items():
        for value in values:
            yield f"{fact}={value}", spoken(say, told(fact, value))
    for code in map(str, say.locale.territories):
        if len(code) == 2 and code.isalpha():
            for fact in COUNTRY_FACTS:
                yield f"{fact}={code}", say.country(code)
