"""Names of countries, cities and airports as keys, in every language at once, with their Russian cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec
from babel import Locale

from handlers.text import fold, key
from locales.say import NAMES, voice

_CITIES = Path(__file__).parent / "data" / "cities.tsv"
_NO_STATES = ("EU", "UN", "ZZ", "XA", "XB", "EZ", "QO", "AC", "TA", "DG", "EA", "IC", "CP")


_OLD_NAMES = 50_000
"""Old and foreign names are known of cities from this size on: among those of villages are too many common words."""


class Place(msgspec.Struct, frozen=True):
    """A country (`TR`), a city (`TR:Istanbul`) or an airport (`IST`), its state, and its people (0 for a country)."""

    value: str
    state: str
    people: int = 0

    @property
    def kind(self) -> str:
        """`country`, `city` or `airport`."""
        return "country" if self.value == self.state else "city" if ":" in self.value else "airport"


_ALSO = {
    "TR": "Turkey, Turkiye, Türkiye Cumhuriyeti, Türkiyə, Туркие, Turkija",
    "US": "USA, United States of America, America, США, Америка, Amerika, ABD, АҚШ, AQSh",
    "GB": "UK, England, Англия, İngiltere, Anglia, Great Britain, Angliya",
    "KG": "Киргизия, Кыргызстан, Киргизстан, Kirghizia, Kirgizia, Kırgızstan, Qırğızstan, Kirgizistan",
    "TM": "Туркмения, Turkmenia, Туркменстан",
    "UZ": "Узбекистон, Uzbekiston, Özbekiston, Uzbekstan, Узбекстан",
    "KZ": "Казакстан, Qazaqstan, Kazakstan, Казакхстан",
    "KR": "South Korea, Корея, Южная Корея, Güney Kore, Cənubi Koreya, Оңтүстік Корея, Түштүк Корея, Janubiy Koreya, "
    "Günorta Koreýa",
    "AE": "UAE, Emirates, ОАЭ, Эмираты, BAƏ, BAE, БАӘ",
    "RU": "Россия, Rusya, РФ, Российская Федерация, Rossiýa, Урусия, Орусия, Орыссия",
    "HU": "Венгрия, Hungaria, Vengria, Мажарстан, Macarıstan",
    "AZ": "Azerbaycan, Азербайджан, Azərbaycan Respublikası",
    "DE": "Германия, Almanya, Almaniya, Germaniya, Германия",
    "CN": "Китай, Çin, Qıtay, Қытай, Кытай, Xitoy, Хитой, Hytaý",
}
"""Names beside CLDR's."""

_CITY_ALSO = {
    "TR:Istanbul": "Стамбул, Истанбул, İstanbul, Isztambul, Стамбол, Ыстамбул",
    "AZ:Baku": "Bakı, Баку, Baky, Boku, Боку, Баки",
    "UZ:Tashkent": "Toshkent, Тошкент, Taşkent, Daşkənd, Ташкент, Daşkent, Taskent",
    "UZ:Samarkand": "Samarqand, Самарқанд, Semerkant, Səmərqənd, Szamarkand",
    "UZ:Bukhara": "Buxoro, Бухоро, Buhara, Buxara, Бухара",
    "UZ:Namangan": "Наманган",
    "KZ:Almaty": "Алматы, Алма-Ата, Alma-Ata, Almatı, Olmaota, Олмаота",
    "KZ:Astana": "Nur-Sultan, Нур-Султан, Нұр-Сұлтан, Nursultan, Ostona, Остона, Aqmola",
    "KZ:Shymkent": "Шымкент, Чимкент, Çimkent, Chimkent, Şimkent",
    "KG:Bishkek": "Бишкек, Bişkek, Biskek, Bishkek",
    "KG:Osh": "Ош, Oş, Oʻsh, Ўш, Os",
    "KG:Talas": "Талас, Talas",
    "KG:Jalal-Abad": "Жалал-Абад, Jalalabad, Calalabad, Джалал-Абад, Jalal-Abad, Celalabad",
    "TM:Ashgabat": "Aşgabat, Ашхабад, Ашгабат, Aşkabat, Aşqabad, Asgabat, Ashxobod, Ашхобод",
    "TM:Daşoguz": "Дашогуз, Dashoguz, Ташауз",
    "HU:Budapest": "Будапешт, Budapeşte, Budapeşt",
    "HU:Záhony": "Záhony, Захонь",
    "HU:Röszke": "Röszke, Рёске",
    "AZ:Mingəçevir": "Mingəçevir, Мингечаур, Mingachevir",
    "AZ:Lankaran": "Lənkəran, Лянкяран, Ленкорань, Lenkeran",
    "AZ:Shusha": "Şuşa, Шуша",
    "AZ:Qabala": "Qəbələ, Габала",
    "AZ:Ganja": "Gəncə, Гянджа, Gence, Ganja",
    "TR:Ankara": "Анкара, Anqara",
    "TR:Antalya": "Анталья, Анталия, Антала, Antaliya",
    "TR:İzmir": "Измир, Izmir, İzmir",
    "TR:Bursa": "Бурса",
    "TR:Adana": "Адана",
    "TR:Trabzon": "Трабзон",
    "TR:Mersin": "Мерсин",
    "TR:Konya": "Конья, Кония",
    "TR:Kayseri": "Кайсери",
    "TR:Gaziantep": "Газиантеп",
    "TR:Erzurum": "Эрзурум",
    "TR:Alanya": "Аланья",
    "TR:Eskişehir": "Эскишехир",
    "KZ:Aktau": "Актау, Ақтау, Aqtau",
    "KZ:Aktobe": "Актобе, Ақтөбе, Aqtöbe, Актюбинск",
    "KZ:Atyrau": "Атырау",
    "KZ:Karagandy": "Караганда, Қарағанды, Qaragʻanda, Karaganda",
    "KZ:Kostanay": "Костанай, Қостанай",
    "KZ:Kyzylorda": "Кызылорда, Қызылорда, Qizilorda",
    "KZ:Oral": "Уральск, Орал",
    "KZ:Pavlodar": "Павлодар",
    "KZ:Taraz": "Тараз",
    "KZ:Semey": "Семей, Семипалатинск",
    "KG:Karakol": "Каракол",
    "UZ:Fergana": "Фергана, Fargʻona, Фарғона, Fergana",
    "UZ:Andijon": "Андижан, Андижон, Andijan, Andican",
    "UZ:Nukus": "Нукус",
    "UZ:Urganch": "Ургенч, Урганч, Urgench, Ürgenç",
    "UZ:Tirmiz": "Термез, Термиз, Termiz, Termez",
    "UZ:Qarshi": "Карши, Қарши, Karshi",
    "UZ:Jizzax": "Джизак, Жиззах, Jizzax",
    "UZ:Qo‘qon": "Коканд, Қўқон, Kokand",
    "UZ:Xiva": "Хива, Hiva, Khiva",
    "AZ:Sumgayit": "Сумгаит, Sumqayıt",
    "AZ:Naxçıvan": "Нахичевань, Naxçıvan, Nakhchivan",
    "TM:Mary": "Мары, Mary",
    "TM:Türkmenabat": "Туркменабат, Türkmenabat",
    "HU:Debrecen": "Дебрецен",
    "HU:Szeged": "Сегед",
    "HU:Győr": "Дьёр",
    "RU:Moscow": "Москва, Moskva, Moskova, Мәскеу, Москва шаары, Moszkva, Maskeu",
    "RU:Saint Petersburg": "Санкт-Петербург, Питер, Петербург, Sankt-Peterburg, Piter",
}
"""City names that GeoNames spells otherwise or lacks."""

_AIRPORTS_ALSO = {
    "SAW": "Sabiha Gökçen, Сабиха Гёкчен",
    "IST": "Arnavutköy Havalimanı, Yeni İstanbul Havalimanı",
    "ESB": "Esenboğa, Эсенбога",
    "ADB": "Adnan Menderes",
    "GYD": "Heydər Əliyev, Heydar Aliyev, Гейдар Алиев, Haydar Aliyev, Гейдара Алиева",
    "NQZ": "Nursultan Nazarbayev, Нурсултан Назарбаев",
    "BUD": "Ferihegy, Liszt Ferenc, Ferenc Liszt, Ferihegyi",
    "TAS": "Islom Karimov, Islam Karimov, Ислам Каримов",
    "DMB": "Aulie-Ata",
}
"""Airports by names that are no city's."""

MAIN = {
    "TR:Istanbul": "IST", "TR:Ankara": "ESB", "TR:İzmir": "ADB", "TR:Antalya": "AYT", "TR:Trabzon": "TZX", "TR:Adana": "COV",
    "TR:Gaziantep": "GZT", "TR:Bodrum": "BJV", "TR:Konya": "KYA", "TR:Kayseri": "ASR", "TR:Samsun": "SZF", "TR:Van": "VAN",
    "TR:Erzurum": "ERZ", "TR:Diyarbakır": "DIY", "KZ:Almaty": "ALA", "KZ:Astana": "NQZ", "KZ:Shymkent": "CIT",
    "KZ:Aktau": "SCO", "KZ:Atyrau": "GUW", "KZ:Aktobe": "AKX", "KZ:Karagandy": "KGF", "KZ:Kostanay": "KSN",
    "KZ:Pavlodar": "PWQ", "KZ:Turkistan": "HSA", "KZ:Taraz": "DMB", "KZ:Semey": "PLX", "KZ:Kyzylorda": "KZO",
    "KZ:Kyzyl-Orda": "KZO", "KZ:Oral": "URA", "KG:Bishkek": "BSZ", "KG:Osh": "OSS", "UZ:Tashkent": "TAS",
    "UZ:Samarkand": "SKD", "UZ:Bukhara": "BHK", "UZ:Urganch": "UGC", "UZ:Urgench": "UGC", "UZ:Namangan": "NMA",
    "UZ:Fergana": "FEG", "UZ:Andijon": "AZN", "UZ:Andijan": "AZN", "UZ:Nukus": "NCU", "UZ:Qarshi": "KSQ", "UZ:Karshi": "KSQ",
    "UZ:Tirmiz": "TMJ", "UZ:Termez": "TMJ", "UZ:Navoiy": "NVI", "UZ:Qo‘qon": "OQN", "AZ:Baku": "GYD", "AZ:Ganja": "GNJ",
    "AZ:Naxçıvan": "NAJ", "AZ:Lankaran": "LLK", "AZ:Qabala": "GBB", "AZ:Yevlakh": "YLV", "AZ:Zaqatala": "ZTU",
    "HU:Budapest": "BUD", "HU:Debrecen": "DEB", "TM:Ashgabat": "ASB", "TM:Türkmenabat": "CRZ", "TM:Turkmenabat": "CRZ",
    "TM:Mary": "MYP", "TM:Daşoguz": "TAZ", "TM:Türkmenbaşy": "KRW", "TM:Turkmenbasy": "KRW", "TM:Balkanabat": "BKN",
}  # fmt: skip
"""The passenger airport of a city."""

UNSURE = {key("Manas"): ("BSZ", "KG:Jalal-Abad"), key("Turkistan"): ("KZ:Turkistan", "TM")}
"""Names that mean two places: the airport of Bishkek and a city; a city, and half of Turkmenistan's name."""


@cache
def countries() -> Mapping[str, frozenset[str]]:
    """Keys of country names in all our languages, with Russian cases; what several countries share has several codes."""
    out: dict[str, set[str]] = {}
    for tag in NAMES:
        for code, name in Locale.parse(tag).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NO_STATES:
                for form in (*forms(name), *forms(voice(tag).country(code))):
                    out.setdefault(key(form), set()).add(code)
    for code, text in _ALSO.items():
        for name in text.split(","):
            for form in forms(name.strip()):
                out[key(form)] = {code}
    return {name: frozenset(codes) for name, codes in out.items() if len(name) > 2}


@cache
def cities() -> Mapping[str, tuple[Place, ...]]:
    """Keys of city names, with Russian cases, the largest city first."""
    out: dict[str, dict[str, tuple[int, Place]]] = {}
    for surely, place, name in _named():
        for form in forms(name):
            known = out.setdefault(key(form), {})
            known[place.value] = max(known.get(place.value, (0, place)), (surely, place), key=lambda k: k[0])
    return {name: _best(list(found.values())) for name, found in out.items()}


def _named() -> Iterator[tuple[int, Place, str]]:
    """Every name of every city: how surely it is the city's own, the city, the name."""
    listed = {place.value: place for place, _ in _listed()}
    for place, names in _listed():
        if place.kind == "city":
            yield 1, place, place.value[3:]
            yield 1, place, place.value[3:].removesuffix(" Shahri")
            if place.people >= _OLD_NAMES:
                yield from ((0, place, name) for name in names if len(key(name)) > 4)
    for value, text in _CITY_ALSO.items():
        yield from ((2, listed.get(value, Place(value, value[:2], 50_000)), name.strip()) for name in text.split(","))


def _best(found: list[tuple[int, Place]]) -> tuple[Place, ...]:
    """The cities that have this name for their own, the largest first; an old or foreign name counts where no city has it."""
    top = max(surely for surely, _ in found)
    return tuple(sorted((p for surely, p in found if surely == top), key=lambda p: -p.people))


@cache
def familiar(*, plain: bool = False) -> frozenset[str]:
    """Keys of the names that may be picked out of a longer message: of large cities, and those listed here by hand.

    `plain`: without the Russian cases.
    """
    known = [(p, name) for n, p, name in _named() if n == 2 or (n == 1 and p.people >= _LARGE and p.state in _STATES)]
    every = {(p.value, key(form)) for p, name in known for form in ((name,) if plain else forms(name))}
    by_hand = {key(form) for n, _, name in _named() if n == 2 for form in forms(name)}
    return frozenset(name for _, name in every if len(name) > 4 or name in by_hand) - _COMMON


_COMMON = frozenset(
    key(word)
    for word in "Kilis Ordu Batman Konak Fatih Buda Pest Derince Karaman Chust Mary Мары Oral Орал Aydın Sur Van Bolu".split()
)
"""Names that are words too: places only where nothing else is written."""
_LARGE = 100_000
_STATES = ("AZ", "KZ", "KG", "TR", "UZ", "HU", "TM")


@cache
def airports() -> Mapping[str, Place]:
    """Airports by code in small letters, and by names of their own as keys."""
    out = {place.value.lower(): place for place, _ in _listed() if place.kind == "airport"}
    names = {key(name): out[code.lower()] for code, text in _AIRPORTS_ALSO.items() for name in text.split(",")}
    return out | names


@cache
def _listed() -> tuple[tuple[Place, tuple[str, ...]], ...]:
    """The lines of cities.tsv."""
    out = []
    for line in _CITIES.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            state, name, people, names = line.split("\t")
            if (state, name) != ("KG", "Manas"):  # GeoNames' name of Jalal-Abad since 2025
                value = name if people == "-1" else f"{state}:{name}"
                out.append((Place(value, state, max(int(people), 0)), tuple(names.split("|"))))
    return tuple(out)


_CASES = (
    ("ия", ("ия", "ии", "ию", "ией")),
    ("ая", ("ая", "ой", "ую")),
    ("ое", ("ое", "ого", "ом", "ому")),
    ("ие", ("ие", "их", "им", "ими")),
    ("ые", ("ые", "ых", "ым")),
    ("ты", ("ты", "тах", "тов", "там")),
    ("а", ("а", "ы", "и", "е", "у", "ой")),
    ("я", ("я", "и", "е", "ю", "ей")),
    ("ь", ("ь", "я", "ю", "и", "е", "ем")),
    ("й", ("й", "я", "ю", "е", "ем")),
)
"""Russian endings, and what stands in their place in other cases."""
_HARD = ("", "а", "е", "у", "ом")


def forms(name: str) -> Iterator[str]:
    """A name and, in Cyrillic, its Russian cases; a name of several words changes in all of them."""
    yield name
    words = fold(name).split()
    if words and all("Ѐ" <= c <= "ӿ" for word in words for c in word):
        ways = [_cases(word) for word in words]
        for at in range(6):
            yield " ".join(way[min(at, len(way) - 1)] for way in ways)


def _cases(word: str) -> tuple[str, ...]:
    """The cases of one word."""
    for ending, others in _CASES:
        if word.endswith(ending):
            return tuple(word[: -len(ending)] + other for other in others)
    return (word,) if word[-1] in "оуиыэюёеі" else tuple(word + other for other in _HARD)
