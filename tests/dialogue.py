"""A person at a phone, for tests: says, presses and sends, and reads what comes back. Runs the pure step, nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache

import msgspec

from handlers.nouns import Draft, Effect, Inbound, Kind, Media, Outbound, Reply, Session, Step
from handlers.sentence import spoken
from handlers.step import step
from handlers.world import World
from locales.say import offered, voice
from relief.pack import Pack, load
from storage.seal import chat_ref

MAY_8 = date(2020, 5, 8)
SECRET = "k" * 32


@cache
def pack() -> Pack:
    """The pack of 2020, read once."""
    return load("turkic-2020")


def world(today: date = MAY_8, demo: bool = False) -> World:
    """A world of that day; `demo` says that it is not the real one."""
    return World(pack(), today, offered(), {"whatsapp": timedelta(hours=23, minutes=50)}, demo)


class Dialogue:
    """One chat. `replies` and `effects` are those of the last turn; `all_effects` of all turns."""

    def __init__(self, chat: str = "web:demo", today: date = MAY_8, hint: str = "") -> None:
        """A new person, who has said nothing yet."""
        self.session: Session | None = Session(chat, chat_ref(SECRET, chat))
        self.chat = chat
        self.world = world(today)
        self.hint = hint
        self.clock = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
        self.count = 0
        self.replies: tuple[Reply, ...] = ()
        self.effects: tuple[Effect, ...] = ()
        self.all_effects: list[Effect] = []
        self.last = Step(self.session)

    def event(self, kind: Kind, body: str = "", media: Media | None = None, **extras: str) -> Inbound:
        """The next event of this chat."""
        self.count += 1
        self.clock += timedelta(seconds=20)
        more = {"hint": self.hint, "message": str(self.count), **extras}
        return Inbound(f"{self.chat}#{self.count}", self.chat, self.clock, kind, body, more, media)

    def hear(self, event: Inbound) -> Dialogue:
        """Think one event."""
        session = self.session or Session(self.chat, chat_ref(SECRET, self.chat))
        self.last = step(session, event, self.world)
        self.session = self.last.session
        self.replies, self.effects = self.last.replies, self.last.effects
        self.all_effects += self.effects
        return self

    def says(self, text: str, **extras: str) -> Dialogue:
        """Type words."""
        kind: Kind = "command" if text.startswith("/") else "text"
        return self.hear(self.event(kind, text.removeprefix("/"), None, **extras))

    def presses(self, label: str) -> Dialogue:
        """Press a button of the last replies, by its label or its token; any other token is an old button."""
        return self.hear(self.event("choice", self.token(label)))

    def token(self, label: str) -> str:
        """The token behind a label of the last replies."""
        said = voice(self.session.locale if self.session else "")
        for reply in self.replies:
            for choice in reply.choices:
                if label in (choice.value, spoken(said, choice.text)):
                    return choice.value
        if ":" in label:
            return label
        raise AssertionError(f"no button {label!r} among {[c.value for r in self.replies for c in r.choices]}")

    def sends(self, media: Media, caption: str = "", **extras: str) -> Dialogue:
        """Send a file."""
        return self.hear(self.event("media", caption, media, **extras))

    @property
    def known(self) -> Session:
        """The session of a chat that is not forgotten."""
        assert self.session is not None
        return self.session

    @property
    def draft(self) -> Draft:
        """The report being written."""
        assert self.known.draft is not None
        return self.known.draft

    @property
    def text(self) -> str:
        """All that was said in the last turn, in the chat's language."""
        said = voice(self.session.locale if self.session else "")
        return "\n\n".join(spoken(said, line) for reply in self.replies for line in reply.lines)

    @property
    def question(self) -> str:
        """The question that stands."""
        return self.session.asking.question if self.session and self.session.asking else ""

    @property
    def tokens(self) -> list[str]:
        """The buttons of the last turn."""
        return [c.value for r in self.replies for c in r.choices]

    def copy(self) -> Dialogue:
        """The same dialogue at the same moment, to try something else."""
        other = Dialogue(self.chat, self.world.today, self.hint)
        other.session, other.clock, other.count = self.session, self.clock, self.count
        other.replies, other.world = self.replies, self.world
        return other


def round_trip(session: Session) -> Session:
    """The session after it was stored and read."""
    return msgspec.json.decode(msgspec.json.encode(session), type=Session)


__all__ = ["Dialogue", "Outbound", "pack", "round_trip", "world"]
