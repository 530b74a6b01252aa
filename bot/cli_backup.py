"""`komek backup` and `komek restore`: everything but the keys, into a folder and back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.settings import Settings, SettingsError

if TYPE_CHECKING:  # both stores are heavy, and every `komek` command reads this file
    from bot.backup import Manifest


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def backup(folder: Path) -> None:
    """Write everything into FOLDER, which must not be there yet, while the service works. The keys are not in it."""
    from bot.backup import back_up

    click.echo(f"{folder}: {_run(lambda settings: back_up(settings, folder)).line}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def restore(folder: Path) -> None:
    """Put the backup in FOLDER into stores that hold nothing, with the keys it was made with. Stop the service first."""
    from bot.backup import restore as put_back

    click.echo(f"Restored: {_run(lambda settings: put_back(settings, folder)).line}")


def _run(work: Callable[[Settings], Awaitable[Manifest]]) -> Manifest:
    """Do it. Raises SettingsError or Lost, one line."""
    from sqlalchemy.exc import SQLAlchemyError

    async def run() -> Manifest:
        return await work(Settings.read())

    try:
        return asyncio.run(run())
    except SQLAlchemyError as fault:
        raise SettingsError(f"KOMEK_DATABASE_URL: {type(fault).__name__}") from None
    except OSError as fault:
        raise SettingsError(f"{fault.filename or 'a store'}: {fault.strerror or type(fault).__name__}") from None
