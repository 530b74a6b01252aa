"""`komek audit`: whether the record of who read and did what is whole, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import click
import msgspec

from bot.cli_staff import with_cases
from bot.settings import Settings

_HOW = {
    "changed": "row {n} is not as it was written",
    "missing": "row {n} is missing",
    "head": "the end of the chain (row {n}) was changed, or written with another KOMEK_SECRET_KEY",
}
_STRIDE = 500


@click.group()
def audit() -> None:
    """Who read or changed what about whom."""


@audit.command()
@click.option("--after", metavar="N:HASH", help="A place that an earlier run printed: it must still be there.")
def verify(after: str | None) -> None:
    """Walk the chain. Exit code 1, and the first broken row, if anything was changed or removed.

    Note what it prints, away from this machine: with --after, even an old copy of the whole database put back is found.
    """
    from storage.sql.auditing import START, Link

    start = START
    if after is not None:
        n, _, mark = after.partition(":")
        if not (n.isascii() and n.isdigit() and len(mark) == 64):
            raise click.BadParameter("N:HASH, as `komek audit verify` prints it", param_hint="--after")
        start = Link(int(n), mark)
    found = with_cases(Settings.read(), lambda cases: cases.audit.verify(start), fitting=False)
    if found.broken:
        click.echo(f"Broken: {_HOW[found.how].format(n=found.broken)}.", err=True)
        raise SystemExit(1)
    click.echo(f"Whole: {found.n} rows. Its end: {found.n}:{found.hash}")


@audit.command("list")
@click.option("--agency", required=True, help="The agency's id in the pack.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="From this moment on, UTC.")
@click.option("--who", default="", help="One officer's id, key:ID or operator.")
@click.option("--subject", default="", help="One case's or officer's id.")
def show(agency: str, since: datetime | None, who: str, subject: str) -> None:
    """An agency's rows, the newest first, one JSON object a line."""
    from storage.cases import Cases
    from storage.records import Deed
    from storage.sql.audit_reading import Wanted

    wanted = Wanted(who, subject, since.replace(tzinfo=UTC) if since else None)

    async def each(cases: Cases) -> None:
        before, more = 0, True
        while more:
            deeds: Sequence[Deed] = await cases.audit.page(agency, wanted, before, _STRIDE)
            for deed in deeds:
                click.echo(msgspec.json.encode(deed))
            more, before = len(deeds) == _STRIDE, deeds[-1].n if deeds else 0

    with_cases(Settings.read(), each, fitting=False)
