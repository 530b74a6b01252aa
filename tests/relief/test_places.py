"""A place is called by a name that its reader can read: in their letters, and by no other place's name."""

from collections import Counter

import pytest

from locales.gates import ALPHABETS, small
from locales.say import NAMES
from tests.dialogue import pack


@pytest.mark.parametrize("tag", NAMES)
def test_a_name_has_the_letters_of_its_language(tag: str) -> None:
    """English names are written with the letters of ASCII."""
    alphabet = ALPHABETS.get(tag, frozenset("abcdefghijklmnopqrstuvwxyz"))
    names = [place.names[tag] for place in pack().places if tag in place.names]
    assert names
    assert [n for n in names if not alphabet.issuperset(letter for letter in small(n) if letter.isalpha())] == []


@pytest.mark.parametrize("tag", NAMES)
def test_two_places_of_one_kind_never_share_a_name(tag: str) -> None:
    """Who presses a name means one place."""
    shown = Counter((place.state, place.kind, place.called(tag)) for place in pack().places)
    assert [name for name, times in shown.items() if times > 1] == []


@pytest.mark.parametrize("tag", ["kk", "ky", "ru", "uz_Cyrl"])
def test_who_reads_cyrillic_letters_sees_every_airport_in_them(tag: str) -> None:
    """An English name is the last thing to offer somebody who does not read its letters; nor is it put before a Cyrillic one."""
    latin = [place for place in pack().places if place.called(tag).isascii()]
    assert [place.id for place in latin if place.kind == "airport" or "en" in place.names] == []


@pytest.mark.parametrize("tag", sorted(set(NAMES) - {"kk", "ky", "ru", "uz_Cyrl"}))
def test_who_reads_latin_letters_sees_every_place_in_them(tag: str) -> None:
    """A border point that has only a Cyrillic name of its own has an English one beside it."""
    shown = {place.id: place.called(tag) for place in pack().places}
    assert [id for id, name in shown.items() if any("Ѐ" <= letter <= "ӿ" for letter in name)] == []
