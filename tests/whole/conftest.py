"""The service as it runs in earnest: `komek run` on a real Valkey and a real PostgreSQL, its providers the fakes."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage.cases import Cases
from storage.files import files
from storage.seal import Seal
from tests.fakes.telegram import FakeTelegram
from tests.fakes.twilio import FakeTwilio
from tests.servers import free_port
from tests.whole.service import KOMEK, Service

PUBLIC = "https://komek.example"
SECRET = "Telegram-secret_1"
KEY = bytes(range(32))


@dataclass
class Whole:
    """Everything of one installation."""

    service: Service
    telegram: FakeTelegram
    twilio: FakeTwilio
    cases: Cases


@pytest.fixture
async def whole(empty_valkey: str, postgres_database: str, tmp_path: Path) -> AsyncIterator[Whole]:
    """The service started, both providers there, the case store open for looking into."""
    async with opened(empty_valkey, postgres_database, tmp_path) as whole:
        yield whole


@asynccontextmanager
async def opened(
    redis_url: str,
    database_url: str,
    folder: Path,
    words: tuple[str, ...] = ("run",),
    program: tuple[str, ...] = (KOMEK,),
    env: Mapping[str, str] | None = None,
    **more: str,
) -> AsyncIterator[Whole]:
    """An installation on these stores. `words`, `program`: what is run; `more`: further settings; `env`: what its process finds
    in the environment besides.
    """
    port = free_port()
    reach = {PUBLIC: f"http://127.0.0.1:{port}"}
    async with FakeTelegram(reach=reach) as telegram, FakeTwilio(f"{PUBLIC}/in/twilio", reach, content=True) as twilio:
        settings = {
            "REDIS_URL": redis_url,
            "DATABASE_URL": database_url,
            "PUBLIC_URL": PUBLIC,
            "SECRET_KEY": "k" * 40,
            "DATA_KEYS": f"k1:{base64.b64encode(KEY).decode()}",
            "TODAY": "2020-05-08",
            "TELEGRAM_SECRET": SECRET,
            "TELEGRAM_RATE": "0",
            "WHATSAPP_RATE": "0",
            **more,
        }
        provided = {name.removeprefix("KOMEK_"): value for name, value in (telegram.env | twilio.env).items()}
        service = Service(folder, words, settings | provided, port, program, env)
        await service.start_beside()
        secret = settings["SECRET_KEY"]
        seal = Seal({"k1": KEY})
        cases = Cases(
            database_url,
            seal,
            files(settings.get("ATTACHMENTS") or folder / "var" / "attachments", seal),
            secret=secret,
        )
        try:
            yield Whole(service, telegram, twilio, cases)
        finally:
            await cases.close()
            service.kill()
