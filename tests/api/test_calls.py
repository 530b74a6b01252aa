"""What an agency's program can do, and what it is told."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli_relief import relief
from console.listing import CaseLine
from storage.migrate import migrate
from storage.records import Filter
from storage.seal import Seal
from storage.sql.audit_reading import Wanted
from tests.api.programs import BODIES, PHOTO, Bureau, problem
from tests.console.office import CASE
from tests.storage_sql.sample import SECRET, added, opened

HERE = f"/cases/{CASE.ref}"


async def test_a_program_reads_answers_and_sets_the_status(bureau: Bureau) -> None:
    """It is the agency that has done it: on the timeline, at the desk, in the citizen's chat."""
    async with bureau.program(await bureau.key()) as program:
        (line,) = (await program.get("/cases")).json()["cases"]
        assert (line["key"], line["priority"], line["reasons"]) == (CASE.ref, "urgent", ["minors"])
        case = (await program.get(f"/cases/{line['key']}")).json()
        assert case["report"]["note"] == SECRET
        assert case["assessment"]["outcome"] == "covered"
        seen = case["seen"]
        for path, body in (("replies", {"text": "A demo\r\n answer\x07"}), ("status", {"status": "reading"})):
            answer = await program.post(f"{HERE}/{path}", json={**body, "seen": seen})
            assert answer.status_code == 201
            seen = answer.json()["event"]
        told = [(e["what"], e["by"], e["who"]) for e in (await program.get(HERE)).json()["events"]]
    assert told == [("opened", "citizen", ""), ("reply", "key", "uz.mfa"), ("status", "key", "uz.mfa")]
    assert [(n.extras["what"], n.extras["agency"], n.body) for n in await bureau.cases.news(9)] == [
        ("reply", "uz.mfa", "A demo\n answer"),
        ("status", "uz.mfa", ""),
    ]
    browser = await bureau.signed_in("demo1")
    assert "Demo Agency uz.mfa" in (await browser.get(f"/console/cases/{CASE.ref}")).text


async def test_what_a_program_reads_and_does_is_in_the_audit(bureau: Bureau) -> None:
    """Under its key's name, as an officer's reads and acts are; a 304 shows nothing and is none."""
    token = await bureau.key()
    (key,) = await bureau.cases.keys.all("uz.mfa")
    async with bureau.program(token) as program:
        tag = (await program.get(HERE)).headers["etag"]
        await program.get(HERE, headers={"If-None-Match": tag})
    for name in ("readAttachment", "note"):
        await bureau.ask(name, token)
    deeds = [d for d in await bureau.cases.audit.page("uz.mfa", Wanted()) if d.who == f"key:{key.id}"]
    assert [(d.act, d.subject) for d in reversed(deeds)] == [
        ("case.read", CASE.id),
        ("file.read", CASE.id),
        ("case.note", CASE.id),
    ]


async def test_a_repeated_call_is_one_event(bureau: Bureau) -> None:
    """With the same `seen` by itself; with an Idempotency-Key also after the case was read again."""
    async with bureau.program(await bureau.key()) as program:
        seen = (await program.get(HERE)).json()["seen"]
        first = await program.post(f"{HERE}/replies", json={"text": "Demo", "seen": seen})
        again = await program.post(f"{HERE}/replies", json={"text": "Demo", "seen": seen})
        assert first.json() == again.json()
        named = {"Idempotency-Key": "call-1"}
        seen = first.json()["event"]
        first = await program.post(f"{HERE}/replies", json={"text": "Other", "seen": seen}, headers=named)
        newer = (await program.get(HERE)).json()["seen"]
        again = await program.post(f"{HERE}/replies", json={"text": "Other", "seen": newer}, headers=named)
        assert first.json() == again.json()
        reused = await program.post(f"{HERE}/replies", json={"text": "Third", "seen": newer}, headers=named)
        assert problem(reused) == (422, "reused")
        long = await program.post(
            f"{HERE}/notes", json={"text": "x", "seen": newer}, headers={"Idempotency-Key": "x" * 201}
        )
        assert problem(long) == (422, "unfit")
    assert [e.what for e in (await bureau.cases.case("uz.mfa", CASE.ref)).events] == ["opened", "reply", "reply"]


async def test_a_call_that_came_too_late_may_be_made_again_under_its_name(bureau: Bureau) -> None:
    """Stale at first; with what was read since, the same Idempotency-Key is done, once."""
    async with bureau.program(await bureau.key()) as program:
        old = (await program.get(HERE)).json()["seen"]
        await bureau.cases.file([added(CASE, 1)])
        named = {"Idempotency-Key": "call-1"}
        late = await program.post(f"{HERE}/replies", json={"text": "Demo", "seen": old}, headers=named)
        assert problem(late) == (409, "stale")
        seen = (await program.get(HERE)).json()["seen"]
        done = [
            await program.post(f"{HERE}/replies", json={"text": "Demo", "seen": s}, headers=named)
            for s in (seen, seen, old)
        ]
    assert {answer.status_code for answer in done} == {201}
    assert len({answer.json()["event"] for answer in done}) == 1
    assert [e.what for e in (await bureau.cases.case("uz.mfa", CASE.ref)).events] == ["opened", "message", "reply"]


async def test_an_etag_says_whether_anything_changed(bureau: Bureau) -> None:
    """304 while it has not; it stands in for `seen`; an act without either is asked to say."""
    async with bureau.program(await bureau.key()) as program:
        tag = (await program.get(HERE)).headers["etag"]
        same = await program.get(HERE, headers={"If-None-Match": tag})
        assert (same.status_code, same.content) == (304, b"")
        answer = await program.post(f"{HERE}/replies", json={"text": "Demo"})
        assert problem(answer) == (428, "seen")
        answer = await program.post(f"{HERE}/replies", json={"text": "Demo"}, headers={"If-Match": tag})
        assert answer.status_code == 201
        answer = await program.post(f"{HERE}/status", json={"status": "closed"}, headers={"If-Match": tag})
        assert problem(answer) == (409, "stale")
        assert (await program.get(HERE, headers={"If-None-Match": tag})).status_code == 200


async def test_a_program_asks_whether_a_case_may_go_to_another_agency(bureau: Bureau) -> None:
    """Once; the desk shows it as the agency's; what cannot be done says why."""
    async with bureau.program(await bureau.key()) as program:
        seen = (await program.get(HERE)).json()["seen"]
        wish = {**BODIES["refer"], "seen": seen}
        first = await program.post(f"{HERE}/referrals", json=wish)
        again = await program.post(f"{HERE}/referrals", json=wish)
        assert (first.status_code, first.json()) == (201, again.json())
        seen = (await program.get(HERE)).json()["seen"]
        other = await program.post(f"{HERE}/referrals", json={**wish, "target": "hu.mfa", "seen": seen})
        assert (problem(other), other.json()["detail"]) == ((409, "barred"), "pending")
        for wrong in ({"target": "none"}, {"reason": " "}, {"why": "odd"}):
            assert problem(await program.post(f"{HERE}/referrals", json={**wish, **wrong})) == (422, "unfit")
    (event,) = [e for e in (await bureau.cases.case("uz.mfa", CASE.ref)).events if e.what == "referral_asked"]
    assert (event.actor, event.who) == ("key", "uz.mfa")
    browser = await bureau.signed_in("demo1")
    page = (await browser.get(f"/console/cases/{CASE.ref}")).text
    assert "A demo reason" in page


async def test_a_case_in_an_officer_s_hands_is_answered_by_them(bureau: Bureau) -> None:
    """A program does not speak over who has taken it; a note is left all the same. What it answers itself, it does not take."""
    token = await bureau.key()
    assert (await bureau.ask("reply", token)).status_code == 201
    assert (await bureau.cases.queue("uz.mfa", Filter(holder="+"))).lines == ()
    officer = await bureau.hire("demo1")
    await bureau.cases.claim(officer, CASE.ref)
    answer = await bureau.ask("setStatus", token)
    assert (problem(answer), answer.json()["detail"]) == ((409, "barred"), "held")
    assert (await bureau.ask("note", token)).status_code == 201
    async with bureau.program(token) as program:
        for held, found in (("true", 1), ("false", 0)):
            assert len((await program.get("/cases", params={"held": held})).json()["cases"]) == found


async def test_who_has_a_case_is_told_to_their_own_agency_alone(bureau: Bureau) -> None:
    """By name, as at the desk: in the list, in the case, in what is taken out. Two agencies see one case, each its own."""
    await bureau.cases.claim(await bureau.hire("ours"), CASE.ref)
    for agency, name in (("uz.mfa", "Demo ours"), ("kz.mfa", "")):
        async with bureau.program(await bureau.key(agency)) as program:
            (line,) = (await program.get("/cases")).json()["cases"]
            (taken,) = (await program.get("/export", params={"form": "json"})).json()
            case = (await program.get(HERE)).json()
        assert [each["held_by"] for each in (line, taken, case)] == [name] * 3
    await bureau.cases.claim(await bureau.hire("theirs", "kz.mfa"), CASE.ref)
    async with bureau.program(await bureau.key()) as program:
        assert (await program.get("/cases")).json()["cases"][0]["held_by"] == "Demo ours"


async def test_pages_go_through_the_queue(bureau: Bureau) -> None:
    """Every case once, in its order; a filter is the queue's, and what it does not know does not fit."""
    for n in range(7):
        await bureau.cases.file([opened(f"p{n}", minutes=n + 1)])
    found, after = [], ""
    async with bureau.program(await bureau.key()) as program:
        while True:
            page = (await program.get("/cases", params={"limit": 3, "after": after})).json()
            found += [line["key"] for line in page["cases"]]
            after = page["after"]
            if not after:
                break
        assert len(found) == len(set(found)) == 8
        assert (await program.get("/cases", params={"status": "closed"})).json()["cases"] == []
        assert len((await program.get("/cases", params={"ref": CASE.ref.lower()})).json()["cases"]) == 1
        for wrong in (
            {"limit": 0},
            {"limit": 201},
            {"status": "odd"},
            {"host": "uz"},
            {"wrong": "1"},
            {"ref": "1" * 41},
        ):
            assert problem(await program.get("/cases", params=wrong)) == (422, "unfit")
        assert problem(await program.get("/cases?limit=1&limit=2")) == (422, "unfit")


async def test_events_are_read_on_from_a_place(bureau: Bureau) -> None:
    """Each once, in order; the place at the end is good for the next time; one that is not ours does not fit."""
    async with bureau.program(await bureau.key()) as program:
        first = (await program.get("/events")).json()
        assert [e["what"] for e in first["events"]] == ["opened"]
        assert (await program.get("/events", params={"after": first["after"]})).json() == {
            "events": [],
            "after": first["after"],
        }
        await bureau.cases.file([added(CASE, n, minutes=n) for n in range(1, 4)])
        await bureau.publish()
        seqs, after = [], first["after"]
        for _ in range(3):
            page = (await program.get("/events", params={"after": after, "limit": 2})).json()
            seqs += [e["seq"] for e in page["events"]]
            after = page["after"]
        assert seqs == [2, 3, 4]
        for wrong in ("nonsense", "WyIxIl0=", "WyIxOTk5LTAxLTAxVDAwOjAwOjAwWiIsMV0="):
            assert problem(await program.get("/events", params={"after": wrong})) == (422, "unfit")


async def test_a_file_comes_as_it_was_sent_and_runs_nothing(bureau: Bureau) -> None:
    """Saved, sandboxed, with the type of its content."""
    answer = await bureau.ask("readAttachment", await bureau.key())
    assert (answer.content, answer.headers["content-type"]) == (PHOTO, "image/jpeg")
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_the_law_answers_as_the_command_does(bureau: Bureau) -> None:
    """Byte for byte what `komek relief assess --json` prints; JSON's own yes, no and numbers are understood."""
    facts = BODIES["assess"]["facts"]
    words = [f"{name}={value}" for name, value in facts.items()]
    printed = CliRunner().invoke(relief, ["assess", "--as-of", "2020-05-08", "--json", *words])
    key = await bureau.key()
    assert (await bureau.ask("assess", key)).text == printed.output.rstrip("\n")
    async with bureau.program(key) as program:
        more = {**facts, "registered": True, "fee_paid_days": 60, "place": None}
        assert (await program.post("/assess", json={"facts": more, "as_of": "2020-05-08"})).status_code == 200
        wrong = await program.post("/assess", json={"facts": {"host": "uz"}})
        assert wrong.json()["at"] == "$.facts.host"
        assert problem(await program.post("/assess", json={"facts": {}, "as_of": "9999-12-31"})) == (422, "unfit")
        measures = (await program.get("/measures", params={"host": "UZ", "as_of": "2020-05-08"})).json()["measures"]
        assert {m["host"] for m in measures} == {"UZ"}
        one = (await program.get(f"/measures/{measures[0]['id']}")).json()["measure"]
        assert one["sources"][0]["url"] == measures[0]["sources"][0]["url"]
        assert problem(await program.get("/measures/none")) == (404, "missing")


async def test_an_export_is_whole_recorded_and_harmless_in_a_spreadsheet(bureau: Bureau) -> None:
    """CSV and JSON hold the same; who, by what filter and how many is kept, and what was typed is not."""
    odd = opened("odd", minutes=2)
    odd = type(odd)(**{**{f: getattr(odd, f) for f in odd.__struct_fields__}, "report": {"place": "=1+1"}})
    await bureau.cases.file([odd])
    async with bureau.program(await bureau.key()) as program:
        table = (await program.get("/export")).text
        rows = list(csv.DictReader(io.StringIO(table)))
        plain = (await program.get("/export", params={"form": "json", "place": "sea"})).json()
        whole = (await program.get("/export", params={"form": "json"})).json()
    assert tuple(rows[0]) == CaseLine.__struct_fields__
    assert [row["key"] for row in rows] == [line["key"] for line in whole]
    assert (plain, rows[1]["place"], whole[1]["place"]) == ([], "'=1+1", "=1+1")
    told = [(t.who[:4], t.name, t.form, t.asked, t.rows) for t in await bureau.cases.taken("uz.mfa")]
    assert told == [
        ("key:", "Demo program", "json", "status=open", 2),
        ("key:", "Demo program", "json", "status=open place=*", 0),
        ("key:", "Demo program", "csv", "status=open", 2),
    ]


async def test_bodies_are_json_and_not_endless(bureau: Bureau) -> None:
    """Another type, too much, or no JSON at all: each its own problem."""
    async with bureau.program(await bureau.key()) as program:
        path = f"{HERE}/replies"
        assert problem(await program.post(path, data={"text": "x"})) == (415, "media-type")
        assert problem(await program.post(path, json={"text": "x" * 70_000})) == (413, "too-large")
        for text in (b"", b"{", b'{"text": "\xff"}', b"[" * 60_000, b'{"text": " \\u0007 ", "seen": "x"}'):
            answer = await program.post(path, content=text, headers={"Content-Type": "application/json; charset=utf-8"})
            assert problem(answer) == (422, "unfit")


async def test_methods_and_places_that_are_none(bureau: Bureau) -> None:
    """405 names what there is; elsewhere is nothing; the description needs no key."""
    async with bureau.program() as program:
        answer = await program.delete("/cases")
        assert (problem(answer), answer.headers["allow"]) == ((405, "method"), "GET, HEAD")
        assert problem(await program.get("/none")) == (404, "missing")
        assert (await program.get("/openapi.json")).json()["openapi"] == "3.1.0"


async def test_a_key_has_its_pace(sqlite_url: str, seal: Seal, tmp_path: Path) -> None:
    """Ten seconds' worth at once, then it waits as long as it is told; another key does not wait for it."""
    await migrate(sqlite_url)
    bureau = Bureau(sqlite_url, seal, tmp_path, rate=0.5)
    await bureau.open()
    key, other = await bureau.key(), await bureau.key()
    try:
        for _ in range(5):
            assert (await bureau.ask("listCases", key)).status_code == 200
        answer = await bureau.ask("listCases", key)
        assert (problem(answer), answer.headers["retry-after"]) == ((429, "too-many"), "2")
        assert (await bureau.ask("listCases", other)).status_code == 200
        bureau.clock.forward(seconds=2)
        assert (await bureau.ask("listCases", key)).status_code == 200
    finally:
        await bureau.close()


async def test_a_store_that_is_away_is_said_to_be(bureau: Bureau, tmp_path: Path) -> None:
    """503 with a time to wait, never a trace."""
    key = await bureau.key()
    await bureau.cases._db.close()
    (tmp_path / "komek.sqlite3").rename(tmp_path / "elsewhere")
    (tmp_path / "komek.sqlite3").mkdir()
    async with bureau.program(key) as program:
        answer = await program.get("/cases")
    assert (problem(answer), answer.headers["retry-after"]) == ((503, "away"), "5")


@pytest.mark.parametrize("path", ["/cases", "/openapi.json", "/none"])
async def test_every_answer_has_our_headers(bureau: Bureau, path: str) -> None:
    """Nothing is kept, sniffed or framed."""
    async with bureau.program(await bureau.key()) as program:
        headers = (await program.get(path)).headers
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
