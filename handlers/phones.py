"""Phone numbers as people type them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.reading import NOTHING, Reading
from handlers.text import norm

if TYPE_CHECKING:
    import phonenumbers


def read_phone(text: str, region: str = "") -> Reading:
    """The one valid phone number in a message, as `+998901234567` (E.164).

    `region`: the country of the question (ISO 3166), for numbers written without the country's code. Two numbers come back as
    options; a number that its country does not have is none.
    """
    import phonenumbers  # 1 MB that many a process never needs

    plain = norm(text)
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    found = [match.number for match in phonenumbers.PhoneNumberMatcher(plain, region or None)] or _whole(plain, region)
    written = tuple(dict.fromkeys(phonenumbers.format_number(n, phonenumbers.PhoneNumberFormat.E164) for n in found))
    return Reading(written[0]) if len(written) == 1 else Reading(options=written[:3]) if written else NOTHING


def spaced(number: str) -> str:
    """An E.164 number in groups, as people compare it: `+998 90 123 45 67`."""
    import phonenumbers

    parsed = phonenumbers.parse(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _whole(plain: str, region: str) -> list[phonenumbers.PhoneNumber]:
    """The message itself as a number: `998 90 123 45 67` without its plus."""
    import phonenumbers

    tries = (plain, f"+{plain}") if plain[:1].isdigit() else (plain,)
    for attempt in tries:
        try:
            number = phonenumbers.parse(attempt, region or None)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return [number]
    return []
