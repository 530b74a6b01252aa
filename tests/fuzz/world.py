"""Who talks, what they say, and what an input is. Everything comes from one seed, cheaply: a generator, not a search."""

from __future__ import annotations

import csv
import itertools
import random
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar
from zlib import crc32

import tests

T = TypeVar("T")

WINDOW = 1500
"""People of each channel who talk at the same time."""
PACE = 60
"""Inputs of all channels after which one of them goes and another comes: each says some twenty things."""
REMEMBERED = 50_000
"""Chats of which we know what they were offered."""

OK, FORBIDDEN = frozenset({200}), frozenset({403})


class Input(NamedTuple):
    """One thing to send. `may`: the statuses that are right; 503 always is, if a bound was reached.

    `marks`: the planted marks that may stand in the answer. `rough`: sent on a line of its own, where the service may also
    hang up or wait for more.
    """

    kind: str
    data: bytes
    may: frozenset[int]
    chat: str = ""
    rough: bool = False

    @property
    def marks(self) -> str:
        """The mark that may stand in the answer."""
        return mark(self.chat) if self.chat else ""


def mark(chat: str) -> str:
    """What is planted in everything that this chat says: a false name that nobody else may ever see."""
    return f"KNRY{crc32(chat.encode()):08x}"


def _first_words() -> Sequence[str]:
    """Real first messages, in many languages."""
    path = Path(tests.__file__).parent / "firstwords" / "messages.tsv"
    with path.open(encoding="utf-8", newline="") as lines:
        return [row["text"] for row in csv.DictReader(lines, delimiter="\t")]


FIRST_WORDS = _first_words()

ANSWERS = (
    "20 May 2020",
    "20.05.2020",
    "2020-02-30",
    "0.0.0",
    "31 Şubat",
    "1",
    "2",
    "3",
    "0",
    "-1",
    "99999999999999999999",
    "٣",
    "½",
    "²",
    "Ⅷ",
    "-",
    "yes",
    "Evet",
    "нет",
    "ha",
    "status",
    "menu",
    "back",
    "STOP",
    "Türkçe",
    "O'zbekcha",
    "I am at gate 12.",
    "+994 50 000 00 00",
    "at the border since 3 March",
    "/start",
    "/menu",
    "/status",
    "/human",
    "/language",
    "/help",
    "/stop",
    "/delete",
    "/start abc_DEF-9",
    "/START@komek_demo_bot x",
    "/nonsense with words",
    "/",
    "//",
)
"""What people answer, or nearly."""

ODD = (
    "",
    " ",
    "\n",
    "\x00",
    "a\x00b",
    "\u200b",
    "\u202eolleh",
    "\u2066\u2067\u2068\u2069",
    "\ufeff",
    "\u0301" * 300,
    "e\u0301",
    "👩‍👩‍👧‍👦" * 50,
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "שלום עולם",
    "مرحبا ١٢٣",
    "ẞßıİiI",
    "𝔘𝔫𝔦",
    "\U0010ffff",
    "\ufffe\uffff",
    "x" * 4096,
    "я" * 4097,
    "😀" * 2049,
    "word " * 4000,
    "1" * 5000,
    "{0} {n} {name} %s %(x)s",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "'; DROP TABLE cases;--",
    '"\\',
    "../../etc/passwd",
    "=1+1",
    "\r\nX-Evil: 1",
    "http://demo.example/?a=b&c=d",
    "\x1b[31m",
    "\u2028\u2029",
    "go:check",
    "language:en",
    "send:yes@1",
    "report.people:-9",
    ":",
    "::",
    "a:" + "b" * 62,
)
"""What hardly anybody writes."""

TAGS = ("", "\u202e", *"en tr uz ru az kk ky hu tk en-US uz-Cyrl xx zz-ZZ-zz".split())
"""Languages, as apps and browsers name them."""


class World:
    """What the generators draw from."""

    def __init__(self, seed: int) -> None:
        """The same inputs for the same seed, as far as what people are offered comes in the same order."""
        self.chance = random.Random(seed)
        self.made = 0
        self.offered: dict[str, Sequence[str]] = {}
        """By chat, the buttons under the last message that has some."""
        self.recent: deque[Input] = deque(maxlen=2000)
        """What was right and may come again."""

    def pick(self, options: Sequence[T]) -> T:
        """One of these."""
        return options[int(self.chance.random() * len(options))]

    def often(self, share: float) -> bool:
        """True in this share of the cases."""
        return self.chance.random() < share

    def number(self, most: int) -> int:
        """From 0 to below `most`."""
        return int(self.chance.random() * most)

    def somebody(self) -> int:
        """The number of somebody who talks now."""
        return self.made // PACE + self.number(WINDOW)

    def words(self, chat: str) -> str:
        """What somebody writes, mostly with their mark in it."""
        draw = self.chance.random()
        said = self.pick(ANSWERS if draw < 0.45 else FIRST_WORDS if draw < 0.7 else ODD)
        return f"{said} {mark(chat)}" if self.often(0.5) else said

    def button(self, chat: str, otherwise: str) -> str:
        """A button that stands in this chat, or another word."""
        offered = self.offered.get(chat)
        return self.pick(offered) if offered and self.often(0.9) else otherwise

    def offer(self, chat: str, buttons: Sequence[str]) -> None:
        """These stand in this chat now."""
        self.offered[chat] = buttons
        if len(self.offered) > REMEMBERED:
            del self.offered[next(iter(self.offered))]


class Table(Generic[T]):
    """Names, how often each is drawn, and what it names."""

    def __init__(self, rows: Mapping[str, tuple[float, T]]) -> None:
        """Weights need not add up to anything."""
        self._rows = [(name, value) for name, (_, value) in rows.items()]
        self._sums = list(itertools.accumulate(weight for weight, _ in rows.values()))

    def draw(self, world: World) -> tuple[str, T]:
        """A name and what it names."""
        return world.chance.choices(self._rows, cum_weights=self._sums)[0]
