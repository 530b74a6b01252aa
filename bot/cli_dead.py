"""`komek dead`: dead letters, that is everything that could not be handled, for an operator to see, replay or drop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import NamedTuple, get_args

import click
import msgspec

from bot import keys, rereading
from bot.bell import Bell
from bot.channels.contract import Away
from bot.ear import StreamEar
from bot.settings import Settings
from bot.valkey import valkey
from handlers.nouns import Kind
from storage import letters
from storage.chats import Chats
from storage.queues import Lanes
from storage.seal import Seal, Sealed
from storage.store import connect

log = logging.getLogger(__name__)

MOST = 10_000
"""Letters dealt with by one command."""

Work = Callable[[Lanes, Settings], Awaitable[None]]
"""What is done with the queues of the installation that has these settings."""


@click.group()
def dead() -> None:
    """Dead letters: list, show, replay, drop. Their contents are sealed and never shown."""


@dead.command("list")
def list_() -> None:
    """One line a letter: name, queue, when, cause."""

    async def work(lanes: Lanes, settings: Settings) -> None:
        found = await letters.listed(lanes, MOST)
        for letter in found:
            click.echo(f"{letter.name}  {letter.queue}  {letter.at}  {letter.cause}")
        click.echo(f"{len(found)} dead letters")

    with_lanes(work)


@dead.command()
@click.argument("name")
def show(name: str) -> None:
    """One letter: where it came from, when, why, what kind of thing it is, and what can be done with it."""

    async def work(lanes: Lanes, settings: Settings) -> None:
        letter = await _found(lanes, name)
        if letter is None:
            click.echo(f"{name}: not there any more")
            return
        click.echo(f"{letter.name}  {letter.queue}  {letter.at}  {letter.cause}")
        click.echo(f"{len(letter.sealed)} bytes, {_kind(Seal(settings.keys()), letter)}")
        click.echo("can be dropped" if letter.queue == "session" else "can be replayed or dropped")

    with_lanes(work)


_names = click.argument("names", nargs=-1)
_all = click.option("--all", "every", is_flag=True, help="All letters instead of named ones.")
_queue = click.option("--queue", default="", help="All letters that came from this queue.")


@dead.command()
@_names
@_all
@_queue
def replay(names: tuple[str, ...], every: bool, queue: str) -> None:
    """Put letters back at the end of their queues; read those anew that could not be read when they came (`raw`).

    A name is as `list` shows it.
    """
    which = _Which(names, every, queue)
    with_lanes(lambda lanes, settings: _each(lanes, which, partial(_replay, settings), "replayed"))


@dead.command()
@_names
@_all
@_queue
@click.option("--reason", required=True, help="Why they are not needed: for the log. Nothing of a person.")
def drop(names: tuple[str, ...], every: bool, queue: str, reason: str) -> None:
    """Delete letters for good."""

    async def act(lanes: Lanes, letter: letters.Letter) -> bool:
        dropped = await letters.drop(lanes, letter)
        if dropped:
            log.info("dead letter %s of %s (%s) dropped: %s", letter.name, letter.queue, letter.cause, reason)
        return dropped

    with_lanes(lambda lanes, settings: _each(lanes, _Which(names, every, queue), act, "dropped"))


class _Which(NamedTuple):
    """Which letters are meant."""

    names: tuple[str, ...]
    every: bool
    queue: str

    async def those(self, lanes: Lanes) -> Sequence[str]:
        """Their names."""
        if bool(self.names) == (self.every or bool(self.queue)):
            raise click.UsageError("name letters, or say --all or --queue")
        if self.names:
            return self.names
        found = await letters.listed(lanes, MOST)
        return [letter.name for letter in found if self.queue in ("", letter.queue)]


async def _found(lanes: Lanes, name: str) -> letters.Letter | None:
    """The letter of this name, if it is there. Raises ClickException for what is no name."""
    try:
        return await letters.found(lanes, name)
    except ValueError as fault:
        raise click.ClickException(str(fault)) from None


def _kind(seal: Seal, letter: letters.Letter) -> str:
    """What kind of thing it is and from which channel, by codes alone."""
    if letter.queue in ("raw", "session"):
        return "a payload" if letter.queue == "raw" else "a session"
    try:
        held = msgspec.json.decode(letters.opened(seal, letter), type=_Held)
    except Sealed:
        return "its key is not in KOMEK_DATA_KEYS"
    except msgspec.MsgspecError:
        return "written by other code"
    channel = held.chat.partition(":")[0]
    return " ".join(part for part in (held.type, held.kind if held.kind in get_args(Kind) else "", channel) if part)


class _Held(msgspec.Struct):
    """What an event, a message or an effect tells of itself."""

    type: str = ""
    kind: str = ""
    chat: str = ""


async def _replay(settings: Settings, lanes: Lanes, letter: letters.Letter) -> bool:
    """Back to its queue, or through its channel's reading and the door."""
    if letter.queue != "raw":
        return await letters.replay(lanes, letter)
    seal = Seal(settings.keys())
    bell = Bell(lanes.redis, lambda room, lane: False)  # whoever works the lane is another process
    ear = StreamEar(lanes, Chats(seal, settings.secret_key), bell)
    return await rereading.replay(lanes, seal, ear, settings, letter)


async def _each(
    lanes: Lanes, which: _Which, act: Callable[[Lanes, letters.Letter], Awaitable[bool]], done: str
) -> None:
    """Do it to each letter that is meant, and say which are not there."""
    for name in await which.those(lanes):
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
