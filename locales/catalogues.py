"""Collects every text a person reads, keeps the catalogues up to date with them, and checks the translations.

Texts stand in Python (`Say`, `Many`, `N_`, `gettext`), in the console's and the chat's templates, and in the packs' YAML.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from locales import forms, gates, limits
from locales.say import HERE, NAMES

ROOT = HERE.parent
ROOMS = ("handlers", "bot", "console", "relief", "storage")
KEYWORDS = {
    "Say": None,
    "Many": (1, 2),
    "N_": None,
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
}
_METHODS = [("**.py", "locales.source:extract"), ("**.html", "jinja2")]
_OPTIONS = {"**.html": {"silent": "false", "encoding": "utf-8", "extensions": "jinja2.ext.i18n"}}
_TEXT_FIELDS = ("title", "issuer", "text", "note", "where", "service", "gap", "name", "hours")
_NOT_TEXT = ("sources", "examples", "comment", "names")


def collect(root: Path = ROOT) -> Catalog:
    """Every source text under `root`, with the places it stands in."""
    catalog = Catalog(project="Kömek", copyright_holder="The Kömek authors", fuzzy=False, charset="utf-8")
    for room in ROOMS:
        for file, line, message, comments, context in extract_from_dir(
            root / room, _METHODS, _OPTIONS, KEYWORDS, ("for translators:",), strip_comment_tags=True
        ):
            catalog.add(message, locations=[(f"{room}/{file}", line)], auto_comments=comments, context=context)
    for path in sorted((root / "relief" / "packs").rglob("*.yaml")):
        for text in _in_yaml(path):
            catalog.add(text, locations=[(path.relative_to(root).as_posix(), 1)])
    return catalog


def _in_yaml(path: Path) -> Iterator[str]:
    """The texts of one file of a pack. Places keep their local names."""
    skip = {*_NOT_TEXT, "name"} if path.name == "places.yaml" else {*_NOT_TEXT}
    yield from dict.fromkeys(_texts(yaml.safe_load(path.read_text("utf-8")), skip))


def _texts(node: object, skip: set[str]) -> Iterator[str]:
    """The values of text fields, at any depth."""
    if isinstance(node, list):
        for item in node:
            yield from _texts(item, skip)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in skip:
                continue
            if key in _TEXT_FIELDS and isinstance(value, str) and value.strip():
                yield value
            else:
                yield from _texts(value, skip)


def path_of(tag: str) -> Path:
    """The catalogue of a language."""
    return HERE / tag / "LC_MESSAGES" / "komek.po"


def update(tag: str, source: Catalog | None = None) -> Catalog:
    """Bring the catalogue of `tag` up to the source texts: new ones empty, gone ones removed, nothing guessed."""
    source = source or collect()
    path = path_of(tag)
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=tag)
        catalog.update(source, no_fuzzy_matching=True, update_creation_date=False)
    else:
        catalog = Catalog(locale=tag, project="Kömek", charset="utf-8", fuzzy=False)
        catalog.update(source, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_written(catalog), "utf-8")
    return catalog


def _written(catalog: Catalog) -> str:
    """The file's text. Of the header only what a reader of the file needs: dates and names would differ at every update."""
    catalog.header_comment = f"# Kömek's texts in {NAMES.get(str(catalog.locale), catalog.locale)}."
    buffer = BytesIO()
    write_po(buffer, catalog, width=120, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    lines = buffer.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(_NOISE))


_NOISE = tuple(
    f'"{name}:'
    for name in (
        "Report-Msgid-Bugs-To",
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
    )
)


def code(root: Path = ROOT) -> list[Path]:
    """The Python files of all rooms."""
    return [path for room in (*ROOMS, "locales") for path in sorted((root / room).rglob("*.py"))]


def check_code(root: Path = ROOT) -> list[str]:
    """What is wrong before any translation: forms of CLDR that no code may ask for, and English labels that do not fit."""
    english = (
        f'en: "{room.text}": {fault}' for room in limits.rooms(code(root)) if (fault := limits.too_long(room, str))
    )
    return [*forms.faults(code(root), root), *english]


def check(tag: str, source: Catalog | None = None) -> list[str]:
    """What keeps `tag` from being offered: one line a fault, `tag: "text": fault`."""
    path = path_of(tag)
    if not path.exists():
        return [f"{tag}: there is no catalogue"]
    with path.open("rb") as file:
        catalog = read_po(file, locale=tag)
    source = source or collect()
    return [
        f'{tag}: "{_short(m)}": {fault}'
        for m in source
        if m.id
        for fault in (*_faults(tag, m, catalog), *_cut(m, catalog))
    ]


def _cut(wanted: Message, catalog: Catalog) -> Iterator[str]:
    """Where a translation does not fit: a button that is cut is guessed at."""
    for room in _rooms().get(wanted.id, ()) if isinstance(wanted.id, str) else ():
        fault = limits.too_long(room, lambda text: str((catalog.get(text) or wanted).string or text))
        if fault:
            yield f"too long, {fault}"


@cache
def _rooms() -> Mapping[str, list[limits.Room]]:
    """The texts with a limit, by source text."""
    found: dict[str, list[limits.Room]] = {}
    for room in limits.rooms(code()):
        found.setdefault(room.text, []).append(room)
    return found


def _faults(tag: str, wanted: Message, catalog: Catalog) -> Iterator[str]:
    """What is wrong with one translation."""
    found = catalog.get(wanted.id if isinstance(wanted.id, str) else wanted.id[0])
    if found is None:
        yield "missing; run `komek locales update`"
        return
    forms = [f or "" for f in (found.string if isinstance(found.string, tuple | list) else (found.string,))]
    if found.fuzzy:
        yield "fuzzy"
    if not all(forms):
        yield "not translated"
        return
    if wanted.pluralizable and len(forms) != catalog.num_plurals:
        yield f"{len(forms)} plural forms instead of {catalog.num_plurals}"
    sources = (wanted.id,) if isinstance(wanted.id, str) else wanted.id
    allowed = set().union(*(holes(s) for s in sources))
    for form in forms:
        if not holes(form) <= allowed or (not wanted.pluralizable and holes(form) != allowed):
            yield f"placeholders {sorted(holes(form))} instead of {sorted(allowed)}"
        yield from gates.faults(tag, sources[-1], form)


def holes(text: str) -> set[str]:
    """The placeholders of a text. A text that cannot be read as a template has the placeholder `?`."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return {"?"}


def _short(message: Message) -> str:
    """The beginning of a source text, for a fault's line."""
    text = message.id if isinstance(message.id, str) else message.id[0]
    return text if len(text) < 60 else text[:57] + "…"


def tags() -> Iterable[str]:
    """The languages that have a catalogue."""
    return sorted(path.parent.parent.name for path in HERE.glob("*/LC_MESSAGES/komek.po"))
