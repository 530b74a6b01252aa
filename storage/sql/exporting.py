"""*Send me my data*: all that a person's cases hold, in plain words and in their language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, select

from handlers.casework import STATUS
from handlers.labels import FIELDS
from handlers.nouns import Consent, Export
from handlers.sentence import spoken
from locales.say import Voice, voice
from relief.nouns import Assessment
from storage.sql.among import among
from storage.sql.db import Db
from storage.sql.engine import AsyncConnection
from storage.sql.tables import attachments, cases, events
from storage.words import EXTRAS, OUTCOMES, TOLD, answer


async def export(db: Db, effect: Export, names: Mapping[str, str]) -> str:
    """The text; `names` are the agencies' by id. Only cases of the chat that asks are told, others are passed over."""
    wanted = select(cases).where(among(cases.c.id, effect.cases)).order_by(cases.c.opened, cases.c.id)
    parts: list[str] = []
    say = voice("en")
    async with db.read() as connection:
        for row in (await connection.execute(wanted)).mappings().all():
            if db.vault.text(row["chat"], "cases", row["id"], "chat") == effect.chat:
                say = voice(row["locale"])
                parts.append(await _case(db, connection, say, row, names))
    return "\n\n".join(parts) or say.gettext("We hold no case of yours.")


async def _case(db: Db, connection: AsyncConnection, say: Voice, row: RowMapping, names: Mapping[str, str]) -> str:
    """One case, a line each."""
    id = row["id"]
    history = select(events).where(events.c.case_id == id, events.c.only.is_(None)).order_by(events.c.seq)
    files = select(attachments).where(attachments.c.case_id == id).order_by(attachments.c.id)
    lines = [
        *_head(db, say, row, names),
        *_table(say, db.vault.table(row["facts"], "cases", id, "facts")),
        *_table(say, db.vault.table(row["report"], "cases", id, "report")),
        *_assessment(say, db.vault.get(row["assessment"], Assessment, "cases", id, "assessment")),
        *_history(db, say, (await connection.execute(history)).mappings().all()),
        *_files(db, say, (await connection.execute(files)).mappings().all()),
    ]
    return "\n".join(lines)


def _head(db: Db, say: Voice, row: RowMapping, names: Mapping[str, str]) -> Iterator[str]:
    """The case itself."""
    yield f"{say.gettext('Case number')}: {row['ref'] or row['id']}"
    yield f"{say.gettext('Status')}: {spoken(say, STATUS[row['status']])}"
    yield f"{say.gettext('Opened')}: {_moment(say, row['opened'])}"
    yield f"{say.gettext('Agency')}: {names.get(row['agency'], row['agency'])}"
    consent = db.vault.get(row["consent"], Consent, "cases", row["id"], "consent")
    if consent is not None:
        agreed = say.gettext("You agreed to the text of version {version} on {day}.")
        yield agreed.format(version=consent.version, day=say.day(consent.at.date()))


def _table(say: Voice, table: Mapping[str, str]) -> Iterator[str]:
    """Answers, each with its name."""
    for name, value in table.items():
        label = say.gettext(FIELDS[name].text) if name in FIELDS else name
        yield f"{label}: {answer(say, name, value)}"


def _assessment(say: Voice, found: Assessment | None) -> Iterator[str]:
    """The answer of the law that was given, and the measures it rests on."""
    if found is None:
        return
    until = f" {say.day(found.until)}" if found.until else ""
    yield f"{say.gettext('Permit check')}, {say.day(found.as_of)}: {say.gettext(OUTCOMES[found.outcome])}{until}"
    for because in found.because:
        yield f"- {say.gettext(because.title)} ({say.gettext(because.issuer)})"


def _history(db: Db, say: Voice, rows: Sequence[RowMapping]) -> Iterator[str]:
    """What happened, with its words; events that hold nothing about the person are left out."""
    for row in rows:
        if row["what"] not in TOLD:
            continue
        status = f" {spoken(say, STATUS[row['status']])}" if row["what"] == "status" else ""
        yield f"{_moment(say, row['at'])} {say.gettext(TOLD[row['what']])}{status}"
        if row["body"] is not None:
            yield db.vault.text(row["body"], "events", row["id"], "body")
        extras = db.vault.table(row["extras"], "events", row["id"], "extras")
        yield from (f"{say.gettext(label)}: {extras[name]}" for name, label in EXTRAS.items() if name in extras)


def _files(db: Db, say: Voice, rows: Sequence[RowMapping]) -> Iterator[str]:
    """The files, by kind and name."""
    for row in rows:
        name = db.vault.text(row["name"], "attachments", row["id"], "name")
        yield f"{say.gettext('File')}: {row['kind']} {name}".rstrip()


def _moment(say: Voice, at: datetime) -> str:
    """When, in UTC."""
    return f"{say.day(at.date())}, {at:%H:%M} UTC"
