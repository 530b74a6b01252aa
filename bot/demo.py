"""What `komek demo` and `komek run` do: open, serve, stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
from contextlib import suppress

import click
from starlette.applications import Starlette
from starlette.types import ASGIApp

from bot.app import Installation, behind, installation
from bot.cli_staff import ensure_demo_officers
from bot.health import Health, waiting
from bot.rooms import ALL, Part
from bot.serve import Door, Serving, listen, stop_signal
from bot.settings import Settings

log = logging.getLogger(__name__)

GARBAGE = 5_000
"""Objects that may come before young garbage is looked for: a turn makes hundreds, and nearly all are gone after it."""
LOOK_SECONDS = 1.0
"""How often it is looked whether the tables have come up to date."""


async def demonstrate(settings: Settings) -> None:
    """Everything in one process; says where to click. Raises SettingsError, one line, if it cannot start."""
    lines = _listen(settings, ALL)
    stop = stop_signal()
    async with installation(settings) as open_:
        await _greet(open_)
        await _serve(open_, lines, stop)
    click.echo("Stopped. Everything is kept; `make demo` goes on from here.")


async def work(settings: Settings, parts: frozenset[Part] = ALL) -> None:
    """These parts of the service, until Ctrl-C or SIGTERM. Raises SettingsError, one line, if they cannot start."""
    stop = stop_signal()
    await _tables(settings, parts, stop)
    if stop.is_set():
        return
    lines = _listen(settings, parts)
    async with installation(settings, parts) as open_:
        log.info("at work: %s", " ".join(sorted(parts)))
        await _serve(open_, lines, stop)


def _listen(settings: Settings, parts: frozenset[Part]) -> dict[Door, socket.socket]:
    """The lines of this process: the pages' if it has the web, and that of health and counts if there is one."""
    doors: dict[Door, bool] = {"port": "web" in parts, "metrics_port": bool(settings.metrics_port)}
    return {door: listen(settings, door) for door, wanted in doors.items() if wanted}


async def _tables(settings: Settings, parts: frozenset[Part], stop: asyncio.Event) -> None:
    """Where `komek migrate` is a step of its own: wait for it, alive but not ready."""
    if settings.migrate != "wait" or not (why := await behind(settings)):
        return
    log.error("%s: run `komek migrate`; waiting for it", why)
    app = _pages(waiting("tables"))
    serving = Serving(dict.fromkeys(_listen(settings, parts).values(), app))
    serving.begin()
    while not stop.is_set() and await behind(settings):
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
    await serving.end()


def _pages(health: Health) -> ASGIApp:
    """Health and counts alone."""
    return Starlette(routes=list(health.routes(counts=True)))


async def _serve(open_: Installation, lines: dict[Door, socket.socket], stop: asyncio.Event) -> None:
    """Serve until the stop; say for a while that we are leaving; then end the open pages' lines, so that nobody has to wait."""
    gc.collect()
    gc.freeze()  # the pack, the catalogues, the code: never garbage, so never looked through again
    gc.set_threshold(GARBAGE)
    apps: dict[Door, ASGIApp] = {"port": open_.app, "metrics_port": _pages(open_.health)}
    serving = Serving({line: apps[door] for door, line in lines.items()})
    serving.begin()
    await serving.until(stop)
    open_.health.leaving = True
    await asyncio.sleep(open_.settings.drain_seconds)
    await open_.desk.close()
    await open_.channels["web"].close()
    await serving.end()


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
