"""Keys, webhooks and lists at the desk: for administrators, each agency its own, secrets shown once."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli_machines import hook, key
from console.words import DEEDS
from storage.addresses import networks
from storage.machines import Result
from storage.records import Role
from storage.seal import Seal
from storage.sql.audit_reading import Wanted
from tests.console.office import CASE, Office

PAGES = ("/console/keys", "/console/hooks")
HERE = networks("127.0.0.0/8")
URL = "https://demo.example/hook"


async def test_a_key_is_made_shown_once_and_revoked(office: Office) -> None:
    """It works with just the scopes that were ticked; it is on no page afterwards; revoked, it is none."""
    browser = await office.signed_in("admin1", role="administrator")
    form = browser.hidden((await browser.get("/console/keys")).text, "/console/keys")
    made = await browser.http.post(
        "/console/keys", data={**form, "name": "Demo program", "days": "90", "scope": ["assess", "cases:read"]}
    )
    found = re.search(r'value="(kmk_[\w-]{43})"', made.text)
    assert found
    (one,) = await office.cases.keys.all("uz.mfa")
    admin = await office.cases.officers.find("admin1")
    assert admin
    assert (one.name, one.scopes, one.maker) == ("Demo program", ("cases:read", "assess"), admin.id)
    assert (one.expires - one.made).days == 90
    assert await office.cases.keys.open(found[1])
    page = (await browser.get("/console/keys")).text
    assert (found[1] in page, "Demo program" in page) == (False, True)
    answer = await browser.send("/console/keys", f"/console/keys/{one.id}/revoke")
    assert (answer.status_code, await office.cases.keys.open(found[1])) == (303, None)
    assert "The key is revoked" in (await browser.get(answer.headers["location"])).text


@pytest.mark.parametrize("wrong", [{"scope": []}, {"name": " "}, {"days": "9999"}, {"days": "x"}, {"scope": ["all"]}])
async def test_a_key_that_makes_no_sense_is_said_to(office: Office, wrong: dict[str, str | list[str]]) -> None:
    """Nothing is made, and the name that was written is kept in its box."""
    browser = await office.signed_in("admin1", role="administrator")
    form = browser.hidden((await browser.get("/console/keys")).text, "/console/keys")
    given = {**form, "name": "Demo", "days": "90", "scope": ["assess"], **wrong}
    answer = await browser.http.post("/console/keys", data=given)
    assert (answer.status_code, "No key was made" in answer.text) == (422, True)
    assert await office.cases.keys.all() == []


async def test_a_webhook_is_made_watched_stopped_and_removed(office: Office) -> None:
    """Its secret is shown once; its deliveries can be seen, and sent again."""
    browser = await office.signed_in("admin1", role="administrator")
    form = browser.hidden((await browser.get("/console/hooks")).text, "/console/hooks")
    made = await browser.http.post("/console/hooks", data={**form, "url": URL, "event": ["opened", "message", "odd"]})
    assert re.search(r'value="whsec_[\w-]{43}"', made.text)
    (one,) = await office.cases.hooks.all("uz.mfa")
    assert (one.url, one.events) == (URL, ("opened", "message"))
    await office.cases.published([(agency, event) for agency, event, _ in await office.cases.unpublished(9)])
    ((post,),) = await office.cases.posts()
    await office.cases.posted(post, Result(good=False, code=0, cause="unreached"))
    here = f"/console/hooks/{one.id}"
    page = (await browser.get(here)).text
    assert all(words in page for words in (URL, "No connection could be made", "1 attempt", "Nothing has reached it"))
    assert "whsec_" not in page
    answer = await browser.send(here, f"{here}/resend", delivery=post.id)
    assert answer.headers["location"] == f"{here}?done=resend#done"
    assert "It is sent again now" in (await browser.get(answer.headers["location"])).text
    assert [p.id for turn in await office.cases.posts() for p in turn] == [post.id]
    await browser.send(here, f"{here}/stop")
    assert "Stopped" in (await browser.get("/console/hooks")).text
    await browser.send(here, f"{here}/start")
    assert [p.id for turn in await office.cases.posts() for p in turn] == [post.id]
    await browser.send(here, f"{here}/remove")
    assert (await browser.get(here)).status_code == 404


async def test_a_webhook_whose_data_key_is_gone_says_so(office: Office) -> None:
    """Its pages open, say what to do, and let it be removed."""
    browser = await office.signed_in("admin1", role="administrator")
    id, _ = await office.cases.hooks.make("uz.mfa", URL, [], ())
    await office.cases.published([(agency, event) for agency, event, _ in await office.cases.unpublished(9)])
    ((post,),) = await office.cases.posts()
    await office.cases.posted(post, Result(good=False, code=0, cause="sealed"))
    office.cases._db.vault._seal = Seal({"other": b"o" * 32})
    pages = [(await browser.get(page)).text for page in ("/console/hooks", f"/console/hooks/{id}")]
    for shown in pages:
        assert "Address cannot be read" in shown
        assert "Make a new webhook and remove this one" in shown
    assert "address and secret cannot be read any more." in pages[1]
    await browser.send(f"/console/hooks/{id}", f"/console/hooks/{id}/remove")
    assert await office.cases.hooks.all(None) == []


async def test_a_webhook_may_not_lead_inside(office: Office) -> None:
    """Said on the page, with what was written kept."""
    browser = await office.signed_in("admin1", role="administrator")
    answer = await browser.send("/console/hooks", "/console/hooks", url="https://169.254.169.254/latest")
    assert (answer.status_code, "No webhook was made" in answer.text, "169.254" in answer.text) == (422, True, True)
    assert await office.cases.hooks.all(None) == []


@pytest.mark.parametrize("role", ["observer", "officer", "supervisor"])
async def test_only_administrators_see_other_programs(office: Office, role: Role) -> None:
    """No page, no act, no link."""
    id, _ = await office.cases.hooks.make("uz.mfa", URL, [], ())
    one, _ = await office.cases.keys.make("uz.mfa", "Demo", ["assess"])
    browser = await office.signed_in("demo1", role=role)
    assert "/console/keys" not in (await browser.get("/console/")).text
    for page in (*PAGES, f"/console/hooks/{id}"):
        assert (await browser.get(page)).status_code == 403
    token = browser.hidden((await browser.get("/console/")).text, "/console/sign-out")
    for act in (*PAGES, f"/console/keys/{one.id}/revoke", f"/console/hooks/{id}/remove", f"/console/hooks/{id}/stop"):
        assert (
            await browser.post(act, {**token, "url": URL, "name": "x", "scope": "assess", "days": "9"})
        ).status_code == 403
    assert len(await office.cases.hooks.all(None)) == len(await office.cases.keys.all()) == 1
    assert (await office.cases.keys.all())[0].revoked is None


async def test_another_agency_s_programs_are_none(office: Office) -> None:
    """Neither shown nor ended by who administers elsewhere, and a form without our token does nothing."""
    id, _ = await office.cases.hooks.make("uz.mfa", URL, [], ())
    one, token = await office.cases.keys.make("uz.mfa", "Demo", ["assess"])
    await office.cases.published([(agency, event) for agency, event, _ in await office.cases.unpublished(9)])
    ((post,),) = await office.cases.posts()
    browser = await office.signed_in("admin2", "kz.mfa", "administrator")
    for page in PAGES:
        text = (await browser.get(page)).text
        assert not any(words in text for words in (URL, id, one.id))
    ours = browser.hidden((await browser.get("/console/")).text, "/console/sign-out")
    for act in (
        f"/console/keys/{one.id}/revoke",
        *(f"/console/hooks/{id}/{what}" for what in ("stop", "start", "remove", "odd")),
    ):
        assert (await browser.post(act, ours)).status_code == 404
    assert (await browser.post(f"/console/hooks/{id}/resend", {**ours, "delivery": post.id})).status_code == 404
    assert (await browser.post("/console/keys", {"name": "x", "scope": "assess", "days": "9"})).status_code == 403
    assert await office.cases.keys.open(token)


async def test_what_is_done_to_programs_and_taken_out_is_in_the_audit(office: Office) -> None:
    """Who made, ended, stopped or took what; never a secret or an address."""
    admin = await office.hire("admin1", role="administrator")
    one, token = await office.cases.keys.make("uz.mfa", "Demo", ["assess"], maker=admin.id)
    await office.cases.keys.revoke("uz.mfa", one.id, admin.id)
    id, secret = await office.cases.hooks.make("uz.mfa", URL, [], (), admin.id)
    for act in (office.cases.hooks.stop, office.cases.hooks.start, office.cases.hooks.remove):
        await act("uz.mfa", id, admin.id)
    browser = await office.signed_in("demo2", role="supervisor")
    await browser.get("/console/export")
    deeds = await office.cases.audit.page("uz.mfa", Wanted())
    told = [(d.act, d.subject) for d in reversed(deeds) if d.act.partition(".")[0] in ("key", "hook", "list")]
    assert told == [
        ("key.made", one.id),
        ("key.revoked", one.id),
        *((f"hook.{what}", id) for what in ("made", "stopped", "started", "removed")),
        ("list.taken", ""),
    ]
    assert {act for act, _ in told} <= set(DEEDS)
    assert not any(words in str(deeds) for words in (token, secret, URL))


async def test_a_list_is_taken_by_who_may_and_is_on_record(office: Office) -> None:
    """As it is filtered; an officer without the permit is refused; a filter that nobody knows gives nothing."""
    officer = await office.signed_in("demo1")
    assert (await officer.get("/console/export")).status_code == 403
    assert "/console/export" not in (await officer.get("/console/")).text
    supervisor = await office.signed_in("demo2", role="supervisor")
    assert "/console/export?priority=urgent&amp;form=csv" in (await supervisor.get("/console/?priority=urgent")).text
    answer = await supervisor.get("/console/export?priority=urgent&form=csv")
    assert [row["key"] for row in csv.DictReader(io.StringIO(answer.text))] == [CASE.ref]
    assert answer.headers["content-disposition"] == 'attachment; filename="cases.csv"'
    assert (await supervisor.get("/console/export?priority=normal&form=json")).json() == []
    for wrong in ("priority=odd", "unknown=1", "form=exe"):
        assert (await supervisor.get(f"/console/export?{wrong}")).status_code == 404
    admin = await office.signed_in("admin1", role="administrator")
    page = (await admin.get("/console/keys")).text
    assert all(words in page for words in ("Demo demo2", "csv, 1 case", "json, 0 cases", "priority=normal"))


@pytest.fixture
def runner(sqlite_url: str, tmp_path: Path, data_keys: str) -> CliRunner:
    """A command line with an installation of its own."""
    ours = {"DATABASE_URL": sqlite_url, "VAR_DIR": str(tmp_path), "HOOK_NETWORKS": "127.0.0.0/8"}
    known = {"SECRET_KEY": "k" * 32, "DATA_KEYS": data_keys}
    return CliRunner(env={f"KOMEK_{name}": value for name, value in (ours | known).items()})


def test_keys_from_the_command_line(runner: CliRunner) -> None:
    """Made, listed without its text, revoked."""
    made = runner.invoke(key, ["make", "--agency", "uz-mfa", "--name", "Demo", "--scope", "assess", "--days", "9"])
    found = re.match(r"(kmk_[\w-]{43})\nKey (\w+) of uz-mfa, good until ", made.output)
    assert found, made.output
    listed = runner.invoke(key, ["list"]).output
    assert (found[1] in listed, found[2] in listed, "never used" in listed) == (False, True, True)
    assert runner.invoke(key, ["revoke", found[2]]).output == f"{found[2]} is revoked.\n"
    assert "revoked" in runner.invoke(key, ["list"]).output
    assert runner.invoke(key, ["revoke", found[2]]).exit_code == 1


def test_webhooks_from_the_command_line(runner: CliRunner) -> None:
    """Made, listed, started, removed; what cannot be done is said in a line."""
    made = runner.invoke(hook, ["make", "--agency", "uz-mfa", "--url", "http://127.0.0.1:9000/", "--event", "opened"])
    found = re.match(r"whsec_[\w-]{43}\nWebhook (\w+) of uz-mfa\.", made.output)
    assert found, made.output
    assert runner.invoke(hook, ["list"]).output == f"{found[1]}\tuz-mfa\twell\t0 waiting\thttp://127.0.0.1:9000/\n"
    assert runner.invoke(hook, ["log", found[1]]).output == ""
    assert runner.invoke(hook, ["start", found[1]]).exit_code == 0
    for words in (
        ["make", "--agency", "none", "--url", URL],
        ["make", "--agency", "uz-mfa", "--url", "http://demo.example/"],
        ["resend", "none"],
        ["start", "none"],
    ):
        answer = runner.invoke(hook, words)
        assert (answer.exit_code, answer.output.count("\n")) == (1, 1), answer.output
    assert runner.invoke(hook, ["remove", found[1]]).exit_code == 0
    assert runner.invoke(hook, ["list"]).output == ""
