"""Names of countries, cities and airports as keys, in every language at once, with their Russian cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path

import msgspec

from handlers import placenames
from handlers.text import fold, key
from locales.cldr import locale as cldr
from locales.say import NAMES, voice

_CITIES = Path(__file__).parent / "data" / "cities.tsv"
_NO_STATES = ("EU", "UN", "ZZ", "XA", "XB", "EZ", "QO", "AC", "TA", "DG", "EA", "IC", "CP")


_OLD_NAMES = 50_000
"""Old and foreign names are known of cities from this size on: among those of villages are too many common words."""


class Place(msgspec.Struct, frozen=True):
    """A country (`TR`), a city (`TR:Istanbul`) or an airport (`IST`), its state, and its people (0 for a country)."""

    value: str
    state: str
    people: int = 0

    @property
    def kind(self) -> str:
        """`country`, `city` or `airport`."""
        return "country" if self.value == self.state else "city" if ":" in self.value else "airport"


UNSURE = {key("Manas"): ("BSZ", "KG:Jalal-Abad"), key("Turkistan"): ("KZ:Turkistan", "TM")}
"""Names that mean two places: the airport of Bishkek and a city; a city, and half of Turkmenistan's name."""


@cache
def countries() -> Mapping[str, frozenset[str]]:
    """Keys of country names in all our languages, with Russian cases; what several countries share has several codes."""
    out: dict[str, set[str]] = {}
    own = {key(form): code for code, form, family in _country_names() if family == BOTH}
    for code, form, _ in _country_names():
        out.setdefault(key(form), set()).add(code)
    return {name: frozenset((own[name],) if name in own else codes) for name, codes in out.items() if len(name) > 2}


@cache
def families() -> Mapping[str, str]:
    """Whose endings a country's name can take, by its key: letters of BOTH. A name in a Russian case takes none."""
    out: dict[str, str] = {}
    for _, form, family in _country_names():
        out[key(form)] = out.get(key(form), "") + family
    return out


@cache
def _country_names() -> tuple[tuple[str, str, str], ...]:
    """Every name of every country: its code, the name, and whose endings it can take."""
    named = [
        (code, name, {"ru": "", "en": "", "hu": HUNGARIAN}.get(tag, TURKIC))
        for tag in NAMES
        for code, told in cldr(tag).territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_STATES
        for name in (told, voice(tag).country(code))
    ]
    named += [(code, name.strip(), BOTH) for code, text in placenames.COUNTRIES.items() for name in text.split(",")]
    russian = {name for code, name, _ in named if name in (cldr("ru").territories.get(code), voice("ru").country(code))}
    cases = [
        (code, form, "")
        for code, name, family in named
        if (name in russian or family == BOTH) and not name.isupper()
        for form in forms(name)
    ]
    return tuple(dict.fromkeys((*named, *cases)))


TURKIC, HUNGARIAN = "t", "h"
BOTH = TURKIC + HUNGARIAN


@cache
def russian() -> frozenset[str]:
    """Keys that are only a name in one of its Russian cases: such a word is Cyrillic, and takes no other ending."""
    names = {key(name) for _, _, name in _named()} | {key(name) for _, name, family in _country_names() if family}
    names |= {key(str(cldr(tag).territories.get(code, code))) for code in _codes_of() for tag in ("en", "ru")}
    cases = {key(form) for _, _, name in _named() for form in forms(name)} | countries().keys()
    return frozenset(cases - names)


def _codes_of() -> frozenset[str]:
    """Two-letter codes of all countries."""
    return frozenset(code for code, _, _ in _country_names())


@cache
def spelt() -> frozenset[str]:
    """Folds of all names as they are spelt, so that a short or rare one is not found in another word with a like key."""
    cities_ = (form for _, _, name in _named() for form in forms(name))
    return frozenset(map(fold, cities_)) | frozenset(fold(form) for _, form, _ in _country_names())


@cache
def cities() -> Mapping[str, tuple[Place, ...]]:
    """Keys of city names, with Russian cases, the largest city first."""
    out: dict[str, dict[str, tuple[int, Place]]] = {}
    for surely, place, name in _named():
        for form in forms(name):
            known = out.setdefault(key(form), {})
            known[place.value] = max(known.get(place.value, (0, place)), (surely, place), key=lambda k: k[0])
    return {name: _best(list(found.values())) for name, found in out.items()}


def _named() -> Iterator[tuple[int, Place, str]]:
    """Every name of every city: how surely it is the city's own, the city, the name."""
    listed = {place.value: place for place, _ in _listed()}
    for place, names in _listed():
        if place.kind == "city":
            yield 1, place, place.value[3:]
            yield 1, place, place.value[3:].removesuffix(" Shahri")
            if place.people >= _OLD_NAMES:
                yield from ((0, place, name) for name in names if len(key(name)) > 4)
    for value, text in placenames.CITIES.items():
        yield from ((2, listed.get(value, Place(value, value[:2], 50_000)), name.strip()) for name in text.split(","))


def _best(found: list[tuple[int, Place]]) -> tuple[Place, ...]:
    """The cities that have this name for their own, the largest first; an old or foreign name counts where no city has it."""
    top = max(surely for surely, _ in found)
    return tuple(sorted((p for surely, p in found if surely == top), key=lambda p: -p.people))


@cache
def familiar(*, plain: bool = False) -> frozenset[str]:
    """Keys of the names that may be picked out of a longer message: of large cities, and those listed here by hand.

    `plain`: without the Russian cases, and of the largest only: what an error may be measured against.
    """
    large = LARGE * 10 if plain else LARGE
    known = [(p, name) for n, p, name in _named() if n == 2 or (n == 1 and p.people >= large and p.state in _STATES)]
    every = {(p.value, key(form)) for p, name in known for form in ((name,) if plain else forms(name))}
    by_hand = {key(form) for n, _, name in _named() if n == 2 for form in forms(name)}
    return frozenset(name for _, name in every if len(name) > 4 or name in by_hand) - common()


@cache
def common() -> frozenset[str]:
    """Keys of names that are words too, in all their forms: places only where nothing else is written."""
    return frozenset(key(form) for name in placenames.COMMON.split() for form in forms(name))


LARGE = 100_000


@cache
def notable() -> frozenset[str]:
    """Keys of the names of large cities anywhere and of those listed here by hand: words too, some of them."""
    return frozenset(
        key(form) for n, place, name in _named() if n == 2 or (n and place.people >= LARGE) for form in forms(name)
    )


_STATES = ("AZ", "KZ", "KG", "TR", "UZ", "HU", "TM")
NEAR = frozenset((*_STATES, *"RU GE AM IR AF TJ CN KR AE SA DE PL UA BY RS RO AT MN IQ US GB".split()))
"""The pack's states and those where their citizens mostly are: other countries' names must stand clearer in a message."""


@cache
def airports() -> Mapping[str, Place]:
    """Airports by code in small letters, and by names of their own as keys."""
    out = {place.value.lower(): place for place, _ in _listed() if place.kind == "airport"}
    out |= {
        code.lower(): Place(code, state) for state, codes in placenames.FAR_AIRPORTS.items() for code in codes.split()
    }
    names = {key(name): out[code.lower()] for code, text in placenames.AIRPORTS.items() for name in text.split(",")}
    return out | names


_NO_NAMES = ("Kazakh",)
"""Old names in GeoNames that are another word first."""


@cache
def _listed() -> tuple[tuple[Place, tuple[str, ...]], ...]:
    """The lines of cities.tsv."""
    out = []
    for line in _CITIES.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            state, name, people, names = line.split("\t")
            if (state, name) != ("KG", "Manas"):  # GeoNames' name of Jalal-Abad since 2025
                value = name if people == "-1" else f"{state}:{name}"
                out.append(
                    (Place(value, state, max(int(people), 0)), tuple(n for n in names.split("|") if n not in _NO_NAMES))
                )
    return tuple(out)


_CASES = (
    ("ия", ("ия", "ии", "ию", "ией")),
    ("ая", ("ая", "ой", "ую")),
    ("ое", ("ое", "ого", "ом", "ому")),
    ("ие", ("ие", "их", "им", "ими")),
    ("ые", ("ые", "ых", "ым")),
    ("ты", ("ты", "тах", "тов", "там")),
    ("а", ("а", "ы", "и", "е", "у", "ой")),
    ("я", ("я", "и", "е", "ю", "ей")),
    ("ь", ("ь", "я", "ю", "и", "е", "ем")),
    ("й", ("й", "я", "ю", "е", "ем")),
)
"""Russian endings, and what stands in their place in other cases."""
_HARD = ("", "а", "е", "у", "ом")


def forms(name: str) -> Iterator[str]:
    """A name and, in Cyrillic, its Russian cases; of several words the last two may change, in any two cases."""
    yield name
    words = fold(name).split()
    if words and all("Ѐ" <= c <= "ӿ" for word in words for c in word):
        ways = [*((word,) for word in words[:-2]), *((word, *_cases(word)) for word in words[-2:])]
        yield from (" ".join(way) for way in dict.fromkeys(product(*ways)))


def _cases(word: str) -> tuple[str, ...]:
    """The cases of one word."""
    for ending, others in _CASES:
        if word.endswith(ending):
            return tuple(word[: -len(ending)] + other for other in others)
    return (word,) if word[-1] in "оуиыэюёеі" else tuple(word + other for other in _HARD)
