"""Each gate catches the fault it is for, and lets a right translation pass."""

import pytest

from locales.gates import ALPHABETS, faults
from locales.say import NAMES


@pytest.mark.parametrize(
    ("tag", "source", "translation", "fault"),
    [
        ("tr", "Your stay", "Kalışınıз", "letters"),
        ("ru", "Your stay", "Baш срок", "letters"),
        ("az", "A day", "Bir gun wə", "letters"),
        ("kk", "Help", "Көмeк", "letters"),
        ("uz", "No", "Yo'q", "oʻ or gʻ"),
        ("tr", "Write here what happened", "Write here what happened", "same as the source"),
        ("hu", "How many people?", "Hány ember ember?", "stands twice"),
        ("tr", "Country: {country}", "{country}da", "glued"),
        ("ru", "Day: {day}", "до{day}", "glued"),
        ("hu", "A day", "Nape\u0301", "NFC"),
        ("tr", "Are you in danger now?", "Şu anda tehlikedesiniz.", "does not end"),
        ("tr", "One.\nTwo.", "Bir. İki.", "lines"),
    ],
)
def test_a_planted_fault_is_caught(tag: str, source: str, translation: str, fault: str) -> None:
    """One of each kind."""
    assert any(fault in found for found in faults(tag, source, translation))


@pytest.mark.parametrize(
    ("tag", "source", "translation"),
    [
        ("tr", "Send it in parts.", "Parça parça gönderin."),
        ("ru", "Telegram: {value}", "Telegram: {value}"),
        ("uz", "No", "Yoʻq"),
        ("az", "Help", "Kömək"),
        ("kk", "Are you in danger now?", "Қазір сізге қауіп төніп тұр ма?"),
    ],
)
def test_a_right_translation_passes(tag: str, source: str, translation: str) -> None:
    """Names of the source, reduplication, the language's own letters."""
    assert list(faults(tag, source, translation)) == []


def test_every_language_has_its_alphabet() -> None:
    """But English, which is the source."""
    assert {*ALPHABETS, "en"} == set(NAMES)
