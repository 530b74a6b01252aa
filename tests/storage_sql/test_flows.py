"""What leaves the store: the agencies' streams, files to fetch, a person's own data."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import msgspec

from handlers.nouns import CloseCase, Export
from storage.cases import Cases
from storage.machines import CaseEvent
from tests.storage_sql.sample import NUMBER, SECRET, Clock, added, at, opened

CASE = opened()
DOCS = Path(__file__).parents[2] / "docs" / "queue.md"


async def test_each_event_is_announced_once_to_each_agency(cases: Cases) -> None:
    """In order, and again until it is published; publishing to one agency leaves the other's."""
    await cases.file([CASE, added(CASE, 1)])
    due = await cases.unpublished(99)
    assert [(agency, json.loads(entry)["what"]) for agency, _, entry in due] == [
        ("kz.mfa", "opened"),
        ("uz.mfa", "opened"),
        ("kz.mfa", "message"),
        ("uz.mfa", "message"),
    ]
    assert await cases.unpublished(99) == due
    await cases.published([(agency, event) for agency, event, _ in due if agency == "kz.mfa"])
    await cases.published([(agency, event) for agency, event, _ in due if agency == "kz.mfa"])
    assert [agency for agency, _, _ in await cases.unpublished(99)] == ["uz.mfa", "uz.mfa"]
    assert len(await cases.unpublished(1)) == 1


async def test_an_announcement_holds_no_word_of_the_citizen(cases: Cases) -> None:
    """It says that something happened, where and how urgent it is: never who, nor what was said."""
    await cases.file([CASE, added(CASE, 1)])
    text = b"".join(entry for _, _, entry in await cases.unpublished(99)).decode()
    assert not [secret for secret in (SECRET, NUMBER, CASE.chat, CASE.chat_ref, "demo.jpg") if secret in text]
    entry = json.loads((await cases.unpublished(1))[0][2])
    assert (entry["case"], entry["ref"], entry["owner"], entry["outcome"]) == (CASE.id, CASE.ref, "uz.mfa", "covered")
    assert (entry["host"], entry["nationality"], entry["place"]) == ("UZ", "KZ", "airport_zone")


def test_the_documentation_names_every_field_of_an_entry() -> None:
    """docs/queue.md and the entry never drift apart."""
    documented = re.findall(r"^\| `(\w+)` \| (?:integer|string|array)", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert documented == list(CaseEvent.__struct_fields__)


async def test_a_file_is_asked_for_until_it_is_stored_or_gone(cases: Cases, clock: Clock) -> None:
    """A provider that cannot answer now is asked again after a growing wait; one that never will is not."""
    await cases.file([CASE, added(CASE, 1, "media")])
    first, second = await cases.pending_media(9)
    assert (first.channel, first.media, first.tries) == ("telegram", CASE.media[0], 0)
    waits = [(await cases.later(first.id) - clock.moment).total_seconds() for _ in range(9)]
    assert waits == sorted(waits)
    await cases.gone(second.id, "too large")
    assert await cases.pending_media(9) == []
    clock.forward(hours=2)
    (again,) = await cases.pending_media(9)
    assert (again.id, again.tries) == (first.id, 9)
    assert await cases.stored(first.id, b"content", "image/png")
    assert not await cases.stored(first.id, b"other", "image/png")
    assert await cases.pending_media(9) == []
    found, content = await cases.attachment("uz.mfa", CASE.ref, first.id)
    assert (content, found.mime, found.size, found.name) == (b"content", "image/png", 7, "demo.jpg")
    states = [a.state for e in (await cases.case("uz.mfa", CASE.ref)).events for a in e.attachments]
    assert states == ["stored", "gone"]


async def test_a_file_is_not_left_lying_because_a_clock_was_wrong(cases: Cases, clock: Clock) -> None:
    """Neither because the message came dated ahead, nor because a try failed while our own clock was ahead."""
    await cases.file([msgspec.structs.replace(CASE, at=clock() + timedelta(days=1))])
    (fetch,) = await cases.pending_media(9)
    clock.forward(hours=1)
    await cases.later(fetch.id)
    assert await cases.pending_media(9) == []
    clock.forward(hours=-1)
    assert [one.id for one in await cases.pending_media(9)] == [fetch.id]


async def test_a_person_gets_all_that_is_held_about_them(cases: Cases) -> None:
    """Facts, report, answers and files, in words; an agency's internal note is not theirs."""
    officer = await cases.officers.add("demo1", "uz.mfa", "Demo Officer")
    await cases.file([CASE, added(CASE, 1, body="My demo words"), CloseCase("c", CASE.id, at(5))])
    await cases.reply(officer, CASE.ref, "Demo answer", (await cases.case("uz.mfa", CASE.ref)).seen)
    await cases.note(officer, CASE.ref, "Demo note", "")
    text = await cases.export(Export("e", CASE.chat, (CASE.id,), at(9)))
    for held in (
        CASE.ref,
        SECRET,
        NUMBER,
        "My demo words",
        "Demo answer",
        "Kazakhstan",
        "Airport waiting zone",
        "demo.jpg",
    ):
        assert held in text
    assert "Demo Agency" in text
    assert "Demo measure" in text
    assert "Demo note" not in text
    assert "Demo Officer" not in text


async def test_nobody_gets_anothers_data(cases: Cases) -> None:
    """A case id is not enough: only the chat that opened the case is told what it holds."""
    await cases.file([CASE])
    assert await cases.export(Export("e", "telegram:other", (CASE.id, "none"), at(9))) == "We hold no case of yours."
