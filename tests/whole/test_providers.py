"""The same dialogue by signed Telegram webhooks and by signed Twilio forms, against the running service."""

from __future__ import annotations

import aiohttp
import pytest

from storage.records import Filter, Missing, Officer
from tests.fakes.telegram import Citizen as TelegramCitizen
from tests.fakes.twilio import Citizen as WhatsAppCitizen
from tests.waiting import WaitUntil
from tests.whole.conftest import Whole
from tests.whole.player import Player

pytestmark = pytest.mark.timeout(180)
AGENCY = "uz-migration"


async def dialogue(citizen: TelegramCitizen | WhatsAppCitizen, hello: str = "/start") -> str:
    """From the first word to the case number."""
    player = Player()
    await citizen.says(hello)
    while not player.ref:
        said = await citizen.reply(30)
        move = player.move(said.text, [token for _, token in said.buttons])
        if move:
            await (citizen.presses if ":" in move else citizen.says)(move)
    return player.ref


async def officer(whole: Whole) -> Officer:
    """An officer of Uzbekistan's service."""
    known = await whole.cases.officers.find("demo")
    return known or await whole.cases.officers.add("demo", AGENCY, "Demo officer")


async def replies(whole: Whole, ref: str, text: str) -> None:
    """The officer answers."""
    case = await whole.cases.case(AGENCY, ref)
    await whole.cases.reply(await officer(whole), ref, text, case.seen)


@pytest.mark.parametrize("channel", ["telegram", "whatsapp", "sms"])
async def test_from_the_first_word_to_the_officers_answer(whole: Whole, channel: str, wait_until: WaitUntil) -> None:
    """Guided, assessed, reported, filed in the right queue with all its facts, answered in the same chat."""
    addresses = {"whatsapp": "whatsapp:US.demo1", "sms": "+10000000077"}
    citizen = whole.telegram.citizen(7) if channel == "telegram" else whole.twilio.citizen(addresses[channel])
    ref = await (typed(citizen) if channel == "sms" else dialogue(citizen))

    async def filed() -> bool:
        return any(line.key == ref for line in (await whole.cases.queue(AGENCY, Filter())).lines)

    await wait_until(filed, 20, "the case in the queue")
    case = await whole.cases.case(AGENCY, ref)
    assert case.facts["nationality"] == "TR"
    assert case.report["note"] == "We are at gate 12."
    assert case.assessment is not None
    assert case.assessment.outcome == "covered"
    await replies(whole, ref, "Come to the desk at gate 10.")
    while "Come to the desk at gate 10." not in (await citizen.reply(30)).text:
        continue


async def typed(citizen: TelegramCitizen | WhatsAppCitizen) -> str:
    """The same by SMS, where nothing can be pressed: numbers and words only."""
    player = Player()
    words = ["hello", "English", "2", "Uzbekistan", "Türkiye", "Visa", "20 May 2020", "send a report", "I agree"]
    words += ["for me", "2", "skip", "1", "done", "3", "1", "in this chat only", "0", "We are at gate 12.", "done", "1"]
    for word in words:
        if word == "0":
            continue
        await citizen.says(word)
        said = await citizen.reply(30)
        player.move(said.text, [])
    while not player.ref:
        player.move((await citizen.reply(30)).text, [])
    return player.ref


async def test_a_forged_message_gets_403_and_leaves_no_trace_but_a_count(whole: Whole) -> None:
    """Wrong or missing signatures on every webhook; nothing is said, nothing is filed."""
    update = {
        "update_id": 1,
        "message": {"message_id": 1, "date": 1588900000, "chat": {"id": 9, "type": "private"}, "text": "x"},
    }
    form = {"MessageSid": "SM" + "0" * 32, "From": "whatsapp:+10000000009", "Body": "x"}
    async with aiohttp.ClientSession() as line:
        for secret in ({}, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}):
            async with line.post(f"{whole.service.url}/in/telegram", json=update, headers=secret) as answer:
                assert answer.status == 403
        for path in ("/in/twilio", "/in/twilio/status?m=x"):
            for signature in ({}, {"X-Twilio-Signature": "d3Jvbmc="}):
                async with line.post(whole.service.url + path, data=form, headers=signature) as answer:
                    assert answer.status == 403
        async with line.get(f"{whole.service.url}/metrics") as answer:
            counts = await answer.text()
    assert 'komek_webhook_refused_total{channel="telegram"} 2.0' in counts
    assert 'komek_webhook_refused_total{channel="whatsapp"} 4.0' in counts
    assert not whole.telegram.called("sendMessage")
    assert not [m for m in whole.twilio.messages if m["direction"] != "inbound"]


async def test_files_reach_the_officer(whole: Whole, wait_until: WaitUntil) -> None:
    """A photo by Telegram and one by WhatsApp, fetched from the provider, sealed, and shown to the agency that has the case."""
    photo = b"\xff\xd8\xff demo photo"
    for citizen in (whole.telegram.citizen(8), whole.twilio.citizen("whatsapp:+10000000088")):
        ref = await dialogue(citizen)
        await citizen.sends_photo(photo)
        assert await at_the_desk(whole, ref, wait_until) == photo


async def at_the_desk(whole: Whole, ref: str, wait_until: WaitUntil) -> bytes:
    """The first file of this case, once it is stored."""

    async def stored() -> bytes:
        try:
            case = await whole.cases.case(AGENCY, ref)
        except Missing:
            return b""  # the clerk has not filed it yet
        found = [a for event in case.events for a in event.attachments if a.state == "stored"]
        return (await whole.cases.attachment(AGENCY, ref, found[0].id))[1] if found else b""

    return await wait_until(stored, 30, "the photo at the desk")
