"""docs/openapi.json and docs/asyncapi.yaml, from the code that they describe. `make interfaces` writes them; a test compares."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import yaml

from console.api.openapi import VERSION, written
from storage.machines import CaseEvent

DOCS = Path(__file__).parents[2] / "docs"
OPENAPI = DOCS / "openapi.json"
ASYNCAPI = DOCS / "asyncapi.yaml"
QUEUE = DOCS / "queue.md"

_HEAD = "# Written by `make interfaces` from storage/machines.py (CaseEvent) and docs/queue.md: change it there.\n"
_EXAMPLE = re.compile(r"```json\n(.*?)```", re.DOTALL)
_ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)


def asyncapi() -> str:
    """The agency's stream and its webhook, AsyncAPI 3.0."""
    page = QUEUE.read_text("utf-8")
    found = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Kömek: what happens to an agency's cases",
            "version": VERSION,
            "description": "One entry for each event of each case that the agency may see, in its stream in Redis or Valkey "
            "and, where it has one, to its webhook. It says that something happened, never what was said. docs/queue.md "
            "explains each field, docs/api.md the webhook's signature.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {"queue": _queue(), "webhook": _webhook()},
        "operations": {
            "readQueue": _operation("receive", "queue", "XREADGROUP with a consumer group of the agency's own"),
            "takeDelivery": _operation(
                "receive", "webhook", "answer 2xx within ten seconds; anything else is tried again"
            ),
        },
        "components": {
            "messages": {"caseEvent": _message(_example(page))},
            "schemas": {"caseEvent": _schema(page)},
        },
    }
    return _HEAD + yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=120)


def _queue() -> dict[str, Any]:
    """The stream."""
    return {
        "address": "agency:{agency}",
        "title": "The agency's Redis Stream",
        "description": "Each entry has one field, `event`: the message as JSON, UTF-8. Published at least once, in order within "
        "a case.",
        "parameters": {"agency": {"description": "the agency's id in the pack", "examples": ["uz-mfa"]}},
        "messages": {"caseEvent": {"$ref": "#/components/messages/caseEvent"}},
    }


def _webhook() -> dict[str, Any]:
    """The webhook."""
    headers = {
        "type": "object",
        "required": ["Komek-Signature", "Komek-Delivery"],
        "properties": {
            "Komek-Signature": {
                "type": "string",
                "pattern": "^t=[0-9]+,v1=[0-9a-f]{64}$",
                "description": "HMAC-SHA256 over `SECONDS.BODY`, keyed by the webhook's secret; refuse what is older than 300 s",
            },
            "Komek-Delivery": {"type": "string", "description": "the delivery's id, the same at every attempt"},
        },
    }
    return {
        "address": None,
        "title": "The agency's webhook",
        "description": "POST to the address that an administrator wrote in the console. Delivered at least once; try after try "
        "may come out of order: go by `seq`.",
        "messages": {
            "caseEvent": {
                "payload": {"$ref": "#/components/schemas/caseEvent"},
                "headers": headers,
                "bindings": {"http": {"bindingVersion": "0.3.0"}},
            }
        },
    }


def _operation(action: str, channel: str, says: str) -> dict[str, Any]:
    """What the agency's program does with a channel."""
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": says}


def _message(example: dict[str, Any]) -> dict[str, Any]:
    """The entry."""
    return {
        "name": "caseEvent",
        "title": "Something happened to a case",
        "payload": {"$ref": "#/components/schemas/caseEvent"},
        "examples": [{"name": "opened", "payload": example}],
    }


def _schema(page: str) -> dict[str, Any]:
    """CaseEvent's own schema, each field with what docs/queue.md says of it."""
    _, components = msgspec.json.schema_components([CaseEvent])
    schema: dict[str, Any] = components["CaseEvent"]
    said = dict(_ROW.findall(page))
    for name, field in schema["properties"].items():
        field["description"] = said[name].strip()
    return schema


def _example(page: str) -> dict[str, Any]:
    """The example on docs/queue.md. It must be an entry."""
    shown = _EXAMPLE.search(page)
    assert shown
    found: dict[str, Any] = msgspec.to_builtins(msgspec.json.decode(shown[1], type=CaseEvent))
    return found


if __name__ == "__main__":
    OPENAPI.write_bytes(written())
    ASYNCAPI.write_text(asyncapi(), encoding="utf-8")
