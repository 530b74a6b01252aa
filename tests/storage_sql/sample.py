"""Demo people and what they say, for the tests of the store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Table, select

from handlers.nouns import AddToCase, Consent, Media, OpenCase
from handlers.refs import case_id, case_ref
from relief.nouns import Assessment, Because
from storage.cases import Cases
from storage.sql.schema import metadata

START = datetime(2020, 5, 8, 9, 0, tzinfo=UTC)
SECRET = "Demo Person, flat 7"
NUMBER = "+000 demo 5550101"


def at(minutes: int) -> datetime:
    """So many minutes into the morning."""
    return START + timedelta(minutes=minutes)


class Clock:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.moment = at(600)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> None:
        """Put it forward."""
        self.moment += timedelta(**by)


def opened(name: str = "a", minutes: int = 0, agencies: tuple[str, ...] = ("uz.mfa", "kz.mfa")) -> OpenCase:
    """A report by the demo person `name`."""
    id = case_id(name, 1, START)
    why = Because("uz-1", "Demo measure", "Demo issuer", "covered", date(2020, 6, 1), open_ended=False, facts={})
    return OpenCase(
        id=id,
        ref=case_ref(id),
        chat=f"telegram:{name}",
        chat_ref=f"ref-{name}",
        at=at(minutes),
        locale="en",
        agencies=agencies,
        priority="urgent",
        facts={"host": "UZ", "nationality": "KZ", "permit": "visa", "expires": "2020-05-01"},
        report={
            "place": "airport_zone",
            "place_name": SECRET,
            "contact": NUMBER,
            "needs": "food,money",
            "note": SECRET,
        },
        consent=Consent("1", at(minutes)),
        reasons=("minors",),
        media=(Media("photo", "handle-1", "image/jpeg", "demo.jpg", 10),),
        assessment=Assessment(date(2020, 5, 8), "covered", date(2020, 6, 1), because=(why,)),
    )


def added(case: OpenCase, n: int, what: str = "message", minutes: int = 1, body: str = SECRET) -> AddToCase:
    """The `n`-th thing the person adds."""
    media = Media("document", f"handle-{n}", "application/pdf", "demo.pdf", 20) if what == "media" else None
    return AddToCase(f"add-{case.id[:8]}-{n}", case.id, at(minutes), what, body, media, {"phone": NUMBER})


async def rows(cases: Cases) -> dict[str, list[dict[str, object]]]:
    """All rows of all tables, sealed values opened to `sealed` (each sealing differs), to compare two histories."""
    found = {}
    async with cases._db.read() as connection:
        for table in metadata.sorted_tables:
            order = select(table).order_by(*table.primary_key.columns)
            found[table.name] = [_plain(table, dict(r)) for r in (await connection.execute(order)).mappings()]
    return found


def _plain(table: Table, row: dict[str, object]) -> dict[str, object]:
    """A row whose sealed cells only say that they hold something."""
    return {k: "sealed" if isinstance(v, bytes) else v for k, v in row.items()}
