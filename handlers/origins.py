"""Whose citizen the writer of a free message is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from handlers.clauses import Clause
from handlers.freewords import cue
from handlers.text import key
from handlers.whereabouts import beside_airport
from relief.pack import Pack

_LIVING_IN = re.compile(r"(li|lu)(m|z|im|iim|um|iz|iiz|uz|am|em|iam|iem|ik|iik)$")
_COMING_FROM = re.compile(r"[dtn][aeo]n(im|iim|iz|am|em|ik|man|men|min|mun|miz|biz|buz|dirin|diris)$")
_FROM = re.compile(r"(lik|dik|tik|lig|tig|dig)(man|miz|men|min|biz|mun|buz|imiz)$")
_WITHIN = 3
"""Words between a cue of citizenship and the country."""
_PEOPLES: Mapping[str, str] = {
    key(name): code
    for code, text in {
        "UZ": "uzbek üzbég özbek özbək узбекский oʻzbek ўзбек", "KZ": "kazakh kazah kazak казахский",
        "KG": "kyrgyz kirgiz kırgız кыргызский", "TR": "turkish török türk", "HU": "hungarian magyar",
        "AZ": "azerbaijani azeri azerbajdzsáni азербайджанский", "TM": "turkmen türkmén türkmen", "RU": "russian orosz rus",
        "TJ": "tajik tádzsik tacik",
    }.items()
    for name in text.split()
}  # fmt: skip
"""Peoples' names, read only right beside a word for citizenship."""


def nationality(clauses: list[Clause], today: date, pack: Pack) -> dict[str, str]:
    """Citizenship, or where the writer says to be from. Two different ones are none."""
    said = [c for c in clauses if not c.has("not")]
    citizen = {code for clause in said for code in _citizen(clause)}
    origin = {code for clause in said for code in _origin(clause)}
    found = citizen or origin
    return {"nationality": found.pop()} if len(found) == 1 else {}


def _citizen(clause: Clause) -> set[str]:
    """The country beside a word for citizenship."""
    found = cue("citizen", clause.locale).search(clause.text)
    if not found:
        return set()
    at = len(clause.text[: found.start()].split())
    near = [m for m in clause.places if abs(m.at - at) <= _WITHIN and m.places[0].kind == "country"]
    before = [m for m in near if m.at < at]
    after = [m for m in near if m.at > at]
    chosen = (after or before) if clause.locale in ("en", "ru") else before
    if chosen:
        best = min(chosen, key=lambda m: abs(m.at - at))
        return {p.state for p in best.places} if len(best.places) == 1 else set()
    code = _PEOPLES.get(clause.keys[at - 1], "") if at else ""
    return {code} if code else set()


def _origin(clause: Clause) -> set[str]:
    """The country, or the country of the city, that the writer is from."""
    found = set()
    for m in clause.places:
        word, before = clause.keys[m.at + m.size - 1], " ".join(clause.keys[: m.at])
        ended = bool(_COMING_FROM.search(word) or _LIVING_IN.search(word) or _FROM.search(word))
        said = any(before.endswith(hit[0]) for hit in cue("origin", clause.locale).finditer(before))
        hungarian = (
            clause.locale == "hu" and m.case == "from" and re.search(r"\b(vagiok|vagiunk|sarmazom)\b", clause.text)
        )
        if (
            len(m.places) == 1
            and not beside_airport(clause, m)
            and (said or (ended and clause.locale not in ("en", "ru", "hu")) or hungarian)
        ):
            found.add(m.places[0].state)
    return found
