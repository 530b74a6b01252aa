"""The bot's profile: name, descriptions and commands in every offered language that has a two-letter code.

Each is read first and written only where it differs: Telegram limits setMyName to a few calls a day.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import msgspec

from bot.channels.post import PostLine
from bot.channels.telegram_calls import Failed, ask
from locales.mark import N_
from locales.say import offered, voice

log = logging.getLogger(__name__)

NAME = N_("Kömek: help for people stranded abroad", 64)
SHORT = N_("Are you abroad and cannot go home? Find out about your permit and reach the agency that can help.", 120)
LONG = N_(
    "Kömek helps people who are stranded abroad.\n\n"
    "It tells you whether a relief measure covers your permit, until which day, and where that is written. "
    "It takes your report to the agency that can help, and brings you the answer.\n\n"
    "It is free. Write in your own language.",
    512,
)
COMMANDS: Mapping[str, str] = {
    "menu": N_("What I can do for you"),
    "status": N_("Where your report stands"),
    "human": N_("Speak with a person"),
    "language": N_("Choose the language"),
    "help": N_("How this works"),
    "stop": N_("Stop reminders, or drop a report"),
    "delete": N_("Delete my data"),
}
"""https://core.telegram.org/bots/api#setmycommands: 1-32 of a-z0-9_, descriptions 1-256."""


class _Name(msgspec.Struct):
    """https://core.telegram.org/bots/api#botname"""

    name: str


class _Description(msgspec.Struct):
    """https://core.telegram.org/bots/api#botdescription"""

    description: str


class _Short(msgspec.Struct):
    """https://core.telegram.org/bots/api#botshortdescription"""

    short_description: str


class _Command(msgspec.Struct):
    """https://core.telegram.org/bots/api#botcommand"""

    command: str
    description: str


async def introduce(line: PostLine) -> None:
    """Set the profile, as well as it can be. A failure costs one log line a language, never the start."""
    await asyncio.gather(*(_introduce(line, tag) for tag in offered() if len(tag) == 2))


async def _introduce(line: PostLine, tag: str) -> None:
    """One language's profile. English is also the one for every language without its own."""
    for code in (tag, "") if tag == "en" else (tag,):
        try:
            await _set(line, tag, {"language_code": code} if code else {})
        except Failed as fault:
            log.warning("the bot's profile in %s was not set: %s", tag, fault)


async def _set(line: PostLine, tag: str, where: Mapping[str, str]) -> None:
    """Name (at most 64 characters), what stands in the empty chat (512) and on the bot's page (120), and the menu."""
    say = voice(tag).gettext
    name, long, short = say(NAME)[:64], say(LONG)[:512], say(SHORT)[:120]
    if (await ask(line, "getMyName", where, _Name)).name != name:
        await ask(line, "setMyName", {"name": name, **where}, bool)
    if (await ask(line, "getMyDescription", where, _Description)).description != long:
        await ask(line, "setMyDescription", {"description": long, **where}, bool)
    if (await ask(line, "getMyShortDescription", where, _Short)).short_description != short:
        await ask(line, "setMyShortDescription", {"short_description": short, **where}, bool)
    menu = [_Command(command, say(text)[:256]) for command, text in COMMANDS.items()]
    if await ask(line, "getMyCommands", where, list[_Command]) != menu:
        await ask(line, "setMyCommands", {"commands": menu, **where}, bool)
