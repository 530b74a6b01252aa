"""One's own account: the second factor from the first page to the lost phone, the password, the sessions."""

from __future__ import annotations

import re
from pathlib import Path

import pyotp
import pytest

from storage.migrate import migrate
from storage.officers import MOST, TRIES
from storage.records import Role
from storage.seal import Seal
from tests.console.office import CASE, PAGE, PASSWORD, Browser, Office

ACCOUNT, FACTOR, CODE = "/console/account", "/console/account/factor", "/console/code"


async def _enrol(office: Office, browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """Set the second factor up, as the page says. The app, and the recovery codes."""
    await browser.send(FACTOR, FACTOR)
    page = (await browser.get(FACTOR)).text
    (secret,) = re.findall(r'class="secret">([A-Z2-7]+)<', page)
    app = pyotp.TOTP(secret)
    answer = await browser.send(FACTOR, FACTOR, code=app.at(office.clock()))
    assert answer.status_code == 200
    codes = re.findall(r"<li><code>([0-9a-f-]+)</code>", answer.text)
    office.clock.forward(minutes=1)
    return app, codes


async def _password(office: Office, login: str = "demo1", path: str = "/console/") -> Browser:
    """A browser that has given the password."""
    browser = office.browser()
    page = f"/console/sign-in?next={path}"
    answer = await browser.send(page, "/console/sign-in", login=login, password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    return browser


async def test_a_second_factor_is_set_up_and_asked_for(office: Office) -> None:
    """Square and text until a code confirms it; codes once; then no page but the code's is open after the password."""
    browser = await office.signed_in("demo1")
    assert (await browser.get(f"{FACTOR}.svg")).status_code == 404
    await browser.send(FACTOR, FACTOR)
    picture = await browser.get(f"{FACTOR}.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "<script" not in picture.text
    assert "style" not in picture.text
    assert (await browser.send(FACTOR, FACTOR, code="000000")).status_code == 422
    app, codes = await _enrol(office, browser)
    assert len(codes) == 10
    page = (await browser.get(FACTOR)).text
    assert app.secret not in page
    assert codes[0] not in page
    assert (await browser.get(f"{FACTOR}.svg")).status_code == 404

    half = await _password(office, path=PAGE)
    for path in (
        "/console/",
        PAGE,
        ACCOUNT,
        FACTOR,
        f"{FACTOR}.svg",
        "/console/people",
        "/console/audit",
        f"{PAGE}/files/x",
    ):
        answer = await half.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"{CODE}?next=")
        assert CASE.ref not in answer.text
    assert (await half.get("/console/lines", **{"X-Requested-With": "fetch"})).status_code == 401
    page = f"{CODE}?next={PAGE}"
    assert (await half.send(page, CODE, code="123456")).status_code == 403
    answer = await half.send(page, CODE, code=app.at(office.clock()))
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert (await half.get(PAGE)).status_code == 200
    assert (await half.get(CODE)).status_code == 303

    replay = await _password(office)
    assert (await replay.send(CODE, CODE, code=app.at(office.clock()))).status_code == 403
    assert (await replay.send(CODE, CODE, code=codes[0])).status_code == 303
    again = await _password(office)
    assert (await again.send(CODE, CODE, code=codes[0])).status_code == 403


async def test_too_many_wrong_codes_lead_back_to_the_start(office: Office) -> None:
    """And the password does not help until the lock is over."""
    app, _ = await _enrol(office, await office.signed_in("demo1"))
    half = await _password(office)
    form = half.hidden((await half.get(CODE)).text, CODE)
    answers = [await half.post(CODE, {**form, "code": f"00000{n}"}) for n in range(TRIES)]
    assert [a.status_code for a in answers] == [403] * TRIES
    assert "wrong too often" in answers[-1].text
    browser = office.browser()
    locked = await browser.send("/console/sign-in", "/console/sign-in", login="demo1", password=PASSWORD)
    assert locked.status_code == 403
    office.clock.forward(hours=1)
    half = await _password(office)
    assert (await half.send(CODE, CODE, code=app.at(office.clock()))).status_code == 303


async def test_nobody_gives_a_code_without_the_password(office: Office) -> None:
    """The code's page is for who has given it; in a browser that has not, a right code is nothing."""
    app, codes = await _enrol(office, await office.signed_in("demo1"))
    half, stranger = await _password(office), office.browser()
    answer = await stranger.get(CODE)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/console/sign-in")
    own = stranger.hidden((await stranger.get("/console/sign-in")).text, "/console/sign-in")
    for code in (app.at(office.clock()), codes[0]):
        assert (await stranger.post(CODE, {"form": own["form"], "code": code})).status_code == 403
    theirs = half.hidden((await half.get(CODE)).text, CODE)
    assert (await stranger.post(CODE, {**theirs, "code": codes[0]})).status_code == 403
    assert (await half.send(CODE, "/console/sign-out")).headers["location"] == "/console/sign-in"
    assert (await half.get(CODE)).status_code == 303


@pytest.mark.parametrize(
    ("setting", "roles"),
    [("", ("supervisor", "administrator")), ("required", ("observer", "officer", "supervisor", "administrator"))],
)
async def test_who_must_have_a_second_factor_sets_it_up_before_anything_else(
    sqlite_url: str, seal: Seal, tmp_path: Path, setting: str, roles: tuple[Role, ...]
) -> None:
    """Supervisors and administrators unless the installation says otherwise; turned off, it is due again."""
    await migrate(sqlite_url)
    office = Office(sqlite_url, seal, tmp_path, second_factor=setting)
    await office.open()
    all_roles: tuple[Role, ...] = ("observer", "officer", "supervisor", "administrator")
    for role in all_roles:
        browser = await office.signed_in(role, role=role)
        answer = await browser.get(PAGE)
        assert (answer.status_code, CASE.ref in answer.text) == ((303, False) if role in roles else (200, True))
        if role not in roles:
            continue
        assert answer.headers["location"].startswith(FACTOR)
        assert "Your role needs a second factor" in (await browser.get(FACTOR)).text
        _, codes = await _enrol(office, browser)
        assert (await browser.get(PAGE)).status_code == 200
        page = (await browser.get(FACTOR)).text
        await browser.post(FACTOR, {**browser.hidden(page, FACTOR), "code": codes[0], "do": "off"})
        assert (await browser.get(PAGE)).status_code == 303
    await office.close()


async def test_recovery_codes_are_renewed_and_the_factor_turned_off_with_a_code(office: Office) -> None:
    """Without one nothing happens; a form that asks for something else is not known."""
    browser = await office.signed_in("demo1")
    _, codes = await _enrol(office, browser)
    form = browser.hidden((await browser.get(FACTOR)).text, FACTOR)
    for do in ("off", "codes"):
        assert (await browser.post(FACTOR, {**form, "do": do, "code": "000000"})).status_code == 422
    assert (await browser.post(FACTOR, {**form, "do": "fly", "code": codes[0]})).status_code == 404
    fresh = (await browser.post(FACTOR, {**form, "do": "codes", "code": codes[0]})).text
    assert codes[1] not in fresh
    (new, *_) = re.findall(r"<li><code>([0-9a-f-]+)</code>", fresh)
    answer = await browser.post(FACTOR, {**form, "do": "off", "code": new})
    assert "The second factor is off" in (await browser.get(answer.headers["location"])).text
    assert (await (await _password(office)).get("/console/")).status_code == 200


async def test_a_password_is_changed_with_the_old_one(office: Office) -> None:
    """Each fault in a sentence; afterwards other browsers are out, and the old password is nothing."""
    browser = await office.signed_in("demo1")
    other = await _password(office)
    new = "another demo passphrase"
    path = f"{ACCOUNT}/password"
    for old, first, second, said in (
        ("wrong", new, new, "the old one does not fit"),
        (PASSWORD, new, "different", "not the same"),
        (PASSWORD, "short", "short", "too short"),
    ):
        answer = await browser.send(ACCOUNT, path, old=old, password=first, again=second)
        assert (answer.status_code, said in answer.text) == (422, True)
        assert new not in answer.text
    answer = await browser.send(ACCOUNT, path, old=PASSWORD, password=new, again=new)
    assert "Your password is changed" in (await browser.get(answer.headers["location"])).text
    assert (await other.get("/console/")).status_code == 303
    fresh = office.browser()
    for password, status in ((PASSWORD, 403), (new, 303)):
        answer = await fresh.send("/console/sign-in", "/console/sign-in", login="demo1", password=password)
        assert answer.status_code == status


async def test_own_sessions_are_shown_and_ended(office: Office) -> None:
    """The browser's family and times, nothing else of it; one or all others; never somebody else's."""
    browser = await office.signed_in("demo1")
    office.clock.forward(seconds=30)
    there = office.browser()
    there.http.headers["User-Agent"] = (
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0 SecretBuild"
    )
    await there.send("/console/sign-in", "/console/sign-in", login="demo1", password=PASSWORD)
    page = (await browser.get(ACCOUNT)).text
    assert "Firefox" in page
    assert "SecretBuild" not in page
    assert "Linux" not in page
    path = f"{ACCOUNT}/sessions"
    stranger = await office.signed_in("demo2")
    form = browser.hidden(page, path)
    own = stranger.hidden((await stranger.get("/console/")).text, "/console/sign-out")
    assert (await stranger.post(path, {**own, "id": form["id"]})).status_code == 404
    assert (await there.get("/console/")).status_code == 200
    await browser.post(path, form)
    assert (await there.get("/console/")).status_code == 303
    third = await _password(office)
    await browser.post(path, {**form, "id": "others"})
    assert (await third.get("/console/")).status_code == 303
    assert (await browser.get(ACCOUNT)).status_code == 200


@pytest.mark.parametrize("login", ["demo1", "nobody"])
async def test_too_many_tries_are_told_plainly_and_tell_nothing(office: Office, login: str) -> None:
    """How long to wait; the same for a login that there is and one that there is not."""
    await office.hire("demo1")
    browser = office.browser()
    form = browser.hidden((await browser.get("/console/sign-in")).text, "/console/sign-in")
    for n in range(MOST):
        await browser.post("/console/sign-in", {**form, "login": login, "password": f"guess {n}"})
    answer = await browser.post("/console/sign-in", {**form, "login": login, "password": PASSWORD})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "900")
    assert "Wait 15 minutes" in answer.text


async def test_no_form_of_the_account_is_taken_from_elsewhere(office: Office) -> None:
    """Without our token nothing happens."""
    browser = await office.signed_in("demo1")
    for path in (f"{ACCOUNT}/password", f"{ACCOUNT}/sessions", FACTOR, CODE):
        answer = await browser.post(path, {"do": "begin", "id": "others", "old": PASSWORD, "code": "1"})
        assert answer.status_code == 403
