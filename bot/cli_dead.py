"""`komek dead`: dead letters, that is everything that could not be handled, for an operator to see, replay or drop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import click

from bot import keys, rereading
from bot.bell import Bell
from bot.channels.contract import Away
from bot.ear import StreamEar
from bot.settings import Settings
from bot.valkey import valkey
from storage import letters
from storage.chats import Chats
from storage.queues import Lanes
from storage.seal import Seal
from storage.store import connect

Work = Callable[[Lanes, Settings], Awaitable[None]]
"""What is done with the queues of the installation that has these settings."""


@click.group()
def dead() -> None:
    """Dead letters: list, replay, drop. Their contents are sealed and never shown."""


@dead.command("list")
def list_() -> None:
    """One line a letter: name, queue, when, cause."""

    async def work(lanes: Lanes, settings: Settings) -> None:
        found = await letters.listed(lanes)
        for letter in found:
            click.echo(f"{letter.name}  {letter.queue}  {letter.at}  {letter.cause}")
        click.echo(f"{len(found)} dead letters")

    with_lanes(work)


@dead.command()
@click.argument("names", nargs=-1, required=True)
def replay(names: tuple[str, ...]) -> None:
    """Put letters back at the end of their queues; read those anew that could not be read when they came (`raw`).

    A name is as `list` shows it.
    """
    with_lanes(lambda lanes, settings: _each(lanes, names, partial(_replay, settings), "replayed"))


@dead.command()
@click.argument("names", nargs=-1, required=True)
def drop(names: tuple[str, ...]) -> None:
    """Delete letters for good."""
    with_lanes(lambda lanes, settings: _each(lanes, names, letters.drop, "dropped"))


async def _replay(settings: Settings, lanes: Lanes, letter: letters.Letter) -> bool:
    """Back to its queue, or through its channel's reading and the door."""
    if letter.queue != "raw":
        return await letters.replay(lanes, letter)
    seal = Seal(settings.keys())
    bell = Bell(lanes.redis, lambda room, lane: False)  # whoever works the lane is another process
    ear = StreamEar(lanes, Chats(seal, settings.secret_key), bell)
    return await rereading.replay(lanes, seal, ear, settings, letter)


async def _each(
    lanes: Lanes, names: tuple[str, ...], act: Callable[[Lanes, letters.Letter], Awaitable[bool]], done: str
) -> None:
    """Do it to each named letter, and say which are not there."""
    for name in names:
        try:
            letter = await letters.found(lanes, name)
            ok = letter is not None and await act(lanes, letter)
        except (ValueError, Away) as fault:
            click.echo(f"{name}: {fault}")
        else:
            click.echo(f"{name}: {done if ok else 'not there any more'}")


def with_lanes(work: Work) -> None:
    """Run `work` on the installation's queues, the demonstration's if no Redis is set."""

    async def run() -> None:
        settings = Settings.read()
        if settings.redis_url:
            await _open(keys.required(settings), settings.redis_url, work)
            return
        async with valkey(settings.var_dir / "valkey") as url:
            await _open(keys.demonstration(settings), url, work)

    asyncio.run(run())


async def _open(settings: Settings, url: str, work: Work) -> None:
    """Connect, work, hang up."""
    redis = await connect(url)
    try:
        await work(Lanes(redis, Seal(settings.keys())), settings)
    finally:
        await redis.close()
