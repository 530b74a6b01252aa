"""What Telegram's webhook promises."""

from __future__ import annotations

import io
import json

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from bot.channels import telegram_inbound
from bot.channels.telegram import PATH, Telegram
from bot.settings import Settings, SettingsError
from tests.channels.hearing import MemoryEar
from tests.fakes.telegram import BOT, FakeTelegram
from tests.waiting import wait_until

SECRET = {"X-Telegram-Bot-Api-Secret-Token": "demo-secret"}


def _refused() -> float:
    """The count of refused calls."""
    return REGISTRY.get_sample_value("komek_webhook_refused_total", {"channel": "telegram"}) or 0.0


async def _post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """One call as Telegram makes it, or not quite."""
    async with (
        aiohttp.ClientSession() as client,
        client.post(url, data=io.BytesIO(body), headers={"Content-Type": "application/json"} | headers) as answer,
    ):
        return answer.status, await answer.read()


def _lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the channel wrote down."""
    return [record.getMessage() for record in caplog.records if record.name == "bot.channels.telegram"]


async def test_open_sets_the_webhook_with_secret_and_kinds(telegram: Telegram, bot_api: FakeTelegram) -> None:
    """Opening asks for exactly the updates we read, with the secret, and never drops what waits."""
    call = bot_api.called("setWebhook")[0]
    assert bot_api.secret == "demo-secret"
    assert bot_api.webhook.endswith(PATH)
    assert call["allowed_updates"] == ["message", "edited_message", "callback_query", "my_chat_member"]
    assert call.get("drop_pending_updates") in (None, False)
    assert telegram.username == bot_api.username


async def test_a_text_is_heard_once_with_its_name(telegram: Telegram, bot_api: FakeTelegram, ear: MemoryEar) -> None:
    """A text arrives with bot, chat, language hint and message number."""
    number = await bot_api.citizen(7, "tr").says("Merhaba")
    await bot_api.settled()
    event = ear.events[0]
    assert (event.id, event.chat, event.kind, event.body) == (
        f"telegram:{BOT}:{number}",
        "telegram:7",
        "text",
        "Merhaba",
    )
    assert event.extras == {"message": "1", "hint": "tr"}


async def test_a_pressed_button_is_answered_in_the_same_breath(
    telegram: Telegram, bot_api: FakeTelegram, ear: MemoryEar
) -> None:
    """A callback query is confirmed by the webhook's own answer."""
    citizen = bot_api.citizen(7)
    await citizen.says("/start")
    await bot_api.settled()
    bot_api._do_sendMessage(
        {"chat_id": 7, "text": "?", "reply_markup": {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}}
    )
    await citizen.presses("Yes")
    await bot_api.settled()
    assert [(e.kind, e.body) for e in ear.events] == [("command", "start"), ("choice", "y")]
    assert len(bot_api.called("answerCallbackQuery")) == 1


async def test_while_the_store_is_away_telegram_comes_again(
    telegram: Telegram, bot_api: FakeTelegram, ear: MemoryEar
) -> None:
    """503 until the store is back; then the chat's messages arrive in their order, each once."""
    ear.away = True
    for text in ("one", "two"):
        await bot_api.citizen(7).says(text)
    await wait_until(lambda: ear.refused > 1, what="two refusals")
    ear.away = False
    await bot_api.settled()
    assert [e.body for e in ear.events] == ["one", "two"]
    assert set(bot_api.refusals) == {503}


@pytest.mark.parametrize(
    "headers", [{}, {"X-Telegram-Bot-Api-Secret-Token": ""}, {"X-Telegram-Bot-Api-Secret-Token": "x"}]
)
async def test_without_the_secret_nothing_is_kept_but_a_count(
    telegram: Telegram, bot_api: FakeTelegram, ear: MemoryEar, headers: dict[str, str]
) -> None:
    """A caller without the secret gets 403 and leaves one count."""
    before = _refused()
    assert (await _post(bot_api.webhook, b"{}", headers))[0] == 403
    assert ear.empty
    assert _refused() == before + 1


async def test_too_long_or_not_json_is_refused(telegram: Telegram, bot_api: FakeTelegram, ear: MemoryEar) -> None:
    """A body over 1 MiB is 413, another content type 415, and neither is kept."""
    assert (await _post(bot_api.webhook, b" " * (2**20 + 1), SECRET))[0] == 413
    assert (await _post(bot_api.webhook, b"{}", SECRET | {"Content-Type": "text/plain"}))[0] == 415
    assert ear.empty


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"update_id": "x"}',
        b'{"update_id": 1, "message": {}}',
        b'{"update_id": 1, "callback_query": {"id": "\xc5"}}',
        b'{"update_id": 1, "message": {"message_id": 1, "date": 253402300799, "chat": {"id": 7, "type": "private"}}}',
        b'{"update_id": 1, "message": {"message_id": 1, "date": null, "chat": {"id": 7, "type": "private"}}}',
    ],
)
async def test_what_cannot_be_read_is_buried_and_accepted(
    telegram: Telegram, bot_api: FakeTelegram, ear: MemoryEar, body: bytes
) -> None:
    """A poison update gets its 200, so that it cannot block its chat, and is kept as it came."""
    assert (await _post(bot_api.webhook, body, SECRET))[0] == 200
    assert [(channel, raw) for channel, raw, _ in ear.buried] == [("telegram", body)]


async def test_an_unreadable_button_is_told_in_one_line_and_its_clock_stops(
    telegram: Telegram, bot_api: FakeTelegram, ear: MemoryEar, caplog: pytest.LogCaptureFixture
) -> None:
    """The line names the field, and quotes nothing."""
    body = b'{"update_id": 1, "callback_query": {"id": "q9", "from": {"id": "a secret"}, "data": "a secret"}}'
    status, answer = await _post(bot_api.webhook, body, SECRET)
    assert (status, json.loads(answer)) == (200, {"method": "answerCallbackQuery", "callback_query_id": "q9"})
    cause = "not as documented: Expected `int`, got `str` - at `$.callback_query.from.id`"
    assert ear.buried == [("telegram", body, cause)]
    assert _lines(caplog) == [f"an update is a dead letter: {cause}"]


async def test_a_fault_of_ours_is_put_aside_and_told_by_its_place(
    telegram: Telegram,
    bot_api: FakeTelegram,
    ear: MemoryEar,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the reader stumbles over, its chat is not blocked, and neither log nor letter's cause holds a word of it."""

    def stumbles(text: str) -> None:
        raise ZeroDivisionError(text)

    monkeypatch.setattr(telegram_inbound, "command", stumbles)
    await bot_api.citizen(7).says("a secret")
    await bot_api.settled()
    ((_, _, cause),) = ear.buried
    assert cause.startswith("not understood: ZeroDivisionError at ")
    assert _lines(caplog) == [f"an update is a dead letter: {cause}"]


async def test_without_a_secret_there_is_no_webhook(polling: Telegram, ear: MemoryEar) -> None:
    """A bot that polls has no door at all."""
    assert polling.routes(ear) == ()


_keys = st.sampled_from(
    "update_id message edited_message callback_query my_chat_member chat from id type date text message_id data photo "
    "contact location venue document voice new_chat_member".split()
) | st.text(max_size=5)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=12,
)
_message = st.fixed_dictionaries(
    {"message_id": _json, "date": st.integers() | _json, "chat": st.just({"id": 7, "type": "private"}) | _json},
    optional=dict.fromkeys(("text", "from", "photo", "contact", "location", "document", "voice", "caption"), _json),
)
_update = st.fixed_dictionaries(
    {"update_id": st.integers(0, 2**40) | _json},
    optional={"message": _message, "edited_message": _message, "callback_query": _json, "my_chat_member": _json},
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.one_of(_update, _json))
async def test_any_json_at_all_is_accepted(
    telegram: Telegram, bot_api: FakeTelegram, ear: MemoryEar, body: object
) -> None:
    """Whatever Telegram may ever send, it gets a 200, and what is heard has the types it promises."""
    status, _ = await _post(bot_api.webhook, json.dumps(body).encode(), SECRET)
    assert status == 200
    assert all(e.chat.startswith("telegram:") and isinstance(e.body, str) for e in ear.events)


@pytest.mark.parametrize(("token", "secret"), [("", ""), ("x", ""), ("1:a", "not a secret"), ("1:a", "x" * 257)])
def test_an_impossible_setting_is_named(token: str, secret: str) -> None:
    """A token or secret that cannot be one is named by its setting, and not quoted."""
    with pytest.raises(SettingsError, match="KOMEK_TELEGRAM_") as fault:
        Telegram(Settings(telegram_token=token, telegram_secret=secret))
    assert "not a secret" not in str(fault.value)
