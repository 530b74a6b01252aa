"""Days of a month in words: `fifteenth`, `пятнадцатого`, `tizenötödikén`, `on beşinci`; after a genitive also `mayın beşi`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from handlers import numbers
from handlers.text import fold, key

_TURKIC: Mapping[str, tuple[str, str]] = {
    "az": (
        "birinci ikinci üçüncü dördüncü beşinci altıncı yeddinci səkkizinci doqquzuncu",
        "on onuncu iyirmi iyirminci otuz otuzuncu",
    ),
    "kk": (
        "бірінші екінші үшінші төртінші бесінші алтыншы жетінші сегізінші тоғызыншы",
        "он оныншы жиырма жиырмасыншы отыз отызыншы",
    ),
    "ky": (
        "биринчи экинчи үчүнчү төртүнчү бешинчи алтынчы жетинчи сегизинчи тогузунчу",
        "он онунчу жыйырма жыйырманчы отуз отузунчу",
    ),
    "tr": (
        "birinci ikinci üçüncü dördüncü beşinci altıncı yedinci sekizinci dokuzuncu",
        "on onuncu yirmi yirminci otuz otuzuncu",
    ),
    "uz": (
        "birinchi ikkinchi uchinchi toʻrtinchi beshinchi oltinchi yettinchi sakkizinchi toʻqqizinchi",
        "oʻn oʻninchi yigirma yigirmanchi oʻttiz oʻttizinchi",
    ),
    "uz_Cyrl": (
        "биринчи иккинчи учинчи тўртинчи бешинчи олтинчи еттинчи саккизинчи тўққизинчи",
        "ўн ўнинчи йигирма йигирманчи ўттиз ўттизинчи",
    ),
    "tk": (
        "birinji ikinji üçünji dördünji bäşinji altynjy ýedinji sekizinji dokuzynjy",
        "on onunjy ýigrimi ýigriminji otuz otuzynjy",
    ),
}
"""First to ninth; then ten and tenth, twenty and twentieth, thirty and thirtieth."""

_LISTED: Mapping[str, tuple[str, str]] = {
    "en": (
        (
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
            "sixteenth seventeenth eighteenth nineteenth twentieth twenty_first twenty_second twenty_third twenty_fourth "
            "twenty_fifth twenty_sixth twenty_seventh twenty_eighth twenty_ninth thirtieth thirty_first"
        ),
        "",
    ),
    "ru": (
        (
            "перв втор треть четверт пят шест седьм восьм девят десят одиннадцат двенадцат тринадцат четырнадцат пятнадцат "
            "шестнадцат семнадцат восемнадцат девятнадцат двадцат двадцать_перв двадцать_втор двадцать_треть двадцать_четверт "
            "двадцать_пят двадцать_шест двадцать_седьм двадцать_восьм двадцать_девят тридцат тридцать_перв"
        ),
        "ое ого е его",
    ),
    "hu": (
        (
            "elsej második harmadik negyedik ötödik hatodik hetedik nyolcadik kilencedik tizedik tizenegyedik tizenkettedik "
            "tizenharmadik tizennegyedik tizenötödik tizenhatodik tizenhetedik tizennyolcadik tizenkilencedik huszadik "
            "huszonegyedik huszonkettedik huszonharmadik huszonnegyedik huszonötödik huszonhatodik huszonhetedik "
            "huszonnyolcadik huszonkilencedik harmincadik harmincegyedik"
        ),
        "e a án én ára ére ától étől",
    ),
}
"""First to thirty-first, and the endings that make a day of a stem."""

_THEIRS = (
    "i u si su ida ide sida side inda inde unda unde sinda sinde sunda sunde ine ina une una sine sina iga".split()
)
"""Keys of the endings by which a number is a month's: `ayın beşi`, `mayın üçündə`."""

_HEAD = "bas"
"""Turkmen `bäş` typed without marks is `baş`: `maýyň başynda` is the beginning of May."""


@cache
def ordinals(locale: str) -> Mapping[str, int]:
    """The days of a month in a language, by their `fold` and their `key`; a key that two days share is none."""
    out: dict[str, int] = {}
    merged: dict[str, set[int]] = {}
    for word, day in _listed(locale) if locale in _LISTED else _composed(locale):
        for form in (word.replace("_", " "), word.replace("_", "")):
            out.setdefault(fold(form), day)
            merged.setdefault(key(form), set()).add(day)
    return {form: days.pop() for form, days in merged.items() if len(days) == 1} | out


def _listed(locale: str) -> Iterator[tuple[str, int]]:
    """Every word, with its endings."""
    stems, ends = (part.split() for part in _LISTED[locale])
    for day, stem in enumerate(stems, 1):
        yield from ((stem + end, day) for end in ends or [""])


def _composed(locale: str) -> Iterator[tuple[str, int]]:
    """Ones, and tens with ones."""
    ones, tens = (part.split() for part in _TURKIC[locale])
    yield from ((word, n) for n, word in enumerate(ones, 1))
    for ten, (cardinal, ordinal) in enumerate(zip(tens[::2], tens[1::2], strict=True), 1):
        yield ordinal, 10 * ten
        yield from ((f"{cardinal}_{one}", 10 * ten + n) for n, one in enumerate(ones, 1) if 10 * ten + n <= 31)


@cache
def theirs(locale: str) -> Mapping[str, int]:
    """Numbers with the ending of what belongs to something, by their key: days only after a month in the genitive."""
    if locale not in _TURKIC:
        return {}
    known = {word: n for word, n in numbers.words(locale).items() if 0 < n <= 31 and word != _HEAD}
    return {word + end: n for word, n in known.items() for end in _THEIRS}
