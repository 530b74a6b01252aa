"""What operators are told of cases: how many stand where, how old, how late, and what waits to be carried on."""

from __future__ import annotations

from storage.cases import Cases
from tests.storage_sql.sample import Clock, added, opened


async def test_cases_are_counted_by_status_age_and_lateness(cases: Cases, clock: Clock) -> None:
    """Each agency's own; a case that nobody wants is not there; ages move on by themselves."""
    assert (await cases.totals()).statuses == {}
    for n, minutes in enumerate((590, 10, 20)):
        await cases.file([opened(f"c{n}", minutes)])
    found = await cases.totals()
    assert found.statuses == {"received": 3}
    assert found.ages == {("uz.mfa", "hour"): 1, ("uz.mfa", "day"): 2}
    assert found.overdue["uz.mfa"] in range(4)
    clock.forward(days=20)
    later = await cases.totals()
    assert later.ages == {("uz.mfa", "month"): 3}
    assert later.overdue == {"uz.mfa": 3}
    clock.forward(days=20)
    assert (await cases.totals()).ages == {("uz.mfa", "older"): 3}
    officer = await cases.officers.add("demo", "uz.mfa", "Demo")
    case = opened("c0", 590)
    await cases.set_status(officer, case.ref, "closed", (await cases.case("uz.mfa", case.ref)).seen)
    assert (await cases.totals()).statuses == {"received": 2, "closed": 1}
    assert (await cases.totals()).ages == {("uz.mfa", "older"): 2}


async def test_what_waits_is_counted_until_it_is_carried_on(cases: Cases) -> None:
    """News to chats, events to streams, files to be fetched, posts to webhooks."""
    assert set((await cases.totals()).waiting.values()) == {0}
    await cases.file([opened(), added(opened(), 1, "media")])
    officer = await cases.officers.add("demo", "uz.mfa", "Demo", "administrator")
    await cases.reply(officer, opened().ref, "Come.", (await cases.case("uz.mfa", opened().ref)).seen)
    found = (await cases.totals()).waiting
    assert found == {"news": 1, "events": 6, "attachments": 2, "posts": 0}
    await cases.told([event.id for event in await cases.news(10)])
    await cases.published([(agency, id) for agency, id, _ in await cases.unpublished(100)])
    for file in await cases.pending_media(10):
        await cases.gone(file.id, "gone")
    assert set((await cases.totals()).waiting.values()) == {0}
    assert (await cases.totals()).hooks == {}
