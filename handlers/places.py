"""Countries, cities and airports as people write them: endings, typing errors, the other script. Strict: a wrong place is worse
than a question. After facts/language.md, section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from functools import cache
from typing import Literal

import msgspec

from handlers import placenames, placewords
from handlers.placewords import Place
from handlers.reading import NOTHING, Reading
from handlers.strokes import strokes
from handlers.text import fold, key, norm, remembered
from handlers.words import MENU, SMALL
from locales.cldr import locale as cldr
from locales.say import voice

Case = Literal["", "in", "from", "to", "of"]
"""What an ending says of a place."""

_PERSON = "|min|mun|man|men|miz|biz|buz|iz|im|iam|iem|ik|dirin|diris|irin|dir|dirmin|msak|ki|gi|gilar|iken"
_ENDINGS: tuple[tuple[Case, re.Pattern[str]], ...] = (
    (
        "from",
        re.compile(
            rf"([dtn][aeo]n|li|lu|lik|dik|tik|dig|tig|luk)({_PERSON}|imin|liman|sin|em|am|um|uz|m|z|dirman)|bol|rol|tol"
        ),
    ),
    ("in", re.compile(rf"(n?[dt][aeo])({_PERSON}|iim|iik|iiz|igim|m|z)|ban|ben|on|en|ot|n")),
    ("of", re.compile(r"nin|nun|nn|ning|din|dun|tin|tun|in|un|ni|nu|di|ti|si|su|i|u|s|nek|nak")),
    ("to", re.compile(r"ga|ge|ka|ke|go|ko|na|ne|ia|ie|a|e|ba|be|ra|re|ig")),
)
"""Endings of the Turkic languages and of Hungarian."""

AIRPORT = re.compile(
    r"^(airport|aeroport|aeroprt|airoport|havaliman|havalan|repuloter|repter|aueja|auejai|hava liman|hava alan)",
    re.IGNORECASE,
)
"""An airport, as the beginning of a key."""
_AIRPORT_WORDS = ("airport", "aeroport", "havaliman", "havalani", "repuloter")


@remembered(1024)
def is_airport(word: str) -> bool:
    """Whether a key is the word *airport*, perhaps with a typing error."""
    return bool(AIRPORT.match(word)) or any(
        word[0] == name[0] and strokes(word[: len(name) + by], name) == 1
        for name in _AIRPORT_WORDS
        for by in (-1, 0, 1)
    )


_TWO_WORDS = re.compile(r"\b(hava|hova) (liman\w*|alan\w*|menzil\w*)")
_TWO_T = re.compile(r"(tt|тт)[aeае][^tт]*$")
_LAST_T = re.compile(r"t(?=[ae][^t]*$)")
_CITY_WORDS = frozenset(
    key(w) for w in "city şehri şəhəri shahri шаҳри қаласы шаары город города городе г şäheri város".split()
)
_SMALL_WORDS = frozenset(
    key(w)
    for w in "in at from to the a az i am we are v vo iz s na я мы в во из с со на man men мен мин biz биз bin "
    "int international xalqaro uluslararası beynəlxalq халықаралық эл аралык международный международном nemzetközi halkara "
    "mən ben now hozir сейчас şimdi indi қазір азыр most country republic республика respublikası state".split()
)


class Mention(msgspec.Struct, frozen=True):
    """A place in a message: which one, its first word and number of words, its case, whether it is spelt right, its name."""

    places: tuple[Place, ...]
    at: int
    size: int
    case: Case = ""
    exact: bool = True
    stem: str = ""


def keys_of(text: str) -> list[str]:
    """The words of a message as keys; a two-word airport becomes one."""
    return _TWO_WORDS.sub("havaliman", " ".join(_key(w) for w in _words(text))).split()


def _key(word: str) -> str:
    """The key of a word, but the two t of `Taşkent'te` stay two: with one it is `Taşkent'e`, which says something else."""
    out = key(word)
    return _LAST_T.sub("tt", out) if _TWO_T.search(word) else out


def _words(text: str) -> list[str]:
    """Words, with a name like Nur-Sultan in two."""
    return [w for w in re.findall(r"[^\W_]+", fold(norm(text))) if key(w)]


def cyrillic(text: str) -> frozenset[str]:
    """The keys of the words that are typed in Cyrillic."""
    return frozenset(_key(w) for w in _words(text) if "Ѐ" <= w[0] <= "ӿ")


def mentions(words: list[str], *, among: bool = False, inflected: Set[str] = frozenset()) -> list[Mention]:
    """The places named, from left to right, the longest name first. `inflected`: words that may stand in a Russian case.

    `among` other words only what cannot be one of them: exact names, of countries and large cities, with clear endings.
    """
    out: list[Mention] = []
    at = 0
    while at < len(words):
        sizes = [size for size in (3, 2, 1) if at + size <= len(words)]
        found = next((m for size in sizes if (m := _mention(words, at, size, among, inflected))), None)
        if found:
            out.append(found)
        at += found.size if found else 1
    return out


def _mention(words: list[str], at: int, size: int, among: bool, inflected: Set[str]) -> Mention | None:
    """The place that these words name."""
    phrase = " ".join(words[at : at + size])
    if phrase in _SMALL_WORDS or any(part.isdigit() for part in words[at : at + size]):
        return None
    for stem, case in _stems(phrase):
        places = _known(stem)
        if not places or (
            stem in placewords.russian() and not (stem == phrase and _inflected(phrase, among, inflected))
        ):
            continue
        ending = phrase[len(stem) :] if phrase.startswith(stem) else phrase[len(stem) - 1 :]
        if _takes(stem, ending, places) and (not among or size > 1 or _clear(stem, case, len(ending), places)):
            return Mention(places, at, size, case, stem=stem)
    if size == 1 and not among:
        for stem, case in _stems(phrase):
            if (case in ("", "in", "from") or len(stem) > _LONG) and (place := _near(stem)):
                return Mention((place,), at, size, case, exact=False)
    return None


def _inflected(phrase: str, among: bool, inflected: Set[str]) -> bool:
    """Whether a name may stand in a Russian case here: short ones among other words may not."""
    return phrase.rsplit(maxsplit=1)[-1] in inflected and (len(phrase) > 4 or not among)


_HUNGARIAN_ENDS = frozenset("ban ben bol rol tol ba be ra re on en n i ig nak nek".split())
_BOTH_ENDS = frozenset("n i en on".split())


def _takes(stem: str, ending: str, places: tuple[Place, ...]) -> bool:
    """Whether a name can have this ending: a country's in its own language, a short or rare name only *in* and *from*."""
    if not ending:
        return True
    if places[0].kind == "country":
        family = placewords.families()[stem]
        hungarian = placewords.HUNGARIAN in family and ending in _HUNGARIAN_ENDS
        turkic = placewords.TURKIC in family and (ending not in _HUNGARIAN_ENDS or ending in _BOTH_ENDS)
        if not (hungarian or turkic):
            return False
        rare = len(stem) < _LONG and places[0].state not in placewords.NEAR
    else:
        rare = stem not in placewords.notable()
    if (rare and len(stem) < 5) or (ending[0] == "t" and stem[-1] not in "ptksfhc"):
        return False
    return not (rare or len(stem) < 5) or (len(ending) > 1 and _case(ending) in ("in", "from"))


def _clear(stem: str, case: Case, cut: int, places: tuple[Place, ...]) -> bool:
    """Whether a word can hardly be anything else than this place. `cut`: the letters of its ending."""
    if places[0].kind == "city" and stem not in placewords.familiar():
        return False
    if places[0].kind == "country" and places[0].state not in placewords.NEAR:
        return len(stem) > 5 and case in ("", "in", "from") and cut != 1
    if case in ("of", "to") or cut == 1:
        return len(stem) > 5 or (len(stem) > (4 if cut == 1 else 3) and stem in placewords.familiar())
    return len(stem) > 3 or case in ("in", "from")


def _case(ending: str) -> Case | None:
    """What an ending says of a place; None if it is no ending."""
    return next((case for case, known in _ENDINGS if known.fullmatch(ending)), None)


def _stems(phrase: str) -> Iterator[tuple[str, Case]]:
    """The phrase as it stands, then without one ending, the longest first; a letter that key() merged is put back."""
    yield phrase, ""
    merged: list[tuple[str, Case]] = []
    for at in range(2, len(phrase)):
        stem, end = phrase[:at], phrase[at:]
        case = _case(end)
        if case is not None:
            yield stem, case
            merged += [(stem + end[0], case)] if end[0] in "dtn" and len(stem) > 4 else []
    yield from merged


def _known(stem: str) -> tuple[Place, ...]:
    """Places of exactly this name; a country before a city, the pack's states before others, a big city before a village."""
    if stem in placewords.UNSURE:
        return tuple(_place(value) for value in placewords.UNSURE[stem])
    if codes := placewords.countries().get(stem):
        return tuple(Place(code, code) for code in sorted(codes)) if len(stem) > 2 else ()
    if len(stem) > 3 and (airport := placewords.airports().get(stem)):
        return (airport,)
    found = placewords.cities().get(stem, ())
    if len(stem) < 3 and not (found and found[0].people > 300_000):
        return ()
    if len(found) > 1 and found[0].people > 5 * found[1].people:
        return found[:1]
    return found


def _place(value: str) -> Place:
    """A place by its value."""
    return Place(value, value[:2]) if ":" in value or len(value) == 2 else placewords.airports()[value.lower()]


@remembered(1024)
def _near(word: str) -> Place | None:
    """The one country or large city that a word with a typing error can mean."""
    if len(word) < _LONG - 1 or fold(word) in MENU or fold(word) in SMALL:
        return None
    reach = 2 if len(word) >= 10 else 1
    states = {code for name in _within(word, _long_countries(), reach) for code in placewords.countries()[name]}
    if len(states) == 1:
        code = states.pop()
        return Place(code, code)
    if states:
        return None
    towns = {placewords.cities()[name][0] for name in _within(word, _large(), 1)}
    return towns.pop() if len(towns) == 1 else None


_LONG = 7
"""Letters of a word in which an error is allowed for: shorter ones are too near to other words (`vermez`, `Termez`)."""


def _within(word: str, names: tuple[str, ...], reach: int) -> list[str]:
    """Names within so many edits that begin with the same letter, or the same two turned round; short ones also end alike."""
    return [
        n
        for n in names
        if (word[0] == n[0] or word[1::-1] == n[:2])
        and abs(len(n) - len(word)) <= reach
        and (len(word) > _LONG or _ends_alike(word, n))
        and strokes(word, n, reach) <= reach
    ]


def _ends_alike(word: str, name: str) -> bool:
    """Whether a short word is a name but for a letter too few or too many, two letters turned round, or one inside of it."""
    if len(word) != len(name):
        return True
    return sorted(word) == sorted(name) or (len(word) == _LONG and word[-1] == name[-1])


@cache
def _long_countries() -> tuple[str, ...]:
    """Keys of the country names that an error may be measured against: near ones, as long as that; their cases are longer."""
    known = placewords.countries()
    long = (n for n in known if len(n) > _LONG or (len(n) >= _LONG - 1 and n not in placewords.russian()))
    return tuple(name for name in long if known[name] & placewords.NEAR)


@cache
def _large() -> tuple[str, ...]:
    """Keys of the large cities."""
    return tuple(name for name in placewords.familiar(plain=True) if len(name) >= _LONG)


def read_place(text: str) -> Reading:
    """A place as `TR`, `TR:Istanbul` or `IST`. What may be two places comes back as options; two places named, as well."""
    if fold(text) in MENU or fold(text) in SMALL:
        return NOTHING
    plain = norm(text).strip(" .!?")
    if len(plain) == 3 and plain.lower() in placewords.airports() and (plain.isupper() or _plain_code(plain)):
        return Reading(plain.upper())
    if len(plain) == 2 and plain.isupper() and plain in _codes():
        return Reading(plain)
    words = keys_of(text)
    if len(words) > 12:
        return NOTHING
    content = [w for w in words if not is_airport(w) and w not in _CITY_WORDS and w not in _SMALL_WORDS]
    found = mentions(content, among=len(content) > 1, inflected=cyrillic(text))
    values = _without_states([p.value for m in found for p in m.places])
    if any(is_airport(w) for w in words):
        return _airport(values)
    if any(w in _CITY_WORDS for w in words):
        values = [v for v in values if ":" in v] or values
    doubt = len(content) == 1 and bool(found) and _doubt(plain, found[0])
    if doubt and not _spelt(plain, found[0]):
        return NOTHING
    return Reading(values[0]) if len(values) == 1 and not doubt else Reading(options=tuple(values[:3]))


def _plain_code(typed: str) -> bool:
    """Whether an airport's code can be nothing else when typed in small letters."""
    known = placewords.cities().keys() | placewords.common()
    return typed.upper() in placenames.MAIN.values() and key(typed) not in known


def _doubt(typed: str, found: Mention) -> bool:
    """Whether a lone word may be another word: what is a word too, and a rare or far name, without its capital letter."""
    place, stem, small = found.places[0], found.stem, typed.islower()
    if len(found.places) > 1 or not found.exact or place.kind == "airport":
        return False
    if place.kind == "country":
        far = place.state not in placewords.NEAR and len(stem) < _LONG
        return (far and small) or ((far or len(stem) < 5) and not _spelt(typed, found))
    if found.case == "of" or (stem in placewords.common() and small):
        return True
    rare = stem not in placewords.notable()
    if rare and (small or (len(stem) < 5 and place.people < placewords.LARGE // 2)):
        return True
    return (rare or len(stem) < 4 or stem in placewords.common()) and not _spelt(typed, found)


def _spelt(typed: str, found: Mention) -> bool:
    """Whether the word begins with the name as it is spelt, and not only with one that sounds like it.

    A town of the states that write in Cyrillic may be written so, whatever the table has.
    """
    common = found.stem in placewords.common() or len(found.stem) < 5
    if cyrillic(typed) and found.places[0].state in _CYRILLIC_STATES and not common:
        return True
    begins = {word[:n] for word in _words(typed) for n in range(2, len(word) + 1)}
    return any(key(begin) == found.stem for begin in begins & placewords.spelt())


_CYRILLIC_STATES = ("KZ", "KG", "UZ", "RU")


def _without_states(values: list[str]) -> list[str]:
    """Each place once, and a country only where none of its cities is named: `Baku, Azerbaijan` is Baku."""
    cities = {value[:2] for value in values if ":" in value}
    return [value for value in dict.fromkeys(values) if value not in cities]


def _airport(values: list[str]) -> Reading:
    """The airport of the city named, or the airport named."""
    codes = list(dict.fromkeys(v if len(v) == 3 else placenames.MAIN.get(v, "") for v in values if len(v) > 2))
    known = [code for code in codes if code and code.lower() in placewords.airports()]
    return Reading(known[0]) if len(known) == 1 else Reading(options=tuple(known[:3]))


@cache
def _codes() -> frozenset[str]:
    """Two-letter codes of all countries."""
    return frozenset(code for codes in placewords.countries().values() for code in codes)


def read_country(text: str, locale: str) -> Reading:
    """A country by its name in any of our languages, or by its two-letter code; as ISO 3166 alpha-2.

    A city or airport stands for its country as an option only: who is in Istanbul is in Türkiye, who has been is not.
    """
    word = fold(text)
    if word.upper() in _codes() and len(word) == 2:
        return Reading(word.upper())
    own = placewords_of(locale).get(word)
    if own:
        return Reading(own)
    words = [w for w in keys_of(text) if w not in _SMALL_WORDS]
    found = mentions(words, among=len(words) > 1, inflected=cyrillic(text))
    codes = list(dict.fromkeys(p.state for m in found for p in m.places))
    named = all(p.kind == "country" for m in found for p in m.places)
    if codes:
        return Reading(codes[0]) if named and len(codes) == 1 else Reading(options=tuple(codes[:3]))
    begins = tuple(
        dict.fromkeys(c for name, c in placewords_of(locale).items() if len(word) >= 4 and name.startswith(word))
    )
    return Reading(options=begins) if len(begins) <= 3 else NOTHING


@cache
def placewords_of(locale: str) -> dict[str, str]:
    """Folded country names of one language, English and Russian."""
    out: dict[str, str] = {}
    for tag in ("ru", "en", locale):
        for code in sorted(_codes()):
            out[fold(str(cldr(tag).territories.get(code, code)))] = code
            out[fold(voice(tag).country(code))] = code
    return out | {"turkey": "TR", "usa": "US", "uk": "GB", "киргизия": "KG", "туркмения": "TM"}
