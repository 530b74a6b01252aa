"""Numbers in words, 0 to 199, in ten languages. Own table: no library reads them typed without marks (facts/language.md, 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain, count

from handlers.reading import NOTHING, Reading
from handlers.text import fold, key, norm

_TURKIC: Mapping[str, tuple[str, str]] = {
    "az": (
        "sıfır bir iki üç dörd beş altı yeddi səkkiz doqquz",
        "on iyirmi otuz qırx əlli altmış yetmiş səksən doxsan yüz",
    ),
    "kk": ("нөл бір екі үш төрт бес алты жеті сегіз тоғыз", "он жиырма отыз қырық елу алпыс жетпіс сексен тоқсан жүз"),
    "ky": (
        "нөл бир эки үч төрт беш алты жети сегиз тогуз",
        "он жыйырма отуз кырк элүү алтымыш жетимиш сексен токсон жүз",
    ),
    "tr": (
        "sıfır bir iki üç dört beş altı yedi sekiz dokuz",
        "on yirmi otuz kırk elli altmış yetmiş seksen doksan yüz",
    ),
    "uz": (
        "nol bir ikki uch toʻrt besh olti yetti sakkiz toʻqqiz",
        "oʻn yigirma oʻttiz qirq ellik oltmish yetmish sakson toʻqson yuz",
    ),
    "uz_Cyrl": (
        "нол бир икки уч тўрт беш олти етти саккиз тўққиз",
        "ўн йигирма ўттиз қирқ эллик олтмиш етмиш саксон тўқсон юз",
    ),
    "tk": (
        "nol bir iki üç dört bäş alty ýedi sekiz dokuz",
        "on ýigrimi otuz kyrk elli altmyş ýetmiş segsen togsan ýüz",
    ),
}
"""Ones from 0, then tens from 10 to 100; all others are these together, apart or closed up."""

_LISTED: Mapping[str, tuple[str, str]] = {
    "hu": (
        (
            "nulla egy kettő három négy öt hat hét nyolc kilenc tíz tizenegy tizenkettő tizenhárom tizennégy tizenöt tizenhat "
            "tizenhét tizennyolc tizenkilenc"
        ),
        "huszon harminc negyven ötven hatvan hetven nyolcvan kilencven száz",
    ),
    "ru": (
        (
            "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать "
            "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"
        ),
        "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто сто",
    ),
    "en": (
        (
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
            "eighteen nineteen"
        ),
        "twenty thirty forty fifty sixty seventy eighty ninety hundred",
    ),
}
"""The same where 11 to 19 have words of their own: 0 to 19, then 20 to 100."""

_OTHER: Mapping[str, str] = {
    "hu": "nincs=0 húsz=20 két=2 tizenkét=12 huszonkét=22 ketten=2 hárman=3 négyen=4 öten=5 hatan=6 heten=7 "
    "nyolcan=8 kilencen=9 tízen=10",
    "ru": "нисколько=0 никого=0 одна=1 одно=1 две=2 двое=2 трое=3 четверо=4 пятеро=5 шестеро=6 семеро=7 двух=2 трёх=3 "
    "четырёх=4 пяти=5 двумя=2 тремя=3 двоих=2 троих=3 двоими=2 двоем=2 троем=3",
    "en": "none=0 a=1 an=1 couple=2 one_hundred=100 a_hundred=100",
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
    """Every number word from 0 to 199 of a language, by its `fold` and its `key`, apart and closed up.

    A key that two numbers share (Hungarian `tizennégy` and `tizenegy`) is none; their folds tell them apart.
    """
    out: dict[str, int] = {}
    merged: dict[str, set[int]] = {}
    for word, number in chain(_plain(locale), _irregular(locale)):
        for form in (word.replace("_", " "), word.replace("_", "")):
            out.setdefault(fold(form), number)
            merged.setdefault(key(form), set()).add(number)
    return {form: numbers.pop() for form, numbers in merged.items() if len(numbers) == 1} | out


def _plain(locale: str) -> Iterator[tuple[str, int]]:
    """The regular words."""
    ones, tens = (part.split() for part in {**_TURKIC, **_LISTED}[locale])
    yield from zip(ones, count(), strict=False)
    start = 1 if len(ones) == 10 else 2
    below = [*enumerate(ones)][1:]
    for number, word in zip(count(10 * start, 10), tens, strict=False):
        yield word, number
        yield from ((f"{word}_{one}", number + n) for n, one in below if n < (100 if number == 100 else 10))
        if number < 100:
            below += [(number, word), *((number + n, f"{word}_{one}") for n, one in below[:9])]


def _irregular(locale: str) -> list[tuple[str, int]]:
    """The other forms."""
    pairs = (entry.split("=") for entry in _OTHER.get(locale, "").split())
    return [(word, int(number)) for word, number in pairs]


@cache
def everywhere() -> Mapping[str, int]:
    """Number words of all languages together, without those that differ between two of them."""
    seen: dict[str, set[int]] = {}
    for locale in (*_TURKIC, *_LISTED):
        for word, number in words(locale).items():
            seen.setdefault(word, set()).add(number)
    return {word: numbers.pop() for word, numbers in seen.items() if len(numbers) == 1}


_BESIDE = frozenset(key(word) for word in _PEOPLE.split())
_RANGE = re.compile(r"^(\d{1,3})\s*[-–—/]\s*(\d{1,3})$")


def read_number(text: str, most: int, locale: str = "") -> Reading:
    """A count from 0 to `most`: digits of any script, keycaps, or words up to 199, in `locale` or (without it) any language.

    `4-5` is offered as either. A number among other words counts only beside words for people.
    """
    plain = norm(text)
    if open_range := _RANGE.match(plain):
        both = tuple(str(int(n)) for n in open_range.groups() if int(n) <= most)
        return Reading(options=both)
    if re.search(r"[-+.,/:]\s*\d", plain):
        return NOTHING
    found = count_in(fold(plain).split(), words(locale) if locale else everywhere())
    return Reading(str(found)) if found is not None and found <= most else NOTHING


def count_in(tokens: list[str], known: Mapping[str, int]) -> int | None:
    """The one number, in one word or more, among words that do not change it; None if there are two, or other words."""
    whole = _value(" ".join(tokens), known)
    if whole is not None:
        return whole
    found = [token for token in tokens if _value(token, known) is not None]
    if any(token not in found and key(token) not in _BESIDE for token in tokens):
        return None
    return _value(" ".join(found), known)


def _value(words: str, known: Mapping[str, int]) -> int | None:
    """The number that folded words are."""
    if words.isascii() and words.isdigit() and len(words) < 5:
        return int(words)
    return known.get(words, known.get(key(words)))
