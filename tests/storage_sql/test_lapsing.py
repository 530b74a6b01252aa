"""A closed case keeps the person's words for one year, as they were told when they agreed, and not a day longer."""

from handlers.nouns import CloseCase
from storage.cases import Cases
from tests.storage_sql.sample import SECRET, Clock, at, opened


async def test_a_case_lapses_a_year_after_it_was_closed(cases: Cases, clock: Clock) -> None:
    """Its words go, the fact that there was a case stays; one that is open, or closed later, keeps them."""
    old, young, living = opened("old"), opened("young"), opened("living")
    await cases.file([old, young, living])
    await cases.file([CloseCase("c1", old.id, at(1))])
    clock.forward(days=200)
    await cases.file([CloseCase("c2", young.id, clock.moment)])
    assert await cases.lapse() == 0
    clock.forward(days=166)
    assert await cases.lapse() == 1
    assert await cases.lapse() == 0
    told = {
        name: (await cases.case("uz.mfa", case.ref)).report for name, case in (("young", young), ("living", living))
    }
    assert told["young"]["note"] == told["living"]["note"] == SECRET
    gone = await cases.case("uz.mfa", old.ref)
    assert gone.line.forgotten
    assert SECRET not in str(gone.report)
    assert [event.actor for event in gone.events if event.what == "forgotten"] == ["system"]
