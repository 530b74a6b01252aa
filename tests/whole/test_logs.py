"""Nothing that anybody said, wrote or is called is in a log, a count or the list of dead letters, whatever breaks."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.console.office import PASSWORD, Browser
from tests.waiting import WaitUntil
from tests.whole.conftest import PUBLIC, Whole, opened
from tests.whole.test_providers import AGENCY, dialogue

pytestmark = pytest.mark.timeout(600)

NAME, PASSPORT, PHONE, STREET = "Zarifoglu", "U7654321", "998907654321", "Tashkentskaya"
PERSON = 770077001
FAULTS = ("faultthink", "faultloop", "faultfile", "faultsend", "faultweb", "faultdesk")
PLANTED = (NAME, PASSPORT, PHONE, "7654321", STREET, str(PERSON), PASSWORD, *FAULTS)
"""Of none of these a trace may be left."""
TOLD = (
    "event of",
    "effect of",
    "message to",
    "Exception in callback",
    "Task exception",
    "console:",
    "Exception in ASGI",
)
"""How the lines begin that tell of these faults."""


@pytest.fixture
async def faulty(empty_valkey: str, postgres_database: str, tmp_path: Path) -> AsyncIterator[Whole]:
    """An installation that breaks where it is told to, and logs in JSON."""
    program = (sys.executable, "-m", "tests.whole.faulty")
    async with opened(empty_valkey, postgres_database, tmp_path, program=program, LOG="json") as whole:
        yield whole


class Reach(httpx.AsyncBaseTransport):
    """The public address, as the proxy before us leads it on."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._line = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        there = httpx.Request(request.method, url, headers=request.headers, stream=request.stream)
        return await self._line.handle_async_request(there)

    async def aclose(self) -> None:
        await self._line.aclose()


def browser(whole: Whole) -> Browser:
    """A browser on the running service."""
    found = Browser.__new__(Browser)
    found.http = httpx.AsyncClient(transport=Reach(whole.service.port), base_url=PUBLIC, timeout=30)
    return found


async def test_no_word_of_anybody_is_left_in_logs_counts_and_dead_letters(faulty: Whole, wait_until: WaitUntil) -> None:
    """A whole story over Telegram, WhatsApp, the web chat and the desk, with a fault at each of them."""
    person = faulty.telegram.citizen(PERSON)
    ref = await dialogue(person)
    other = faulty.twilio.citizen(f"whatsapp:+{PHONE}")
    await dialogue(other, "hello")
    for n, word in enumerate(FAULTS[:3]):
        for citizen in (person, other):
            await citizen.says(f"I am {NAME}, {STREET} 7, passport {PASSPORT}, +{PHONE} {word} {n}")
    await person.sends(contact={"phone_number": f"+{PHONE}", "first_name": NAME, "user_id": PERSON})
    await at_the_desk(faulty, ref, wait_until)
    await on_the_web(faulty)

    await wait_until(
        lambda: all(any(line["said"].startswith(t) for line in logged(faulty)) for t in TOLD), 60, "each fault"
    )
    async with httpx.AsyncClient() as line:
        counts = (await line.get(f"{faulty.service.url}/metrics")).text
    assert 'komek_dead_letters_total{queue="inbox"}' in counts
    dead = faulty.service.tells("dead", "list")
    names = re.findall(r"^\d\d/\S+", dead, re.MULTILINE)
    dead += "".join(faulty.service.tells("dead", "show", name) for name in names)
    assert "text telegram" in dead
    faulty.service.terminate()
    for text in (faulty.service.log, counts, dead):
        assert [word for word in PLANTED if word.lower() in text.lower()] == []
    assert "ValueError at whole/faulty.py" in faulty.service.log


def logged(whole: Whole) -> list[dict[str, str]]:
    """The log: each line is an object with these fields."""
    whole_lines = whole.service.log.rpartition("\n")[0]
    lines = [json.loads(line) for line in whole_lines.splitlines()]
    assert all(line.keys() >= {"at", "level", "room", "said"} for line in lines)
    return lines


async def at_the_desk(whole: Whole, ref: str, wait_until: WaitUntil) -> None:
    """The officer signs in, looks, answers (which cannot be sent), and notes something (which cannot be kept)."""
    officer = await whole.cases.officers.add(NAME, AGENCY, f"{NAME} {STREET}")
    await whole.cases.officers.redeem(await whole.cases.officers.invite(NAME), PASSWORD)
    desk, page = browser(whole), f"/console/cases/{ref}"
    signed = await desk.send("/console/sign-in", "/console/sign-in", login=NAME, password=PASSWORD)
    assert signed.status_code == 303

    async def there() -> bool:
        return (await desk.get(page)).status_code == 200

    await wait_until(there, 30, "the case at the desk")
    assert (await desk.send(page, f"{page}/note", text=f"{NAME} {PASSPORT} faultdesk")).status_code == 500
    seen = (await whole.cases.case(AGENCY, ref)).seen
    await whole.cases.reply(officer, ref, f"Dear {NAME}, come to {STREET}. faultsend", seen)
    await desk.http.aclose()


async def on_the_web(whole: Whole) -> None:
    """Somebody writes in the web chat, and the page breaks."""
    visitor = browser(whole).http
    page = (await visitor.get("/chat", follow_redirects=True)).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    answer = await visitor.post("/chat/say", data=hidden | {"text": f"{NAME} {PASSPORT} faultweb"})
    assert answer.status_code == 500
    await visitor.aclose()
