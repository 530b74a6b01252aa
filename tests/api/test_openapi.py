"""The description is true: it fits its own standard, and whatever it allows is answered as it says, by the real application."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from console.api.openapi import document
from console.api.table import TABLE
from storage.migrate import migrate
from storage.seal import Seal
from tests.api.programs import Bureau
from tests.servers import free_port
from tests.waiting import wait_for

EXAMPLES = 10
"""Of each call, right ones and as many wrong ones."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


class Served:
    """The application on a port, in a thread with a loop of its own."""

    def __init__(self, url: str, seal: Seal, folder: Path) -> None:
        self.port = free_port()
        self.key = ""
        self.server: uvicorn.Server | None = None
        self._store = (url, seal, folder)

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.port}/api/v1"

    async def run(self) -> None:
        """Serve until told to stop."""
        url, seal, folder = self._store
        await migrate(url)
        bureau = Bureau(url, seal, folder, base=f"http://127.0.0.1:{self.port}")
        await bureau.open()
        self.key = await bureau.key()
        self.server = uvicorn.Server(uvicorn.Config(bureau.app, port=self.port, log_level="warning", lifespan="off"))
        await self.server.serve()
        await bureau.close()


@contextmanager
def served(url: str, seal: Seal, folder: Path) -> Iterator[Served]:
    """The application, started and in the end stopped."""
    here = Served(url, seal, folder)
    thread = threading.Thread(target=lambda: asyncio.run(here.run()))
    thread.start()
    try:
        wait_for(lambda: here.server and here.server.started, 30, "the application to be served")
        yield here
    finally:
        if here.server:
            here.server.should_exit = True
        thread.join(20)


def test_every_shape_is_sound() -> None:
    """Each component is a JSON Schema; each call is described once, with what it answers and what can go wrong."""
    found = document()
    for schema in found["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    names = [way["operationId"] for ways in found["paths"].values() for way in ways.values()]
    assert sorted(names) == sorted(call.name for call in TABLE)
    for call in TABLE:
        answers = found["paths"][call.path][call.method.lower()]["responses"]
        assert {str(call.status), "401", "403", "422", "429"} <= set(answers)
        assert ("404" in answers) == ("{" in call.path)
        assert ("413" in answers) == (call.body is not None)


@pytest.mark.timeout(180)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_allowed_call_fails_on_our_side(sqlite_url: str, seal: Seal, tmp_path: Path) -> None:
    """schemathesis: no answer but those described, each in its described shape, and never a fault of ours."""
    with served(sqlite_url, seal, tmp_path / "attachments") as here:
        schema = schemathesis.openapi.from_url(f"{here.url}/openapi.json")
        for found in schema.get_all_operations():
            assert isinstance(found, Ok)
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _try(found.ok(), mode, here)


def _try(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, here: Served) -> None:
    """Call it often, always with the same examples."""

    @settings(max_examples=EXAMPLES, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Case[Any]) -> None:
        case.call_and_validate(base_url=here.url, headers={"Authorization": f"Bearer {here.key}"}, checks=CHECKS)

    call()
