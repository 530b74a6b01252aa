"""Which language a message is in, and languages by name.

Two independent opinions, Google's CLD2 and our own count of letters; only where both agree is anything offered. Then 99.6 of a
hundred answers are right (facts/language.md, 3). A language is never switched by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pycld2

from handlers.text import fold, key, norm
from handlers.words import CODES, LANGUAGES
from locales.cldr import locale as cldr
from locales.say import NAMES

_LETTERS = Path(__file__).parent / "data" / "letters.tsv"
_WORDS_ENOUGH = 3
_LETTERS_ENOUGH = 800
"""Characters of a message that are looked at: more would say the same."""
_CYRILLIC = ("kk", "ky", "uz_Cyrl", "ru")
_PLAIN = str.maketrans("қғңөұүһҳўіәё", "кгноууххуиае")
_MARGIN = 8
"""How much likelier (in eighths of a natural logarithm) the first language must be than the second."""


def plain(text: str) -> str:
    """Small letters without marks, in their own script, as typed on a foreign keyboard."""
    small = text.replace("İ", "i").replace("I", "i").replace("ı", "i").lower().replace("ə", "e")
    bare = unicodedata.normalize("NFD", small.translate(_PLAIN).replace("й", "\ue000"))
    return "".join(c for c in bare if not unicodedata.combining(c)).replace("\ue000", "й")


def grams(text: str) -> list[str]:
    """Runs of one to four letters; `_` stands for a word's edge."""
    small = text.replace("İ", "i").replace("I", "ı" if re.search("[ıİğş]", text) else "i").lower()
    small = re.sub("[`´‘’ʻʼ]", "'", small)
    out: list[str] = []
    for word in re.findall(r"(?:[^\W\d_]|')+", small):
        edged = f"_{word}_"
        out += [
            edged[at : at + n] for n in (1, 2, 3, 4) for at in range(len(edged) - n + 1) if edged[at : at + n] != "_"
        ]
    return out


@cache
def _table() -> Mapping[str, tuple[int, ...]]:
    """Runs of letters and how unlikely they are in each language, in the order of NAMES."""
    lines = _LETTERS.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {gram: tuple(map(int, numbers.split())) for gram, numbers in rows}


def by_letters(text: str) -> str | None:
    """Our own opinion: the language whose letters and runs of letters these are; None if two are as likely."""
    tags = _in_script(text)
    table = _table()
    totals = dict.fromkeys(NAMES, 0)
    for gram in grams(text):
        if gram in table:
            for tag, number in zip(NAMES, table[gram], strict=True):
                totals[tag] += number
    ranked = sorted((totals[tag], tag) for tag in tags)
    return ranked[0][1] if len(ranked) > 1 and ranked[1][0] - ranked[0][0] >= _MARGIN else None


def _in_script(text: str) -> tuple[str, ...]:
    """The languages of the script that most letters are in."""
    cyrillic = sum("Ѐ" <= c <= "ԯ" for c in text)
    latin = sum(c.isalpha() and not "Ѐ" <= c <= "ԯ" for c in text)
    return _CYRILLIC if cyrillic > latin else tuple(tag for tag in NAMES if tag not in _CYRILLIC)


def by_cld(text: str) -> str | None:
    """CLD2's opinion: the first of our languages among its guesses."""
    try:
        _, _, guesses = pycld2.detect(text.encode(errors="ignore").decode(), bestEffort=True)
    except pycld2.error:
        return None
    cyrillic = _in_script(text) is _CYRILLIC
    for _, code, _, _ in guesses:
        tag = "uz_Cyrl" if code == "uz" and cyrillic else code
        if tag in NAMES:
            return str(tag)
    return None


def language_of(text: str) -> str | None:
    """The language of a message, if both opinions agree."""
    begins = norm(text[:_LETTERS_ENOUGH])
    mine = by_letters(begins)
    return mine if mine is not None and mine == by_cld(begins) else None


def sure_language(text: str) -> str | None:
    """The language of three words or more, if both opinions agree: of fewer, one answer in twenty is wrong."""
    return language_of(text) if _enough(text) else None


def other_language(text: str, stored: str) -> str | None:
    """The language to offer a switch to: the message's own, where it is sure and not the stored choice.

    Nearly every message is in the stored one, and CLD2 says so twenty times as quickly as our own opinion is found.
    """
    if not _enough(text) or by_cld(norm(text[:_LETTERS_ENOUGH])) == stored:
        return None
    tag = language_of(text)
    return tag if tag != stored else None


def _enough(text: str) -> bool:
    """Whether there are words enough to be sure by."""
    return len(re.findall(r"[^\W\d_]{2,}(?:['ʻʼ’][^\W\d_]+)*", text)) >= _WORDS_ENOUGH


def read_language(text: str, *, codes: bool = True) -> str | None:
    """A language named in itself or in any other of ours, or (with `codes`) by its code, as the whole message."""
    whole = fold(text)
    if whole in LANGUAGES:
        return LANGUAGES[whole]
    if codes and whole in _codes():
        return _codes()[whole]
    return _names().get(key(text))


@cache
def _codes() -> Mapping[str, str]:
    """Codes people know: two letters, three letters."""
    three = {
        "aze": "az",
        "kaz": "kk",
        "kir": "ky",
        "tur": "tr",
        "uzb": "uz",
        "hun": "hu",
        "rus": "ru",
        "eng": "en",
        "tuk": "tk",
    }
    return {
        **CODES,
        **three,
        "uz cyrl": "uz_Cyrl",
        "uz latn": "uz",
        "uz lat": "uz",
        "uz kir": "uz_Cyrl",
        "uz кир": "uz_Cyrl",
    }


_SAID = {
    "az": "azəricə, azeri, azerice, azərbaycan dili, азербайджанча, azari, азери, ozarbayjoncha",
    "kk": "қазақ тілі, kazakça, kazakh, казахша, qazaqsha, qazaqşa, qozoqcha, казак тили, gazakça, по казахски",
    "ky": "кыргыз тили, kırgızca, kirgiz, qirgʻizcha, qırğızca, gyrgyzça, по киргизски, по кыргызски, kyrgyzcha",
    "tr": "türk dili, türkçe, turkish, turkcha, туркча, türkcə, түрікше, түркчө, по турецки, törökül",
    "uz": "oʻzbek tili, oʻzbek, özbekçe, özbəkcə, uzbek, по узбекски, "
    "өзбекше, өзбекче, ozbekcha, uzbekcha, oʻzbekcha lotin, lotincha",
    "uz_Cyrl": "ўзбек тили, ўзбек, ўзбекча кирилл, кириллча, узбекский кириллица, oʻzbekcha kirill, uzbek cyrillic",
    "hu": "magyarul, magyar nyelv, macarca, macarca, vengercha, по венгерски, венгерше, венгерче, wengerçe",
    "ru": "русский язык, rus dili, rusça, rusca, rusçe, orıs, орысша, орусча, ruscha, русча, oroszul, по русски, rusçá, русский",
    "en": "english, ingilizce, ingiliscə, ağılşınşa, ағылшынша, англисче, inglizcha, инглизча, angolul, по английски, iňlisçe, "
    "англійська",
    "tk": "türkmen dili, türkmence, türkmencə, turkmancha, туркманча, түркменче, түрікменше, по туркменски, türkmenül",
}
"""Languages as people ask for them."""


@cache
def _names() -> Mapping[str, str]:
    """Keys of language names in all our languages; a name that two of ours share is none."""
    found: dict[str, set[str]] = {}
    for tag in NAMES:
        for code in NAMES:
            name = cldr(tag).languages.get(code)
            if name and code != "uz_Cyrl":
                found.setdefault(key(name), set()).add(code)
    for code, text in _SAID.items():
        for name in text.split(","):
            found.setdefault(key(name), set()).add(code)
    for name, codes in found.items():
        if codes == {"uz", "uz_Cyrl"}:
            found[name] = {"uz"}
    return {name: codes.pop() for name, codes in found.items() if len(codes) == 1 and len(name) > 2}
