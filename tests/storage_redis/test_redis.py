"""The connection: everything in flight at once, and one rule for every fault."""

from __future__ import annotations

import asyncio
import gc
import logging
from contextlib import suppress

import pytest

from storage.redis import LAG, Lost, Redis, answers, as_bytes, as_int, as_list
from tests.rooms.life import eventually
from tests.servers import LiveValkey
from tests.waiting import WaitUntil


async def test_what_is_asked_together_is_answered_in_order(store: Redis) -> None:
    """A thousand commands need no waiting in between."""
    asks = [store.call("INCR", "n") for _ in range(1000)]
    assert await answers(asks) == list(range(1, 1001))


async def test_a_cancelled_question_does_not_shift_the_answers(store: Redis) -> None:
    """The answer nobody waits for any more is dropped, the next goes to the next."""
    first, second = store.call("ECHO", "a"), store.call("ECHO", "b")
    first.cancel()
    assert await second == b"b"


async def test_an_error_reply_names_only_its_first_word(store: Redis) -> None:
    """The text of an error may quote a key; only its kind is passed on."""
    await store.call("SET", "secret", "x")
    with pytest.raises(Lost, match=r"^WRONGTYPE$"):
        await store.call("LPUSH", "secret", "x")
    assert await store.call("PING") == b"PONG"


async def test_a_killed_server_is_lost_and_found_again(
    store: Redis, valkey_server: LiveValkey, wait_until: WaitUntil
) -> None:
    """What waits fails with Lost, what is asked meanwhile too, and when it is back it is asked again as if nothing was."""
    asked = store.call("BLPOP", "nothing", 0)
    valkey_server.kill()
    with pytest.raises(Lost):
        await asked
    with pytest.raises(Lost):
        await store.call("PING")
    valkey_server.start()
    await store.back()
    assert await store.call("PING") == b"PONG"


async def test_a_silent_server_is_given_up(empty_valkey: str) -> None:
    """A server that takes the question and never answers is hung up on within the patience."""
    store = Redis(empty_valkey, patience=0.2)
    await store.open()
    with pytest.raises(Lost):
        await asyncio.wait_for(store.call("BLPOP", "nothing", 0), 5)
    await store.back()
    assert await store.call("PING") == b"PONG"
    await store.close()


async def test_lost_scripts_are_loaded_again(store: Redis) -> None:
    """A server that forgot its scripts (a failover, SCRIPT FLUSH) is dialled anew and has them."""
    await store.call("SCRIPT", "FLUSH")
    with pytest.raises(Lost):
        await store.run(LAG, ["{00}:"], "inbox")
    await asyncio.sleep(0)
    await store.back()
    assert await _eventually(store) == [[0, None]]


async def _eventually(store: Redis) -> object:
    """The answer once the line is the new one."""
    while True:
        try:
            return await store.run(LAG, ["{00}:"], "inbox")
        except Lost:
            await asyncio.sleep(0.01)


async def test_a_server_that_is_not_there_is_named_without_its_password(free_port: int) -> None:
    """One line for an operator, with the address and the cause, and never the password."""
    with pytest.raises(Lost, match=f"Redis at 127.0.0.1:{free_port} is away: ") as caught:
        await Redis(f"redis://user:hunter2@127.0.0.1:{free_port}/0").open()
    assert "hunter2" not in str(caught.value)


async def test_a_password_and_a_database_are_used(store: Redis, empty_valkey: str) -> None:
    """The address' user, password and database count."""
    await store.call("ACL", "SETUSER", "komek", "on", ">p%40ss", "allkeys", "allchannels", "allcommands")
    await store.call("ACL", "SETUSER", "komek", ">p@ss")
    address = empty_valkey.replace("redis://", "redis://komek:p%40ss@")[:-1] + "3"
    other = Redis(address)
    await other.open()
    await other.call("SET", "k", "v")
    assert await store.call("GET", "k") is None
    await other.close()
    with pytest.raises(Lost, match="WRONGPASS"):
        await Redis(empty_valkey.replace("redis://", "redis://komek:wrong@")).open()
    await store.call("ACL", "DELUSER", "komek")


async def test_a_listener_hears_what_is_published(store: Redis, empty_valkey: str, wait_until: WaitUntil) -> None:
    """Also after its line broke."""
    heard: list[bytes] = []
    listener = Redis(empty_valkey, channel="bell", heard=heard.append)
    await listener.open()
    store.tell("PUBLISH", "bell", "one")
    await wait_until(lambda: heard == [b"one"])
    await store.call("CLIENT", "KILL", "TYPE", "pubsub")

    async def rung() -> bool:
        store.tell("PUBLISH", "bell", "two")
        return b"two" in heard

    await eventually(rung)
    await listener.close()


async def test_who_gave_up_waiting_is_not_told_that_the_line_broke(
    caplog: pytest.LogCaptureFixture, store: Redis
) -> None:
    """Of many questions at once, only the one that was waited for is given up by a timeout: no complaint about the others."""
    with suppress(TimeoutError):
        async with asyncio.timeout(0.1):
            await answers([store.call("BLPOP", "nothing", 0) for _ in range(3)])
    await store.close()
    gc.collect()
    assert caplog.text == ""


async def test_an_unheard_question_may_fail_silently(caplog: pytest.LogCaptureFixture, free_port: int) -> None:
    """`tell` complains to nobody."""
    store = Redis(f"redis://127.0.0.1:{free_port}/0")
    with caplog.at_level(logging.DEBUG):
        store.tell("PING")
        await asyncio.sleep(0)
    assert caplog.records == []


@pytest.mark.parametrize("narrow", [as_bytes, as_int, as_list])
def test_an_answer_of_another_shape_is_a_fault(narrow: type) -> None:
    """Never an Any across the wall."""
    with pytest.raises(Lost):
        narrow(None)
