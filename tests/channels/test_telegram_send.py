"""What Telegram's sending promises: what the person sees, and what each of Telegram's answers becomes."""

from __future__ import annotations

import logging

import msgspec
import pytest

from bot.channels.contract import Away, Gone
from bot.channels.telegram import Telegram
from bot.channels.telegram_outbound import deep_link
from bot.settings import Settings, SettingsError
from handlers.nouns import Button, Media, Outbound, Receipt
from locales.say import offered, voice
from tests.fakes import telegram as fakes
from tests.fakes.telegram import Citizen, FakeTelegram, Fault


def out(text: str = "Hello", **more: object) -> Outbound:
    """A message to the citizen 7."""
    return msgspec.structs.replace(Outbound("o1", "telegram:7", text), **more)


@pytest.fixture
async def citizen(bot_api: FakeTelegram, polling: Telegram) -> Citizen:
    """A person the bot may write to."""
    return bot_api.citizen(7)


async def test_the_person_sees_the_text_and_the_receipt_names_it(polling: Telegram, citizen: Citizen) -> None:
    """A plain text arrives as it is, without a link preview or a parse mode, and its number comes back."""
    receipt = await polling.send(out("<b>1 & 2</b> https://example.org"))
    said = await citizen.reply()
    assert said.text == "<b>1 & 2</b> https://example.org"
    assert receipt == Receipt("sent", external=str(said.id))
    assert "parse_mode" not in said.call
    assert said.call["link_preview_options"] == {"is_disabled": True}


async def test_short_buttons_share_a_row(polling: Telegram, citizen: Citizen) -> None:
    """Two short neighbours stand in one row; a long label stands alone. The token travels, not the label."""
    labels = ("Yes", "No", "A label that needs the whole row", "Back")
    await polling.send(out(choices=tuple(Button(label, f"t{i}") for i, label in enumerate(labels))))
    said = await citizen.reply()
    assert said.rows == (2, 1, 1)
    assert said.buttons == tuple((label, f"t{i}") for i, label in enumerate(labels))


@pytest.mark.parametrize(("ask", "wish"), [("location", "request_location"), ("contact", "request_contact")])
async def test_the_device_is_asked(polling: Telegram, citizen: Citizen, ask: str, wish: str) -> None:
    """`ask` gives one key that asks the device, in the person's language."""
    await polling.send(out(ask=ask, locale="en"))
    assert (await citizen.reply()).asks == wish


async def test_choices_win_over_the_device(polling: Telegram, citizen: Citizen) -> None:
    """One keyboard a message: with choices the device is not asked."""
    await polling.send(out(ask="location", choices=(Button("Yes", "y"),)))
    said = await citizen.reply()
    assert (said.labels, said.asks) == (["Yes"], "")


@pytest.mark.parametrize(
    ("fault", "receipt"),
    [
        (fakes.TOO_MANY, Receipt("slow_down", wait=3.0, cause="429")),
        (Fault(429, "Too Many Requests"), Receipt("slow_down", wait=5.0, cause="429")),
        (fakes.BLOCKED, Receipt("blocked", cause="blocked")),
        (Fault(403, "Forbidden: user is deactivated"), Receipt("blocked", cause="deactivated")),
        (Fault(403, "Forbidden: something new"), Receipt("blocked", cause="forbidden")),
        (Fault(400, "Bad Request: chat not found"), Receipt("refused", cause="chat_not_found")),
        (Fault(400, "Bad Request: something new: hello"), Receipt("refused", cause="400")),
        (Fault(401, "Unauthorized"), Receipt("refused", cause="token")),
        (Fault(404, "Not Found"), Receipt("refused", cause="token")),
        (Fault(500, "Internal Server Error"), Receipt("retry", cause="500")),
        (fakes.BROKEN, Receipt("retry", cause="502")),
        (fakes.DROPPED_BEFORE, Receipt("unknown", cause="lost")),
        (fakes.DROPPED_AFTER, Receipt("unknown", cause="lost")),
        (fakes.GARBAGE, Receipt("unknown", cause="answer")),
    ],
)
async def test_each_answer_is_one_receipt(
    polling: Telegram, bot_api: FakeTelegram, citizen: Citizen, fault: Fault, receipt: Receipt
) -> None:
    """Every way a send can end is one of the closed words, and the next send is as if nothing had been."""
    bot_api.fails(fault, chat=7)
    assert await polling.send(out()) == receipt
    assert (await polling.send(out())).outcome == "sent"


@pytest.mark.parametrize(
    ("text", "choices", "cause"),
    [("x" * 4097, (), "too_long"), (" ", (), "empty"), ("x", (Button("Yes", "y" * 65),), "button")],
)
async def test_what_telegram_refuses_is_named(
    polling: Telegram, citizen: Citizen, text: str, choices: tuple[Button, ...], cause: str
) -> None:
    """A message over the limits is refused with a short code."""
    assert await polling.send(out(text, choices=choices)) == Receipt("refused", cause=cause)


async def test_a_person_who_blocked_the_bot(polling: Telegram, citizen: Citizen) -> None:
    """After a block nothing arrives, and we know."""
    await citizen.blocks()
    assert (await polling.send(out())).outcome == "blocked"


async def test_an_address_that_is_none_is_refused(polling: Telegram) -> None:
    """A chat that is no number never leaves the house."""
    assert await polling.send(Outbound("o1", "telegram:@somebody", "Hello")) == Receipt("refused", cause="unsendable")


async def test_nobody_there_is_worth_another_try(bot_api: FakeTelegram, free_port: int) -> None:
    """Without a connection nothing was said: retry. Opening says Away in one line."""
    channel = Telegram(Settings(telegram_token=bot_api.token, telegram_api=f"http://127.0.0.1:{free_port}"))
    assert await channel.send(out()) == Receipt("retry", cause="unreached")
    with pytest.raises(Away, match="does not answer"):
        await channel.open()
    await channel.close()


async def test_a_wrong_token_is_named_and_never_written(
    bot_api: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    """Opening with a token that Telegram refuses names the setting; no log line holds the token."""
    caplog.set_level(logging.DEBUG)
    channel = Telegram(Settings(telegram_token="1:not-the-token", telegram_api=bot_api.url))
    with pytest.raises(SettingsError, match="KOMEK_TELEGRAM_TOKEN"):
        await channel.open()
    assert (await channel.send(out("a citizen's word"))).cause == "token"
    await channel.close()
    assert "KOMEK_TELEGRAM_TOKEN" in caplog.text
    assert "not-the-token" not in caplog.text
    assert "a citizen's word" not in caplog.text


async def test_the_profile_is_set_once_in_every_language(polling: Telegram, bot_api: FakeTelegram) -> None:
    """Name, texts and commands in each two-letter language and for all others; a second start changes nothing."""
    codes = {tag for tag in offered() if len(tag) == 2} | {""}
    assert {code for what, code in bot_api.profile if what == "commands"} == codes
    assert bot_api.profile[("name", "")] == voice("en").gettext("Kömek: help for people stranded abroad")
    before = len([name for name, _ in bot_api.calls if name.startswith("setMy")])
    await polling.open()
    assert len([name for name, _ in bot_api.calls if name.startswith("setMy")]) == before


async def test_a_limited_profile_does_not_stop_the_start(
    bot_api: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    """A profile that cannot be set costs a log line."""
    bot_api.fails(fakes.TOO_MANY, fakes.TOO_MANY, method="setMyName")
    channel = Telegram(Settings(telegram_token=bot_api.token, telegram_api=bot_api.url))
    await channel.open()
    await channel.close()
    assert caplog.text.count("was not set: setMyName: answer 429, wait 3 s") == 2


async def test_a_webhook_set_by_several_processes(bot_api: FakeTelegram) -> None:
    """setWebhook is limited to one a second: we ask again."""
    bot_api.fails(fakes.TOO_MANY, method="setWebhook")
    settings = Settings(
        telegram_token=bot_api.token, telegram_api=bot_api.url, telegram_secret="s", public_url="https://demo.example"
    )
    channel = Telegram(settings, patience=0.01)
    await channel.open()
    await channel.close()
    assert bot_api.webhook == "https://demo.example/in/telegram"


@pytest.mark.parametrize(
    ("method", "fault", "raised", "line"),
    [
        ("getMe", fakes.TRUE, Away, "getMe: an answer that is not as documented"),
        ("getMe", fakes.GARBAGE, Away, "getMe: an answer that is not as documented"),
        ("getMe", fakes.BROKEN, Away, "getMe: answer 502"),
        ("getMe", fakes.DROPPED_AFTER, Away, "getMe: no answer"),
        ("getMe", Fault(404, "Not Found"), SettingsError, "KOMEK_TELEGRAM_TOKEN: Telegram refuses it"),
        ("setWebhook", Fault(429, "Too Many Requests", retry_after=60), Away, "setWebhook: answer 429, wait 60 s"),
        ("setWebhook", Fault(400, "Bad Request: bad webhook"), SettingsError, "KOMEK_PUBLIC_URL: .*bad webhook"),
    ],
)
async def test_each_way_a_start_can_fail_is_one_line(
    bot_api: FakeTelegram, method: str, fault: Fault, raised: type[Exception], line: str
) -> None:
    """What is set wrong is the operator's to mend; all else may pass, and then the same channel opens."""
    bot_api.fails(fault, method=method)
    settings = Settings(
        telegram_token=bot_api.token, telegram_api=bot_api.url, telegram_secret="s", public_url="https://demo.example"
    )
    channel = Telegram(settings, patience=0.01)
    with pytest.raises(raised, match=line):
        await channel.open()
    await channel.open()
    await channel.close()
    assert channel.username == bot_api.username


async def test_a_file_is_fetched(polling: Telegram, bot_api: FakeTelegram) -> None:
    """The bytes come with the type the message gave, or the server's."""
    handle = bot_api.file(b"\x00demo", "photos/a file.jpg")
    assert await polling.fetch(Media("photo", handle, "image/jpeg")) == (b"\x00demo", "image/jpeg")
    assert await polling.fetch(Media("document", handle)) == (b"\x00demo", "application/octet-stream")


async def test_a_file_too_large_is_gone(polling: Telegram, bot_api: FakeTelegram) -> None:
    """Telegram gives no file over 20 MB, and never will."""
    bot_api.fails(Fault(400, "Bad Request: file is too big"), method="getFile")
    with pytest.raises(Gone):
        await polling.fetch(Media("photo", bot_api.file(b"x")))
    with pytest.raises(Gone):
        await polling.fetch(Media("photo", bot_api.file(b"x" * 20_000_001)))


@pytest.mark.parametrize("fault", [fakes.BROKEN, fakes.TOO_MANY, fakes.DROPPED_BEFORE, fakes.GARBAGE, fakes.TRUE])
async def test_a_file_that_may_come_later(polling: Telegram, bot_api: FakeTelegram, fault: Fault) -> None:
    """A broken line, a 5xx, a 429 and nonsense are worth another try."""
    bot_api.fails(fault, method="getFile")
    handle = bot_api.file(b"x")
    with pytest.raises(Away):
        await polling.fetch(Media("photo", handle))
    assert (await polling.fetch(Media("photo", handle)))[0] == b"x"


def test_a_deep_link_opens_the_case() -> None:
    """The link that opens the bot at a case; what Telegram would not carry is refused."""
    assert deep_link("komek_demo_bot", "KMK-2345-X") == "https://t.me/komek_demo_bot?start=KMK-2345-X"
    with pytest.raises(ValueError, match="characters are allowed"):
        deep_link("komek_demo_bot", "two words")


async def test_a_bot_api_that_answers_strangely_does_not_stop_the_start(
    bot_api: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    """`true` where a name was asked for, as simple stand-ins answer: a log line, and the bot speaks."""
    bot_api.fails(*[fakes.TRUE] * 4, method="getMyName")
    channel = Telegram(Settings(telegram_token=bot_api.token, telegram_api=bot_api.url))
    await channel.open()
    await channel.close()
    assert "was not set: getMyName: an answer that is not as documented" in caplog.text
