"""Every text is found, every translation is whole, and each kind of fault is caught."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from locales import catalogues, say
from locales.say import NAMES, Voice, offered, voice
from locales.source import extract


def texts(source: str) -> list[object]:
    """What is extracted from this code."""
    return [found[2] for found in extract(BytesIO(source.encode()), catalogues.KEYWORDS, (), {})]


def test_texts_are_found_wherever_they_stand() -> None:
    """One inside another, in an f-string, joined over lines; variables are not texts."""
    assert set(map(str, texts('Say("a {b}", {"b": Say("c")})'))) == {"a {b}", "c"}
    assert texts("""f"{say.gettext('Opened')}: {x}" """) == ["Opened"]
    assert texts('Say("one " "two")') == ["one two"]
    assert texts('Many("{n} file", "{n} files", n)') == [("{n} file", "{n} files")]
    assert texts("Say(title)") == []


def test_the_collection_holds_all_kinds_of_sources() -> None:
    """Python, templates and the law."""
    found = catalogues.collect()
    for text in ("Are you in danger now?", "Queue", "Visas and visa-free stays extended to 5 May 2020"):
        assert found.get(text) is not None


def test_the_offered_languages_are_complete() -> None:
    """A language below 100 % is not offered; English is the source."""
    source = catalogues.collect()
    assert set(offered()) == {"en", *(tag for tag in catalogues.tags() if not catalogues.check(tag, source))}
    assert {"en", "tr", "ru"} <= set(offered())


@pytest.mark.parametrize("fault", ["empty", "fuzzy", "plural", "none"])
def test_a_language_below_a_hundred_percent_is_not_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """One text without a translation, one that is only guessed at, one plural form too few, or no catalogue; the whole one is."""
    with catalogues.path_of("ru").open("rb") as file:
        russian = read_po(file, locale="ru")
    with catalogues.path_of("tr").open("rb") as file:
        turkish = read_po(file, locale="tr")
    match fault:
        case "empty":
            russian["Menu"].string = ""
        case "fuzzy":
            russian["Menu"].flags.add("fuzzy")
        case "plural":
            counted = next(m for m in russian if m.pluralizable)
            counted.string = (*tuple(counted.string or ())[:-1], "")
    for tag, catalogue in {"ru": russian, "tr": turkish}.items():
        path = tmp_path / tag / "LC_MESSAGES" / "komek.po"
        path.parent.mkdir(parents=True)
        path.write_text(catalogues._written(catalogue), "utf-8")
    if fault == "none":
        (tmp_path / "ru" / "LC_MESSAGES" / "komek.po").unlink()
    monkeypatch.setattr(say, "HERE", tmp_path)
    monkeypatch.setattr(say, "_read", say._read.__wrapped__)
    assert offered.__wrapped__() == ("tr", "en")


@pytest.mark.parametrize(
    ("translation", "fault"),
    [("", "not translated"), ("Gün: {dya}", "placeholders"), ("Gün {", "placeholders"), ("Gün: {day}", "")],
)
def test_each_fault_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, translation: str, fault: str) -> None:
    """Missing, wrong placeholder, broken template; and a right one passes."""
    monkeypatch.setattr(catalogues, "HERE", tmp_path)
    source, ours = Catalog(), Catalog(locale="tr")
    source.add("Last day: {day}.")
    ours.add("Last day: {day}.", translation)
    path = catalogues.path_of("tr")
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, ours)
    found = catalogues.check("tr", source)
    assert bool(found) == bool(fault)
    assert all(fault in line for line in found)


def test_updating_keeps_translations_and_removes_what_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is guessed from something alike."""
    monkeypatch.setattr(catalogues, "HERE", tmp_path)
    source = Catalog()
    source.add("one")
    source.add("two")
    first = catalogues.update("tr", source)
    first["one"].string = "bir"
    catalogues.path_of("tr").write_text(catalogues._written(first), "utf-8")
    changed = Catalog()
    changed.add("one")
    changed.add("one more")
    second = catalogues.update("tr", changed)
    assert second["one"].string == "bir"
    assert not second["one more"].string
    assert second.get("two") is None


def test_days_are_long_with_their_weekday() -> None:
    """Never a short form, which differs from state to state."""
    day = date(2020, 5, 15)
    assert voice("tr").day(day) == "15 Mayıs 2020, Cuma"
    assert voice("ru").day(day) == "15 мая 2020\u00a0г., пятница"
    assert voice("en").day(day) == "May 15, 2020, Friday"


def test_cyrillic_uzbek_months_have_their_soft_sign() -> None:
    """CLDR leaves it out; the words are those of the language's own dictionary."""
    said = [voice("uz_Cyrl").day(date(2020, month, 5)).split()[1].strip(",") for month in range(1, 13)]
    assert said == "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()


def test_formats_do_not_depend_on_the_order_in_which_languages_are_used() -> None:
    """python-babel #1234 mixes stand-alone month names of locales; the forms used here stay their own."""
    day = date(2020, 8, 3)
    forward = {tag: Voice(tag).day(day) for tag in NAMES}
    backward = {tag: Voice(tag).day(day) for tag in reversed(list(NAMES))}
    assert forward == backward


@pytest.mark.parametrize(("n", "form"), [(1, "файл"), (3, "файла"), (5, "файлов"), (21, "файл"), (12, "файлов")])
def test_russian_counts_in_three_forms(n: int, form: str) -> None:
    """By the catalogue's own rule."""
    assert form in voice("ru").ngettext("{n} file", "{n} files", n).split()


def test_kyrgyzstan_has_its_own_name_in_russian() -> None:
    """CLDR's is not the state's."""
    assert voice("ru").country("KG") == "Кыргызстан"
