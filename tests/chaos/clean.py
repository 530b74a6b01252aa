"""What must happen: the pure conversation alone, fed with what a person sent, and a comparison with what arrived."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from copy import copy
from typing import NamedTuple

from bot.channels import telegram_outbound, twilio_outbound
from bot.thinking import Thinking
from handlers.nouns import AddToCase, CloseCase, Effect, Inbound, Outbound, Remind, Session
from tests.dialogue import MAY_8, pack
from tests.fakes.twilio import FakeTwilio
from tests.fakes.twilio_rules import rendered

REF = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3}")
"""A case's reference. It comes from the moment the report was begun, which only the service knows."""
AHEAD = 4
"""How many messages may be missing in a row before what comes next counts as a stranger."""


class Mind:
    """The conversation as the service has it: same law, same day, same secret, same limits."""

    def __init__(self, secret: str, content: Mapping[str, str]) -> None:
        """`content`: Twilio's templates."""
        self.content = content
        limits = {"telegram": telegram_outbound.LIMITS, "whatsapp": twilio_outbound.limits("whatsapp", content)}
        self.thinking = Thinking(pack(), secret, limits, MAY_8)

    def shown(self, out: Outbound) -> str:
        """The text that the person sees."""
        if not out.chat.startswith("whatsapp:"):
            return out.text
        fields = twilio_outbound.payload(out, FakeTwilio.senders["whatsapp"], self.content, "")
        assert fields
        return rendered(fields, self.content)[0]


class Clean:
    """One chat, as it would be without any fault, if what came by two queues came in this order."""

    def __init__(self, mind: Mind, chat: str) -> None:
        """Nothing heard."""
        self.chat = chat
        self.session: Session | None = None
        self.texts: list[str] = []
        """What the person is told, without references."""
        self.effects: list[Effect] = []
        self.turns = 0
        self._mind = mind

    def twin(self) -> Clean:
        """The same once more, to go on in another way."""
        twin = copy(self)
        twin.texts, twin.effects = list(self.texts), list(self.effects)
        return twin

    def hear(self, events: Sequence[Inbound]) -> Clean:
        """Think these events in order. Itself."""
        for event in events:
            step = self._mind.thinking.think(self.session, event)
            speaker = step.session or self.session or Session(event.chat, "")
            for reply in step.replies:
                outs = self._mind.thinking.render(speaker, reply, "x")
                self.texts += (bare(self._mind.shown(out)) for out in outs)
            self.effects += [effect for effect in step.effects if not isinstance(effect, Remind)]
            self.session = step.session
            self.turns += 1
        return self

    @property
    def told(self) -> list[tuple[str, str]]:
        """What the person added to their case."""
        added = (effect for effect in self.effects if isinstance(effect, AddToCase | CloseCase))
        return [(e.what, e.body) if isinstance(e, AddToCase) else ("solved", "") for e in added]


def bare(text: str) -> str:
    """A text without references."""
    return REF.sub("REF", text)


class Match(NamedTuple):
    """How what arrived differs from what was to be said: the texts that are missing, how many strangers there are, and the
    places of repeats in what arrived.
    """

    missing: Sequence[str]
    strangers: int
    again: Sequence[int]


def match(wanted: Sequence[str], arrived: Sequence[str]) -> Match:
    """Walk along both. A text that was said before counts as said again; one that comes too late, or that nobody was to
    say, is a stranger.
    """
    at = strangers = 0
    missing: list[str] = []
    again: list[int] = []
    for n, text in enumerate(arrived):
        ahead = list(wanted[at : at + AHEAD])
        if ahead[:1] == [text]:
            at += 1
        elif text in wanted[:at] and text not in missing:
            again.append(n)
        elif text in ahead:
            missing += ahead[: ahead.index(text)]
            at += ahead.index(text) + 1
        else:
            strangers += 1
    return Match([*missing, *wanted[at:]], strangers, again)


class Difference(NamedTuple):
    """How what was filed differs from what was told: how many are missing, are there again, or were told by nobody; and how
    many of the rest stand at another's place.
    """

    missing: int
    doubled: int
    strange: int
    moved: int

    def __str__(self) -> str:
        """Its kinds, by number."""
        return ", ".join(f"{count} {kind}" for kind, count in self._asdict().items() if count) or "even"


def compare(told: Sequence[Hashable], filed: Sequence[Hashable]) -> Difference:
    """Of those that were told several times nobody can say which is missing: the last."""
    wanted, found = Counter(told), Counter(filed)
    more = found - wanted
    doubled = sum(count for one, count in more.items() if one in wanted)
    pairs = zip(_first(told, wanted & found), _first(filed, wanted & found), strict=True)
    moved = sum(one != other for one, other in pairs)
    return Difference((wanted - found).total(), doubled, more.total() - doubled, moved)


def _first(some: Sequence[Hashable], of: Counter[Hashable]) -> list[Hashable]:
    """Of each so many, the first ones, in order."""
    left, kept = Counter(of), []
    for one in some:
        if left[one]:
            left[one] -= 1
            kept.append(one)
    return kept
