"""A language is switched only when it is asked for, and offered only when two opinions agree."""

import csv
from pathlib import Path

import pytest

from handlers.languages import other_language, read_language
from locales.say import NAMES

FACTS = Path(__file__).parents[3] / "shared" / "facts" / "langdata"
SENTENCES = {
    "az": "Salam, mən üç aydır burada qalmışam və evə qayıda bilmirəm",
    "kk": "Сәлем, мен үш айдан бері осында тұрып қалдым, үйге қайта алмай жүрмін",
    "ky": "Салам, мен үч айдан бери бул жерде калып калдым, үйгө кайта албай жатам",
    "tr": "Merhaba, üç aydır burada kaldım ve evime dönemiyorum",
    "uz": "Salom, men uch oydan beri shu yerda qolib ketdim, uyga qaytolmayapman",
    "uz_Cyrl": "Салом, мен уч ойдан бери шу ерда қолиб кетдим, уйга қайтолмаяпман",
    "hu": "Jó napot, három hónapja itt ragadtam, és nem tudok hazamenni",
    "ru": "Здравствуйте, я уже три месяца не могу вернуться домой",
    "en": "Hello, I have been stuck here for three months and cannot go home",
    "tk": "Salam, men üç aý bäri şu ýerde galdym we öýüme gaýdyp bilemok",
}


@pytest.mark.parametrize(("tag", "text"), SENTENCES.items())
def test_a_switch_is_offered_to_the_language_written(tag: str, text: str) -> None:
    """To that language and no other; never to the one already chosen."""
    for stored in NAMES:
        assert other_language(text, stored) in ({None} if stored == tag else {None, tag})


def measured(name: str) -> list[dict[str, str]]:
    """The workshop's own measured set, which lies beside the repository; elsewhere none, and our own rows stand for it."""
    if not FACTS.exists():
        return []
    with (FACTS / name).open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_most_sentences_are_known() -> None:
    """Two opinions agree on nearly all whole sentences."""
    known = [other_language(text, "en" if tag != "en" else "ru") == tag for tag, text in SENTENCES.items()]
    assert sum(known) >= 9


@pytest.mark.parametrize(
    "text", ["", "ok", "Tashkent", "👍👍👍", "1 2 3 4", "+998 90 123 45 67", "AB1234567 TR UZ", "\ud800 a b"]
)
def test_what_is_no_sentence_offers_nothing(text: str) -> None:
    """One or two words, numbers and signs say nothing of a language."""
    assert all(other_language(text, tag) is None for tag in NAMES)


def test_the_measured_set_offers_at_most_one_wrong_switch() -> None:
    """Whatever language was stored."""
    rows = measured("langid.tsv")
    wrong = [r["text"] for r in rows if {other_language(r["text"], tag) for tag in NAMES} - {None, r["lang"]}]
    assert len(wrong) <= 1


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Türkçe", "tr"), ("turkce", "tr"), ("по-турецки", "tr"), ("Turkish", "tr"), ("rusça", "ru"), ("английский", "en"),
        ("O'zbekcha", "uz"), ("ЎЗБЕКЧА", "uz_Cyrl"), ("Hungarian", "hu"), ("қазақ тілі", "kk"), ("uz-Cyrl", "uz_Cyrl"),
        ("tk", "tk"),
    ],
)  # fmt: skip
def test_a_language_is_chosen_by_name_or_code(text: str, tag: str) -> None:
    """In itself, in another language, or by its code."""
    assert read_language(text) == tag


def test_a_code_counts_only_where_it_may() -> None:
    """`az` is also a word: *few*."""
    assert read_language("az", codes=False) is None
    assert read_language("I speak Turkish") is None
