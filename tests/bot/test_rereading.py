"""Payloads that could not be read: after a fix they are heard, once, as if they came now."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
import pytest

from bot import rereading
from bot.bell import Bell
from bot.channels import telegram_inbound
from bot.channels.door import Unreadable
from bot.ear import StreamEar
from bot.settings import Settings
from storage.chats import Chats
from storage.letters import Letter, listed
from storage.queues import Lanes
from storage.seal import Seal
from storage.store import Store
from tests.rooms.life import EVERY, SECRET

SETTINGS = Settings(telegram_token="700:demo-token")
UPDATE = msgspec.json.encode(
    {
        "update_id": 5,
        "message": {
            "message_id": 9,
            "date": 1_588_900_000,
            "chat": {"id": 7, "type": "private"},
            "from": {"id": 7, "is_bot": False, "first_name": "Demo"},
            "text": "secret words",
        },
    }
)
FORM = urlencode({"MessageSid": "SM1", "From": "whatsapp:+10000000077", "To": "whatsapp:+1", "Body": "secret words"})


class Desk:
    """The queues, and what an operator does with their letters."""

    def __init__(self, store: Store, seal: Seal) -> None:
        """On an empty store."""
        self.seal = seal
        self.lanes = Lanes(store, seal)
        self.ear = StreamEar(self.lanes, Chats(seal, SECRET), Bell(store, lambda room, lane: False))

    async def buried(self, channel: str, raw: bytes) -> Letter:
        """A payload that could not be read."""
        await self.ear.bury(channel, raw, "not as documented")
        (letter,) = await listed(self.lanes)
        return letter

    async def replay(self, letter: Letter, settings: Settings = SETTINGS) -> bool:
        """`komek dead replay`."""
        return await rereading.replay(self.lanes, self.seal, self.ear, settings, letter)

    async def heard(self) -> list[dict[str, object]]:
        """What lies in the inboxes."""
        entries, _ = await self.lanes.take("inbox", dict.fromkeys(EVERY, "-"), 100)
        return [msgspec.json.decode(self.lanes.open(entry)) for entry in entries]


@pytest.fixture
def desk(store: Store, seal: Seal) -> Desk:
    """Empty queues."""
    return Desk(store, seal)


@pytest.mark.parametrize(
    ("channel", "raw", "id", "chat"),
    [
        ("telegram", UPDATE, "telegram:700:5", "telegram:7"),
        ("whatsapp", FORM.encode(), "twilio:SM1", "whatsapp:+10000000077"),
        ("sms", FORM.encode(), "twilio:SM1", "whatsapp:+10000000077"),
    ],
)
async def test_after_a_fix_it_is_heard_once_and_the_letter_is_gone(
    desk: Desk, channel: str, raw: bytes, id: str, chat: str
) -> None:
    """Under the very id that its webhook would have had, so that a redelivery of it is a repetition."""
    letter = await desk.buried(channel, raw)
    assert await desk.replay(letter)
    assert [(event["id"], event["chat"], event["body"]) for event in await desk.heard()] == [(id, chat, "secret words")]
    assert await listed(desk.lanes) == []
    assert not await desk.replay(letter)
    assert len(await desk.heard()) == 1


@pytest.mark.parametrize(
    ("channel", "raw", "why"),
    [
        ("telegram", b"{", "still cannot be read: not JSON"),
        ("telegram", b'{"update_id": 1, "message": "secret words"}', "still cannot be read"),
        ("telegram", b'{"update_id": 1}', "asks for nothing"),
        ("whatsapp", b"a=1", "still cannot be read"),
        ("pigeon", b"secret words", "no channel"),
    ],
)
async def test_what_still_says_nothing_stays_and_is_not_quoted(desk: Desk, channel: str, raw: bytes, why: str) -> None:
    """One line for the operator; the letter is kept."""
    letter = await desk.buried(channel, raw)
    with pytest.raises(ValueError, match=why) as told:
        await desk.replay(letter)
    assert "secret" not in str(told.value)
    assert await listed(desk.lanes) == [letter]
    assert await desk.heard() == []


async def test_without_the_bots_token_nothing_is_guessed(desk: Desk) -> None:
    """Its number is part of the event's id."""
    letter = await desk.buried("telegram", UPDATE)
    with pytest.raises(ValueError, match="KOMEK_TELEGRAM_TOKEN"):
        await desk.replay(letter, Settings())


async def test_a_fault_of_ours_buries_and_its_fix_replays(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way: read with a fault, buried, mended, replayed."""

    def broken(*args: object) -> None:
        raise Unreadable("a fault of ours")

    monkeypatch.setattr(telegram_inbound, "read", broken)
    letter = await desk.buried("telegram", UPDATE)
    with pytest.raises(ValueError, match="a fault of ours"):
        await desk.replay(letter)
    monkeypatch.undo()
    assert await desk.replay(letter)
    assert len(await desk.heard()) == 1
