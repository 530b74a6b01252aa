"""A first message in a person's own words: the facts it surely says, and no others. What is left open is asked.

Precision before recall: a clause that asks, denies, supposes, or speaks of somebody else fills nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

import msgspec

from handlers import numbers
from handlers.clauses import Clause, clause_of, date_in, norm_lines, of_others, split
from handlers.freewords import cue, values
from handlers.languages import language_of
from handlers.origins import nationality
from handlers.whereabouts import stay
from locales.say import NAMES
from relief.pack import Pack

_LONGEST = 1200
"""Characters of a message that are looked at: longer ones tell a story, and are read by people."""
_LENGTH = re.compile(r"\b\d+[- ]?(gün|gun|күн|кун|kun|nap|дн|day)\w*", re.IGNORECASE)
"""How long a stay is: no day of a month."""
_SENTENCE = re.compile(r"(?<=[^\d\s][.!?])\s+|\n")
_TIME = re.compile(
    r"(dai|veek|month|iear|hour|minut|kilomet|km|dn|den|nedel|mesiac|cas|let|god|gun|kun|haft|saat|ap?ta|nap|het|ora)"
)


def read_freely(text: str, locale: str, today: date, pack: Pack) -> dict[str, str]:
    """The facts that `text` surely says, with the values of relief's facts: dates ISO, countries alpha-2, needs joined by commas.

    Only these: host, nationality, permit, expires, entered, place, place_name, people, minors, needs, unable_to_leave, wants.
    `locale` is the conversation's language; a message that is surely in another one is read in that.
    """
    plain = norm_lines(text)
    if len(plain) > _LONGEST:
        return {}
    tag = language_of(plain) or (locale if locale in NAMES else "en")
    clauses = [clause_of(typed, tag) for typed in split(plain, tag)]
    if any(of_others(clause) for clause in clauses) and _not_with_me(plain, tag):
        return {}
    said = [clause for clause in clauses if "?" not in clause.typed and not clause.has("maybe")]
    out: dict[str, str] = {}
    for fill in (nationality, stay, _permit, _entered, _counts, _needs, _unable, _wants):
        for fact, found in fill(said, today, pack).items():
            out.setdefault(fact, found)
    return out


def _not_with_me(plain: str, tag: str) -> bool:
    """Whether somebody else is spoken of in a sentence that does not say *with me*."""
    for sentence in _SENTENCE.split(plain):
        clauses = [clause_of(typed, tag) for typed in split(sentence, tag)]
        if not any(c.has("with_me") for c in clauses) and any(of_others(c) for c in clauses):
            return True
    return False


def _permit(clauses: list[Clause], today: date, pack: Pack) -> dict[str, str]:
    """The ground of stay that has ended or will, and its last day if one is written out; or only the last day of *my stay*."""
    found: dict[str, Clause] = {}
    for clause in clauses:
        wished = any(clause.has(f"wants:{wish}") for wish in values("wants"))
        ended = (clause.has("ended") or clause.has("ends")) and not clause.has("not") and not wished
        for permit in values("permit"):
            own = permit != "visa" or clause.locale not in ("en", "ru") or _mine(clause)
            if clause.has(f"permit:{permit}") and ended and own:
                found[_visa(clause) if permit == "visa" else permit] = clause
        if clause.has("free") and (clause.has("term") or clause.has("entered")):
            found["visa_free"] = clause
    if len(found) > 1 or any(clause.has("papers") for clause in clauses):
        found.pop("passport", None)
    if len(found) > 1:
        return {}
    days = {
        day for clause in (*found.values(), *(c for c in clauses if c.has("term"))) if (day := _last_day(clause, today))
    }
    told = {"permit": next(iter(found))} if found else {}
    return told | ({"expires": days.pop()} if len(days) == 1 else {})


_VISAS = {
    "visa_short": re.compile(r"\b[cs] (tip|viz|vis|kateg|segen)|(tip|kategori)\w* [cs]\b|\bsc?engen"),
    "visa_long": re.compile(r"\bd (tip|viz|vis|kateg)|(tip|kategori)\w* d\b"),
    "e_visa": re.compile(r"\be (viz|vis)|\belektron\w* viz|\belectronic vis|\beviz"),
}
"""What a visa is called that is of a kind, in keys."""


def _visa(clause: Clause) -> str:
    """The kind of visa, if one is named; else just a visa."""
    kinds = [kind for kind, said in _VISAS.items() if said.search(clause.text)]
    return kinds[0] if len(kinds) == 1 else "visa"


def _last_day(clause: Clause, today: date) -> str:
    """The day on which a stay has ended or will."""
    if clause.has("not") or not (clause.has("ended") or clause.has("ends")):
        return ""
    toward = "past" if clause.has("ended") and not clause.has("ends") else "future"
    if clause.has("term") or clause.has("free"):
        clause = msgspec.structs.replace(clause, typed=_LENGTH.sub(" ", clause.typed))
    return date_in(clause, today, toward)


def _mine(clause: Clause) -> bool:
    """Whether a visa is no one else's: `visa on arrival ended` speaks of a rule."""
    return not re.search(r"\b(regime|rejim|free|na granice|on arival|center|centr)\b", clause.text)


def _entered(clauses: list[Clause], today: date, pack: Pack) -> dict[str, str]:
    """The day of entry."""
    days = {date_in(c, today, "past") for c in clauses if c.has("entered") and not c.has("not")} - {""}
    day = days.pop() if len(days) == 1 else ""
    return {"entered": day} if day and day <= today.isoformat() else {}


def _counts(clauses: list[Clause], today: date, pack: Pack) -> dict[str, str]:
    """People and children, where a number stands right with them."""
    out: dict[str, str] = {}
    for fact, most in (("people", 500), ("minors", 60)):
        found = {n for clause in clauses for n in _numbers(clause, fact) if 0 < n <= most}
        if len(found) == 1:
            out[fact] = str(found.pop())
    return out


def _numbers(clause: Clause, fact: str) -> list[int]:
    """The numbers at a cue."""
    known = _number_words(clause.locale)
    out = []
    for hit in cue(fact, clause.locale).finditer(clause.text):
        word = next((group for group in hit.groups() if group), "")
        number = int(word) if word.isdecimal() and len(word) < 4 else known.get(word)
        after = clause.text[hit.end() :].split()
        if number is not None and not (after and _TIME.match(after[0])):
            out.append(number)
    return out


@cache
def _number_words(locale: str) -> Mapping[str, int]:
    """Number words, without the article."""
    return {
        word: n
        for word, n in numbers.words(locale).items()
        if word not in ("a", "an", "cuple") or n != 1 or locale != "en"
    }


def _needs(clauses: list[Clause], today: date, pack: Pack) -> dict[str, str]:
    """Help that is plainly named, in the order of the questions."""
    found = [
        need
        for need in values("needs")
        if any(c.has(f"needs:{need}") and not _denied(c, f"needs:{need}") for c in clauses)
    ]
    return {"needs": ",".join(found)} if found else {}


def _unable(clauses: list[Clause], today: date, pack: Pack) -> dict[str, str]:
    """Closed borders, cancelled transport, quarantine."""
    return {"unable_to_leave": "yes"} if any(c.has("unable") for c in clauses) else {}


def _wants(clauses: list[Clause], today: date, pack: Pack) -> dict[str, str]:
    """One wish; two are none."""
    found = {
        wish for wish in values("wants") for c in clauses if c.has(f"wants:{wish}") and not _denied(c, f"wants:{wish}")
    }
    return {"wants": found.pop()} if len(found) == 1 else {}


def _denied(clause: Clause, name: str) -> bool:
    """Whether a denial stands beside a cue and not within it."""
    rest = cue(name, clause.locale).sub(" ", clause.text)
    return bool(cue("not", clause.locale).search(rest))
