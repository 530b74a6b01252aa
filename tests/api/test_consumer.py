"""docs/consumer.py against the whole application: from a new case to the words in the citizen's chat."""

from __future__ import annotations

import asyncio
import base64
import importlib.util
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType

import httpx
import msgspec
import pytest
import uvicorn

from bot.app import Installation, installation
from bot.poster import signature
from bot.settings import Settings
from storage.machines import Scope
from tests.servers import free_port
from tests.storage_sql.sample import opened
from tests.waiting import wait_for, wait_until

PROGRAM = Path(__file__).parents[2] / "docs" / "consumer.py"
SCOPES: tuple[Scope, ...] = ("cases:read", "cases:write")
AGENCY = "uz-mfa"


@pytest.fixture(scope="module")
def consumer() -> ModuleType:
    """The program, as a module."""
    spec = importlib.util.spec_from_file_location("consumer", PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
async def whole(empty_valkey: str, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    """The application as it is run, on a port of this machine."""
    settings = Settings(
        redis_url=empty_valkey,
        database_url=sqlite_url,
        secret_key="k" * 40,
        data_keys=f"k1:{base64.b64encode(bytes(32)).decode()}",
        hook_networks="127.0.0.0/8",
        port=free_port(),
        var_dir=tmp_path,
    )
    async with installation(settings) as whole:
        server = uvicorn.Server(uvicorn.Config(whole.app, port=settings.port, log_level="warning", lifespan="off"))
        task = asyncio.create_task(server.serve())
        await wait_until(lambda: server.started)
        yield whole
        server.should_exit = True
        await task


async def test_the_worked_consumer_works(whole: Installation, tmp_path: Path) -> None:
    """Started as its first lines say, it hears of the case, reads it, and answers once."""
    port = free_port()
    _, key = await whole.cases.keys.make(AGENCY, "Demo consumer", SCOPES)
    _, secret = await whole.cases.hooks.make(AGENCY, f"http://127.0.0.1:{port}/", ["opened"], whole.settings.networks())
    ours = {"KOMEK_URL": f"http://127.0.0.1:{whole.settings.port}", "KOMEK_KEY": key, "KOMEK_HOOK_SECRET": secret}
    env = os.environ | ours | {"PORT": str(port)}
    with (tmp_path / "consumer.log").open("wb") as log:
        program = await asyncio.create_subprocess_exec(sys.executable, str(PROGRAM), env=env, stdout=log, stderr=log)
    try:
        case = opened(agencies=(AGENCY,))
        await whole.cases.file([case])

        async def answered() -> bool:
            return any(e.what == "reply" for e in (await whole.cases.case(AGENCY, case.ref)).events)

        await wait_until(answered, 40, "the consumer's answer")
        events = (await whole.cases.case(AGENCY, case.ref)).events
        assert [(e.what, e.actor, e.who, e.body) for e in events[1:]] == [
            ("reply", "key", AGENCY, f"We have your report {case.ref} and are reading it now.")
        ]
        (delivery,) = await whole.cases.hooks.log(AGENCY, (await whole.cases.hooks.all(AGENCY))[0].id)
        await whole.cases.hooks.resend(AGENCY, delivery.id)

        async def sent_again() -> bool:
            log = await whole.cases.hooks.log(AGENCY, (await whole.cases.hooks.all(AGENCY))[0].id)
            return log[0].state == "done" and log[0].attempts >= 2

        await wait_until(sent_again, 40, "the delivery to be made again")
        assert len((await whole.cases.case(AGENCY, case.ref)).events) == 2
    finally:
        program.kill()
        await program.wait()


def test_the_consumer_takes_what_is_genuine_alone(consumer: ModuleType) -> None:
    """Another body, another secret, an old signature, a strange header: none of it is."""
    now, body = 1_588_928_400, b'{"event":"demo"}'
    good = signature("whsec_demo", now, body)
    assert consumer.genuine("whsec_demo", good, body, now + 299)
    for secret, header, given, at in (
        ("whsec_demo", good, body + b" ", now),
        ("whsec_other", good, body, now),
        ("whsec_demo", good, body, now + 301),
        ("whsec_demo", good.replace(f"t={now}", f"t={now + 400}"), body, now + 400),
        ("whsec_demo", "", body, now),
        ("whsec_demo", "t=x,v1=", body, now),
        ("whsec_demo", "nonsense", body, now),
    ):
        assert not consumer.genuine(secret, header, given, at)


def test_the_consumer_refuses_a_forgery(consumer: ModuleType) -> None:
    """400 and nothing heard; 204 and heard for what is signed."""
    receiver = consumer.Receiver(free_port(), "whsec_demo")
    url = f"http://127.0.0.1:{receiver.server_port}/"
    consumer.Thread(target=receiver.serve_forever, daemon=True).start()
    try:
        body = msgspec.json.encode({"event": "demo", "what": "opened"})
        forged = httpx.post(url, content=body, headers={"Komek-Signature": f"t={int(time.time())},v1=00"})
        assert (forged.status_code, receiver.heard.qsize()) == (400, 0)
        good = {"Komek-Signature": signature("whsec_demo", int(time.time()), body)}
        assert httpx.post(url, content=body, headers=good).status_code == 204
        wait_for(lambda: receiver.heard.qsize() == 1)
    finally:
        receiver.shutdown()
        receiver.server_close()
