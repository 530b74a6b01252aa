"""`komek read`: what the assistant understands of a typed answer, one JSON line for each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

import click
import msgspec

from handlers.answers import Reading, read_date, read_number
from handlers.assent import read_yes_no
from handlers.freely import read_freely
from handlers.languages import read_language, sure_language
from handlers.places import read_place
from locales.say import NAMES
from relief.pack import Pack, load
from relief.texts import PackError

KINDS = ("date", "place", "yes_no", "number", "language", "facts")
_MOST_PEOPLE = 500


class Asked(msgspec.Struct, frozen=True):
    """Under which circumstances something is read."""

    locale: str
    today: date
    toward: str
    pack: Callable[[], Pack]


def _date(text: str, asked: Asked) -> Reading:
    """A day."""
    return read_date(text, asked.locale, asked.today, asked.toward)


def _place(text: str, asked: Asked) -> Reading:
    """A country, a city, an airport."""
    return read_place(text)


def _yes_no(text: str, asked: Asked) -> Reading:
    """`yes` or `no`, as a whole message in any language."""
    return read_yes_no(text)


def _number(text: str, asked: Asked) -> Reading:
    """A count."""
    return read_number(text, _MOST_PEOPLE, asked.locale)


def _language(text: str, asked: Asked) -> Reading:
    """A language named, or else the one the message is in: that to which a switch is offered, unless it is the locale."""
    return Reading(read_language(text) or sure_language(text) or "")


_READ: Mapping[str, Callable[[str, Asked], Reading]] = {
    "date": _date,
    "place": _place,
    "yes_no": _yes_no,
    "number": _number,
    "language": _language,
}


def _told(kind: str, text: str, asked: Asked) -> dict[str, object]:
    """One answer as JSON: `value`, `status` (ok, ambiguous, unknown), `alternatives`."""
    if kind == "facts":
        facts = read_freely(text, asked.locale, asked.today, asked.pack())
        return {"value": facts, "status": "ok" if facts else "unknown", "alternatives": []}
    reading = _READ[kind](text, asked)
    return {"value": reading.value or None, "status": reading.status, "alternatives": list(reading.options)}


_EPILOG = """\b
status        ok (the value is understood), ambiguous (to be chosen from, or too vague), unknown
alternatives  what it may mean, where it is ambiguous
\b
date          2026-05-15
place         TR, TR:Istanbul, or an airport: IST
yes_no        yes or no
number        0 to 500, as a string
language      a locale: one that is named, or the one in which three words or more are surely written
facts         an object of facts and values, as for `komek relief assess`"""


@click.command(epilog=_EPILOG)
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("inputs", nargs=-1)
@click.option(
    "--locale",
    "-l",
    type=click.Choice(tuple(NAMES)),
    default="en",
    show_default=True,
    help="The conversation's language.",
)
@click.option("--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="The day it is; without it, today.")
@click.option(
    "--toward",
    type=click.Choice(("past", "near", "future")),
    default="past",
    show_default=True,
    help="What a day without a year is asked for.",
)
@click.option("--pack", "folder", default="turkic-2020", show_default=True, help="The pack whose places `facts` knows.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines: the only form, so this changes nothing.")
def read(
    kind: str, inputs: tuple[str, ...], locale: str, on: datetime | None, toward: str, folder: str, as_json: bool
) -> None:
    """Read INPUTS (or the lines of standard input) as KIND: one JSON line each, {"value", "status", "alternatives"}."""
    del as_json
    today = on.date() if on else datetime.now().astimezone().date()
    packs: list[Pack] = []

    def pack() -> Pack:
        """The pack, loaded once, if anything needs it."""
        try:
            packs.extend([] if packs else [load(folder)])
        except PackError as fault:
            raise click.BadParameter(str(fault), param_hint="--pack") from None
        return packs[0]

    asked = Asked(locale, today, toward, pack)
    typed: Iterable[str] = inputs or click.open_file("-", encoding="utf-8-sig", errors="replace")
    for line in typed:
        text = line.rstrip("\r\n")
        click.echo(json.dumps(_told(kind, text, asked), ensure_ascii=False))
