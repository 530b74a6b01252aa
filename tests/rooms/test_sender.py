"""The sender: each outcome has its one consequence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import pytest

from handlers.nouns import Delivered, Outbound, Receipt
from storage.queues import Entry
from storage.redis import Lost
from storage.seal import Seal
from storage.store import Store
from tests.rooms import toy
from tests.rooms.life import EVERY, Life, dead_name, lane, letters, life, outbox, waiting
from tests.waiting import WaitUntil

Script = Callable[[Outbound, int], Receipt]
Start = Callable[[Script], "asyncio.Future[Life]"]


@pytest.fixture
def start(store: Store, seal: Seal, books: toy.Books) -> Callable[..., Life]:
    """A process whose provider follows a script: `start(script, name)`; then `await one.owner.renew()`."""

    def make(script: Script | None = None, name: str = "", patience: float = 86_400, *, hands: bool = False) -> Life:
        return life(store, seal, toy.Toy(script), books, name, patience, hands=hands)

    return make


def _toy(one: Life) -> toy.Toy:
    """Its provider."""
    provider = one.sender._channels["toy"]
    assert isinstance(provider, toy.Toy)
    return provider


async def _say(one: Life, *bodies: str, chat: str = "toy:1", **extras: str) -> None:
    """Have these answered, up to the outbox."""
    await one.owner.renew()
    await one.ear.hear([toy.event(n, body, chat, **extras) for n, body in enumerate(bodies)])
    await one.reader.work([lane(chat)])


async def _send(one: Life) -> None:
    """Send until all has landed."""
    await one.sender.work(EVERY)
    await one.sender.landed()


async def test_a_retry_comes_again_before_the_next_message(start: Callable[..., Life]) -> None:
    """Order holds through failures, and what failed twice is said once."""
    one = start(lambda out, before: Receipt("retry") if out.text == "1 a" and before < 2 else Receipt("sent"))
    await _say(one, "a", "b", "once")
    await _send(one)
    assert [out.text for out in _toy(one).given] == ["1 a", "1 a", "1 a", "2 b", "3 once"]
    assert await waiting(one.lanes) == 0


async def test_a_retry_without_end_is_put_aside(start: Callable[..., Life], books: toy.Books) -> None:
    """After the patience a message is a dead letter, its case event failed, and the next one goes."""
    one = start(lambda out, before: Receipt("retry", cause="503") if out.about else Receipt("sent"), patience=-1)
    await _say(one, "a", event="news7")
    await one.ear.hear([toy.event(9, "b")])
    await one.reader.work(EVERY)
    await _send(one)
    assert _toy(one).said() == ["2 b"]
    assert [letter.cause for letter in await letters(one.lanes)] == ["retry: 503"]
    await one.clerk.work(EVERY)
    assert [(word.about, word.outcome) for word in books.filed.values() if isinstance(word, Delivered)] == [
        ("news7", "retry")
    ]


async def test_slow_down_holds_that_chat_only(start: Callable[..., Life], wait_until: WaitUntil) -> None:
    """The chat waits as long as it was told; another is served meanwhile."""
    one = start(
        lambda out, before: Receipt("slow_down", wait=1.0) if out.text == "1 a" and not before else Receipt("sent")
    )
    await _say(one, "a", "b")
    await _say(one, "x", "y", chat="toy:2")
    await one.sender.work(EVERY)
    await wait_until(lambda: _toy(one).said("toy:2") == ["1 x", "2 y"])
    assert _toy(one).said() == []
    await one.sender.landed()
    assert _toy(one).said() == ["1 a", "2 b"]
    first, again = (at for at, out in zip(_toy(one).times, _toy(one).given, strict=True) if out.text == "1 a")
    assert again - first >= 1.0


async def test_a_blocked_chat_loses_what_waits_and_the_conversation_learns_of_it(
    start: Callable[..., Life], seal: Seal
) -> None:
    """Nothing more is tried, and one news event tells the conversation."""
    one = start(lambda out, before: Receipt("blocked", cause="403"))
    await _say(one, "a", "b", "c")
    await _send(one)
    assert len(_toy(one).given) == 1
    assert await outbox(one.lanes) == []
    assert await letters(one.lanes) == []
    await one.reader.work(EVERY)
    session = one.chats.read(ref := one.chats.ref("toy:1"), (await one.lanes.sessions({ref: lane()}))[ref])
    assert session is not None
    assert session.facts["heard"] == "a b c news"


async def test_a_refused_message_is_put_aside_and_its_event_failed(
    start: Callable[..., Life], books: toy.Books, caplog: pytest.LogCaptureFixture
) -> None:
    """The officer sees that it did not arrive; the next message goes; no word is logged."""
    one = start(lambda out, before: Receipt("refused", cause="400") if out.about else Receipt("sent"))
    await _say(one, "words", event="news7")
    await _send(one)
    await one.clerk.work(EVERY)
    assert [(letter.queue, letter.cause) for letter in await letters(one.lanes)] == [("outbox", "refused: 400")]
    assert [word.outcome for word in books.filed.values() if isinstance(word, Delivered)] == ["refused"]
    assert "words" not in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_an_unknown_fate_is_said_again_once_where_that_is_harmless(start: Callable[..., Life]) -> None:
    """Twice at most; then it is listed as unknown."""
    one = start(lambda out, before: Receipt("unknown", cause="read timeout"))
    await _say(one, "a")
    await _send(one)
    assert len(_toy(one).given) == 2
    assert [letter.cause for letter in await letters(one.lanes)] == ["unknown: read timeout"]


async def test_an_unknown_fate_is_never_said_again_where_it_is_not(start: Callable[..., Life]) -> None:
    """Once, and listed as unknown."""
    one = start(lambda out, before: Receipt("unknown"))
    await _say(one, "once")
    await _send(one)
    assert len(_toy(one).given) == 1
    assert [letter.cause for letter in await letters(one.lanes)] == ["unknown: "]


async def test_killed_while_speaking(start: Callable[..., Life], wait_until: WaitUntil) -> None:
    """The next owner repeats what may be repeated, lists what may not, and says what had only waited behind it."""
    first = start(name=dead_name(1))
    provider = _toy(first)
    await _say(first, "a", "b")
    await _say(first, "once", "c", chat="toy:2")
    provider.gate.clear()
    await first.sender.work(EVERY)
    await wait_until(lambda: len(provider.given) == 2)
    killed = [talk.task for talk in first.sender._talks.values()]
    for task in killed:
        assert task
        task.cancel()
    await asyncio.gather(*filter(None, killed), return_exceptions=True)
    second = start(name=dead_name(2))
    await second.owner.renew()
    await _send(second)
    assert _toy(second).said() == ["1 a", "2 b"]
    assert _toy(second).said("toy:2") == ["2 c"]
    assert [letter.cause for letter in await letters(second.lanes)] == ["unknown: an earlier attempt was cut short"]


async def test_a_message_that_only_waited_is_said_by_the_next_owner(
    start: Callable[..., Life], wait_until: WaitUntil
) -> None:
    """Taken but not begun, even what must not be said twice is said: nobody had begun to say it."""
    first = start(name=dead_name(1))
    await _say(first, "a", "once")
    _toy(first).gate.clear()
    await first.sender.work(EVERY)
    await wait_until(lambda: _toy(first).given)
    for talk in list(first.sender._talks.values()):
        assert talk.task
        talk.task.cancel()
        await asyncio.wait([talk.task])
    second = start(name=dead_name(2))
    await second.owner.renew()
    await _send(second)
    assert _toy(second).said() == ["1 a", "2 once"]
    assert await letters(second.lanes) == []


async def test_a_lane_given_back_is_silent_when_its_last_word_has_landed(
    start: Callable[..., Life], wait_until: WaitUntil
) -> None:
    """What is in the air lands and is kept; what waits is left for the next owner."""
    one = start()
    await _say(one, "a", "b")
    _toy(one).gate.clear()
    await one.sender.work(EVERY)
    await wait_until(lambda: _toy(one).given)
    draining = asyncio.create_task(one.sender.drain(lane()))
    await asyncio.sleep(0)
    assert not draining.done()
    _toy(one).gate.set()
    await draining
    assert _toy(one).said() == ["1 a"]
    assert [out.text for out in await outbox(one.lanes)] == ["2 b"]


async def test_a_chat_that_waits_does_not_hold_a_lane_back(start: Callable[..., Life], wait_until: WaitUntil) -> None:
    """A chat told to wait a minute is let go at once when the lane is."""
    one = start(lambda out, before: Receipt("slow_down", wait=60))
    await _say(one, "a")
    await one.sender.work(EVERY)
    await wait_until(lambda: _toy(one).given)
    await asyncio.wait_for(one.sender.drain(lane()), 2)
    assert len(await outbox(one.lanes)) == 1


async def test_who_lost_the_lane_while_waiting_says_nothing(start: Callable[..., Life], wait_until: WaitUntil) -> None:
    """A chat was told to wait, and meanwhile another process took the lane: only that one speaks."""
    one = start(lambda out, before: Receipt("slow_down", wait=1.0), name=dead_name(1))
    await _say(one, "a")
    await one.sender.work(EVERY)
    await wait_until(lambda: _toy(one).given)
    other = start()
    await other.owner.renew()
    one.owner._until.clear()
    await _send(other)
    await one.sender.landed()
    assert len(_toy(one).given) == 1
    assert _toy(other).said() == ["1 a"]


async def test_a_channel_that_raises_counts_as_unknown(
    start: Callable[..., Life], caplog: pytest.LogCaptureFixture
) -> None:
    """A channel that breaks its word stops nobody, and its text is not repeated."""

    def script(out: Outbound, before: int) -> Receipt:
        raise ValueError("secret")

    one = start(script)
    await _say(one, "once")
    await _send(one)
    assert (await letters(one.lanes))[0].cause.startswith("unknown: ValueError at rooms/test_sender.py:")
    assert "secret" not in caplog.text


async def test_replies_go_before_broadcasts(start: Callable[..., Life]) -> None:
    """They have a queue of their own, which is looked at first."""
    one = start()
    await _say(one, "broadcast", chat="toy:3")
    await _say(one, "a")
    assert [out.text for out in await outbox(one.lanes, "broadcast")] == ["1 broadcast"]
    await _send(one)
    assert [out.text for out in _toy(one).sent] == ["1 a", "1 broadcast"]


async def test_looking_again_takes_nothing_twice(start: Callable[..., Life], wait_until: WaitUntil) -> None:
    """After Redis was away the queues are read from the beginning; what is in hand stays in hand."""
    one = start()
    await _say(one, "a", "b")
    _toy(one).gate.clear()
    await one.sender.work(EVERY)
    await wait_until(lambda: _toy(one).given)
    one.sender.begin(lane())
    await one.sender.work(EVERY)
    _toy(one).gate.set()
    await one.sender.landed()
    assert _toy(one).said() == ["1 a", "2 b"]


async def test_only_so_much_is_held_in_memory_and_replies_find_room(
    start: Callable[..., Life], monkeypatch: pytest.MonkeyPatch, wait_until: WaitUntil
) -> None:
    """A broadcast fills its own share alone; a reply passes; and what was left waiting is taken when there is room."""
    monkeypatch.setattr("bot.sender.HELD", {"outbox": 6, "broadcast": 3})
    one = start()
    _toy(one).gate.clear()
    chats = [chat for n in range(2, 10_000) if lane(chat := f"toy:{n}") == lane()][:10]
    for chat in chats:
        await _say(one, "broadcast", chat=chat)
    monkeypatch.setattr("bot.sender.BATCH", 1)
    for _ in range(10):
        await one.sender.work(EVERY)
    await _say(one, "a")
    await one.sender.work(EVERY)
    await wait_until(lambda: len(_toy(one).given) == 4)
    assert sorted(out.text for out in _toy(one).given) == ["1 a"] + ["1 broadcast"] * 3
    _toy(one).gate.set()
    while await waiting(one.lanes):
        await one.sender.work(EVERY)
        await one.sender.landed()
    assert len(_toy(one).sent) == 11


async def test_only_so_many_are_in_the_air(
    start: Callable[..., Life], monkeypatch: pytest.MonkeyPatch, wait_until: WaitUntil
) -> None:
    """A provider that does not answer has so many calls of ours open, and no more."""
    monkeypatch.setattr("bot.sender.AT_ONCE", 3)
    one = start()
    _toy(one).gate.clear()
    for n in range(10):
        await _say(one, "a", chat=f"toy:{n}")
    await one.sender.work(EVERY)
    await wait_until(lambda: len(_toy(one).given) == 3)
    _toy(one).gate.set()
    await one.sender.landed()
    assert len(_toy(one).sent) == 10
    assert await waiting(one.lanes) == 0


async def test_what_the_reader_hands_on_is_said_without_a_look(start: Callable[..., Life], store: Store) -> None:
    """Once, also if it is looked for while it is said, and nothing is left."""
    one = start(hands=True)
    _toy(one).gate.clear()
    await _say(one, "a", "b")
    await one.sender.work(EVERY)
    _toy(one).gate.set()
    await one.sender.landed()
    await _send(one)
    assert [out.text for out in _toy(one).given] == ["1 a", "2 b"]
    assert await waiting(one.lanes) == 0


async def test_what_is_handed_on_does_not_overtake(start: Callable[..., Life]) -> None:
    """What lies in the outbox since before us is said first."""
    other = start(name=dead_name(1))
    await _say(other, "a")
    one = start(hands=True)
    await one.owner.renew()
    await one.ear.hear([toy.event(1, "b")])
    await one.reader.work(EVERY)
    assert _toy(one).given == []
    await _send(one)
    assert _toy(one).said() == ["1 a", "2 b"]


async def _in_the_air(one: Life) -> None:
    """A message that the provider has been given and not yet answered."""
    _toy(one).gate.clear()
    await _say(one, "a")
    await one.sender.work(EVERY)


async def _late_look(one: Life, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], None]) -> None:
    """A look whose answer is in the air while `meanwhile` happens and what is said lands."""
    take, gate = one.lanes.take, asyncio.Event()

    async def late(*args: object, **options: object) -> object:
        found = await take(*args, **options)  # type: ignore[arg-type]  # passed on as they are
        gate.set()
        await landed.wait()
        return found

    landed = asyncio.Event()
    monkeypatch.setattr(one.lanes, "take", late)
    looking = asyncio.create_task(one.sender.work([lane()]))
    await gate.wait()
    meanwhile()
    _toy(one).gate.set()
    await one.sender.landed()
    landed.set()
    await looking
    monkeypatch.setattr(one.lanes, "take", take)
    await _send(one)


async def test_a_look_may_tell_of_what_was_handed_on_meanwhile(
    start: Callable[..., Life], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has been said, and is not in our hands any more: it is not said again."""
    one = start(hands=True)
    said: list[tuple[bytes, Sequence[Entry]]] = []

    def keep(after: bytes, entries: Sequence[Entry]) -> bool:
        said.append((after, entries))
        return True

    def hand() -> None:
        assert one.sender.say(*said[0])

    monkeypatch.setattr(one.reader, "_say", keep)
    await _say(one, "a")
    await _late_look(one, monkeypatch, hand)
    assert [out.text for out in _toy(one).given] == ["1 a"]


async def test_a_look_from_the_beginning_may_tell_of_what_was_said_meanwhile(
    start: Callable[..., Life], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis was away, and everything is looked at anew, while a message is in the air: it is not said again."""
    one = start()
    await _in_the_air(one)
    one.sender.begin(lane())
    await _late_look(one, monkeypatch, lambda: None)
    assert [out.text for out in _toy(one).given] == ["1 a"]


@pytest.mark.parametrize("from_the_beginning", [False, True])
async def test_what_is_dropped_unsaid_during_a_look_is_not_passed_over(
    start: Callable[..., Life], monkeypatch: pytest.MonkeyPatch, from_the_beginning: bool
) -> None:
    """Neither by a look that was asked for behind it, nor by one that finds it."""
    one = start()
    await _in_the_air(one)
    await one.ear.hear([toy.event(7, "b")])
    await one.reader.work(EVERY)
    if from_the_beginning:
        one.sender.begin(lane())

    def dropped() -> None:
        talk = one.sender._talks["outbox", lane(), one.chats.ref("toy:1")]
        assert talk.task
        talk.task.cancel()

    await _late_look(one, monkeypatch, dropped)
    await _send(one)
    assert _toy(one).said()[-2:] == ["1 a", "2 b"]


async def test_a_line_that_breaks_before_a_word_was_said_is_no_unknown_fate(
    start: Callable[..., Life], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mark that we begin was set, and we did not hear so: it is our own, and the message is said."""
    one = start()
    begin, lost = one.lanes.begin, [Lost("away")]

    async def unheard(entry: Entry, attempt: str) -> bool:
        mine = await begin(entry, attempt)
        if lost:
            raise lost.pop()
        return mine

    monkeypatch.setattr(one.lanes, "begin", unheard)
    await _say(one, "once")
    await _send(one)
    assert _toy(one).said() == ["1 once"]
    assert await letters(one.lanes) == []
