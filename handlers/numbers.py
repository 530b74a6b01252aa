"""Numbers in words, 0 to 31, in ten languages. Own table: no library reads them typed without marks (facts/language.md, 5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from itertools import chain

from handlers.reading import NOTHING, Reading
from handlers.text import fold, key, norm

_COUNTED: Mapping[str, tuple[str, str]] = {
    "az": ("sıfır bir iki üç dörd beş altı yeddi səkkiz doqquz", "on iyirmi otuz"),
    "kk": ("нөл бір екі үш төрт бес алты жеті сегіз тоғыз", "он жиырма отыз"),
    "ky": ("нөл бир эки үч төрт беш алты жети сегиз тогуз", "он жыйырма отуз"),
    "tr": ("sıfır bir iki üç dört beş altı yedi sekiz dokuz", "on yirmi otuz"),
    "uz": ("nol bir ikki uch toʻrt besh olti yetti sakkiz toʻqqiz", "oʻn yigirma oʻttiz"),
    "uz_Cyrl": ("нол бир икки уч тўрт беш олти етти саккиз тўққиз", "ўн йигирма ўттиз"),
    "tk": ("nol bir iki üç dört bäş alty ýedi sekiz dokuz", "on ýigrimi otuz"),
}
"""Ones from 0, and tens: 10, 20, 30. The rest of these languages is tens and ones, together or apart."""

_LISTED: Mapping[str, str] = {
    "hu": "nulla egy kettő három négy öt hat hét nyolc kilenc tíz tizenegy tizenkettő tizenhárom tizennégy tizenöt tizenhat "
    "tizenhét tizennyolc tizenkilenc húsz huszonegy huszonkettő huszonhárom huszonnégy huszonöt huszonhat huszonhét "
    "huszonnyolc huszonkilenc harminc harmincegy",
    "ru": "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать "
    "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать двадцать двадцать_один двадцать_два двадцать_три "
    "двадцать_четыре двадцать_пять двадцать_шесть двадцать_семь двадцать_восемь двадцать_девять тридцать тридцать_один",
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty twenty_one twenty_two twenty_three twenty_four twenty_five twenty_six twenty_seven "
    "twenty_eight twenty_nine thirty thirty_one",
}
"""All words from 0 to 31."""

_OTHER: Mapping[str, str] = {
    "hu": "nincs=0 két=2 tizenkét=12 huszonkét=22 ketten=2 hárman=3 négyen=4 öten=5 hatan=6 heten=7",
    "ru": "нисколько=0 никого=0 одна=1 одно=1 две=2 двое=2 трое=3 четверо=4 пятеро=5 шестеро=6 семеро=7 двух=2 трёх=3 "
    "четырёх=4 пяти=5 двумя=2 тремя=3 двоих=2 троих=3 двоими=2 двоем=2 троем=3",
    "en": "none=0 a=1 an=1 couple=2",
    "kk": "жалғыз=1 екеу=2 екеуміз=2 үшеу=3 үшеуміз=3 төртеу=4 төртеуміз=4 бесеу=5 бесеуміз=5",
    "ky": "нөөл=0 жалгыз=1 экөө=2 экөөбүз=2 үчөө=3 үчөөбүз=3 төртөө=4 төртөөбүз=4 бешөө=5 бешөөбүз=5",
    "tr": "hiç=0 ikimiz=2 üçümüz=3 dördümüz=4 beşimiz=5",
    "az": "heç=0 ikimiz=2 üçümüz=3 dördümüz=4 beşimiz=5 sekkiz=8",
    "uz": "yolgʻiz=1 ikkita=2 uchta=3 toʻrtta=4 beshta=5 bitta=1 ikkimiz=2 uchalamiz=3",
    "uz_Cyrl": "ёлғиз=1 иккита=2 учта=3 тўртта=4 бешта=5 битта=1 иккимиз=2 учаламиз=3 турт=4 турта=4 ун=10 утиз=30",
    "tk": "ýeke=1 ikimiz=2 üçümiz=3 dördümiz=4",
}
"""Other forms: counting people, and cases."""

_PEOPLE = (
    "kişi kişiyiz insan nəfər nəfərik adam adamyz adamız кісі адам адамбыз адамбыз киши кишибиз кишимиз kishi kishimiz nafar "
    "нафар odam одам fő vagyunk ember gyerek человек человека нас людей people persons person of us we are biz мы біз биз mi "
    "biziň children child kids çocuk uşaq bala балa bola бола çaga ребёнок ребенка детей дети та ta dana tane nəfərdir всего "
    "jami жами барлығы баары toplam hammasi az"
)
"""Words that may stand beside a count without changing it."""


@cache
def words(locale: str) -> Mapping[str, int]:
    """The `key` of every number word from 0 to 31 of a language. Two-word numbers keep their space and stand closed up too."""
    out: dict[str, int] = {}
    for word, number in chain(_plain(locale), _irregular(locale)):
        spaced = key(word.replace("_", " "))
        out.setdefault(spaced, number)
        out.setdefault(spaced.replace(" ", ""), number)
    return out


def _plain(locale: str) -> list[tuple[str, int]]:
    """The regular words."""
    if locale in _LISTED:
        return [(word, n) for n, word in enumerate(_LISTED[locale].split())]
    ones, tens = (part.split() for part in _COUNTED[locale])
    single = [(word, n) for n, word in enumerate(ones)] + [(word, 10 * n) for n, word in enumerate(tens, 1)]
    both = [
        (f"{t}_{o}", 10 * i + j) for i, t in enumerate(tens, 1) for j, o in enumerate(ones) if j and 10 * i + j <= 31
    ]
    return single + both


def _irregular(locale: str) -> list[tuple[str, int]]:
    """The other forms."""
    pairs = (entry.split("=") for entry in _OTHER.get(locale, "").split())
    return [(word, int(number)) for word, number in pairs]


@cache
def everywhere() -> Mapping[str, int]:
    """Number words of all languages together, without those that differ between two of them."""
    seen: dict[str, set[int]] = {}
    for locale in (*_COUNTED, *_LISTED):
        for word, number in words(locale).items():
            seen.setdefault(word, set()).add(number)
    return {word: numbers.pop() for word, numbers in seen.items() if len(numbers) == 1}


_BESIDE = frozenset(key(word) for word in _PEOPLE.split())
_RANGE = re.compile(r"^(\d{1,3})\s*[-–—/]\s*(\d{1,3})$")


def read_number(text: str, most: int, locale: str = "") -> Reading:
    """A count from 0 to `most`: digits of any script, keycaps, or a word up to 31, in `locale` or (without it) any language.

    `4-5` is offered as either. A number among other words counts only beside words for people.
    """
    plain = norm(text)
    if open_range := _RANGE.match(plain):
        both = tuple(str(int(n)) for n in open_range.groups() if int(n) <= most)
        return Reading(options=both)
    if re.search(r"[-+.,/:]\s*\d", plain):
        return NOTHING
    found = count_in(fold(plain).split(), dict(words(locale)) if locale else dict(everywhere()))
    return Reading(str(found)) if found is not None and found <= most else NOTHING


def count_in(tokens: list[str], known: Mapping[str, int]) -> int | None:
    """The one number among words that do not change it; None if there are two, or other words."""
    keys = [key(token) for token in tokens]
    whole = known.get(" ".join(keys), known.get("".join(keys)))
    if whole is not None:
        return whole
    numbers = [_value(word, known) for word in keys]
    rest = [word for word, number in zip(keys, numbers, strict=True) if number is None]
    found = [number for number in numbers if number is not None]
    if len(found) == 2 and found[0] in (10, 20, 30) and 0 < found[1] < 10:
        found = [sum(found)]
    return found[0] if len(found) == 1 and all(word in _BESIDE for word in rest) else None


def _value(word: str, known: Mapping[str, int]) -> int | None:
    """A token's number."""
    return int(word) if word.isascii() and word.isdigit() and len(word) < 5 else known.get(word)
