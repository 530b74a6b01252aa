"""Yes and no as people say them: with a please, a thank-you, an emoji, or as *of course* and *I do not agree*."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.reading import NOTHING, Reading
from handlers.text import fold
from handlers.words import SMALL

_SAID: Mapping[str, str] = {
    "yes": "əlbəttə, razıyam, bəli razıyam, иа, йә, әрине, келісемін, оба, албетте, макул, макулмун, "
    "tabii, tabii ki, tabi, tabi ki, elbette, olur, kabul ediyorum, onaylıyorum, evt, xa, albatta, roziman, ха, албатта, "
    "розиман, persze, hogyne, természetesen, egyetértek, конечно, да конечно, ага, угу, согласен, согласна, разумеется, da, "
    "yep, yeah, yup, sure, of course, certainly, i agree, yes i do, yes i am, yes i have, agreed, elbetde, razy, razydyryn",
    "no": "yo, razı deyiləm, xeyir, келіспеймін, жоқ келіспеймін, макул эмес, макул эмесмин, kabul etmiyorum, onaylamıyorum, "
    "rozi emasman, рози эмасман, йук, йуқ, nem értek egyet, dehogy, неа, не а, нет конечно, конечно нет, не согласен, "
    "не согласна, net, nope, nah, no way, of course not, certainly not, i do not agree, i dont agree, i disagree, "
    "no i do not, no i dont, no i am not, no im not, razy däl, razy dal, ylalaşamok",
    "": "zəhmət olmasa, xahiş edirəm, sağ ol, sağ olun, çox sağ olun, təşəkkür, təşəkkürlər, təşəkkür edirəm, рахмет, "
    "көп рахмет, өтінемін, рахмат, чоң рахмат, сураныч, lütfen, teşekkürler, teşekkür ederim, çok teşekkürler, sağol, "
    "sağolun, efendim, rahmat, katta rahmat, iltimos, раҳмат, катта раҳмат, илтимос, kérem, kérek, köszönöm, köszi, "
    "köszönöm szépen, пожалуйста, спасибо, спасибо большое, большое спасибо, please, thanks, thank you, "
    "thank you very much, sir, madam, sag boluň, sag bol, haýyş edýärin, minnetdar",
}
"""Beside the short answers of words.SMALL; under the empty name what says neither, but may stand with either."""

_SIGNS: Mapping[str, str] = {
    "👍": "yes",
    "✅": "yes",
    "✔": "yes",
    "👌": "yes",
    "👎": "no",
    "❌": "no",
    "✖": "no",
    "🚫": "no",
}
_SHORT = {fold(word): meaning for word, meaning in SMALL.items() if meaning in ("yes", "no")}
_KNOWN = {fold(word): meaning for meaning, text in _SAID.items() for word in text.split(",")} | _SHORT
_LONGEST = 4
"""Words in the longest phrase."""


def read_yes_no(text: str) -> Reading:
    """`yes` or `no`, if the whole message says one of them and not the other; a sign counts alone, or against the words."""
    said = _meanings(fold(text).split())
    if said is None:
        return NOTHING
    signs = {meaning for sign, meaning in _SIGNS.items() if sign in text}
    words = said - {""}
    if len(words) > 1 or (words == {"yes"} and "no" in signs):
        return NOTHING
    found = words or (signs if not said else set())
    return Reading(found.pop()) if len(found) == 1 else NOTHING


def _meanings(words: list[str]) -> set[str] | None:
    """What the words mean, the longest phrase first; None if any is something else. `ha` twice is a laugh."""
    if len(words) > 1 and set(words) <= {"ha", "xa", "ха", "ҳа"}:
        return None
    out: set[str] = set()
    at = 0
    while at < len(words):
        size = next((n for n in range(_LONGEST, 0, -1) if " ".join(words[at : at + n]) in _KNOWN), 0)
        if not size:
            return None
        out.add(_KNOWN[" ".join(words[at : at + size])])
        at += size
    return out
