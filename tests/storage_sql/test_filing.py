"""Filing: each effect once, however often, in whatever order and cut it comes."""

from __future__ import annotations

import itertools
import logging
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from handlers.nouns import AddToCase, CloseCase, Delivered, Effect, Forget, Remind
from storage.cases import Cases
from storage.migrate import migrate
from storage.records import CaseFile, Filter, Missing
from storage.seal import Seal
from storage.sql.forgetting import AGAIN
from tests.storage_sql.sample import NUMBER, SECRET, Clock, added, at, opened, rows

CASE = opened()


async def _case(cases: Cases) -> CaseFile:
    return await cases.case("uz.mfa", CASE.ref)


async def test_a_report_becomes_a_case_with_all_it_said(cases: Cases) -> None:
    """What the citizen reported is what the officer reads."""
    await cases.file([CASE])
    found = await _case(cases)
    assert found.line.key == CASE.ref
    assert (found.line.owner, found.line.status, found.line.priority) == ("uz.mfa", "received", "urgent")
    assert (found.line.host, found.line.nationality, found.line.place) == ("UZ", "KZ", "airport_zone")
    assert (found.line.reasons, found.line.outcome, found.channel) == (("minors",), "covered", "telegram")
    assert (found.facts, found.report, found.assessment) == (CASE.facts, CASE.report, CASE.assessment)
    assert (found.consent, found.agencies) == (CASE.consent, ("kz.mfa", "uz.mfa"))
    assert [(e.what, e.actor, e.at) for e in found.events] == [("opened", "citizen", CASE.at)]
    assert [(a.kind, a.name, a.state) for a in found.events[0].attachments] == [("photo", "demo.jpg", "pending")]


async def test_filing_a_batch_again_changes_nothing(cases: Cases) -> None:
    """A clerk that crashed after the commit and before the ack files the same batch again."""
    batch: list[Effect] = [CASE, added(CASE, 1), added(CASE, 2, "media", 2), CloseCase("close", CASE.id, at(3))]
    await cases.file(batch)
    before = await rows(cases)
    await cases.file(batch)
    await cases.file(list(reversed(batch)))
    assert await rows(cases) == before


async def test_a_batch_is_all_or_nothing(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    """If one effect cannot be filed the whole batch is filed later, not a part of it now."""

    def broken(*args: object) -> bytes:
        raise RuntimeError("the line broke")

    await cases.file([opened("b")])
    before = await rows(cases)
    good = cases._db.vault.put
    calls = itertools.count()
    monkeypatch.setattr(cases._db.vault, "put", lambda *args: broken() if next(calls) == 6 else good(*args))
    with pytest.raises(RuntimeError):
        await cases.file([CASE, added(CASE, 1)])
    assert await rows(cases) == before
    monkeypatch.undo()
    await cases.file([CASE, added(CASE, 1)])
    assert [e.what for e in (await _case(cases)).events] == ["opened", "message"]


async def test_effects_for_a_case_that_is_not_there_are_dropped(cases: Cases, caplog: pytest.LogCaptureFixture) -> None:
    """One line in the log, without a word of the citizen, and the rest of the batch is filed."""
    caplog.set_level(logging.INFO)
    lost = opened("lost")
    other: list[Effect] = [Delivered("d", "nowhere", at(1), "sent"), Remind("r", "telegram:x", None, "draft")]
    await cases.file([added(lost, 1), CloseCase("c", lost.id, at(2)), *other, CASE])
    assert (await _case(cases)).line.key == CASE.ref
    assert [lost.id in r.getMessage() for r in caplog.records if r.name.startswith("storage")] == [True, True]
    assert SECRET not in caplog.text
    assert NUMBER not in caplog.text


async def test_a_word_on_a_closed_case_opens_it_again(cases: Cases) -> None:
    """Closing is never a wall: a later message reopens, and the history says so."""
    await cases.file([CASE, CloseCase("close", CASE.id, at(1))])
    assert (await _case(cases)).line.status == "closed"
    await cases.file([added(CASE, 1, "blocked", 2)])
    assert (await _case(cases)).line.status == "closed"
    await cases.file([added(CASE, 2, "message", 3)])
    found = await _case(cases)
    assert found.line.status == "received"
    assert [e.what for e in found.events] == ["opened", "solved", "blocked", "message", "reopened"]
    assert [e.seq for e in found.events] == [1, 2, 3, 4, 5]


async def test_a_reference_given_twice_loses_no_case(cases: Cases, caplog: pytest.LogCaptureFixture) -> None:
    """Both cases are kept; the second is known by its id, and the log cries out."""
    twin = replace(opened("twin"), ref=CASE.ref)
    await cases.file([CASE, twin])
    await cases.file([twin])
    assert (await cases.case("uz.mfa", CASE.ref)).line.id == CASE.id
    assert (await cases.case("uz.mfa", twin.id)).line.key == twin.id
    assert [r.levelname for r in caplog.records if "reference" in r.getMessage()] == ["ERROR"]


async def test_forgetting_leaves_the_fact_and_nothing_of_the_person(cases: Cases, tmp_path: Path) -> None:
    """Words, names, numbers, address and files are gone, in the rows and on the disk; the count stays."""
    await cases.file([CASE, added(CASE, 1, "media")])
    for fetch in await cases.pending_media(9):
        assert await cases.stored(fetch.id, b"demo file", "image/png")
    files = tmp_path / "attachments"
    assert len(list(files.rglob("*.sealed"))) == 2
    gone = Forget("forget", CASE.chat, CASE.chat_ref, (), at(9))
    await cases.file([gone])
    await cases.file([gone, added(CASE, 2, minutes=10), CASE])
    found = await _case(cases)
    assert (found.line.forgotten, found.line.status, found.channel) == (True, "closed", "")
    assert (found.facts, found.report) == ({"host": "UZ", "nationality": "KZ", "permit": "visa"}, {})
    assert (found.assessment, found.consent) == (None, None)
    assert [(e.what, e.body, dict(e.extras)) for e in found.events] == [
        ("opened", "", {}),
        ("media", "", {}),
        ("forgotten", "", {}),
    ]
    assert [a.name for e in found.events for a in e.attachments] == ["", ""]
    assert await cases.pending_media(9) == []
    assert list(files.rglob("*.sealed")) == []


async def test_forgetting_again_later_spares_a_case_opened_since(cases: Cases) -> None:
    """A redelivered wish to be forgotten must not take what the person reported after it."""
    wish = Forget("forget", CASE.chat, CASE.chat_ref, (CASE.id,), at(5))
    later = replace(opened("later", minutes=9), chat_ref=CASE.chat_ref)
    await cases.file([CASE, wish])
    await cases.file([later])
    await cases.file([wish])
    assert (await _case(cases)).line.forgotten
    assert not (await cases.case("uz.mfa", later.ref)).line.forgotten


async def test_a_file_fetched_while_its_person_is_forgotten_is_not_kept(cases: Cases, tmp_path: Path) -> None:
    """The fetch loop may come back with a file that nobody may hold any more."""
    await cases.file([CASE])
    (fetch,) = await cases.pending_media(1)
    await cases.file([Forget("forget", CASE.chat, CASE.chat_ref, (CASE.id,), at(9))])
    assert not await cases.stored(fetch.id, b"demo file", "image/png")
    assert list((tmp_path / "attachments").rglob("*.sealed")) == []


async def test_a_crash_between_rows_and_files_leaves_no_forgotten_file(
    cases: Cases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are emptied first; the files follow at the next look for work."""
    await cases.file([CASE])
    (fetch,) = await cases.pending_media(1)
    await cases.stored(fetch.id, b"demo file", "image/png")

    def crash(id: str) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(cases._db.files, "remove", crash)
    await cases.file([Forget("forget", CASE.chat, CASE.chat_ref, (CASE.id,), at(9))])
    with pytest.raises(RuntimeError):
        await cases.pending_media(1)
    monkeypatch.undo()
    with pytest.raises(Missing):
        await cases.attachment("uz.mfa", CASE.ref, fetch.id)
    await cases.pending_media(1)
    assert list((tmp_path / "attachments").rglob("*.sealed")) == []


async def test_a_file_that_cannot_be_removed_keeps_no_other(
    cases: Cases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """It is tried again later; the others go at once."""
    await cases.file([CASE, added(CASE, 1, "media"), added(CASE, 2, "media")])
    kept = [fetch.id for fetch in await cases.pending_media(9)]
    for id in kept:
        await cases.stored(id, b"demo file", "image/png")
    await cases.file([Forget("forget", CASE.chat, CASE.chat_ref, (CASE.id,), at(9))])
    remove = cases._db.files.remove

    async def stuck(id: str, /) -> None:
        if id == kept[0]:
            raise PermissionError("secret path")
        await remove(id)

    monkeypatch.setattr(cases._db.files, "remove", stuck)
    await cases.pending_media(1)
    assert len(list((tmp_path / "attachments").rglob("*.sealed"))) == 1
    monkeypatch.undo()
    clock.forward(seconds=AGAIN.total_seconds())
    await cases.pending_media(1)
    assert list((tmp_path / "attachments").rglob("*.sealed")) == []


def _story(name: str) -> list[Effect]:
    """A whole life of a case."""
    case = opened(name)
    return [
        case,
        added(case, 1, "message", 1),
        added(case, 2, "media", 2),
        CloseCase(f"close-{name}", case.id, at(3)),
        added(case, 3, "message", 4),
        AddToCase(f"blocked-{name}", case.id, at(5), "blocked"),
        CloseCase(f"again-{name}", case.id, at(6)),
        *([Forget(f"forget-{name}", case.chat, case.chat_ref, (case.id,), at(7))] if name == "z" else []),
    ]


@pytest.mark.parametrize("seed", range(8))
async def test_any_mixture_and_repetition_in_a_batch_ends_in_the_same_rows(
    cases: Cases, sqlite_url: str, seal: Seal, tmp_path: Path, clock: Clock, seed: int
) -> None:
    """The rows depend on what each person said and in which order, not on how the chats' words were mixed or repeated."""
    dice = random.Random(seed)
    stories = [_story(name) for name in "xyz"]
    effects = [effect for story in stories for effect in story]
    await cases.file(effects)
    mixed: list[Effect] = []
    while any(stories):
        mixed.append(dice.choice([story for story in stories if story]).pop(0))
        mixed += dice.choices(mixed, k=dice.randint(0, 2))
    await migrate(f"{sqlite_url}-2")
    second = Cases(f"{sqlite_url}-2", seal, tmp_path / "two", clock=clock, secret="k" * 32)
    await second.file(mixed)
    await second.file(dice.sample(effects, k=5))
    assert _known(await rows(second)) == _known(await rows(cases))
    await second.close()


async def test_what_a_person_said_stays_in_its_order_whatever_the_clocks_say(cases: Cases) -> None:
    """Texts of one second, and a text after a button that was dated by another clock: the queue's order counts."""
    words = ["one", "two", "three", "four", "five"]
    texts = [added(CASE, n, body=word) for n, word in enumerate(words, 1)]
    late = added(CASE, 9, minutes=0, body="Wait, it is not solved")
    await cases.file([CASE, *texts, CloseCase("close", CASE.id, at(1)), late])
    case = await _case(cases)
    assert [event.body for event in case.events if event.what == "message"] == [*words, "Wait, it is not solved"]
    assert case.events[-1].what == "reopened"


@given(cuts=st.lists(st.integers(0, 8), max_size=4), repeats=st.integers(1, 3))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_cut_of_the_stream_ends_in_the_same_rows(
    seal: Seal, tmp_path_factory: pytest.TempPathFactory, cuts: Sequence[int], repeats: int
) -> None:
    """However a stream is cut into batches, and however often each is retried, the rows are the same."""
    story = _story("z")
    edges = sorted({0, *cuts, len(story)})
    found = []
    for batches in ([story], [story[a:b] for a, b in itertools.pairwise(edges)]):
        folder = tmp_path_factory.mktemp("cut")
        url = f"sqlite:///{folder / 'k.sqlite3'}"
        await migrate(url)
        store = Cases(url, seal, folder, clock=Clock(), secret="k" * 32)
        for batch in batches:
            for _ in range(repeats):
                await store.file(batch)
        found.append(_known(await rows(store)))
        await store.close()
    assert found[0] == found[1]


def _known(found: dict[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
    """The rows without the numbers of `announcements` and `audit`, whose order between cases follows the batch's."""
    numbered = {
        name: sorted([{k: v for k, v in row.items() if k not in ("n", "hash")} for row in found[name]], key=str)
        for name in ("announcements", "audit")
    }
    return {name: table for name, table in found.items() if name != "audit_head"} | numbered


async def test_sealed_columns_hold_no_readable_word(cases: Cases, seal: Seal) -> None:
    """Who reads the database without the keys reads no word, number or address of a citizen."""
    await cases.file([CASE, added(CASE, 1)])
    async with cases._db.read() as connection:
        raw = await connection.exec_driver_sql("SELECT * FROM cases")
        text = repr(raw.all()) + repr((await connection.exec_driver_sql("SELECT * FROM events")).all())
        text += repr((await connection.exec_driver_sql("SELECT * FROM attachments")).all())
    assert not [secret for secret in (SECRET, NUMBER, CASE.chat, "demo.jpg", "handle-1") if secret in text]


async def test_delivery_only_moves_forward(cases: Cases) -> None:
    """Reports come late and out of order; what an officer sees never goes back."""
    officer = await cases.officers.add("demo1", "uz.mfa", "Demo Officer")
    await cases.file([CASE])
    event = await cases.reply(officer, CASE.ref, "Answer", (await _case(cases)).seen)
    for words, shown in (
        (("retry", "sent", "queued"), "sent"),
        (("failed", "sent"), "failed"),
        (("delivered", "failed", "sent"), "delivered"),
        (("read", "delivered", "blocked"), "read"),
    ):
        for n, word in enumerate(words):
            await cases.file([Delivered(f"{shown}{n}", event, at(n), word, "63016" if word == "failed" else "")])
        assert (await _case(cases)).events[-1].delivery == shown


async def test_an_id_of_any_length_is_kept_once(cases: Cases) -> None:
    """A provider may make ids as long as it likes; that must never stop a batch."""
    long = replace(added(CASE, 1, "media"), id="demo:" + "9" * 300)
    await cases.file([CASE, long, CloseCase("c" * 300, CASE.id, at(2))])
    await cases.file([long])
    found = (await _case(cases)).events
    assert [(e.what, len(e.attachments)) for e in found] == [("opened", 1), ("media", 1), ("solved", 0)]


async def test_an_empty_queue_is_a_page_without_lines(cases: Cases) -> None:
    """Nothing filed, nothing shown, no error."""
    assert (await cases.queue("uz.mfa", Filter())).lines == ()
    await cases.file([])
    assert await cases.counts("uz.mfa") == {}
