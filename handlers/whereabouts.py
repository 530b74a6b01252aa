"""Where the writer of a free message is: the country, the kind of place, its name."""

from __future__ import annotations

import re
from datetime import date

from handlers import placenames, placewords
from handlers.clauses import Clause, date_in
from handlers.freewords import cue
from handlers.places import AIRPORT, Mention
from relief.pack import Pack

_HERE = re.compile(r"[dt][aeo](im|iim|iam|iem|man|men|min|mun|miz|biz|buz|iz|ik|iik|irin|iris|mis|diris|dirin)$")
_OFFICE = re.compile(r"embas|consul|posol|konsul|ofic|ofis|brat|sestr|drug|contact")
_ABLATIVE = re.compile(r"[dtn][aeo]n$")
IN = {"en": ("in", "at"), "ru": ("v", "vo", "na")}
"""Where something is, before its place."""


def stay(clauses: list[Clause], today: date, pack: Pack) -> dict[str, str]:
    """The country the writer is in, the kind of place, and its name."""
    out: dict[str, str] = {}
    stays = [(clause, m) for clause in clauses if not _denies_stay(clause) for m in _here(clause, today)]
    found = [m.places[0] for _, m in stays]
    hosts = {place.state for place in found}
    if len(hosts) == 1:
        out["host"] = hosts.pop()
    out |= _kind(
        clauses, {m.places[0].value for c, m in stays if m.places[0].kind != "country" and not c.has("entered")}, pack
    )
    return out


def _denies_stay(clause: Clause) -> bool:
    """Whether the writer says not to be there; *I cannot leave* says that they are."""
    if clause.locale in IN:
        return clause.has("not") and not re.search(r"\b(canot|can not|ne mogu|ne mojem|unable)\b", clause.text)
    return clause.has("not") and not clause.has("stay")


def _here(clause: Clause, today: date) -> list[Mention]:
    """Places that the writer says to be in."""
    entered = clause.has("entered") and bool(date_in(clause, today, "past"))
    staying = clause.has("stay")
    return [m for m in clause.places if len(m.places) == 1 and _is_here(clause, m, staying=staying, entered=entered)]


def _is_here(clause: Clause, m: Mention, *, staying: bool, entered: bool) -> bool:
    """Whether one place is where the writer is: `in Turkey`, `Ankara'dayım`, `Бишкекте турам`, `Budapesten vagyok`."""
    word = clause.keys[m.at + m.size - 1]
    if beside_airport(clause, m):
        return _at_airport(clause) and (staying or _airport_here(clause))
    if clause.locale in IN:
        before = clause.keys[m.at - 1] if m.at else ""
        return _after_cue(clause, m) or (entered and before in (*IN[clause.locale], "to"))
    if m.case == "in" and not (clause.locale != "hu" and _ABLATIVE.search(word)):
        return bool(_HERE.search(word)) or staying or (entered and clause.locale == "hu")
    return m.case in ("to", "") and entered


def _after_cue(clause: Clause, m: Mention) -> bool:
    """English and Russian: `in` right before the place, a word for staying before that, and no office between."""
    start = len(" ".join(clause.keys[: m.at]))
    if m.at == 0 or clause.keys[m.at - 1] not in IN[clause.locale] or not _in_case(clause, m):
        return False
    if m.at > 1 and _OFFICE.match(clause.keys[m.at - 2]):
        return False
    hits = [hit for hit in cue("stay", clause.locale).finditer(clause.text) if hit.end() <= start]
    ends_in = tuple(f" {word}" for word in IN[clause.locale])
    return any(hit.end() == start or not hit[0].endswith(ends_in) for hit in hits)


def _in_case(clause: Clause, m: Mention) -> bool:
    """Russian: `в Ташкенте` is where, `в Ташкент` and `в Турцию` are where to."""
    word = clause.keys[m.at + m.size - 1]
    return clause.locale != "ru" or word[-1] in "eih" or (word[-1] in "uo" and word in placewords.familiar(plain=True))


def beside_airport(clause: Clause, m: Mention) -> bool:
    """Whether a place names an airport: `Istanbul airport`, `аэропорт Стамбула`."""
    around = clause.keys[max(0, m.at - 1) : m.at] + clause.keys[m.at + m.size : m.at + m.size + 2]
    return m.places[0].kind == "airport" or any(AIRPORT.match(word) for word in around)


def _at_airport(clause: Clause) -> bool:
    """Whether the airport is where something is, by preposition or ending."""
    for at, word in enumerate(clause.keys):
        if AIRPORT.match(word):
            if clause.locale in IN:
                before = clause.keys[max(0, at - 4) : at]
                return any(w in before for w in IN[clause.locale])
            return bool(re.search(r"[dt][aeo](\w{0,6})$|en$|n$", word)) and not word.endswith(
                ("dan", "den", "tan", "ten", "nan", "nen")
            )
    return False


def _airport_here(clause: Clause) -> bool:
    """Whether the airport's own ending says *I am*."""
    return any(AIRPORT.match(word) and _HERE.search(word) for word in clause.keys)


def _kind(clauses: list[Clause], named: set[str], pack: Pack) -> dict[str, str]:
    """Airport zone, border point, ship or town. Two kinds are none."""
    said = [c for c in clauses if not _denies_stay(c)]
    airport = any(_at_airport(c) and (c.has("stay") or _airport_here(c)) for c in said)
    kinds = {kind for kind, cue_ in (("border_point", "border"), ("sea", "sea")) if any(_waits(c, cue_) for c in said)}
    if airport:
        kinds.add("airport_zone")
    cities = {value for value in named if ":" in value}
    if not kinds and len(cities) == 1 and len(named) == 1:
        return {"place": "city", "place_name": named.pop().partition(":")[2]}
    if len(kinds) != 1:
        return {}
    place = kinds.pop()
    name = _airport_name(named, pack) if place == "airport_zone" else ""
    return {"place": place} | ({"place_name": name} if name else {})


def _waits(clause: Clause, name: str) -> bool:
    """Whether the writer waits at a border or on a ship."""
    return clause.has(name) and (clause.has("stay") or bool(cue("people", clause.locale).search(clause.text)))


def _airport_name(named: set[str], pack: Pack) -> str:
    """The airport as the pack names it, or the city with its code."""
    codes = {value if ":" not in value else placenames.MAIN.get(value, "") for value in named}
    code = codes.pop() if len(codes) == 1 else ""
    known = next((p.name for p in pack.places if code and p.code == code), "")
    city = next((value.partition(":")[2] for value in sorted(named) if ":" in value), "")
    return known or (f"{city} Airport ({code})" if city and code else code)
