"""The whole dialogue in each language (tests/stories/tongues), and people who play it over a channel's own messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from bot.channels import telegram_outbound, twilio_outbound
from bot.channels.contract import Limits
from bot.channels.webchat import WebChat
from bot.render import render, units
from handlers.nouns import AddToCase, Inbound, Many, OpenCase, Outbound, Raw, Reply, Say, Session
from locales.say import voice
from tests.dialogue import Dialogue, pack
from tests.fakes.telegram_rules import buttons_of, check_text
from tests.fakes.twilio_rules import SHAPES, rendered

FOLDER = Path(__file__).parent / "stories" / "tongues"

Way = Literal["telegram", "whatsapp", "whatsapp by numbers", "web", "web by words"]
"""A channel, and how its person chooses: buttons are pressed; numbers or the labels as shown are typed."""

TEMPLATES = {name: f"HX{n:032d}" for n, name in enumerate(SHAPES)}
ADDRESS = {"telegram": "telegram:1000", "whatsapp": "whatsapp:+10000000099", "web": "web:demo"}


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the law must say, taken from the measure named."""

    outcome: str
    until: date
    measure: str


class Turn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One move and what must hold after it. `says` is typed, `taps` is a button's token, `officer` an answer from the desk.

    `sent` is the day of the report as it is told: the story's, where a running service would tell that of its clock.
    """

    says: str = ""
    taps: str = ""
    officer: str = ""
    question: str = ""
    sees: tuple[str, ...] = ()
    sent: str = ""
    answer: Answer | None = None
    case: dict[str, Any] = {}
    added: bool = False


class Story(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dialogue from the first word to the thanks. `agency` has the case."""

    title: str
    language: str
    today: date
    agency: str
    turns: tuple[Turn, ...]


def story(tag: str) -> Story:
    """The story of a language."""
    return msgspec.yaml.decode((FOLDER / f"{tag}.yaml").read_bytes(), type=Story)


def limits(way: Way) -> Limits:
    """What the channel carries."""
    match way:
        case "telegram":
            return telegram_outbound.LIMITS
        case "web" | "web by words":
            return WebChat.limits
    return twilio_outbound.limits("whatsapp", TEMPLATES if way == "whatsapp" else {})


class Person:
    """Plays a story in one way. `shown` are the messages of the last turn as the provider took them: text and buttons."""

    def __init__(self, story: Story, way: Way) -> None:
        """Nobody has said anything yet."""
        self.story, self.way = story, way
        self.d = Dialogue(ADDRESS[way.split()[0]], story.today)
        self.sent: list[Outbound] = []
        self.case: OpenCase | None = None

    def plays(self) -> Iterator[Turn]:
        """Every turn, after it was played."""
        for turn in self.story.turns:
            self._hear(self._move(turn))
            yield turn

    def _move(self, turn: Turn) -> Inbound:
        """What this person does, as their channel tells it."""
        if turn.says:
            return self.d.event("text", turn.says)
        if turn.taps:
            return self._tap(turn.taps)
        assert self.case is not None
        return self.d.event("news", turn.officer, what="reply", case=self.case.id, event="1", agency=self.story.agency)

    def _tap(self, token: str) -> Inbound:
        """Choose: press the button, or type its number or label."""
        tokens = [button.value for button in self.sent[-1].choices]
        assert token in tokens, f"no {token} among {tokens}"
        at = tokens.index(token)
        match self.way:
            case "whatsapp by numbers":
                return self.d.event("text", str(at + 1))
            case "web by words":
                return self.d.event("text", self.sent[-1].choices[at].text)
        return self.d.event("choice", token)

    def _hear(self, event: Inbound) -> None:
        """Think it, and bring what is said through the channel."""
        self.d.hear(event)
        self.case = next((e for e in self.d.effects if isinstance(e, OpenCase)), self.case)
        session = self.d.session or Session(self.d.chat, "")
        self.sent = [
            out
            for n, reply in enumerate(self.d.replies)
            for out in render(session, reply, f"{event.id}/{n}", limits(self.way))
        ]
        for reply in self.d.replies:
            left = english(reply, session.locale, self.story)
            assert not left, left
        for out in self.sent:
            carried(out, self.way)

    @property
    def ref(self) -> str:
        """The number of the case that was filed."""
        assert self.case is not None
        return self.case.ref

    @property
    def text(self) -> str:
        """All that was shown in the last turn, in one line: a message may be split between any two words."""
        shown = [words for out in self.sent for words in (out.text, *(button.text for button in out.choices))]
        return " ".join(" ".join(shown).split())

    @property
    def added(self) -> list[str]:
        """What was put on the case in the last turn."""
        return [effect.body for effect in self.d.effects if isinstance(effect, AddToCase)]


def carried(out: Outbound, way: Way) -> None:
    """Fails where the channel would refuse or cut the message, or where a choice could not be made."""
    if way == "telegram":
        body = msgspec.json.decode(telegram_outbound.payload(out))
        check_text(body["text"])
        shown = buttons_of(body["reply_markup"])
    elif way.startswith("web"):
        assert 0 < units(out.text) <= WebChat.limits.text
        shown = tuple((b.text, b.value) for b in out.choices)
    else:
        form = twilio_outbound.payload(out, "whatsapp:+10000000000", TEMPLATES if way == "whatsapp" else {}, "")
        assert form is not None
        text, shown, _ = rendered(form, TEMPLATES)
        assert 0 < len(text) <= twilio_outbound.BODY
    if shown:
        assert [token for _, token in shown] == [b.value for b in out.choices]
    elif out.choices and not all(b.text.isdigit() for b in out.choices):
        assert all(f"\n{n}. " in out.text for n in range(1, len(out.choices) + 1)), out.text


def english(reply: Reply, tag: str, story: Story) -> list[str]:
    """What is said in English to somebody who speaks another language: sentences without a translation, and raw ones of ours.

    Words of the person and the officer stay as they are; so do addresses of agencies and names of places.
    """
    if tag in ("", "en"):
        return []
    said = voice(tag)
    heard = {turn.says or turn.officer for turn in story.turns} | _names(tag)
    left = []
    for noun in _sentences(reply):
        if isinstance(noun, Say):
            left += [noun.text] if _wordy(noun.text) and said.gettext(noun.text) == noun.text else []
        elif isinstance(noun, Many):
            left += [noun.one] if said.ngettext(noun.one, noun.many, noun.n) in (noun.one, noun.many) else []
        elif _wordy(noun.text) and noun.text not in heard:
            left.append(noun.text)
    return left


@cache
def _names(tag: str) -> frozenset[str]:
    """Contacts of agencies, and places as they are called in the language."""
    contacts = {contact.value for agency in pack().agencies.values() for contact in agency.contacts}
    return frozenset(contacts | {place.called(tag) for place in pack().places})


def _sentences(noun: object) -> Iterator[Say | Many | Raw]:
    """Everything that is said, however deep."""
    if isinstance(noun, Say | Many | Raw):
        yield noun
    parts: Iterable[object] = noun if isinstance(noun, tuple) else ()
    if isinstance(noun, dict):
        parts = noun.values()
    elif isinstance(noun, msgspec.Struct):
        parts = msgspec.structs.astuple(noun)
    for part in parts:
        yield from _sentences(part)


def _wordy(text: str) -> bool:
    """Whether it is a sentence and not a number, an address or a form: more than two words outside braces."""
    plain = re.sub(r"\{\w+\}|\S+://\S+", " ", text)
    return len(re.findall(r"[^\W\d_]{2,}", plain)) > 2
