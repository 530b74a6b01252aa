"""Who may not, gets nothing: for every call of the table, whatever is wrong with the key or with what it asks for."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from console.api.door import ROOT
from console.api.shapes import Why
from console.api.table import TABLE
from handlers.referral import WHY
from storage.machines import SCOPES
from storage.sql.audit_reading import Wanted
from tests.api.programs import ACTS, ALL, Bureau, problem
from tests.console.office import CASE
from tests.console.ways import routed
from tests.storage_sql.sample import NUMBER, SECRET, opened, rows

NAMES = [call.name for call in TABLE]
ON_CASES = [call.name for call in TABLE if "{key}" in call.path]
LISTS = [call.name for call in TABLE if "{key}" not in call.path and call.scope in {"cases:read", "export"}]
ABROAD = "hu.mfa"
"""An agency that does not see the case."""


@pytest.fixture
async def before(bureau: Bureau) -> dict[str, list[dict[str, object]]]:
    """What the store holds of cases before anything is asked."""
    return _cases(await rows(bureau.cases))


def _cases(found: dict[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
    """The tables of cases, without those of programs."""
    return {name: table for name, table in found.items() if name in {"cases", "events", "announcements", "lists_taken"}}


@pytest.mark.parametrize("name", NAMES)
async def test_no_good_key_gets_nothing(bureau: Bureau, before: dict[str, list[dict[str, object]]], name: str) -> None:
    """No key, a wrong one, a revoked one, one that is over: the same answer to all, and nothing is done."""
    over = await bureau.key(days=1)
    ended, revoked = await bureau.cases.keys.make("uz.mfa", "Demo program", ALL)
    assert await bureau.cases.keys.revoke("uz.mfa", ended.id)
    bureau.clock.forward(days=2)
    said = set()
    for token in ("", "kmk_" + "x" * 43, "nonsense", f"{revoked} {over}", revoked, over):
        answer = await bureau.ask(name, token)
        assert problem(answer) == (401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"
        said.add(answer.content)
    assert len(said) == 1
    assert _cases(await rows(bureau.cases)) == before


@pytest.mark.parametrize("name", NAMES)
async def test_a_scope_opens_its_calls_alone(
    bureau: Bureau, before: dict[str, list[dict[str, object]]], name: str
) -> None:
    """A key with every scope but the one is refused, with that one alone it is let in."""
    call = next(call for call in TABLE if call.name == name)
    answer = await bureau.ask(name, await bureau.key(scopes=ALL - {call.scope}))
    assert problem(answer) == (403, "forbidden")
    assert _cases(await rows(bureau.cases)) == before
    assert (await bureau.ask(name, await bureau.key(scopes=frozenset({call.scope})))).status_code == call.status


@pytest.mark.parametrize("name", ON_CASES)
async def test_another_agency_s_case_is_no_case(
    bureau: Bureau, before: dict[str, list[dict[str, object]]], name: str
) -> None:
    """By number and by id: the very answer that a case has which never was."""
    key = await bureau.key(ABROAD)
    never = await bureau.ask(name, key, key="0000-0000-000")
    for mine in (CASE.ref, CASE.id):
        answer = await bureau.ask(name, key, key=mine)
        assert problem(answer) == (404, "missing")
        assert answer.content == never.content
        assert {k: v for k, v in answer.headers.items() if k != "date"} == dict(never.headers)
    assert _cases(await rows(bureau.cases)) == before


@pytest.mark.parametrize("name", LISTS)
async def test_lists_of_another_agency_are_empty(bureau: Bureau, name: str) -> None:
    """Not a row, not a count; nor for who asks for the case by its number."""
    key = await bureau.key(ABROAD)
    call = next(call for call in TABLE if call.name == name)
    queries = [{}] if name == "listEvents" else [{}, {"status": "all"}, {"ref": CASE.ref}]
    async with bureau.program(key) as program:
        for query in queries:
            answer = await program.request(call.method, call.path, params=query)
            assert answer.status_code == 200
            assert CASE.id not in answer.text
            assert CASE.ref not in answer.text
    if name == "exportCases":
        assert [one.rows for one in await bureau.cases.taken(ABROAD)] == [0, 0, 0]
        assert await bureau.cases.taken("uz.mfa") == []


async def test_a_file_is_had_through_its_own_case_alone(bureau: Bureau) -> None:
    """The id of another case's file, under a case that the agency does see, is no file."""
    other = opened("other", minutes=3, agencies=(ABROAD,))
    await bureau.cases.file([other])
    (fetch,) = await bureau.cases.pending_media(9)
    assert await bureau.cases.stored(fetch.id, b"theirs", "image/jpeg")
    key = await bureau.key()
    assert (await bureau.ask("readAttachment", key)).status_code == 200
    assert problem(await bureau.ask("readAttachment", key, id=fetch.id)) == (404, "missing")
    assert problem(await bureau.ask("readAttachment", key, id="' OR 1=1 --")) == (404, "missing")


async def test_a_note_stays_in_its_agency(bureau: Bureau) -> None:
    """The other agency of the case sees neither its words nor that there is one."""
    assert (await bureau.ask("note", await bureau.key())).status_code == 201
    await bureau.publish()
    theirs = await bureau.key("kz.mfa")
    for name in ("readCase", "listEvents"):
        answer = await bureau.ask(name, theirs)
        assert answer.status_code == 200
        assert not any(words in answer.text for words in ("A demo note", '"what":"note"'))
    ours = await bureau.ask("listEvents", await bureau.key())
    assert [event["what"] for event in ours.json()["events"]] == ["opened", "note"]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "readCase"])
async def test_only_reading_a_case_tells_what_a_person_said(bureau: Bureau, name: str) -> None:
    """Lists, events, exports and answers to acts hold no word, name or number of theirs."""
    answer = await bureau.ask(name, await bureau.key())
    assert answer.status_code < 300
    assert not any(words in answer.text for words in (SECRET, NUMBER))


async def test_problems_quote_nothing(bureau: Bureau) -> None:
    """Whatever was sent, wrong as it was, is not in the answer."""
    key = await bureau.key()
    async with bureau.program(key) as program:
        for path, body in (
            (f"/cases/{CASE.ref}/status", {"status": SECRET, "seen": "x"}),
            (f"/cases/{CASE.ref}/replies", {"text": 7, SECRET: SECRET}),
            ("/assess", {"facts": {"expires": SECRET}}),
            ("/assess", {"facts": {SECRET: "yes"}}),
        ):
            answer = await program.post(path, json=body)
            assert problem(answer) == (422, "unfit")
            assert SECRET not in json.dumps(answer.json())


@pytest.mark.parametrize("name", [name for name in NAMES if name in ACTS])
async def test_what_a_program_does_is_in_the_audit(bureau: Bureau, name: str) -> None:
    """Which program, what, on which case."""
    assert (await bureau.ask(name, await bureau.key())).status_code == 201
    (key,) = await bureau.cases.keys.all("uz.mfa")
    (deed, *_) = await bureau.cases.audit.page("uz.mfa", Wanted())
    acts = {"reply": "case.reply", "note": "case.note", "setStatus": "case.status", "refer": "case.referral_asked"}
    assert (deed.who, deed.act, deed.subject) == (f"key:{key.id}", acts[name], CASE.id)


def test_every_route_is_a_call_of_the_table(bureau: Bureau) -> None:
    """But the description, which is no secret, and what answers all the rest with nothing."""
    found = {path.removeprefix(ROOT) for _, path in routed(bureau.app.routes) if path.startswith(ROOT)}
    assert found == {call.path for call in TABLE} | {"/openapi.json", "/{rest:anything}"}


async def test_a_session_of_the_desk_is_no_key(bureau: Bureau) -> None:
    """Nor is a half-finished one: the API knows keys alone."""
    browser = await bureau.signed_in("demo", role="administrator")
    said = set()
    for name in NAMES:
        call = next(call for call in TABLE if call.name == name)
        answer = await browser.http.request(call.method, f"{ROOT}{bureau.path(call)}", json={})
        assert problem(answer) == (401, "unauthorized")
        said.add(answer.content)
    assert len(said) == 1


def test_every_act_is_among_the_calls() -> None:
    """The tests above know what each call takes."""
    assert set(ACTS) <= set(NAMES)
    assert {call.scope for call in TABLE} == set(SCOPES)
    assert set(get_args(Why)) == set(WHY)
