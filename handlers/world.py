"""What a step may look at besides the session and the event: the law, the day, the languages, the channels' windows."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from relief.pack import Pack

WHATSAPP = timedelta(hours=23, minutes=50)
"""How long after a person's last word free text may go to them (24 hours by WhatsApp's rules), less the time in our queue."""


class World(msgspec.Struct, frozen=True):
    """The surroundings of one step. `today` is the day the law is asked for; `demo` says that it is not the real one.

    `locales`: the languages offered, by tag. `windows`: per channel, how long after a person's last word free text may
    be sent to them; a channel that is not named has no window.
    """

    pack: Pack
    today: date
    locales: tuple[str, ...]
    windows: dict[str, timedelta] = {}
    demo: bool = False

    def place(self, place: str, locale: str = "") -> str:
        """What one of the pack's places is called in a language, or in English; empty for an id that the pack does not have."""
        return next((p.called(locale) for p in self.pack.places if p.id == place), "")

    def window(self, chat: str) -> timedelta | None:
        """The window of the chat's channel."""
        return self.windows.get(chat.partition(":")[0])
