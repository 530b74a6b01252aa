"""The poster: what is sent is signed, bounded and goes nowhere inside; what fails is said by its kind."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from aiohttp import web

from bot.poster import LONGEST, Poster, signature
from bot.public import Public
from bot.settings import Settings, SettingsError
from storage.addresses import Network, networks, reachable, sound
from storage.machines import Post, Result
from tests.servers import free_port

NOW = datetime(2020, 5, 8, 9, 0, tzinfo=UTC)
HERE = networks("127.0.0.0/8")


class Shelf:
    """Deliveries, and what became of them."""

    def __init__(self, *turns: Sequence[Post]) -> None:
        self.turns = turns
        self.done: list[tuple[str, Result]] = []

    async def posts(self) -> Sequence[Sequence[Post]]:
        return self.turns

    async def posted(self, post: Post, result: Result, /) -> None:
        self.done.append((post.id, result))


@asynccontextmanager
async def receiver(**ways: web.StreamResponse | int) -> AsyncIterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A receiver with a path for each way of answering, and what it got."""
    got: list[tuple[dict[str, str], bytes]] = []

    async def hear(request: web.Request) -> web.StreamResponse:
        got.append((dict(request.headers), await request.read()))
        way = ways.get(request.path.strip("/"), 200)
        return way if isinstance(way, web.StreamResponse) else web.Response(status=way)

    app = web.Application()
    app.router.add_post("/{way}", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}", got
    finally:
        await runner.cleanup()


def post(url: str, id: str = "d1", body: bytes = b'{"demo":1}') -> Post:
    """A delivery."""
    return Post(id, "hook-1", f"event-{id}", url, "whsec_demo", body)


async def told(*turns: Sequence[Post], allowed: Sequence[Network] = HERE) -> list[tuple[str, Result]]:
    """What became of these."""
    shelf = Shelf(*turns)
    poster = Poster(shelf, allowed, lambda: NOW)
    try:
        await poster.work()
    finally:
        await poster.close()
    return shelf.done


async def test_what_is_sent_is_signed_over_its_time_and_every_byte() -> None:
    """A receiver that reads docs/api.md finds it genuine."""
    async with receiver() as (url, got):
        assert await told([post(f"{url}/ok")]) == [("d1", Result(good=True, code=200))]
    ((headers, body),) = got
    seconds = int(NOW.timestamp())
    digest = hmac.new(b"whsec_demo", f"{seconds}.".encode() + body, sha256).hexdigest()
    assert headers["Komek-Signature"] == f"t={seconds},v1={digest}" == signature("whsec_demo", seconds, body)
    assert (body, headers["Komek-Delivery"], headers["Content-Type"]) == (b'{"demo":1}', "d1", "application/json")


async def test_the_first_failure_ends_a_webhook_s_turn_and_no_other_s() -> None:
    """In order; what follows a failure waits for the next round."""
    async with receiver(bad=500) as (url, got):
        first = [post(f"{url}/ok", "a1"), post(f"{url}/bad", "a2"), post(f"{url}/ok", "a3")]
        done = await told(first, [post(f"{url}/ok", "b1")])
    assert sorted(done) == [
        ("a1", Result(good=True, code=200)),
        ("a2", Result(good=False, code=500)),
        ("b1", Result(good=True, code=200)),
    ]
    assert len(got) == 3


async def test_a_redirection_is_a_failure_and_is_not_followed() -> None:
    """Who can answer may not send us elsewhere."""
    async with receiver(away=web.Response(status=307, headers={"Location": "/ok"})) as (url, got):
        assert await told([post(f"{url}/away")]) == [("d1", Result(good=False, code=307))]
    assert len(got) == 1


async def test_failures_without_a_status_are_said_by_their_kind() -> None:
    """Too long an answer, nobody there, an address that is none of a webhook's, a case that is not theirs any more."""
    async with receiver(long=web.Response(body=b"x" * (LONGEST + 1))) as (url, got):
        assert [r.cause for _, r in await told([post(f"{url}/long")])] == ["too_long"]
        for given, cause in (
            (f"http://127.0.0.1:{free_port()}/", "unreached"),
            (f"{url}/ok".replace("127.0.0.1", "10.0.0.1"), "address"),
        ):
            assert [r.cause for _, r in await told([post(given)])] == [cause]
        assert [r.cause for _, r in await told([post(f"{url}/ok", body=b"")])] == ["not_seen"]
        assert [r.cause for _, r in await told([post(f"{url}/ok")], allowed=())] == ["address"]
    assert len(got) == 1


async def test_a_webhook_that_cannot_be_opened_fails_and_the_operator_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It ends its own turn and nobody else's."""
    async with receiver() as (url, got):
        gone = [Post(id, "hook-gone", f"event-{id}", "", "", b"{}") for id in ("g1", "g2")]
        shelf = Shelf(gone, [post(f"{url}/ok", "a1")])
        poster = Poster(shelf, HERE, lambda: NOW)
        await poster.work()
        await poster.work()
        await poster.close()
    sealed, good = ("g1", Result(good=False, code=0, cause="sealed")), ("a1", Result(good=True, code=200))
    assert sorted(shelf.done) == sorted([sealed, good] * 2)
    assert len(got) == 2
    assert [r.message for r in caplog.records if "hook-gone" in r.message] == [
        "webhook hook-gone cannot be opened: put its key back into KOMEK_DATA_KEYS, or have it made anew"
    ]


async def test_a_name_is_looked_up_and_its_inner_addresses_left_out() -> None:
    """What is connected to is what was judged: a name that leads inside leads nowhere."""
    with pytest.raises(OSError, match="no address"):
        await Public(()).resolve("localhost", 443)
    found = await Public(networks("127.0.0.0/8,::1/128")).resolve("localhost", 443)
    assert found
    assert [r.cause for _, r in await told([post("https://localhost:1/")], allowed=())] == ["address"]


@pytest.mark.parametrize(
    "host",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",  # noqa: S104 - judged, not bound to
            "224.0.0.1",
        ),
        *("255.255.255.255", "198.18.0.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1"),
        *(
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "nonsense",
            "",
        ),
    ],
)
def test_inner_addresses_are_refused(host: str) -> None:
    """Loopback, private, link-local, shared, multicast, and IPv6 that stands for one of them."""
    assert not reachable(host, ())


@pytest.mark.parametrize("host", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_public_addresses_are_reached(host: str) -> None:
    """Whatever way they are written."""
    assert reachable(host, ())


def test_a_network_that_is_allowed_is_reached() -> None:
    """That one, and no other."""
    allowed = networks(" 10.1.0.0/16, fd00::/8 ")
    assert [reachable(h, allowed) for h in ("10.1.9.9", "10.2.0.1", "fd00::1", "::ffff:10.1.0.1")] == [
        True,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("https://demo.example/hook?x=1", True),
        ("https://demo.example:8443/", True),
        ("http://demo.example/", False),
        ("https://user:word@demo.example/", False),
        ("https://10.0.0.1/", False),
        ("https://[::1]/", False),
        ("http://127.0.0.1:9000/", False),
        ("ftp://demo.example/", False),
        ("https://", False),
        ("https://demo.example:port/", False),
        ("https://demo.example/\n", False),
        ("https://demo.example/ x", False),
        ("https://[::1", False),
        ("https://demo.example/" + "x" * 500, False),
        ("", False),
    ],
)
def test_a_webhook_s_address_is_sound_or_refused(url: str, right: bool) -> None:
    """https, no password, nothing inside."""
    assert sound(url, ()) is right


def test_plain_http_is_for_this_machine_where_it_is_allowed() -> None:
    """A demonstration's receiver beside it; not one elsewhere in an allowed network."""
    allowed = networks("127.0.0.0/8,10.0.0.0/8")
    assert [sound(f"http://{h}:9000/", allowed) for h in ("127.0.0.1", "localhost", "10.0.0.1")] == [True, True, False]
    assert sound("https://10.0.0.1/", allowed)


def test_a_wrong_network_stops_the_start() -> None:
    """In one line that names the setting."""
    with pytest.raises(SettingsError, match="KOMEK_HOOK_NETWORKS"):
        Settings(hook_networks="10.1.0.0/99").networks()
