"""Signing in at an agency's own provider: who gets in, and every forgery that does not."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from bot.settings import Settings, SettingsError
from console.app import routes
from storage.migrate import migrate
from storage.seal import Seal
from storage.sql.audit_reading import Wanted
from tests.console.office import CASE, PAGE, Browser, Office
from tests.console.provider import CLIENT, SECRET, FakeProvider
from tests.console.ways import routed

GO = "/console/oidc/uz.mfa"
BACK = "/console/oidc/back"


@pytest.fixture
async def house(
    sqlite_url: str, seal: Seal, tmp_path: Path, free_port: int
) -> AsyncIterator[tuple[Office, FakeProvider]]:
    """A desk whose one agency has a provider, with an officer who has an account."""
    await migrate(sqlite_url)
    said = {
        "issuer": f"http://127.0.0.1:{free_port}",
        "client_id": CLIENT,
        "client_secret": SECRET,
        "name": "Demo House",
    }
    office = Office(sqlite_url, seal, tmp_path, oidc=json.dumps({"uz.mfa": said}))
    await office.open()
    await office.hire("demo1")
    async with FakeProvider(free_port, office.clock) as provider:
        yield office, provider
    await office.close()


async def _through(browser: Browser, provider: FakeProvider, then: str = "") -> httpx.Response:
    """To the provider and back."""
    away = await browser.get(f"{GO}?next={then}" if then else GO)
    assert away.status_code == 303
    return await browser.get(f"{BACK}?{provider.consent(away.headers['location'])}")


async def _outside(browser: Browser) -> bool:
    """Whether the browser is not signed in."""
    return (await browser.get("/console/")).status_code == 303


async def test_an_officer_gets_in_by_the_agencys_own_sign_in(house: tuple[Office, FakeProvider]) -> None:
    """From the button to the case they wanted; the provider learns a challenge and no secret of ours."""
    office, provider = house
    browser = office.browser()
    assert "Sign in with Demo House" in (await browser.get("/console/sign-in")).text
    answer = await _through(browser, provider, PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert CASE.ref in (await browser.get("/console/")).text
    again = office.browser()
    provider.person["preferred_username"] = "renamed"
    assert (await _through(again, provider)).status_code == 303
    assert not await _outside(again)
    page = (await again.get("/console/account")).text
    assert "by the agency&#39;s own sign-in" in page


async def test_nobody_is_made_and_no_other_agency_is_meant(house: tuple[Office, FakeProvider]) -> None:
    """An unknown person, another agency's officer, a name given to somebody else later, a disabled account."""
    office, provider = house
    await office.hire("stranger", "kz.mfa")
    await _through(office.browser(), provider)
    for person in (
        {"sub": "s-2", "preferred_username": "nobody"},
        {"sub": "s-2", "preferred_username": "stranger"},
        {"sub": "s-2", "preferred_username": "demo1"},
        {"sub": "s-2"},
    ):
        provider.person = person
        browser = office.browser()
        answer = await _through(browser, provider)
        assert (answer.status_code, "did not let you in" in answer.text) == (403, True)
        assert await _outside(browser)
    await office.cases.officers.disable("demo1")
    provider.person = {"sub": "s-1"}
    assert (await _through(office.browser(), provider)).status_code == 403
    assert len(await office.cases.officers.everybody()) == 2
    failed = [d for d in await office.cases.audit.page("uz.mfa", Wanted()) if d.act == "sign-in.failed"]
    assert [d.detail for d in failed] == ["oidc 4", "oidc 2", "oidc 1"]


Claims = dict[str, Any]


@pytest.mark.parametrize(
    "twist",
    [
        lambda c: c | {"iss": "https://elsewhere.test"},
        lambda c: c | {"aud": "another-client"},
        lambda c: c | {"aud": ["another-client", CLIENT], "azp": "another-client"},
        lambda c: c | {"aud": [CLIENT, "another-client"]},
        lambda c: c | {"exp": c["iat"] - 3600},
        lambda c: c | {"iat": c["iat"] + 3600},
        lambda c: c | {"nonce": "another"},
        lambda c: c | {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        *(
            lambda c, name=name: {k: v for k, v in c.items() if k != name}
            for name in ("iss", "aud", "exp", "nonce", "sub")
        ),
        lambda c: c | {"sub": ""},
    ],
)
async def test_a_token_that_is_not_for_us_now_is_refused(
    house: tuple[Office, FakeProvider], twist: Callable[[Claims], Mapping[str, Any]]
) -> None:
    """Another issuer, audience or party; over, not yet, of another sign-in, with a part missing."""
    office, provider = house
    provider.twist = twist
    browser = office.browser()
    answer = await _through(browser, provider)
    assert (answer.status_code, "did not let you in" in answer.text) == (403, True)
    assert await _outside(browser)


def _bare(claims: Mapping[str, Any]) -> str:
    """A token that says it has no signature."""
    parts = ({"alg": "none"}, dict(claims))
    return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts) + "."


async def test_a_token_signed_by_anybody_else_is_refused(house: tuple[Office, FakeProvider]) -> None:
    """Another key of the same name, none, the client's secret, the public key as a secret, no token at all."""
    office, provider = house
    shared = OctKey.import_key(SECRET.ljust(32, "x"))
    public = OctKey.import_key(str(provider.key.as_dict(private=False)["n"]))

    def by(key: OctKey) -> Callable[[Mapping[str, Any]], str]:
        return lambda claims: jwt.encode({"alg": "HS256", "kid": "demo-1"}, dict(claims), key)

    for sign in (
        lambda claims: jwt.encode({"alg": "RS256", "kid": "demo-1"}, dict(claims), provider.stranger),
        lambda claims: jwt.encode({"alg": "RS256", "kid": "demo-2"}, dict(claims), provider.key),
        _bare,
        by(shared),
        by(public),
        lambda claims: provider.signed(claims)[:-6] + "AAAAAA",
        lambda _: "x",
        lambda _: "",
    ):
        provider.sign = sign
        browser = office.browser()
        assert (await _through(browser, provider)).status_code == 403
        assert await _outside(browser)


async def test_an_answer_belongs_to_the_browser_that_asked(house: tuple[Office, FakeProvider]) -> None:
    """Not to another one, not a second time, not later, not without a code; a changed state is none."""
    office, provider = house
    mine, other = office.browser(), office.browser()
    query = provider.consent((await mine.get(GO)).headers["location"])
    await other.get("/console/sign-in")
    asked = len(provider.asked)
    for browser, sent in (
        (other, query),
        (office.browser(), query),
        (mine, "code=code-0"),
        (mine, query.replace("state=", "state=x")),
        (mine, query.partition("&")[2]),
        (mine, f"{query}&iss=https://elsewhere.test"),
        (mine, "error=access_denied&" + query.partition("&")[2]),
    ):
        assert (await browser.get(f"{BACK}?{sent}")).status_code == 403
    assert "token" not in provider.asked[asked:]
    assert (await mine.get(f"{BACK}?{query}")).status_code == 303
    assert (await mine.get(f"{BACK}?{query}")).status_code == 403
    late = provider.consent((await mine.get(GO)).headers["location"])
    office.clock.forward(minutes=11)
    assert (await mine.get(f"{BACK}?{late}")).status_code == 403


async def test_a_provider_that_is_wrong_or_away_is_one_plain_sentence(house: tuple[Office, FakeProvider]) -> None:
    """Metadata of somebody else, an endpoint without https, no answer; an agency without one has no such page."""
    office, provider = house
    browser = office.browser()
    assert (await browser.get("/console/oidc/kz.mfa")).status_code == 404
    for lie in ({"issuer": "https://elsewhere.test"}, {"token_endpoint": "http://elsewhere.test/t"}, {"jwks_uri": 5}):
        provider.metadata = lie
        answer = await browser.get(GO)
        assert (answer.status_code, "did not let you in" in answer.text) == (403, True)
    await provider.__aexit__()
    assert (await browser.get(GO)).status_code == 403


async def test_a_second_factor_that_everybody_must_have_may_be_the_providers(
    sqlite_url: str, seal: Seal, tmp_path: Path, free_port: int
) -> None:
    """What the provider asks for is its own matter; nobody is made to set up another one here."""
    await migrate(sqlite_url)
    said = {"issuer": f"http://127.0.0.1:{free_port}", "client_id": CLIENT, "client_secret": SECRET}
    office = Office(sqlite_url, seal, tmp_path, oidc=json.dumps({"uz.mfa": said}), second_factor="required")
    await office.open()
    await office.hire("demo1")
    async with FakeProvider(free_port, office.clock) as provider:
        browser = office.browser()
        await _through(browser, provider)
        assert (await browser.get("/console/")).status_code == 200
    await office.close()


def test_wrong_settings_stop_the_start_with_a_line_that_shows_no_secret() -> None:
    """Not JSON, a part missing or unknown, an issuer without https, nowhere to send officers back to."""
    good = {"issuer": "https://id.test", "client_id": "x", "client_secret": "demo-secret"}
    for given in (
        "{",
        json.dumps({"uz.mfa": {"issuer": "https://id.test"}}),
        json.dumps({"uz.mfa": {**good, "secret": "demo-secret"}}),
        json.dumps({"uz.mfa": {**good, "issuer": "http://id.test"}}),
        json.dumps({"uz.mfa": {**good, "issuer": "https://[x"}}),
    ):
        with pytest.raises(SettingsError, match="KOMEK_OIDC") as told:
            Settings(oidc=given, public_url="https://desk.test").providers()
        assert "demo-secret" not in str(told.value)
        assert "\n" not in str(told.value)
    with pytest.raises(SettingsError, match="KOMEK_PUBLIC_URL"):
        Settings(oidc=json.dumps({"uz.mfa": good})).providers()
    (provider,) = Settings(oidc=json.dumps({"uz.mfa": good}), public_url="https://desk.test").providers().values()
    assert "secret" not in repr(provider)


def test_where_no_agency_has_a_provider_there_is_no_way_to_one(tmp_path: Path, seal: Seal, sqlite_url: str) -> None:
    """Then what it needs is not imported either."""
    office = Office(sqlite_url, seal, tmp_path)
    assert not [route for _, route in routed(routes(office.desk)) if "oidc" in route]
