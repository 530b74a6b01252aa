"""The bot's profile: name, descriptions and commands in every offered language that has a two-letter code.

Each is read first and written only where it differs: Telegram limits setMyName to a few calls a day.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from telegram import Bot, BotCommand
from telegram.error import TelegramError

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


async def introduce(bot: Bot) -> None:
    """Set the profile, as well as it can be. A failure costs one log line a language, never the start."""
    await asyncio.gather(*(_introduce(bot, tag) for tag in offered() if len(tag) == 2))


async def _introduce(bot: Bot, tag: str) -> None:
    """One language's profile. English is also the one for every language without its own."""
    for code in (tag, "") if tag == "en" else (tag,):
        try:
            await _name(bot, tag, code)
            await _texts(bot, tag, code)
            await _commands(bot, tag, code)
        except (TelegramError, TypeError, ValueError, AttributeError) as fault:  # an answer of another shape, too
            log.warning("the bot's profile in %s was not set: %s", tag, type(fault).__name__)


async def _name(bot: Bot, tag: str, code: str) -> None:
    """The bot's name, at most 64 characters."""
    name = voice(tag).gettext(NAME)[:64]
    if (await bot.get_my_name(code)).name != name:
        await bot.set_my_name(name, code)


async def _texts(bot: Bot, tag: str, code: str) -> None:
    """What stands in the empty chat (512 characters) and on the bot's page (120)."""
    long, short = voice(tag).gettext(LONG)[:512], voice(tag).gettext(SHORT)[:120]
    if (await bot.get_my_description(code)).description != long:
        await bot.set_my_description(long, code)
    if (await bot.get_my_short_description(code)).short_description != short:
        await bot.set_my_short_description(short, code)


async def _commands(bot: Bot, tag: str, code: str) -> None:
    """The menu beside the text field."""
    wanted = tuple(BotCommand(name, voice(tag).gettext(text)[:256]) for name, text in COMMANDS.items())
    if await bot.get_my_commands(language_code=code or None) != wanted:
        await bot.set_my_commands(wanted, language_code=code or None)
