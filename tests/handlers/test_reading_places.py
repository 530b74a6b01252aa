"""Countries, cities and airports are known in every spelling, and other words are no places."""

import csv
from pathlib import Path

import pytest

from handlers.phones import read_phone
from handlers.places import read_country, read_place
from handlers.reading import NOTHING
from handlers.words import MENU, SMALL

FACTS = Path(__file__).parents[3] / "shared" / "facts" / "langdata"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Isztambulból", "TR:Istanbul"), ("Стамбуле", "TR:Istanbul"), ("Стабмул", "TR:Istanbul"), ("Ankara'dayım", "TR:Ankara"),
        ("Тошкентдан", "UZ:Tashkent"), ("Ташкенттенмін", "UZ:Tashkent"), ("Tashkennt", "UZ:Tashkent"), ("Bakıdan", "AZ:Baku"),
        ("Бакыда", "AZ:Baku"), ("Çimkent", "KZ:Shymkent"), ("Алматыға", "KZ:Almaty"), ("Бишкектемин", "KG:Bishkek"),
        ("Oshda", "KG:Osh"), ("Талас", "KG:Talas"), ("Тараз", "KZ:Taraz"),
        ("Ашхабад", "TM:Ashgabat"), ("Debrecen", "HU:Debrecen"),
        ("İzmir'deyim", "TR:İzmir"), ("Москвада", "RU:Moscow"),
        ("Manas havaalanı", "BSZ"), ("Sabiha Gökçen", "SAW"), ("Bakı aeroportu", "GYD"), ("аэропорт Ташкента", "TAS"),
        ("Aşgabat howa menzili", "ASB"), ("Ferihegy", "BUD"), ("ALA", "ALA"), ("Алматы әуежайы", "ALA"),
        ("Kazahstan", "KZ"), ("Ўзбекистонда", "UZ"), ("Özbekiston", "UZ"), ("Kyrgzstan", "KG"), ("Törökországba", "TR"),
        ("в Южной Корее", "KR"), ("в Саудовской Аравии", "SA"), ("ОАЭ", "AE"),
        ("Azərbaycandayam", "AZ"), ("Иран", "IR"), ("Ирак", "IQ"),
        ("Грузия", "GE"), ("Germaniyada", "DE"), ("Tacikistan'dan", "TJ"),
        ("Turkistan", "AMBIGUOUS"), ("I am in Turkey and my brother is in Germany", "AMBIGUOUS"),
        ("əуежай", "NONE"), ("kerak", "NONE"), ("visa", "NONE"), ("salom", "NONE"),
        ("qabul qilish", "NONE"), ("vizasiz boʻlish", "NONE"),
        ("крайний срок", "NONE"), ("Məlumatlarımı silin", "NONE"), ("határidő", "NONE"), ("20 mart", "NONE"), ("", "NONE"),
    ],
)  # fmt: skip
def test_a_place_is_known_or_not(text: str, value: str) -> None:
    """Endings, the other script, typing errors, airports by city and by name; common words are none."""
    reading = read_place(text)
    assert (reading.value or {"ambiguous": "AMBIGUOUS", "unknown": "NONE"}[reading.status]) == value


def test_the_measured_set_is_right() -> None:
    """At least 95 % right, at most one wrong, in the set beside the repository; elsewhere our own rows stand for it."""
    rows: list[dict[str, str]] = []
    if FACTS.exists():
        with (FACTS / "places.tsv").open(newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    right = wrong = 0
    for row in rows:
        reading = read_place(row["input"])
        got = reading.value or {"ambiguous": "AMBIGUOUS", "unknown": "NONE"}[reading.status]
        right += got == row["expected"]
        wrong += got != row["expected"] and bool(reading.value)
    assert right >= 0.95 * len(rows)
    assert wrong <= 1


@pytest.mark.parametrize("word", [*MENU, *SMALL])
def test_a_menu_word_is_never_a_place(word: str) -> None:
    """`kerak` once was Arak in Iran."""
    assert read_place(word) == NOTHING


def test_a_city_only_suggests_its_country() -> None:
    """To be from a place is not to be its citizen: a button asks."""
    assert read_country("Ташкент", "ru").options == ("UZ",)
    assert read_country("Özbekistan'dan", "tr").value == "UZ"
    assert read_country("tr", "tr").value == "TR"


@pytest.mark.parametrize(
    ("text", "region", "value"),
    [
        ("+998 90 123 45 67", "", "+998901234567"), ("998901234567", "", "+998901234567"),
        ("90 123 45 67", "UZ", "+998901234567"),
        ("8 701 123 45 67", "KZ", "+77011234567"), ("06 30 123 4567", "HU", "+36301234567"),
        ("00998901234567", "", "+998901234567"),
        ("my number is +90 532 123 45 67", "", "+905321234567"), ("+٩٩٨ ٩٠ ١٢٣ ٤٥ ٦٧", "", "+998901234567"),
        ("+9989O1234567", "", ""), ("901234567", "", ""), ("hello", "UZ", ""),
    ],
)  # fmt: skip
def test_a_phone_number_is_read_in_the_country_of_the_question(text: str, region: str, value: str) -> None:
    """Without a country's code it is only a number where the country is known."""
    assert read_phone(text, region).value == value
