"""What we describe to other programs is what we do: descriptions are made of the code, and the guide names all there is."""

from __future__ import annotations

import re

import msgspec
import yaml
from jsonschema import Draft202012Validator

from console.api.openapi import written
from console.api.problem import KINDS
from console.api.table import TABLE
from storage.machines import SCOPES, CaseEvent
from tests.workshop import interfaces


def test_openapi_json_is_current() -> None:
    """What lies in docs/ is what is served."""
    assert interfaces.OPENAPI.read_bytes() == written(), "run: make interfaces"


def test_asyncapi_yaml_is_current_and_true() -> None:
    """It is made of CaseEvent; its example is one, and every field of one is described and explained on docs/queue.md."""
    text = interfaces.ASYNCAPI.read_text("utf-8")
    assert text == interfaces.asyncapi(), "run: make interfaces"
    found = yaml.safe_load(text)
    schema = found["components"]["schemas"]["caseEvent"]
    assert list(schema["properties"]) == list(CaseEvent.__struct_fields__)
    (example,) = found["components"]["messages"]["caseEvent"]["examples"]
    Draft202012Validator(schema).validate(example["payload"])
    rows = re.findall(r"^\| `(\w+)` \| (?:string|integer|array)", interfaces.QUEUE.read_text("utf-8"), re.MULTILINE)
    assert tuple(rows) == CaseEvent.__struct_fields__


def test_every_reference_in_the_descriptions_leads_somewhere() -> None:
    """No `$ref` into nothing."""
    for document in (msgspec.json.decode(written()), yaml.safe_load(interfaces.ASYNCAPI.read_text("utf-8"))):
        for ref in re.findall(r"'\$ref': '#/([^']+)'", str(document)):
            place = document
            for name in ref.split("/"):
                place = place[name]


def test_the_guide_tells_of_every_scope_call_and_problem() -> None:
    """docs/api.md leaves none out."""
    guide = (interfaces.DOCS / "api.md").read_text("utf-8")
    wanted = [f"`{scope}`" for scope in SCOPES]
    wanted += [f"`{call.method} {call.path}`" for call in TABLE]
    wanted += [f"`{code}`" for code in KINDS]
    assert [name for name in wanted if name not in guide] == []
