"""Spelling of the catalogues, by the dictionaries of the distribution. `make spelling` runs it; nothing of it runs in service.

Three languages whose dictionary rarely calls a right word wrong: of 700 words of the Declaration of Human Rights 0.3 % in
Russian, 0.9 % in Hungarian, 1.4 % in Turkish. That of Uzbek, a list of Cyrillic forms, does so with one word in ten, but lets
hardly a mistake pass: Cyrillic Uzbek is checked with a long list of accepted forms. That of Kazakh errs with one word in five,
and Azerbaijani, Kyrgyz and Turkmen have none that a distribution packages: their spelling, and that of Latin Uzbek, is the
reviewer's (docs/review.md).
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import click
from babel.messages.pofile import read_po

from locales import catalogues
from locales.say import HERE

DICTIONARIES: Mapping[str, tuple[str, str]] = {
    "hu": ("hu_HU", "361558fe1902"),
    "ru": ("ru_RU", "f6047416a020"),
    "tr": ("tr_TR", "2bfbc4ec08be"),
    "uz_Cyrl": ("uz_UZ", "56538c52aca9"),
}
"""Hunspell's name of each, and the beginning of the SHA-256 of the one in Debian 12: only what that one lacks is refused."""
WORDS = HERE / "words"
"""Words that the dictionary lacks and that are right, one a line; `#` begins a remark."""

Speller = Callable[[list[str]], set[str]]
"""Which of these words it does not know."""

_WORD = re.compile(r"(?<![\w}'’-])[^\W\d_]+(?:-[^\W\d_]{4,})*")
_NO_WORDS = re.compile(r"\{\w*\}|https?:\S+|\S+@\S+")


def words(source: str, translation: str) -> Iterator[str]:
    """What a speller can judge: no suffixes after a number or a name, no abbreviations, nothing of the source text."""
    known = set(re.findall(r"[^\W\d_]+", source))
    for word in _WORD.findall(_NO_WORDS.sub("}", translation)):
        yield from (part for part in word.split("-") if part not in known and not part.isupper())


def accepted(tag: str) -> frozenset[str]:
    """The words of ours that the language's dictionary lacks."""
    lines = (WORDS / f"{tag}.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines for word in line.partition("#")[0].split())


def misspelt(tag: str, speller: Speller) -> list[str]:
    """One line a word that neither the dictionary nor our list has, and the first text it stands in."""
    found: dict[str, str] = {}
    with catalogues.path_of(tag).open("rb") as file:
        for message in read_po(file, locale=tag):
            for source, translation in _pairs(message.id, message.string):
                for word in words(source, translation):
                    found.setdefault(word, source)
    wrong = speller(sorted(found.keys() - accepted(tag)))
    return [f'{tag}: {word}, in "{found[word][:60]}"' for word in sorted(wrong)]


def _pairs(source: str | Iterable[str], translation: str | Iterable[str] | None) -> Iterator[tuple[str, str]]:
    """Each form of a translation, with the source's last."""
    sources = (source,) if isinstance(source, str) else tuple(source)
    forms = (translation,) if isinstance(translation, str) else translation or ()
    yield from ((sources[-1], form) for form in forms if sources[-1])


def hunspell(dictionary: str) -> Speller | None:
    """The program with this dictionary; None where one of them is not installed."""

    def speller(wanted: list[str]) -> set[str]:
        listed = subprocess.run(
            ["hunspell", "-d", dictionary, "-i", "utf-8", "-l"],
            input="\n".join(wanted),
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        return set(listed.stdout.split()) & set(wanted)

    if not shutil.which("hunspell"):
        return None
    tried = subprocess.run(
        ["hunspell", "-d", dictionary, "-l"], input="", capture_output=True, encoding="utf-8", check=False
    )
    return speller if tried.returncode == 0 else None


def version_of(dictionary: str) -> str:
    """The beginning of the SHA-256 of an installed dictionary; empty if the program does not tell where it lies."""
    told = subprocess.run(["hunspell", "-D"], input="", capture_output=True, encoding="utf-8", check=False).stderr
    where = next((line for line in told.splitlines() if line.endswith(f"/{dictionary}")), "")
    path = Path(f"{where}.dic")
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else ""


def main(tags: list[str]) -> int:
    """Tell each misspelt word of these languages (none: all); 1 if there is any. A language without dictionary is named."""
    faults: list[str] = []
    for tag, (dictionary, version) in DICTIONARIES.items():
        if tags and tag not in tags:
            continue
        speller = hunspell(dictionary)
        if speller is None:
            click.echo(f"{tag}: spelling not checked: there is no hunspell with {dictionary} here")
        else:
            found = misspelt(tag, speller)
            if found and version_of(dictionary) != version:
                click.echo(
                    f"{tag}: told and not refused, by another version of {dictionary} than the accepted words are from:"
                )
            else:
                faults += found
            click.echo("\n".join(found) or f"{tag}: no word is misspelt")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
