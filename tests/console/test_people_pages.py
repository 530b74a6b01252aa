"""An agency's people and its audit, in the hands of its administrators."""

from __future__ import annotations

import re

import pytest

from storage.officers import ACTS
from tests.console.office import CASE, PAGE, PASSWORD, Browser, Office
from tests.storage_sql.sample import NUMBER, SECRET, opened

PEOPLE, AUDIT = "/console/people", "/console/audit"


async def _form(browser: Browser) -> dict[str, str]:
    """What each of this browser's forms carries."""
    return browser.hidden((await browser.get("/console/account")).text, "/console/sign-out")


async def test_an_administrator_makes_an_account_and_hands_its_link_over(office: Office) -> None:
    """The link is shown once and works; the account is of the administrator's agency, whatever the form says."""
    boss = await office.signed_in("boss", role="administrator")
    answer = await boss.send(PEOPLE, PEOPLE, login="New1", name="Demo New", role="supervisor", agency="kz.mfa")
    (link,) = re.findall(r"https://desk\.test(/console/welcome/[\w-]{43})", answer.text)
    assert link not in (await boss.get(PEOPLE)).text
    fresh = office.browser()
    done = await fresh.send(link, "/console/welcome", password=PASSWORD, again=PASSWORD)
    assert done.status_code == 303
    made = await office.cases.officers.find("new1")
    assert made
    assert (made.agency, made.role) == ("uz.mfa", "supervisor")
    again = await boss.send(PEOPLE, PEOPLE, login="new1", name="Demo Again", role="officer")
    assert (again.status_code, "cannot be used" in again.text, "Demo Again" in again.text) == (422, True, True)
    for bad in ({"login": "", "name": "x"}, {"login": "x", "name": " "}, {"login": "x", "name": "x", "role": "king"}):
        answer = await boss.send(PEOPLE, PEOPLE, **{"role": "officer", **bad})
        assert answer.status_code == 422
    assert await office.cases.officers.find("x") is None


async def test_each_act_on_a_colleague_does_what_it_says(office: Office) -> None:
    """Role, sessions, second factor, link, disable, enable: told in a sentence, and felt at once."""
    boss = await office.signed_in("boss", role="administrator")
    other = await office.signed_in("demo1")
    (demo,) = [a.officer for a in await office.cases.officers.accounts("uz.mfa") if a.officer.login == "demo1"]
    page = f"{PEOPLE}/{demo.id}"

    async def act(what: str, **fields: str) -> str:
        answer = await boss.send(page, f"{page}/{what}", **fields)
        return (await boss.get(answer.headers["location"])).text if answer.status_code == 303 else answer.text

    assert "The role is changed" in await act("role", value="observer")
    assert (await other.post(f"{PAGE}/note", {**await _form(other), "text": "x"})).status_code == 403
    assert "Signed out everywhere" in await act("sessions")
    assert (await other.get("/console/")).status_code == 303
    assert "/console/welcome/" in await act("link")
    await other.send("/console/sign-in", "/console/sign-in", login="demo1", password=PASSWORD)
    assert "disabled and signed out" in await act("disable")
    assert (await other.get("/console/")).status_code == 303
    assert "in use again" in await act("enable")
    assert (await other.get("/console/")).status_code == 303
    answer = await other.send("/console/sign-in", "/console/sign-in", login="demo1", password=PASSWORD)
    assert answer.status_code == 303
    assert (await boss.post(f"{page}/fly", await _form(boss))).status_code == 404


async def test_nobody_acts_on_themselves(office: Office) -> None:
    """The page offers it not, and a form that comes nevertheless is refused."""
    boss = await office.signed_in("boss", role="administrator")
    me = await office.cases.officers.find("boss")
    assert me
    page = await boss.get(f"{PEOPLE}/{me.id}")
    assert f'action="{PEOPLE}/{me.id}' not in page.text
    for what in ACTS:
        answer = await boss.post(f"{PEOPLE}/{me.id}/{what}", {**await _form(boss), "value": "officer"})
        assert (answer.status_code, "your own account" in answer.text) == (422, True)
    assert (await boss.get("/console/")).status_code == 200


@pytest.mark.parametrize("role", ["observer", "officer", "supervisor"])
async def test_only_administrators_administer(office: Office, role: str) -> None:
    """A supervisor sees the list and no form; others not even that; nobody the audit; nobody raises themselves."""
    await office.hire("boss", role="administrator")
    browser = await office.signed_in("demo1", role=role)  # type: ignore[arg-type]  # a role's name
    people = {a.officer.login: a.officer.id for a in await office.cases.officers.accounts("uz.mfa")}
    page = await browser.get(PEOPLE)
    assert page.status_code == (200 if role == "supervisor" else 403)
    assert ("Demo boss" in page.text) == (role == "supervisor")
    assert f'action="{PEOPLE}"' not in page.text
    form = await _form(browser)
    for id in people.values():
        assert (await browser.get(f"{PEOPLE}/{id}")).status_code == 403
        for what in ACTS:
            assert (await browser.post(f"{PEOPLE}/{id}/{what}", {**form, "value": "administrator"})).status_code == 403
    assert (await browser.post(PEOPLE, {**form, "login": "x", "name": "x", "role": "administrator"})).status_code == 403
    assert (await browser.get(AUDIT)).status_code == 403
    me = await office.cases.officers.find("demo1")
    assert me
    assert me.role == role


async def test_another_agencys_people_are_not_there(office: Office) -> None:
    """Not in the list, not by their id, not in the audit; nothing happens to them."""
    boss = await office.signed_in("boss", role="administrator")
    stranger = await office.signed_in("stranger", "kz.mfa")
    await stranger.get(PAGE)
    (them,) = [a.officer for a in await office.cases.officers.accounts("kz.mfa")]
    assert "stranger" not in (await boss.get(PEOPLE)).text
    form = await _form(boss)
    nobody = await boss.get(f"{PEOPLE}/nobody")
    answer = await boss.get(f"{PEOPLE}/{them.id}")
    assert (answer.status_code, answer.text) == (404, nobody.text.replace("nobody", them.id))
    for what in ACTS:
        assert (await boss.post(f"{PEOPLE}/{them.id}/{what}", {**form, "value": "observer"})).status_code == 404
    assert (await stranger.get("/console/")).status_code == 200
    for path in (AUDIT, f"{AUDIT}?who={them.id}", f"{AUDIT}?case={CASE.ref}"):
        page = (await boss.get(path)).text
        assert "stranger" not in page
        assert "Opened a case" not in page


async def test_the_audit_tells_who_read_and_did_what(office: Office) -> None:
    """Each page of a case, each file, each act, each sign-in and failed one; by officer, by case; nothing of a person."""
    boss = await office.signed_in("boss", role="administrator")
    demo = await office.signed_in("demo1")
    await demo.get(PAGE)
    await demo.send(PAGE, f"{PAGE}/note", text=SECRET)
    wrong = office.browser()
    for _ in range(5):
        await wrong.send("/console/sign-in", "/console/sign-in", login="demo1", password="guess")
    page = (await boss.get(AUDIT)).text
    for shown in (
        "Demo demo1",
        "Opened a case",
        "Left a note",
        "Signed in",
        "A sign-in failed</td>",
        "A sign-in failed (4 in 15 minutes)</td>",
        "A sign-in failed (5 in 15 minutes); the account is locked for 15 minutes",
        CASE.ref,
        "The operator",
    ):
        assert shown in page
    for hidden in (SECRET, NUMBER, "guess", "note-"):
        assert hidden not in page
    me = await office.cases.officers.find("demo1")
    assert me
    mine = (await boss.get(f"{AUDIT}?who={me.id}")).text
    assert ("Opened a case" in mine, "Made an account" in mine) == (True, False)
    found = (await boss.get(f"{AUDIT}?case={CASE.ref.lower()}")).text
    assert ("Left a note" in found, "Signed in" in found) == (True, False)
    for empty in (f"case={opened('none').ref}", "since=2021-01-01", "who=nobody", "case=%00"):
        assert "Nothing fits" in (await boss.get(f"{AUDIT}?{empty}")).text
    for odd in ("since=x", "before=x", "before=-1", "before=99999999999999999999"):
        assert (await boss.get(f"{AUDIT}?{odd}")).status_code == 200


async def test_the_audit_is_read_in_pages(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest first; what is added while one reads shifts nothing."""
    monkeypatch.setattr("console.audit.SIZE", 3)
    boss = await office.signed_in("boss", role="administrator")
    first = (await boss.get(AUDIT)).text
    (later,) = re.findall(r'rel="next" href="([^"]+)"', first)
    await boss.get(PAGE)
    second = (await boss.get(later.replace("&amp;", "&"))).text
    assert "Opened a case" not in second
    assert "Made an account" in second
    assert "First page" in second


async def test_a_file_that_is_looked_at_stands_in_the_audit(office: Office) -> None:
    """With the case it belongs to."""
    (fetch,) = await office.cases.pending_media(9)
    await office.cases.stored(fetch.id, b"\x89PNG\r\n\x1a\n demo", "image/png")
    boss = await office.signed_in("boss", role="administrator")
    assert (await boss.get(f"{PAGE}/files/{fetch.id}")).status_code == 200
    assert (await boss.get(f"{PAGE}/files/none")).status_code == 404
    assert (await boss.get(f"{AUDIT}?case={CASE.ref}")).text.count("Opened a file") == 1
    assert (await office.cases.audit.verify()).broken == 0
