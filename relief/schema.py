"""JSON Schemas of a pack's files, for editors: made from the types that read them, with the short spellings that they take."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from relief.law import Cover, Event, Measure
from relief.nouns import Agency, Commitment, Number, Ordinary, Place

Schema = dict[str, object]

_KINDS: Mapping[str, object] = {
    "measure": Measure,
    "event": Event,
    "agency": Agency,
    "commitment": Commitment,
    "places": tuple[Place, ...],
    "ordinary": tuple[Ordinary, ...],
    "emergency": dict[str, tuple[Number, ...]],
    "pack": Cover,
}
KINDS = tuple(_KINDS)
"""The kinds of files, by what they hold."""

_WORD: Schema = {"type": ["string", "number", "boolean"]}
_WORDS: Schema = {"anyOf": [_WORD, {"type": "array", "items": _WORD}]}
_DAY: Schema = {"type": "string", "format": "date", "description": "A day, written like 2020-05-08."}
_SHORT: Mapping[str, list[Schema]] = {
    "When": [_DAY, {"enum": ["open", "unclear"]}],
    "Test": [{**_WORD, "description": "One value: the fact must be this."}, {"type": "array", "items": _WORD}],
}
"""What may stand in a measure instead of the whole form (relief.texts writes it out)."""

_LOOSE: Mapping[str, Mapping[str, Schema]] = {
    "Test": {"is": _WORDS, "not": _WORDS, "unclear": _WORDS},
    "Example": {"facts": {"type": "object", "additionalProperties": _WORD}, "until": _WORDS},
}
"""Fields of a measure that take one value for a list, and numbers for text."""


def schema_of(kind: str) -> Schema:
    """The schema (JSON Schema 2020-12) of one kind of file. Raises KeyError for another word than those in KINDS."""
    (root,), parts = msgspec.json.schema_components([_KINDS[kind]], ref_template="#/$defs/{name}")
    if kind == "measure":
        parts = {name: _loosened(name, part) for name, part in parts.items()}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Kömek data pack: {kind}",
        **root,
        "$defs": dict(sorted(parts.items())),
    }
    return msgspec.json.decode(msgspec.json.encode(schema), type=Schema)


def _loosened(name: str, part: Schema) -> Schema:
    """A type as the files may spell it."""
    fields = part.get("properties")
    if name in _LOOSE and isinstance(fields, dict):
        part = {**part, "properties": {**fields, **_LOOSE[name]}}
    return {"anyOf": [*_SHORT[name], part]} if name in _SHORT else part
