"""One turn being thought: what the session becomes, what is said and done so far. Lives only inside `step`."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from msgspec.structs import replace

from handlers.nouns import (
    Asking,
    Choice,
    Draft,
    Effect,
    Inbound,
    Reply,
    Sentence,
    Session,
)
from handlers.sentence import labels, short
from handlers.world import World
from locales.say import Voice, voice


@dataclass(slots=True)
class Turn:
    """A turn. `notes` are sentences that wait to open the next reply: an echo, a correction, a remark."""

    session: Session
    event: Inbound
    world: World
    replies: list[Reply] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    notes: list[Sentence] = field(default_factory=list)
    forget: bool = False
    assessed: str = ""

    @property
    def voice(self) -> Voice:
        """The conversation's language; English until one is chosen."""
        return voice(self.session.locale)

    @property
    def draft(self) -> Draft:
        """The report being written. Only called where there is one."""
        if self.session.draft is None:
            raise LookupError("no draft")
        return self.session.draft

    @property
    def standing(self) -> str:
        """The name of the question that stands, or nothing."""
        return self.session.asking.question if self.session.asking else ""

    def change(self, **changes: object) -> None:
        """The session with some fields changed. Field names and types are Session's."""
        self.session = replace(self.session, **changes)

    def change_draft(self, **changes: object) -> None:
        """The draft with some fields changed."""
        self.change(draft=replace(self.draft, **changes))

    def note(self, *sentences: Sentence) -> None:
        """Open the next reply with these."""
        self.notes.extend(sentences)

    def say(
        self,
        *lines: Sentence,
        choices: tuple[Choice, ...] = (),
        question: str = "",
        ask: Literal["", "location", "contact"] = "",
    ) -> None:
        """Say this, after the notes. With `question`, it now stands and its choices can be typed by number or label."""
        self.replies.append(Reply((*self.notes, *lines), choices, ask))
        self.notes.clear()
        if question:
            was = self.session.asking
            tries = was.tries if was and was.question == question else 0
            narrow = tuple((c.value, label) for c in choices if (label := short(self.voice, c)))
            self.change(asking=Asking(question, tuple(labels(self.voice, choices)), narrow, tries))

    def derived(self, what: str) -> str:
        """An id for what this turn causes: the same whenever this event is thought again."""
        return sha256(f"{self.event.id}#{what}".encode()).hexdigest()[:32]
