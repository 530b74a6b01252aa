"""The command `komek`. Every fault of a setting is one line on standard error and exit code 2, never a stack trace."""

from __future__ import annotations

import os
from collections.abc import Coroutine, Mapping
from datetime import date
from importlib import import_module
from typing import get_args

import click
import msgspec
import uvloop

from bot import keys, logs
from bot.rooms import ALL, Part
from bot.settings import Settings, SettingsError

DEMO_DAY = date(2020, 5, 8)
"""The demonstration's clock stands at the day after the meeting of the migration services."""


_ELSEWHERE: Mapping[str, str] = {
    "audit": "cli_audit",
    "backup": "cli_backup",
    "dead": "cli_dead",
    "hook": "cli_machines",
    "key": "cli_machines",
    "locales": "cli_locales",
    "pack": "cli_relief",
    "read": "cli_read",
    "relief": "cli_relief",
    "restore": "cli_backup",
    "staff": "cli_staff",
}
"""Commands that have a module of their own, which only they need to load."""


class Komek(click.Group):
    """The group, whose commands' faults of settings and stores become one line each."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them, in the order of their names."""
        return sorted({*super().list_commands(ctx), *_ELSEWHERE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, loaded now."""
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        found = getattr(import_module(f"bot.{_ELSEWHERE[cmd_name]}"), cmd_name)
        return found if isinstance(found, click.Command) else None

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        from storage.embedded import EmbeddedError
        from storage.redis import Lost

        try:
            return super().invoke(ctx)
        except (SettingsError, EmbeddedError, Lost) as fault:
            click.echo(f"komek: {fault}", err=True)
            ctx.exit(2)


@click.group(cls=Komek)
@click.version_option(package_name="komek")
def main() -> None:
    """Kömek: an assistant for people stranded abroad, and the desk of the agencies that help them."""
    logs.begin(os.environ.get("KOMEK_LOG", "text"))


@main.command()
def demo() -> None:
    """Everything in one process on this machine: web chat, console, embedded Valkey, SQLite. Ctrl-C stops it, data stay."""
    from bot.demo import demonstrate

    settings = msgspec.structs.replace(Settings.read(), migrate="start")
    if settings.today is None:
        settings = msgspec.structs.replace(settings, today=DEMO_DAY)
    if not settings.second_factor:
        settings = msgspec.structs.replace(settings, second_factor="optional")
    run_loop(demonstrate(keys.demonstration(settings)))


@main.command()
@click.argument("parts", nargs=-1, type=click.Choice(get_args(Part)))
def run(parts: tuple[Part, ...]) -> None:
    """The service: all PARTS in one process, or only those named (web, reader, sender, clerk, timers)."""
    from bot.demo import work

    run_loop(work(keys.required(Settings.read()), frozenset(parts) or ALL))


@main.command()
def migrate() -> None:
    """Make the tables, or bring them up to date. Harmless to repeat, and beside a running service."""
    from bot.app import database_url
    from storage.migrate import upgrade

    settings = Settings.read()
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    upgrade(database_url(settings), settings.pool())
    click.echo("The tables are up to date.")


@main.command()
def talk() -> None:
    """The conversation in this terminal. Nothing is kept."""
    from bot.talk import converse
    from relief.pack import load

    settings = Settings.read()
    converse(load(settings.pack), settings.today or DEMO_DAY)


def run_loop(work: Coroutine[object, object, None]) -> None:
    """Run until it ends. A second Ctrl-C ends it at once, without a stack trace."""

    async def watched() -> None:
        logs.catch()
        await work

    try:
        uvloop.run(watched())
    except KeyboardInterrupt:
        click.echo("Stopped at once.", err=True)
        raise SystemExit(130) from None
