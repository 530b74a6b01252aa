"""The conversation as the reader needs it: the pure step with its world around it, rendering per channel, and the apology."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.channels.contract import Limits
from bot.render import render
from handlers.nouns import Inbound, Outbound, Reply, Say, Session, Step
from handlers.step import step
from handlers.world import World
from locales.say import offered
from relief.pack import Pack
from storage.seal import chat_ref

SORRY = Say("Sorry, I could not handle that message; it is kept for our technicians. Write: menu - to go on.")
"""For a message that broke something: said once, in the chat's language, and the chat lives on."""


class Thinking:
    """`think`, `render` and `sorry` for the reader. Pure but for what it was made with."""

    def __init__(self, pack: Pack, secret: str, limits: Mapping[str, Limits], today: date | None = None) -> None:
        """`limits` by channel name; a channel that is not named speaks within the narrowest. `today`: for demonstrations."""
        self._pack = pack
        self._secret = secret
        self._limits = dict(limits)
        self._today = today
        self._windows = {name: limit.window for name, limit in limits.items() if limit.window}
        self._world = lru_cache(maxsize=64)(self._make_world)

    def think(self, session: Session | None, event: Inbound) -> Step:
        """The step of one event. The law is asked for the day it is now where the person is."""
        known = session or Session(event.chat, chat_ref(self._secret, event.chat))
        return step(known, event, self._world(self._today or self._day(event.at, known.facts.get("host", ""))))

    def render(self, session: Session, reply: Reply, name: str) -> tuple[Outbound, ...]:
        """The reply's messages within the limits of the session's channel."""
        return render(session, reply, name, self._limits.get(session.chat.partition(":")[0], NARROW))

    def sorry(self, session: Session) -> Outbound:
        """The apology, in the session's language."""
        return self.render(session, Reply((SORRY,)), "sorry")[0]

    def _make_world(self, today: date) -> World:
        """The world of one day."""
        return World(self._pack, today, offered(), self._windows, demo=self._today is not None)

    def _day(self, at: datetime, host: str) -> date:
        """The calendar day at `at` in the host state; in UTC while the state is not known."""
        state = self._pack.host(host)
        zone = state.timezone if state else ""
        return at.astimezone(ZoneInfo(zone)).date() if zone else at.date()


NARROW = Limits(text=1600, buttons=0, button=0, items=0, item=0)
"""For a chat of a channel that is switched off now: what every channel can carry."""
