"""A backup made while people talk, both stores destroyed, and everything put back: the dialogues go on where they were."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage.records import Filter
from tests.fakes.telegram import Citizen
from tests.servers import LivePostgres, LiveValkey
from tests.waiting import WaitUntil
from tests.whole.conftest import Whole, opened
from tests.whole.crowd import AGENCY, Crowd, filed
from tests.whole.player import REF, Player
from tests.whole.service import Service
from tests.whole.test_providers import replies

pytestmark = pytest.mark.timeout(900)
PATIENT, BUSY = 12, 40
ANSWER = "Come to the desk at gate 10."


@dataclass
class Doomed:
    """An installation, and how everything that it has stored is destroyed."""

    whole: Whole
    destroy: Callable[[], object]


@pytest.fixture(params=["servers", "one machine"])
async def doomed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Doomed]:
    """PostgreSQL and Valkey; SQLite and the embedded Valkey."""
    if request.param == "one machine":
        var = tmp_path / "var"
        async with opened("", f"sqlite:///{var}/komek.sqlite", tmp_path) as whole:
            yield Doomed(whole, lambda: shutil.rmtree(var))
            whole.service.terminate()
        return
    valkey: LiveValkey = request.getfixturevalue("valkey_server")
    postgres: LivePostgres = request.getfixturevalue("postgres_server")
    url: str = request.getfixturevalue("postgres_database")

    def destroy() -> None:
        valkey.wipe()
        postgres.sql(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")
        postgres.sql(f"CREATE DATABASE {url.rpartition('/')[2]}")
        shutil.rmtree(tmp_path / "var")

    async with opened(valkey.url, url, tmp_path) as whole:
        yield Doomed(whole, destroy)


class Patient:
    """A person who stops after some moves, and goes on when they are told to."""

    def __init__(self, citizen: Citizen, moves: int) -> None:
        self.citizen, self.player, self.moves = citizen, Player(), moves

    async def talk(self, moves: int) -> None:
        """So many moves, or all to the case number; each ends with our answer to it."""
        if not self.citizen.said:
            await self.citizen.says("/start")
            await self.citizen.reply(60)
        while moves and not self.player.ref:
            said = self.citizen.said[-1]
            move = self.player.move(said.text, [token for _, token in said.buttons])
            if not move:
                if not self.player.ref:
                    await self.citizen.reply(60)
                continue
            moves -= 1
            seen = len(self.citizen.said)
            await (self.citizen.presses if ":" in move else self.citizen.says)(move)
            while len(self.citizen.said) == seen:
                await self.citizen.reply(60)

    @property
    def heard(self) -> list[str]:
        """All that we said, but for the case number."""
        return [REF.sub("", said.text) for said in self.citizen.said]


async def test_dialogues_go_on_after_a_restore(doomed: Doomed, tmp_path: Path, wait_until: WaitUntil) -> None:
    """What was before the backup is there, once; a backup is whole or refused; stores that hold something are left alone."""
    whole, service, folder = doomed.whole, doomed.whole.service, tmp_path / "backup"
    model = Patient(whole.telegram.citizen(1), 99)
    await model.talk(99)
    patients = [Patient(whole.telegram.citizen(100 + n), n) for n in range(PATIENT)]
    await asyncio.gather(*(patient.talk(patient.moves) for patient in patients))
    photo = b"\xff\xd8\xff demo photo"
    await model.citizen.sends_photo(photo)
    await wait_until(lambda: filed(whole, 1), 60, "the first case")
    await attached(whole, model.player.ref, photo, wait_until)
    await replies(whole, model.player.ref, ANSWER)
    await wait_until(lambda: ANSWER in " ".join(model.heard), 60, "the officer's answer")

    crowd = Crowd(BUSY, whole)
    talking = asyncio.create_task(crowd.talk())
    await crowd.reached(BUSY * 5)
    done = {player.ref for player in crowd.players if player.ref} | {model.player.ref}
    printed = await asyncio.to_thread(service.tells, "backup", str(folder))
    assert "attachments" in printed
    talking.cancel()
    await asyncio.gather(talking, return_exceptions=True)
    service.terminate()
    await asyncio.to_thread(doomed.destroy)
    await whole.cases.close()
    private(folder)

    assert "Restored" in await asyncio.to_thread(service.tells, "restore", str(folder))
    again = await asyncio.to_thread(service.fails, "restore", str(folder))
    assert "not empty" in again
    await service.start_beside()
    before = {patient.citizen.id: len(patient.heard) for patient in patients}
    await asyncio.gather(*(patient.talk(99) for patient in patients))
    story = model.heard[: len(patients[-1].heard)]
    for patient in patients:
        assert patient.heard == story, f"from {before[patient.citizen.id]} on"
    mine = {patient.player.ref for patient in patients}
    assert len(mine) == PATIENT

    async def there() -> Counter[str]:
        page = await whole.cases.queue(AGENCY, Filter(), limit=200)
        found = Counter(line.key for line in page.lines)
        return found if found.keys() >= mine | done else Counter()

    found = await wait_until(there, 60, "every case")
    assert set(found.values()) == {1}
    await attached(whole, model.player.ref, photo, wait_until)
    events = (await whole.cases.case(AGENCY, model.player.ref)).events
    assert [event.body for event in events if event.what == "reply"] == [ANSWER]
    for citizen in crowd.citizens:
        await answered(citizen, wait_until)
    assert " ".join(model.heard).count(ANSWER) == 1
    assert "Whole" in service.tells("audit", "verify")


async def answered(citizen: Citizen, wait_until: WaitUntil) -> None:
    """Who was interrupted asks for the menu, and gets an answer."""
    heard = len(citizen.said)
    await citizen.says("menu")
    await wait_until(lambda: len(citizen.said) > heard, 60, "an answer to everybody")


async def attached(whole: Whole, ref: str, photo: bytes, wait_until: WaitUntil) -> None:
    """The photo can be opened at the desk."""

    async def stored() -> bytes:
        case = await whole.cases.case(AGENCY, ref)
        ids = [a.id for event in case.events for a in event.attachments if a.state == "stored"]
        return (await whole.cases.attachment(AGENCY, ref, ids[0]))[1] if ids else b""

    assert await wait_until(stored, 60, "the photo at the desk") == photo


def private(folder: Path) -> None:
    """Nobody else can read it, and whoever can finds no word and no key in it."""
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert {oct(path.stat().st_mode)[-3:] for path in kept} == {"600"}
    assert oct(folder.stat().st_mode)[-3:] == "700"
    for path in kept:
        body = path.read_bytes()
        assert b"gate 12" not in body
        assert bytes(range(32)) not in body
        assert b"kkkkkkkk" not in body


def test_a_backup_that_was_changed_or_belongs_to_other_keys_is_refused(tmp_path: Path) -> None:
    """Before anything is changed, in one line."""
    service, folder = Service(tmp_path, ("demo",), {}), tmp_path / "backup"
    service.tells("migrate")
    service.tells("backup", str(folder))
    assert "there already" in service.fails("backup", str(folder))
    (tmp_path / "var" / "keys.json").rename(tmp_path / "keys.json")
    assert "KOMEK_DATA_KEYS" in service.fails("restore", str(folder))
    (tmp_path / "keys.json").replace(tmp_path / "var" / "keys.json")
    with closing(sqlite3.connect(tmp_path / "var" / "komek.sqlite")) as file, file as tables:
        tables.execute("UPDATE alembic_version SET version_num = '0004'")
    assert "tables of another step" in service.fails("restore", str(folder))
    with (folder / "sql").open("ab") as copy:
        copy.write(b"x")
    assert "not as it was written" in service.fails("restore", str(folder))
    (folder / "manifest.json").unlink()
    assert "not a whole backup" in service.fails("restore", str(folder))
