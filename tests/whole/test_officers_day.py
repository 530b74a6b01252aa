"""One case from the first word to the last, through the running service: WhatsApp on one side, two agencies on the other."""

from __future__ import annotations

import pytest

from handlers.nouns import Status
from storage.records import Filter, Officer
from storage.records_work import Original, Wish
from tests.fakes.twilio import Citizen, Said
from tests.waiting import WaitUntil
from tests.whole.conftest import Whole
from tests.whole.test_providers import AGENCY, dialogue

pytestmark = pytest.mark.timeout(240)
HOME = "tr-mfa"
PHOTO = b"\xff\xd8\xff demo passport"


class Day:
    """What the officers of both agencies do on the one case, always on its newest page."""

    def __init__(self, whole: Whole, ref: str, wait_until: WaitUntil) -> None:
        self.cases, self.ref, self.wait_until = whole.cases, ref, wait_until

    async def seen(self, officer: Officer) -> str:
        """What their page shows last."""
        return (await self.cases.case(officer.agency, self.ref)).seen

    async def events(self, officer: Officer) -> list[str]:
        """What their page tells."""
        return [event.what for event in (await self.cases.case(officer.agency, self.ref)).events]

    async def comes(self, officer: Officer, what: str) -> None:
        """Wait until this has happened on the case."""

        async def there() -> bool:
            return what in await self.events(officer)

        await self.wait_until(there, 30, what)

    async def says(self, officer: Officer, status: Status) -> None:
        """Set the status."""
        await self.cases.set_status(officer, self.ref, status, await self.seen(officer))


async def hears(citizen: Citizen, words: str) -> Said:
    """Read on until a message of ours holds these words."""
    while words not in (said := await citizen.reply(30)).text:
        continue
    return said


async def test_a_case_from_the_first_word_to_the_last(whole: Whole, wait_until: WaitUntil) -> None:
    """A document is asked for and comes; the case goes home with the person's consent; decided, closed, rated once."""
    citizen = whole.twilio.citizen("whatsapp:+10000000055")
    day = Day(whole, await dialogue(citizen, "hello"), wait_until)
    host = await whole.cases.officers.add("demo-host", AGENCY, "Demo host")
    home = await whole.cases.officers.add("demo-home", HOME, "Demo home")

    async def filed() -> bool:
        return any(line.key == day.ref for line in (await whole.cases.queue(AGENCY, Filter())).lines)

    await wait_until(filed, 30, "the case in the queue")
    mine = Original("Pasaportun fotoğrafı lütfen", "tr")
    await whole.cases.reply(host, day.ref, "Please send a photo of your passport.", await day.seen(host), mine)
    await day.says(host, "waiting")
    await hears(citizen, "Please send a photo of your passport.")
    await hears(citizen, "needs something from you")
    await citizen.sends_photo(PHOTO)

    async def stored() -> bytes:
        events = (await whole.cases.case(AGENCY, day.ref)).events
        ids = [a.id for event in events for a in event.attachments if a.state == "stored"]
        return (await whole.cases.attachment(AGENCY, day.ref, ids[0]))[1] if ids else b""

    assert await wait_until(stored, 30, "the photo at the desk") == PHOTO

    wish = Wish(HOME, "citizens", "Demo: they hold the register")
    await whole.cases.work.refer(host, day.ref, wish, await day.seen(host))
    asked = await hears(citizen, "would like to pass your case")
    assert "Ministry of Foreign Affairs" in asked.text
    assert "Demo: they hold" not in asked.text
    assert await whole.cases.work.offers(HOME) == []
    await citizen.presses("Yes, pass it on")
    await day.comes(host, "referral_offered")
    (offer,) = await whole.cases.work.offers(HOME)
    await whole.cases.work.accept(home, offer.id)
    await hears(citizen, "is now with")

    await whole.cases.reply(home, day.ref, "Your passport is ready.", await day.seen(home))
    await hears(citizen, "Your passport is ready.")
    await day.says(home, "decided")
    await hears(citizen, "Did we help you")
    await day.says(home, "closed")
    await hears(citizen, "Closed.")
    await citizen.presses("🙂 Yes")
    await day.comes(host, "rating")
    assert (await whole.cases.work.beside(home, day.ref)).score == 3
    assert len([said for said in citizen.said if "Did we help you" in said.text]) == 1
    assert await day.events(host) == await day.events(home)
    assert (await whole.cases.case(HOME, day.ref)).line.owner == HOME
