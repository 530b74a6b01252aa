"""Other programs in the store, on both databases: keys, events behind a place, webhooks in line once, lists taken out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from handlers.nouns import Forget
from storage.addresses import networks
from storage.cases import Cases
from storage.machines import Post, Result, Reused, Scope
from storage.records import Filter, Missing
from storage.seal import Seal
from storage.sql import posting
from tests.storage_sql.sample import Clock, added, opened, rows

HERE = networks("127.0.0.0/8")
GOOD, BAD = Result(good=True, code=200), Result(good=False, code=500)
CASE = opened()


async def publish(cases: Cases) -> None:
    """What the clerk does."""
    await cases.published([(agency, event) for agency, event, _ in await cases.unpublished(99)])


async def waiting(cases: Cases) -> list[Post]:
    """All that is to be sent now."""
    return [post for turn in await cases.posts() for post in turn]


async def hooked(cases: Cases, *events: str, agency: str = "uz.mfa") -> str:
    """A webhook."""
    return (await cases.hooks.make(agency, "http://127.0.0.1:9/demo", events, HERE))[0]


async def test_a_key_is_known_by_its_text_alone_and_its_text_is_not_kept(cases: Cases, clock: Clock) -> None:
    """Opened while it is good; its use is noted; revoked, it is none at once, for its own agency's administrators alone."""
    key, token = await cases.keys.make("uz.mfa", " Demo program ", ["assess", "cases:read"], days=10, maker="officer-1")
    assert (key.name, key.scopes, key.used) == ("Demo program", ("cases:read", "assess"), None)
    assert token not in str(await rows(cases))
    clock.forward(hours=1)
    assert (await cases.keys.open(token)) is not None
    (seen,) = await cases.keys.all("uz.mfa")
    assert seen.used == clock()
    assert await cases.keys.all("kz.mfa") == []
    assert not await cases.keys.revoke("kz.mfa", key.id)
    assert await cases.keys.revoke("uz.mfa", key.id)
    assert not await cases.keys.revoke("uz.mfa", key.id)
    assert await cases.keys.open(token) is None


async def test_a_key_ends_with_its_last_day(cases: Cases, clock: Clock) -> None:
    """Neither a moment sooner nor later."""
    _, token = await cases.keys.make("uz.mfa", "Demo", ["assess"], days=10)
    clock.forward(days=10, seconds=-1)
    assert await cases.keys.open(token) is not None
    clock.forward(seconds=1)
    assert await cases.keys.open(token) is None


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [("", ["assess"], 9), ("x", [], 9), ("x", ["all"], 9), ("x", ["assess"], 0), ("x", ["assess"], 731)],
)
async def test_a_key_that_makes_no_sense_is_not_made(cases: Cases, name: str, scopes: list[str], days: int) -> None:
    """No name, no scope, none that there is, no time or too much."""
    with pytest.raises(ValueError, match="a key has a name"):
        await cases.keys.make("uz.mfa", name, [cast("Scope", scope) for scope in scopes], days)
    assert await cases.keys.all() == []


async def test_a_call_s_name_is_its_key_s_own(cases: Cases) -> None:
    """The first `seen` stays; another call under the same name is a mistake; another key's names are others."""
    one, _ = await cases.keys.make("uz.mfa", "Demo", ["cases:write"])
    other, _ = await cases.keys.make("uz.mfa", "Demo", ["cases:write"])
    assert await cases.keys.first(one, "c", "seen-1", "reply", "words") == "seen-1"
    assert await cases.keys.first(one, "c", "seen-2", "reply", "words") == "seen-1"
    assert await cases.keys.first(other, "c", "seen-3", "note", "words") == "seen-3"
    with pytest.raises(Reused):
        await cases.keys.first(one, "c", "seen-1", "reply", "other words")


async def test_an_event_gets_in_line_once_for_each_webhook_that_wants_it(cases: Cases) -> None:
    """However often it is published; not for those made later, stopped, of another agency, or told of other things."""
    all_, some = await hooked(cases), await hooked(cases, "message")
    stopped, foreign = await hooked(cases), await hooked(cases, agency="hu.mfa")
    await cases.hooks.stop("uz.mfa", stopped)
    await cases.file([CASE, added(CASE, 1)])
    await publish(cases)
    await cases.published([("uz.mfa", (await waiting(cases))[0].event)])
    late = await hooked(cases)
    got = {id: [d.what for d in await cases.hooks.log(None, id)] for id in (all_, some, stopped, foreign, late)}
    assert got == {all_: ["message", "opened"], some: ["message"], stopped: [], foreign: [], late: []}
    assert len(await waiting(cases)) == 3


async def test_what_is_sent_is_what_the_stream_has(cases: Cases) -> None:
    """Byte for byte, in order; nothing in it is anybody's word."""
    id = await hooked(cases)
    await cases.file([CASE, added(CASE, 1)])
    streamed = [body for agency, _, body in await cases.unpublished(99) if agency == "uz.mfa"]
    await publish(cases)
    posts = await waiting(cases)
    assert ([p.body for p in posts], {p.hook for p in posts}) == (streamed, {id})
    for post in posts:
        await cases.posted(post, GOOD)
    assert await waiting(cases) == []
    assert {d.state for d in await cases.hooks.log("uz.mfa", id)} == {"done"}


async def test_a_failure_waits_longer_each_time_and_is_given_up_after_days(cases: Cases, clock: Clock) -> None:
    """10 s, 40 s, … a day; other events of a webhook that works otherwise go on; after five days it is over."""
    id = await hooked(cases)
    await cases.file([CASE])
    await publish(cases)
    began, waits = clock(), []
    while posts := await waiting(cases):
        await cases.posted(posts[0], BAD)
        (log,) = await cases.hooks.log("uz.mfa", id)
        waits.append((log.next - clock()).total_seconds())
        clock.moment = max(log.next, clock() + timedelta(minutes=10))
        if clock() - began > timedelta(hours=60) and len(await cases.hooks.log("uz.mfa", id)) == 1:
            break
    assert waits[:4] == [10, 40, 160, 640]
    assert max(waits) == 86_400
    await cases.file([added(CASE, 1)])
    await publish(cases)
    new = next(p for p in await waiting(cases) if p.event == "add-" + CASE.id[:8] + "-1")
    await cases.posted(new, GOOD)
    assert (await cases.hooks.one("uz.mfa", id)).failing is None
    clock.forward(days=5)
    (old,) = await waiting(cases)
    await cases.posted(old, BAD)
    assert [d.state for d in await cases.hooks.log("uz.mfa", id)] == ["done", "failed"]


async def test_a_webhook_at_which_everything_fails_rests_and_is_switched_off_in_the_end(
    cases: Cases, clock: Clock
) -> None:
    """It rests between tries; after five days it is off, with a mark; started again, what waited is sent."""
    id = await hooked(cases)
    for n in range(8):
        await cases.file([opened(f"p{n}", minutes=n)])
    await publish(cases)
    first, *rest = await waiting(cases)
    await cases.posted(first, BAD)
    assert await waiting(cases) == []
    clock.forward(seconds=1)
    assert {p.id for p in await waiting(cases)} == {p.id for p in rest}
    clock.forward(days=5)
    await cases.posted((await waiting(cases))[0], BAD)
    hook = await cases.hooks.one("uz.mfa", id)
    assert (hook.disabled, hook.failing is not None, hook.waiting) == (clock(), True, 7)
    clock.forward(days=1)
    assert await waiting(cases) == []
    await cases.file([opened("later", minutes=99)])
    await publish(cases)
    await cases.hooks.start("uz.mfa", id)
    assert len(await waiting(cases)) == 7


async def test_any_delivery_can_be_sent_again(cases: Cases) -> None:
    """Done or given up; by its own agency alone."""
    id = await hooked(cases)
    await cases.file([CASE])
    await publish(cases)
    (post,) = await waiting(cases)
    await cases.posted(post, GOOD)
    with pytest.raises(Missing):
        await cases.hooks.resend("kz.mfa", post.id)
    assert await cases.hooks.resend("uz.mfa", post.id) == id
    assert [p.id for p in await waiting(cases)] == [post.id]


async def test_another_agency_s_webhook_is_none(cases: Cases) -> None:
    """Not shown, not stopped, not removed."""
    id = await hooked(cases)
    hooks = cases.hooks
    for act in (hooks.one, hooks.stop, hooks.start, hooks.remove):
        with pytest.raises(Missing):
            await act("kz.mfa", id)
    assert (await hooks.all("kz.mfa"), await hooks.log("kz.mfa", id)) == ([], [])
    await hooks.remove("uz.mfa", id)
    assert await hooks.all(None) == []


async def test_who_was_forgotten_is_told_of_no_more(cases: Cases, clock: Clock) -> None:
    """What waits is made anew when it is sent: the reasons that a person had are gone from it."""
    await hooked(cases)
    await cases.file([CASE])
    await publish(cases)
    assert b"minors" in (await waiting(cases))[0].body
    await cases.file([Forget("f", CASE.chat, CASE.chat_ref, (CASE.id,), clock())])
    assert b"minors" not in (await waiting(cases))[0].body


async def test_an_agency_that_ceased_to_see_a_case_is_told_that_and_no_more(cases: Cases, clock: Clock) -> None:
    """Neither by webhook nor behind a place: not what came later, nor again what it had been told."""
    theirs = await hooked(cases, agency="kz.mfa")
    await cases.file([CASE, added(CASE, 1)])
    await publish(cases)
    officer = await cases.officers.add("demo1", "kz.mfa", "Demo One")
    await cases.work.let_go(officer, CASE.ref)
    await cases.file([added(CASE, 2)])
    await publish(cases)
    clock.forward(seconds=3)
    assert [e.what for e in (await cases.since("kz.mfa"))[0]] == ["let_go"]
    told = {post.event: bool(post.body) for post in await waiting(cases)}
    log = await cases.hooks.log("kz.mfa", theirs)
    assert {d.what: told[d.event] for d in log} == {"opened": False, "message": False, "let_go": True}
    assert [e.what for e in (await cases.since("uz.mfa"))[0]] == ["opened", "message", "let_go", "message"]


async def test_addresses_and_secrets_are_sealed_and_few(cases: Cases) -> None:
    """Neither is in a row; a receiver on the inside is refused; an agency has at most twenty."""
    _, secret = await cases.hooks.make("uz.mfa", "https://demo.example/token-1", [], ())
    kept = str(await rows(cases))
    assert not any(words in kept for words in ("token-1", secret))
    with pytest.raises(ValueError, match="https"):
        await cases.hooks.make("uz.mfa", "http://127.0.0.1/", [], ())
    for n in range(19):
        await cases.hooks.make("uz.mfa", f"https://demo.example/{n}", [], ())
    with pytest.raises(ValueError, match="at most"):
        await cases.hooks.make("uz.mfa", "https://demo.example/20", [], ())


async def test_a_webhook_whose_data_key_is_gone_fails_alone(
    cases: Cases, database_url: str, tmp_path: Path, clock: Clock
) -> None:
    """The others are told; this one's deliveries wait, fail and say why; it can still be seen and removed."""
    id = await hooked(cases)
    await cases.file([CASE])
    await publish(cases)
    after = Cases(database_url, Seal({"c": b"c" * 32}), tmp_path, clock=clock, secret="k" * 32)
    try:
        whole = await hooked(after)
        await after.file([added(CASE, 1)])
        await publish(after)
        posts = {turn[0].hook: turn for turn in await after.posts()}
        assert {hook: bool(turn[0].url and turn[0].secret) for hook, turn in posts.items()} == {id: False, whole: True}
        await after.posted(posts[id][0], Result(good=False, code=0, cause="sealed"))
        assert [(d.state, d.cause) for d in await after.hooks.log("uz.mfa", id)][-1] == ("waiting", "sealed")
        fares = {hook.id: (bool(hook.url), bool(hook.failing)) for hook in await after.hooks.all("uz.mfa")}
        assert fares == {id: (False, True), whole: (True, False)}
        await after.hooks.remove("uz.mfa", id)
        assert [hook.id for hook in await after.hooks.all(None)] == [whole]
    finally:
        await after.close()


async def test_what_is_over_is_swept(cases: Cases, clock: Clock) -> None:
    """Deliveries after a month, names of calls after two days; what waits stays."""
    id = await hooked(cases)
    key, _ = await cases.keys.make("uz.mfa", "Demo", ["cases:write"])
    await cases.keys.first(key, "c", "seen-1", "x")
    await cases.file([CASE, added(CASE, 1)])
    await publish(cases)
    await cases.posted((await waiting(cases))[0], GOOD)
    clock.forward(days=31)
    await cases.sweep()
    assert [d.state for d in await cases.hooks.log("uz.mfa", id)] == ["waiting"]
    assert await cases.keys.first(key, "c", "seen-2", "y") == "seen-2"


async def test_events_behind_a_place_miss_none_and_repeat_none(cases: Cases, clock: Clock) -> None:
    """Page by page while more come; not before they have settled."""
    found, after, n = [], "", 0
    await cases.file([CASE])
    for _ in range(6):
        for _ in range(3):
            n += 1
            await cases.file([added(CASE, n, minutes=n)])
        await publish(cases)
        assert n not in [e.seq - 1 for e in (await cases.since("uz.mfa", "", 99))[0]]
        clock.forward(seconds=3)
        events, after = await cases.since("uz.mfa", after, 2)
        found += [e.seq for e in events]
    while True:
        events, after = await cases.since("uz.mfa", after, 5)
        found += [e.seq for e in events]
        if not events:
            break
    assert found == list(range(1, n + 2))
    assert (await cases.since("hu.mfa"))[0] == ()


async def test_a_list_is_recorded_before_its_first_case_leaves(cases: Cases) -> None:
    """Who stops reading half way is on record too, without a number."""
    officer = await cases.officers.add("demo1", "uz.mfa", "Demo One")
    await cases.file([opened(f"p{n}", minutes=n) for n in range(3)])
    lines = await cases.take(officer, Filter(), "csv", "status=open")
    assert [(t.name, t.rows) for t in await cases.taken("uz.mfa")] == [("Demo One", None)]
    assert len([line async for line in lines]) == 3
    assert [t.rows for t in await cases.taken("uz.mfa")] == [3]
    assert await cases.taken("kz.mfa") == []


def test_waits_grow_to_a_day_and_no_further() -> None:
    """However often it was tried."""
    waits = [posting.wait(n) for n in range(1, 60)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(seconds=10), timedelta(days=1))
