"""Words are found, though none is kept; by nobody who may not read them; and no longer than the words themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import func, select

from handlers.nouns import CloseCase, Forget
from storage.cases import Cases
from storage.records import Filter, Officer
from storage.sql import search
from storage.sql.finder import Finder, words
from storage.sql.lexicon import meanings
from storage.sql.tables_queue import case_words
from tests.storage_sql.sample import added, at, opened

CASE = opened()
OTHER = replace(opened("other"), report={"place": "city", "place_name": "Шымкент", "note": "Деньги украли"})


@pytest.fixture
async def officer(cases: Cases) -> Officer:
    """An officer; CASE and OTHER are filed."""
    await cases.file([CASE, OTHER])
    return await cases.officers.add("demo1", "uz.mfa", "Demo Officer")


async def _found(cases: Cases, asked: str, agency: str = "uz.mfa") -> set[str]:
    return {line.id for line in (await cases.queue(agency, Filter(words=asked))).lines}


async def test_a_case_is_found_by_what_was_said_on_it(cases: Cases, officer: Officer) -> None:
    """Report, messages, corrections and answers; several words must all be there, in any order and script."""
    await cases.file([added(CASE, 1, body="My passport was stolen in Samarqand")])
    await cases.reply(officer, CASE.ref, "Please go to the embassy", (await cases.case("uz.mfa", CASE.ref)).seen)
    for asked in ("passport", "PASSPORT stolen", "samarqand", "Самарканд", "embassy", "flat 7", "embassy, passport!"):
        assert await _found(cases, asked) == {CASE.id}, asked
    assert await _found(cases, "Shymkent") == await _found(cases, "шымкент") == {OTHER.id}
    for nothing in ("passports", "passport nowhere", "pass", "!!!", "\0", "%"):
        assert await _found(cases, nothing) == set(), nothing
    await cases.file([CloseCase("c", CASE.id, at(9))])
    assert await _found(cases, "embassy") == {CASE.id}


async def test_facts_are_found_in_the_officers_language(cases: Cases, officer: Officer) -> None:
    """A citizenship, a place, a permit: by their names in ten languages, not by our codes."""
    for asked in ("Kazakhstan", "Қазақстан", "Kazahsztán", "airport", "havalimanı", "Uzbekistan visa"):
        assert CASE.id in await _found(cases, asked), asked
    assert OTHER.id not in await _found(cases, "airport")


async def test_a_number_is_found_however_it_is_written(cases: Cases, officer: Officer) -> None:
    """With or without its prefix, blanks and signs."""
    third = replace(opened("third"), report={"contact": "+998 (90) 123-45-67"})
    await cases.file([third])
    for asked in ("+998901234567", "90 123 45 67", "998-90-123-4567"):
        assert await _found(cases, asked) == {third.id}, asked
    assert await _found(cases, "45 67") == set()


async def test_a_note_is_found_by_its_own_agency_alone(cases: Cases, officer: Officer) -> None:
    """And a case by nobody who does not see it, however right the word."""
    await cases.note(officer, CASE.ref, "Suspicious Flamingo", "")
    assert await _found(cases, "flamingo") == {CASE.id}
    assert await _found(cases, "flamingo", "kz.mfa") == set()
    assert await _found(cases, "passport flat", "hu.mfa") == set()
    assert await _found(cases, "flat", "kz.mfa") == {CASE.id}


async def test_words_go_with_the_person(cases: Cases, officer: Officer) -> None:
    """Forgotten: not one mark is left, and a word of the old days finds nothing."""
    await cases.note(officer, CASE.ref, "Flamingo", "")
    await cases.file([Forget("forget", CASE.chat, CASE.chat_ref, (CASE.id,), at(9))])
    assert await _found(cases, "flat") == await _found(cases, "flamingo") == set()
    async with cases._db.read() as connection:
        left = select(func.count()).where(case_words.c.case_id == CASE.id)
        assert (await connection.execute(left)).scalar_one() == 0


async def test_a_frequent_word_is_found_page_by_page(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    """What most cases say is looked for along the queue; what few say in the index of words: the same cases, in order."""
    many = [
        replace(CASE, id=f"c{n}", ref=f"r{n}", at=at(n), report={"note": f"visa {'rare' if n % 4 == 0 else 'often'}"})
        for n in range(20)
    ]
    await cases.file(many)

    async def walk(asked: str) -> list[str]:
        met, after = [], ""
        while True:
            page = await cases.queue("uz.mfa", Filter(words=asked), after, 3)
            met += [line.id for line in page.lines]
            if not page.after:
                return met
            after = page.after

    by_index = {asked: await walk(asked) for asked in ("visa", "rare", "visa often", "rare often")}
    monkeypatch.setattr(search, "RARE", 1)
    assert {asked: await walk(asked) for asked in by_index} == by_index
    monkeypatch.setattr(search, "WALK", 5)
    assert {asked: await walk(asked) for asked in by_index} == by_index
    assert by_index["visa"] == [case.id for case in many]
    assert by_index["rare"] == [case.id for case in many[::4]]
    assert by_index["rare often"] == []


async def test_without_a_secret_nothing_is_marked(database_url: str, tmp_path: Path) -> None:
    """A digest without a key could be turned back by trying words."""
    assert Finder("").marks(["word"]) == []
    assert "word" not in repr(Finder("secret"))
    assert Finder("a" * 32).marks(["word"]) != Finder("b" * 32).marks(["word"])
    assert Finder("a" * 32).name != Finder("b" * 32).name


@given(st.text(max_size=60), st.text(max_size=60))
def test_every_word_of_a_text_is_asked_for_as_it_was_kept(one: str, other: str) -> None:
    """Whatever somebody writes, asking for any word of it asks for a word that was kept."""
    kept = words(f"{one} {other}")
    assert all(word and len(word) <= 64 for word in kept)
    for word in kept:
        if not any(c.isdigit() for c in word):
            assert words(word) <= kept | {word}


def test_no_meaning_hangs_on_a_word_of_two_letters() -> None:
    """`of`, `az`, `на` are in many names and mean none of them."""
    assert all(len(word) >= 3 for word in meanings())
    assert "nationality=HU" in meanings()[next(iter(words("Magyarország")))]
