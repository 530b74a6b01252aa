"""YAML files as types, strictly: an unknown field, a missing one or a wrong type is one line that names it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar, cast

import msgspec
import yaml

from relief.law import Event, Measure
from relief.nouns import Agency, Commitment

T = TypeVar("T")
Named = TypeVar("Named", Measure, Event, Agency, Commitment)
Raw = dict[str, "Raw"] | list["Raw"] | str | int | float | bool | date | None


class PackError(Exception):
    """A pack cannot be read. The message is one line: `file: field: fault`."""


class _Loader(yaml.CSafeLoader):
    """YAML as people mean it: `yes`, `no`, `on` are words (NO is Norway), and no key stands twice."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, rules in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, object]:
    """A mapping; a key that stands twice is a fault, since one of the two would silently be lost."""
    keys = [loader.construct_object(key) for key, _ in node.value]
    twice = next((k for n, k in enumerate(keys) if k in keys[:n]), None)
    if twice is not None:
        raise yaml.constructor.ConstructorError(None, None, f"{twice} stands twice", node.start_mark)
    return yaml.CSafeLoader.construct_mapping(loader, node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)

_WHEN = {"until", "by", "from", "to", "otherwise"}
_TESTS = {"covers", "when", "done"}


def parse(text: bytes) -> Raw:
    """YAML as our files mean it. Raises yaml.YAMLError."""
    return cast("Raw", yaml.load(text, _Loader))  # noqa: S506 - _Loader is a safe loader, only narrower


def read_file(path: Path, kind: type[T], faults: list[str]) -> T | None:
    """One file as `kind`. None, and one line in `faults`, if it cannot be."""
    where = f"{path.parent.name}/{path.name}"
    raw: Raw = None
    try:
        raw = parse(path.read_bytes())
        raw = _written_out(raw) if kind is Measure else raw
        return msgspec.convert(raw, kind)
    except FileNotFoundError:
        faults.append(f"{where}: file: is missing")
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else "file"
        faults.append(f"{where}: {line}: {getattr(fault, 'problem', None) or 'is not YAML'}")
    except msgspec.ValidationError as fault:
        faults.append(f"{where}: {_told(fault, raw, kind)}")
    return None


def _told(fault: msgspec.ValidationError, raw: Raw, kind: type[T]) -> str:
    """msgspec's `text - at `$.field[0]`` as `field[0]: text`; the `[...]` that it writes for a mapping's key is named."""
    text, _, path = str(fault).partition(" - at `$")
    field, node = "", raw
    for part in re.findall(r"\.\w+|\[\d+\]|\[\.\.\.\]", path):
        unnamed = node if part == "[...]" and isinstance(node, dict) else None
        step = part if unnamed is None else f".{_culprit(unnamed, raw, kind, str(fault))}"
        field += step
        node = _into(node, step)
    return f"{field.lstrip('.') or 'file'}: {text}"


def _culprit(node: dict[str, Raw], raw: Raw, kind: type[T], fault: str) -> str:
    """The key without which the fault is another one, or gone."""
    for key, value in list(node.items()):
        del node[key]
        try:
            msgspec.convert(raw, kind)
        except msgspec.ValidationError as other:
            if str(other) == fault:
                continue
        finally:
            node[key] = value
        return key
    return "…"


def _into(node: Raw, part: str) -> Raw:
    """One step along a path."""
    if isinstance(node, dict):
        return node.get(part[1:])
    return node[int(part[1:-1])] if isinstance(node, list) and part[0] == "[" else None


def read_files(
    folder: Path, pattern: str, kind: type[Named], files: dict[str, Path], faults: list[str]
) -> tuple[Named, ...]:
    """Every file of a folder, in the order of their names; `files` learns which id is written where."""
    found: list[Named] = []
    for path in sorted(folder.glob(pattern)):
        item = read_file(path, kind, faults)
        if item is None:
            continue
        if item.id in files:
            faults.append(f"{path.parent.name}/{path.name}: id: {item.id} stands in {files[item.id].name} too")
        files[item.id] = path
        found.append(item)
    return tuple(found)


def _written_out(raw: Raw) -> Raw:
    """The short spellings in full: `until: open`, `to: 2020-06-01`, `permit: visa`, `permit: [visa, e_visa]`."""
    if isinstance(raw, list):
        return [_written_out(item) for item in raw]
    if not isinstance(raw, dict):
        return raw
    return {key: _entry(key, value) for key, value in raw.items()}


def _entry(key: str, value: Raw) -> Raw:
    """One entry of a mapping, written out."""
    if key in _WHEN and value is not None:
        return _when(value)
    if key in _TESTS and isinstance(value, dict):
        return {fact: _test(test) for fact, test in value.items()}
    if key == "examples" and isinstance(value, list):
        return [_example(item) for item in value]
    return _written_out(value)


def _example(value: Raw) -> Raw:
    """A worked case: facts and last days as text."""
    if not isinstance(value, dict):
        return value
    facts: Raw = {fact: str(v) for fact, v in _items(value.get("facts"))}
    return {**value, "facts": facts, "until": _words(value.get("until", []))}


def _when(value: Raw) -> Raw:
    """A day: a date, `open` or `unclear` alone, or the rule in full."""
    if isinstance(value, date):
        return {"date": value}
    if value in ("open", "unclear"):
        return {str(value): True}
    if isinstance(value, dict) and isinstance(value.get("nationality"), dict):
        each = {state: _when(day) for state, day in _items(value["nationality"])}
        return {**{k: _entry(k, v) for k, v in value.items()}, "nationality": each}
    return _written_out(value)


def _test(value: Raw) -> Raw:
    """A test: a value or a list of values alone means `is`."""
    if not isinstance(value, dict):
        return {"is": _words(value)}
    return {k: _words(v) if k in ("is", "not", "unclear") else _entry(k, v) for k, v in value.items()}


def _words(value: Raw) -> Raw:
    """One or many values as a list of words."""
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]


def _items(value: Raw) -> Sequence[tuple[str, Raw]]:
    """A mapping's entries."""
    return list(value.items()) if isinstance(value, dict) else []
