"""What sending through Twilio promises: what the person sees, what each answer becomes, and which files are fetched."""

from __future__ import annotations

import logging
from datetime import timedelta

import msgspec
import pytest

from bot.channels.contract import Away, Gone
from bot.channels.twilio import Twilio, channels
from bot.channels.twilio_outbound import limits, outcome
from bot.settings import Settings, SettingsError
from handlers.nouns import Button, Media, Outbound, Receipt
from tests.channels.hearing import MemoryEar
from tests.fakes import twilio as fakes
from tests.fakes.twilio import FakeTwilio, Fault

PERSON = "whatsapp:+99450000000"
PUBLIC = {"KOMEK_PUBLIC_URL": "https://demo.example"}


def out(text: str = "Hello", count: int = 0, **more: str) -> Outbound:
    """A message with `count` choices to the person."""
    choices = tuple(Button(f"Label {i}", f"token.{i}") for i in range(1, count + 1))
    return msgspec.structs.replace(Outbound("o1", PERSON, text, choices), **more)


async def test_a_text_arrives_and_its_fate_is_told(whatsapp: Twilio, account: FakeTwilio) -> None:
    """The text, our sender, and an address for its status that holds our own id."""
    receipt = await whatsapp.send(out())
    said = await account.citizen(PERSON).reply()
    assert (said.text, said.to, receipt) == ("Hello", PERSON, Receipt("sent", external=said.sid))
    assert said.call["From"] == "whatsapp:+10000000000"
    assert said.call["StatusCallback"].endswith("/in/twilio/status?m=o1")


async def test_an_sms_goes_to_the_bare_number(sms: Twilio, account: FakeTwilio) -> None:
    """SMS has its own sender and no prefix."""
    assert (await sms.send(out(chat="sms:+99450000000"))).outcome == "sent"
    said = await account.citizen("+99450000000").reply()
    assert (said.to, said.call["From"]) == ("+99450000000", "+10000000001")


async def test_a_person_without_a_number_is_reached(whatsapp: Twilio, account: FakeTwilio) -> None:
    """A business-scoped id is an address like any other."""
    assert (await whatsapp.send(out(chat="whatsapp:US.1234abc"))).outcome == "sent"
    assert (await account.citizen("whatsapp:US.1234abc").reply()).text == "Hello"


@pytest.mark.parametrize(("count", "template"), [(1, "buttons1"), (3, "buttons3"), (4, "list4"), (10, "list10")])
async def test_choices_are_buttons_or_a_list(
    whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar, count: int, template: str
) -> None:
    """Up to three are buttons, up to ten a list; what is pressed comes back as its token."""
    assert (await whatsapp.send(out(count=count))).outcome == "sent"
    citizen = account.citizen(PERSON)
    said = await citizen.reply()
    assert (said.template, said.text, len(said.buttons)) == (template, "Hello", count)
    await citizen.presses(f"Label {count}")
    await account.settled()
    assert [(e.kind, e.body) for e in ear.events] == [("choice", f"token.{count}")]


@pytest.mark.parametrize(
    ("text", "count"), [("Hello", 11), ("x" * 1025, 2)], ids=["more than a list", "longer than a template"]
)
async def test_choices_that_no_template_carries_are_numbers(
    whatsapp: Twilio, account: FakeTwilio, text: str, count: int
) -> None:
    """No choice is lost: it is written into the text."""
    assert (await whatsapp.send(out(text, count))).outcome == "sent"
    said = await account.citizen(PERSON).reply()
    assert said.text.startswith(text + "\n\n1. Label 1\n2. Label 2")


async def test_numbered_choices_are_not_said_twice(whatsapp: Twilio, account: FakeTwilio) -> None:
    """What the renderer has written into the text stays as it is."""
    done = Outbound("o1", PERSON, "1. Yes\n2. No", (Button("Yes", "y"), Button("No", "n")), numbered=True)
    await whatsapp.send(done)
    assert (await account.citizen(PERSON).reply()).text == "1. Yes\n2. No"


async def test_outside_the_window_the_template_speaks(whatsapp: Twilio, account: FakeTwilio) -> None:
    """A named template is sent without the text, in the person's language where there is one."""
    account.content["answer_ready_tr"] = account.content["answer_ready"]
    assert (await whatsapp.send(out("A word that is not sent", template="answer_ready", locale="tr"))).outcome == "sent"
    said = await account.citizen(PERSON).reply()
    assert said.template == "answer_ready"
    assert "ContentVariables" not in said.call
    assert await whatsapp.send(out(template="no_such")) == Receipt("refused", cause="no_template")


async def test_a_window_that_closed_is_told_later(whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar) -> None:
    """Outside the 24 hours a text is taken, and its status says 63016; the approved template arrives."""
    citizen = account.citizen(PERSON)
    citizen.window_open = False
    assert (await whatsapp.send(out())).outcome == "sent"
    await account.settled()
    assert ear.receipts == [("o1", "undelivered", "63016")]
    await whatsapp.send(out(template="answer_ready"))
    assert [said.template for said in citizen.said] == ["answer_ready"]


@pytest.mark.parametrize(
    ("fault", "receipt"),
    [
        (fakes.BUSY, Receipt("slow_down", wait=10.0, cause="20429")),
        (Fault(429, 20429, retry_after=2), Receipt("slow_down", wait=2.0, cause="20429")),
        (Fault(400, 63018), Receipt("slow_down", wait=10.0, cause="63018")),
        (Fault(400, 21610), Receipt("blocked", cause="21610")),
        (Fault(400, 63033), Receipt("blocked", cause="63033")),
        (Fault(400, 63014), Receipt("blocked", cause="63014")),
        (Fault(400, 63032), Receipt("blocked", cause="63032")),
        (Fault(400, 63016), Receipt("refused", cause="63016")),
        (Fault(400, 63024), Receipt("refused", cause="63024")),
        (Fault(400, 63003), Receipt("refused", cause="63003")),
        (Fault(400, 63051), Receipt("refused", cause="63051")),
        (Fault(400, 63012), Receipt("retry", cause="63012")),
        (Fault(401, 20003), Receipt("refused", cause="20003")),
        (fakes.BROKEN, Receipt("retry", cause="503")),
        (Fault(500, 20500), Receipt("retry", cause="20500")),
        (fakes.DROPPED_BEFORE, Receipt("unknown", cause="lost")),
        (fakes.DROPPED_AFTER, Receipt("unknown", cause="lost")),
        (fakes.GARBAGE, Receipt("unknown", cause="answer")),
    ],
)
async def test_each_answer_is_one_receipt(
    whatsapp: Twilio, account: FakeTwilio, fault: Fault, receipt: Receipt
) -> None:
    """Every way a send can end is one of the closed words, and the next send is as if nothing had been."""
    account.fails(fault)
    assert await whatsapp.send(out()) == receipt
    assert (await whatsapp.send(out())).outcome == "sent"


async def test_each_send_is_one_call(whatsapp: Twilio, account: FakeTwilio) -> None:
    """A 5xx is never repeated here: the API has no idempotency key, and the sender decides."""
    account.fails(fakes.BROKEN, fakes.BROKEN)
    await whatsapp.send(out())
    assert len(account._faults) == 1


@pytest.mark.parametrize(
    ("chat", "text", "cause"),
    [(PERSON, "x" * 1601, "21617"), ("whatsapp:nobody", "x", "21211"), (PERSON, "", "21619")],
)
async def test_what_twilio_refuses_is_named(whatsapp: Twilio, chat: str, text: str, cause: str) -> None:
    """A message over the limits is refused with Twilio's code."""
    assert await whatsapp.send(out(text, chat=chat)) == Receipt("refused", cause=cause)


async def test_a_person_who_said_stop(whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar) -> None:
    """After STOP nothing arrives, and we know it twice."""
    await account.citizen(PERSON).says("STOP", OptOutType="STOP")
    await account.settled()
    assert ear.events[0].extras["what"] == "blocked"
    assert await whatsapp.send(out()) == Receipt("blocked", cause="21610")


@pytest.mark.parametrize(
    ("code", "word"), [(63016, "refused"), (63018, "slow_down"), (63033, "blocked"), (0, "refused")]
)
def test_a_status_callbacks_code_is_a_word_too(code: int, word: str) -> None:
    """The same table reads the codes that come later."""
    assert outcome(code) == word


def test_limits_follow_the_templates() -> None:
    """As many buttons and rows as there is an unbroken series of templates for; none: long texts with numbers."""
    some = {"buttons1": "HX", "buttons2": "HX", "list1": "HX", "list3": "HX"}
    assert (limits("whatsapp", {}).text, limits("whatsapp", {}).buttons) == (1600, 0)
    assert (limits("whatsapp", some).text, limits("whatsapp", some).buttons, limits("whatsapp", some).items) == (
        1024,
        2,
        1,
    )
    assert limits("whatsapp", some).window == timedelta(hours=23, minutes=50)
    assert (limits("sms", some).buttons, limits("sms", some).window) == (0, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KOMEK_TWILIO_ACCOUNT_SID", "AC1"),
        ("KOMEK_TWILIO_AUTH_TOKEN", " , "),
        ("KOMEK_TWILIO_FROM", ""),
        ("KOMEK_TWILIO_FROM", "+1,+2"),
        ("KOMEK_TWILIO_CONTENT", "buttons1=HX1"),
        ("KOMEK_PUBLIC_URL", ""),
    ],
)
async def test_a_setting_that_cannot_work_is_named(account: FakeTwilio, name: str, value: str) -> None:
    """One line, and never a secret in it."""
    with pytest.raises(SettingsError, match=name) as fault:
        channels(Settings.read(PUBLIC | account.env | {name: value}))
    assert account.token not in str(fault.value)


def test_whatsapp_has_its_numbers_rate_and_sms_none(account: FakeTwilio) -> None:
    """By the names that the channels bear, which the sender paces by."""
    names = {channel.name for channel in channels(Settings.read(PUBLIC | account.env))}
    rates = Settings.read({"KOMEK_WHATSAPP_RATE": "400"}).rates()
    assert {name: rates.get(name) for name in names} == {"whatsapp": 400, "sms": None}
    assert Settings.read({}).rates() == {"telegram": 30, "whatsapp": 80}


async def test_wrong_credentials_are_named_and_never_written(
    account: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    """Opening names the settings; sending is loud; no line holds the token, the number or a word."""
    caplog.set_level(logging.DEBUG)
    channel = channels(Settings.read(PUBLIC | account.env | {"KOMEK_TWILIO_AUTH_TOKEN": "not-the-token"}))[0]
    with pytest.raises(SettingsError, match="KOMEK_TWILIO_AUTH_TOKEN"):
        await channel.open()
    assert await channel.send(out("a citizen's word")) == Receipt("refused", cause="20003")
    await channel.close()
    assert "check KOMEK_TWILIO" in caplog.text
    assert not any(secret in caplog.text for secret in ("not-the-token", "99450000000", "a citizen's word"))


async def test_nobody_there_is_worth_another_try(account: FakeTwilio, free_port: int) -> None:
    """Without a connection nothing was said: retry. Opening and fetching say Away."""
    nobody = {"KOMEK_TWILIO_API": f"http://127.0.0.1:{free_port}"}
    channel = channels(Settings.read(PUBLIC | account.env | nobody))[0]
    assert await channel.send(out()) == Receipt("retry", cause="unreached")
    with pytest.raises(Away):
        await channel.open()
    with pytest.raises(Away):
        await channel.fetch(Media("photo", f"/2010-04-01/Accounts/{account.sid}/Messages/SM1/Media/ME1"))
    await channel.close()


async def test_a_file_is_fetched_without_leaking_the_login(
    whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar
) -> None:
    """The login goes to the account's media and not to the storage it sends us on to."""
    await account.citizen(PERSON).sends_photo(b"demo", "look", "image/png")
    await account.settled()
    media = ear.events[0].media
    assert media is not None
    assert await whatsapp.fetch(media) == (b"demo", "image/png")
    assert account.leaks == []


async def test_a_contact_card_is_heard_as_a_contact(whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar) -> None:
    """The card is read while Twilio waits."""
    card = b"BEGIN:VCARD\nFN:Demo\nTEL:+99450000000\nEND:VCARD"
    await account.citizen(PERSON).sends_files(("text/vcard", card))
    await account.settled()
    assert [(e.kind, e.extras["phone"], e.extras["own"]) for e in ear.events] == [("contact", "+99450000000", "yes")]


@pytest.mark.parametrize(
    "handle",
    [
        "https://elsewhere.example/file.jpg",
        "/2010-04-01/Accounts/AC99999999999999999999999999999999/Messages/SM1/Media/ME1",
        "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json",
        "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages/../../x/Media/ME1",
        "",
        "http://[broken",
    ],
)
async def test_no_other_address_gets_the_login(whatsapp: Twilio, handle: str) -> None:
    """A handle that is not this account's media is never called."""
    with pytest.raises(Gone):
        await whatsapp.fetch(Media("photo", handle))


async def test_a_file_deleted_or_too_large_is_gone(whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar) -> None:
    """404 is for ever; so is a file over 16 MB."""
    await account.citizen(PERSON).sends_files(("image/png", b"x" * 16_777_217))
    await account.settled()
    media = ear.events[0].media
    assert media is not None
    with pytest.raises(Gone):
        await whatsapp.fetch(media)
    with pytest.raises(Gone):
        await whatsapp.fetch(Media("photo", media.handle + "9"))
