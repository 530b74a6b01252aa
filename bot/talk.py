"""`komek talk`: the conversation in a terminal. Nothing is kept and no case is filed; it says so."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import chain

import click

from bot.channels.contract import Limits
from bot.render import render
from handlers.nouns import Inbound, Kind, OpenCase, Session, Step
from handlers.step import step
from handlers.world import World
from locales.say import offered
from relief.pack import Pack

LIMITS = Limits(text=4000, buttons=0, button=0, items=0, item=0)
"""A terminal has no buttons: every choice is a numbered line."""


def converse(pack: Pack, today: date | None, lines: Iterable[str] = sys.stdin) -> None:
    """Talk until the input ends. `today`: the day the law is asked for; None: the real one."""
    session = Session("terminal:here", "terminal")
    click.echo("A conversation without a service: nothing is kept, no case is filed. Ctrl-D ends it.\n")
    for n, line in enumerate(chain(("/start",), lines)):
        session = _turn(session, _event(n, line.strip()), pack, today)


def _turn(session: Session, event: Inbound, pack: Pack, today: date | None) -> Session:
    """One event, thought and printed."""
    world = World(pack, today or event.at.date(), offered(), demo=today is not None)
    done: Step = step(session, event, world)
    speaker = done.session or session
    for n, reply in enumerate(done.replies):
        for out in render(speaker, reply, f"{event.id}/{n}", LIMITS):
            click.echo(f"{out.text}\n")
    for effect in done.effects:
        if isinstance(effect, OpenCase):
            click.echo(f"[here a case would be filed for {', '.join(effect.agencies)}, priority {effect.priority}]\n")
    return done.session or Session(session.chat, session.ref)


def _event(n: int, text: str) -> Inbound:
    """A typed line; one with a slash is a command."""
    kind: Kind = "command" if text.startswith("/") else "text"
    return Inbound(f"terminal:{n}", "terminal:here", datetime.now(UTC), kind, text.removeprefix("/"))
