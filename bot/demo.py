"""What `komek demo` and `komek run` do: open, serve, stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket

import click

from bot.app import Installation, installation
from bot.cli_staff import ensure_demo_officers
from bot.rooms import ALL, Part
from bot.serve import listen, serve, stop_signal
from bot.settings import Settings

log = logging.getLogger(__name__)

GARBAGE = 20_000
"""Objects that may come before young garbage is looked for: a turn makes hundreds, and nearly all are gone after it."""


async def demonstrate(settings: Settings) -> None:
    """Everything in one process; says where to click. Raises SettingsError, one line, if it cannot start."""
    line = listen(settings)
    stop = stop_signal()
    async with installation(settings) as open_:
        await _greet(open_)
        await _serve(open_, line, stop)
    click.echo("Stopped. Everything is kept; `make demo` goes on from here.")


async def work(settings: Settings, parts: frozenset[Part] = ALL) -> None:
    """These parts of the service, until Ctrl-C or SIGTERM. Raises SettingsError, one line, if they cannot start."""
    line = listen(settings)
    stop = stop_signal()
    async with installation(settings, parts) as open_:
        log.info("at work: %s", " ".join(sorted(parts)))
        await _serve(open_, line, stop)


async def _serve(open_: Installation, line: socket.socket, stop: asyncio.Event) -> None:
    """Serve until the stop; then end the open pages' lines, so that nobody has to wait for them."""
    gc.collect()
    gc.freeze()  # the pack, the catalogues, the code: never garbage, so never looked through again
    gc.set_threshold(GARBAGE)

    async def ending() -> None:
        await open_.desk.close()
        await open_.channels["web"].close()

    await serve(open_.app, line, stop, ending)


async def _greet(open_: Installation) -> None:
    """Where to click, and that it is a demonstration."""
    settings = open_.settings
    here = settings.public_url or f"http://{settings.host}:{settings.port}"
    today = settings.today
    click.echo(
        f"\nKömek is open. It is a demonstration: it believes that today is {today:%-d %B %Y}.\n" if today else ""
    )
    click.echo(f"  The chat, as a citizen:      {here}/chat")
    for name, agency, link in await ensure_demo_officers(open_.cases, settings, open_.pack):
        click.echo(f"  The desk, as {name}, {agency}:\n                               {link}")
    if username := getattr(open_.channels.get("telegram"), "username", ""):
        click.echo(f"  Telegram:                    https://t.me/{username}")
    click.echo("\nCtrl-C stops it; all data stay.\n")
