"""Who may not, gets nothing, by any route of the desk: no case, no word, not even a count. Generated from the route table."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import get_args

import pytest

from console.app import routes
from console.case import Case
from console.gate import CODE, FACTOR, SIGN_IN, Gate
from console.pages import Pages
from console.words import DEEDS
from storage.migrate import migrate
from storage.officers import ACTS
from storage.records import Role
from storage.seal import Seal
from storage.sql.audit_reading import Wanted
from tests.console.office import CASE, OIDC, PASSWORD, Browser, Office
from tests.console.ways import HIDDEN, LOWEST, UNRECORDED, WAYS, Full, Way, barred, call, routed, with_factor
from tests.storage_sql.sample import opened, rows

FORMS = [way for way in WAYS if way.method == "POST"]
INSIDE = [way for way in WAYS if way.needs]
ABROAD = "hu.mfa"
"""An agency that sees none of the cases; `SENT` is being referred to it, and its person has not answered."""
_MOVES = {"audit", "audit_head", "console_sessions", "officers", "recovery_codes", "signin_tries", "signins", "viewers"}
"""Tables that change when somebody is there, or tries."""
_FORGED = ("0", "nobody", "' OR 1=1 --", "%00", "9" * 300)


async def _kept(office: Office) -> dict[str, list[dict[str, object]]]:
    """What is kept of cases and of an agency's work."""
    return {name: table for name, table in (await rows(office.cases)).items() if name not in _MOVES}


def _plain(text: str, ids: Mapping[str, str]) -> str:
    """An answer without what is new in each: the asked-for id, random tokens, ids."""
    text = re.sub(r"[0-9a-f]{32,64}|[\w-]{43,}", "#", text)
    for id in ids.values():
        text = text.replace(id, "#") if len(id) > 8 else text
    return text


def _told(text: str, ids: Mapping[str, str] = {}) -> list[str]:
    """What an answer holds that it should not; what was asked for may come back in an address."""
    return [word for word in HIDDEN if word in text and word not in ids.values()]


def test_every_route_is_known(office: Office) -> None:
    """A new route fails here until `WAYS` tells how it is called; so does a new act of a case's page or on an account."""
    assert {(way.method, way.route) for way in WAYS} == set(routed(routes(office.desk)))
    gate = Gate(office.desk)
    case_acts = set(Case(office.desk, gate, Pages(office.desk, gate))._acts)
    for route, acts in (("/console/cases/{key}/{what}", case_acts), ("/console/people/{id}/{what}", set(ACTS))):
        assert {way.path.rpartition("/")[2] for way in WAYS if way.route == route} == acts


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
async def test_who_may_gets_it_and_a_form_is_in_the_audit(office: Office, way: Way) -> None:
    """The lowest role that is allowed, called rightly: the refusals below are refusals of this. Who, what and whose is kept."""
    full = await Full(office).fill(LOWEST[way.needs])
    browser = await full.signed_in()
    await full.ready(way, browser)
    before = len(await office.cases.audit.page("uz.mfa", Wanted(), limit=500))
    answer = await call(office, browser, way, full.ids)
    assert answer.status_code == way.answer, answer.text
    deeds = await office.cases.audit.page("uz.mfa", Wanted(), limit=500)
    told = [(d.act, d.who) for d in deeds[: len(deeds) - before]]
    subjects = [d.subject for d in deeds[: len(deeds) - before] if d.act == way.deed]
    if way.deed:
        assert (way.deed, full.ids["mate" if way.route == "/console/welcome" else "me"]) in told
        assert not way.subject or full.ids[way.subject] in subjects
    else:
        assert way.method == "GET" or way.name in {f"POST {name}" for name in UNRECORDED}
    assert {act for act, _ in told} <= set(DEEDS)
    assert (await office.cases.audit.verify()).broken == 0


async def test_nobody_signed_in_gets_nothing(office: Office) -> None:
    """Every way leads to the sign-in, with nothing in the answer; what is open to all holds nothing of anybody."""
    full = await Full(office).fill()
    before = await _kept(office)
    for way in WAYS:
        if "{token}" in (way.path, *way.form.values()) or way.path == "/console/welcome/{token}":
            continue  # whoever has the one-time link is invited
        answer = await call(office, office.browser(), way, full.ids | {"seen": "x", "session": "x", "code": "000000"})
        assert _told(answer.text) == [], way.name
        if way.needs and way.needs != "half":
            assert (answer.status_code, answer.text) == (303, ""), way.name
            assert answer.headers["location"].startswith(SIGN_IN), way.name
    assert await _kept(office) == before


async def _half(office: Office) -> Browser:
    """Who has given the password of an administrator, and not the code."""
    await with_factor(office, await office.hire("half", role="administrator"), "")
    browser = office.browser()
    answer = await browser.send("/console/sign-in", "/console/sign-in", login="half", password=PASSWORD)
    assert answer.status_code == 303
    return browser


async def test_half_a_sign_in_opens_nothing(office: Office) -> None:
    """Every way leads to the form for the code, and nothing is done."""
    full = await Full(office).fill()
    browser = await _half(office)
    before = await _kept(office)
    for way in INSIDE:
        if way.needs == "half":
            continue
        answer = await call(office, browser, way, full.ids | {"seen": "x", "session": "x", "code": "000000"})
        assert (answer.status_code, answer.text) == (303, ""), way.name
        assert answer.headers["location"].startswith(CODE), way.name
    assert await _kept(office) == before


@asynccontextmanager
async def _another(url: str, seal: Seal, folder: Path, **settings: str) -> AsyncIterator[Office]:
    """A desk with nothing in it."""
    await migrate(url)
    office = Office(url, seal, folder, **settings)
    try:
        yield office
    finally:
        await office.close()


async def test_who_owes_a_second_factor_sets_it_up_first(sqlite_url: str, seal: Seal, tmp_path: Path) -> None:
    """Nothing but the page on which that is done."""
    async with _another(sqlite_url, seal, tmp_path, second_factor="required") as office:
        await office.open()
        full = await Full(office).fill()
        browser = await full.signed_in()
        before = await _kept(office)
        for way in INSIDE:
            if way.needs == "half" or way.route.startswith(FACTOR):
                continue
            answer = await call(office, browser, way, full.ids | {"seen": "x"})
            assert (answer.status_code, answer.text) == (303, ""), way.name
            assert answer.headers["location"].startswith(FACTOR), way.name
        assert await _kept(office) == before


@pytest.mark.parametrize("role", get_args(Role))
async def test_a_role_does_what_it_may_and_no_more(office: Office, role: Role) -> None:
    """Each way that the role may not go is refused, with nothing told and nothing done."""
    full = await Full(office).fill()
    browser = await office.signed_in("low", role=role)
    before = await _kept(office)
    for way in barred(role):
        answer = await call(office, browser, way, full.ids | {"seen": await full.seen()})
        assert answer.status_code == 403, way.name
        assert _told(answer.text, full.ids) == [], way.name
    assert await _kept(office) == before
    assert bool(barred(role)) == (role != "administrator")


async def test_another_agency_learns_nothing(office: Office, sqlite_url: str, seal: Seal, tmp_path: Path) -> None:
    """Its administrator is answered, by every way, as if nothing were there: a desk without any of it says the very same."""
    full = await Full(office).fill()
    before = await _kept(office)
    ids = full.ids | {"seen": await full.seen(), "session": "x", "code": "000000"}
    answers = []
    async with _another(f"{sqlite_url}-2", seal, tmp_path / "two", oidc=OIDC) as empty:
        for desk in (office, empty):
            browser = await desk.signed_in("abroad", ABROAD, "administrator")
            answers.append([await call(desk, browser, way, ids) for way in _strangers()])
    for way, there, nowhere in zip(_strangers(), *answers, strict=True):
        assert there.status_code == nowhere.status_code, way.name
        assert _plain(there.text, ids) == _plain(nowhere.text, ids), way.name
        assert _told(there.text, ids) == [], way.name
        if re.search(r"{\w+}", "".join((way.path, *way.form.values()))) and way.route != "/console/bulk":
            assert there.status_code == 404, way.name
    after = await _kept(office)
    own = {"views", "phrases", "phrase_texts", "api_keys", "hooks", "lists_taken"}  # the stranger makes their own
    for name, table in before.items():
        assert [row for row in after[name] if row in table] == table, name
        assert name in own or after[name] == table, name


def _strangers() -> list[Way]:
    """The ways inside, but for those that end or change the stranger's own session."""
    return [way for way in INSIDE if way.needs != "half" and not way.route.startswith("/console/account")]


@pytest.mark.parametrize("forged", _FORGED)
async def test_a_forged_id_finds_nothing(office: Office, forged: str) -> None:
    """Whatever stands where an id belongs, for who may do everything: there is no such thing, and nothing is done."""
    full = await Full(office).fill()
    browser = await full.signed_in()
    before = await _kept(office)
    ids = dict.fromkeys(full.ids, forged) | {"seen": await full.seen(), "code": "000000"}
    for way in INSIDE:
        if re.search(r"{(?!code|seen)\w+}", "".join((way.path, *way.form.values()))) is None:
            continue
        answer = await call(office, browser, way, ids)
        if way.route == "/console/bulk":
            assert (answer.status_code, "there is no such case" in answer.text) == (200, True)
            continue
        assert answer.status_code == 404, way.name
        assert _told(answer.text) == [], way.name
    assert await _kept(office) == before


async def test_what_is_not_there_is_not_there_by_any_method(office: Office) -> None:
    """The route that catches all the rest, and a known path by another method."""
    browser = await office.signed_in("demo", role="administrator")
    for path in ("/console/none", "/console/cases", f"/console/cases/{CASE.ref}/a/b/c", "/console/offers/x/y/z"):
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
            answer = await browser.http.request(method, path)
            assert (answer.status_code, _told(answer.text, {"ref": CASE.ref})) == (404, []), (method, path)
    for method in ("PUT", "DELETE", "PATCH"):
        answer = await browser.http.request(method, f"/console/cases/{CASE.ref}")
        assert answer.status_code in (404, 405)
        assert _told(answer.text, {"ref": CASE.ref}) == []


async def test_what_the_service_does_by_itself_is_in_the_audit(office: Office) -> None:
    """A case freed of a holder who is away, one emptied after a year: in each agency that sees it, by the system."""
    officer = await office.hire("gone")
    await office.cases.claim(officer, CASE.ref)
    office.clock.forward(days=5)
    assert await office.cases.idle() == 1
    seen = (await office.cases.case("uz.mfa", CASE.ref)).seen
    await office.cases.set_status(officer, CASE.ref, "closed", seen)
    office.clock.forward(days=366)
    assert await office.cases.lapse() == 1
    for agency, acts in (("uz.mfa", ["case.forgotten", "case.released"]), ("kz.mfa", ["case.forgotten"])):
        deeds = await office.cases.audit.page(agency, Wanted())
        assert [(d.act, d.subject) for d in deeds if d.who == "system"] == [(act, CASE.id) for act in acts]
    boss = await office.signed_in("boss", role="administrator")
    assert "System" in (await boss.get("/console/audit")).text


async def test_a_search_is_recorded_and_its_words_are_not(office: Office) -> None:
    """That somebody searched, each time; a case number, which is no search, is not."""
    await office.cases.file([opened("other", minutes=1)])
    browser = await office.signed_in("demo")
    for words in ("Hidden words", "Hidden words", CASE.ref):
        answer = await browser.send("/console/", "/console/search", q=words)
        assert answer.status_code == (303 if words == CASE.ref else 200)
        assert "data-fresh" not in answer.text
    assert (await browser.get("/console/?q=Hidden+words")).status_code == 200
    deeds = [d for d in await office.cases.audit.page("uz.mfa", Wanted()) if d.act == "queue.searched"]
    assert [(d.subject, d.detail) for d in deeds] == [("", ""), ("", "")]
