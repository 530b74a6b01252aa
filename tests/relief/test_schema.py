"""The schemas for editors: every file of the pack passes them, and what the reader refuses does not."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from relief.pack import PACKS
from relief.schema import KINDS, schema_of
from relief.texts import parse

DOCS = Path(__file__).parents[2] / "docs"

PACK = PACKS / "turkic-2020"
FILES = {
    "measure": "measures/*/*.yaml",
    "event": "events/*.yaml",
    "agency": "agencies/*.yaml",
    "commitment": "commitments/*.yaml",
    "places": "places.yaml",
    "ordinary": "ordinary.yaml",
    "emergency": "emergency.yaml",
    "pack": "pack.yaml",
}


def plain(node: object) -> object:
    """What an editor sees of a YAML file: dates are text."""
    if isinstance(node, dict):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    return node.isoformat() if isinstance(node, date) else node


def faults(kind: str, path: Path) -> list[str]:
    """What the schema finds wrong in a file."""
    validator = Draft202012Validator(schema_of(kind), format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.message for error in validator.iter_errors(plain(parse(path.read_bytes())))]


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_passes_its_schema(kind: str) -> None:
    """The files of the pack, with their short spellings, are what the schema describes."""
    Draft202012Validator.check_schema(schema_of(kind))
    paths = sorted(PACK.glob(FILES[kind]))
    assert paths
    assert {path.name: found for path in paths if (found := faults(kind, path))} == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("issuer:", "isuer:"),
        ("confidence: high", "confidence: sure"),
        ("known_from: 2020-04-20", "known_from: soon"),
        ("relief: covered", "relief: maybe"),
        ("until: 2020-06-01", "until: later"),
        ("expires: {from: 2020-03-16", "expires: {form: 2020-03-16"),
        ("side: home", "side: other"),
    ],
)
def test_a_fault_is_seen_while_typing(tmp_path: Path, old: str, new: str) -> None:
    """A wrong field, value or day is a fault of the schema too."""
    text = (PACK / "measures/UZ/UZ-3.yaml").read_text("utf-8").replace("host: UZ\ntitle", "host: UZ\nside: home\ntitle")
    assert old in text
    path = tmp_path / "UZ-3.yaml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert faults("measure", path)


@pytest.mark.parametrize("kind", KINDS)
def test_the_written_schemas_are_up_to_date(kind: str) -> None:
    """docs/schema holds what `komek pack schema` prints."""
    assert json.loads((DOCS / "schema" / f"{kind}.json").read_text("utf-8")) == schema_of(kind)
