"""People who talk with a bot on `provider.Telegram`, each through the whole dialogue: a check, then a report.

A person's next turn begins when the reply to the last one has arrived. A turn's time runs from the moment its update is
handed to the webhook until the reply reaches the Bot API.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Generic, Literal, NamedTuple, TypeVar

from benchmarks.provider import Rows, Said, Telegram, chat, message

PATIENCE = 60.0
"""Seconds without any reply to anybody after which those who wait are given up."""


class Step(NamedTuple):
    """One turn: words that are said, or the button whose label begins so that is pressed."""

    verb: Literal["say", "press"]
    what: str


def _said(*lines: str) -> tuple[Step, ...]:
    """`> words` are said, everything else is a button."""
    return tuple(Step("say", line[2:]) if line.startswith("> ") else Step("press", line) for line in lines)


DIALOGUE = _said(
    "> /start",
    "English",
    "No. Check if I may stay",
    "Uzbekistan",
    "> Azerbaijan",
    "Visa",
    "> 2020-04-03",
    "Send a report",
    "I agree",
    "For me",
    "Town",
    "> Tashkent",
    "Travel",
    "Done",
    "> 2",
    "> 0",
    "In this chat",
    "> Note of citizen {n}: we are at gate 12, one child has a fever",
    "Done",
    "Send it now",
)
"""From the first word to *your report is with the agency*. Each turn is answered by one message."""


class Stuck(Exception):
    """The dialogue is not as we know it, or somebody was not answered."""


class Reply(NamedTuple):
    """What the bot said in a turn of the dialogue."""

    text: str
    labels: Sequence[Sequence[str]]


T = TypeVar("T")


class Window(NamedTuple, Generic[T]):
    """What was reached between two looks: how long it took, each turn's seconds in order of length, what was seen before
    and after.
    """

    seconds: float
    waits: Sequence[float]
    before: T
    after: T

    def cut(self, share: float) -> float:
        """The turn that this share of all turns is not longer than, in milliseconds."""
        return self.waits[min(len(self.waits) - 1, int(len(self.waits) * share))] * 1000


class _Person:
    """One person in a dialogue. `leaves`: after so many turns."""

    __slots__ = ("answered", "began", "id", "kept", "last", "leaves", "rows", "turns")

    def __init__(self, id: int, leaves: int) -> None:
        """About to say the first word."""
        self.id = id
        self.leaves = leaves
        self.turns = 0
        self.began = 0.0
        self.kept = self.answered = True
        self.last: Said | None = None
        self.rows: Rows = []


class Crowd:
    """People, ever new ones. One crowd at a time talks with a bot."""

    def __init__(self, telegram: Telegram, first: int, dialogue: Sequence[Step] = DIALOGUE) -> None:
        """`first`: the number of the first person, above those of every earlier crowd on the same stores."""
        self._telegram = telegram
        self._dialogue = dialogue
        self._next = first
        self._talking: dict[int, _Person] = {}
        self._more: Callable[[], int] = lambda: 0
        self._over = asyncio.Event()
        self._fault: Stuck | None = None
        self._waits: list[float] = []
        self._heard = 0.0
        self.finished: list[int] = []
        """The chats whose dialogue was played to its end."""
        self.turns = 0
        self.surplus = 0
        """Messages that nobody waited for."""
        self.replies: dict[int, Reply] = {}
        """What was said to the first person in each turn."""
        telegram.said, telegram.kept = self._hears, self._kept

    async def whole(self, people: int, at_once: int) -> list[float]:
        """So many people, each to the end of the dialogue. Each turn's seconds. Raises Stuck."""
        left = people - at_once
        full = len(self._dialogue)

        def more() -> int:
            nonlocal left
            left -= 1
            return full if left >= 0 else 0

        return await self._play([full] * min(people, at_once), more)

    async def steady(self, at_once: int, seconds: float, look: Callable[[], T]) -> Window[T]:
        """People for so many seconds, always so many, spread evenly over the dialogue's turns. Raises Stuck.

        The first ones leave after different numbers of turns, so that those who come after them do not walk in step;
        only then is the time taken.
        """
        full = len(self._dialogue)
        ragged = {self._next + n for n in range(at_once)}
        begun = asyncio.Event()
        open_ = True

        def more() -> int:
            if not ragged & self._talking.keys():
                begun.set()
            return full if open_ else 0

        playing = asyncio.create_task(self._play([1 + n * full // at_once for n in range(at_once)], more))
        waiting = asyncio.create_task(begun.wait())
        await asyncio.wait([playing, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        before = look()
        self._waits.clear()
        start = time.perf_counter()
        await asyncio.wait([playing], timeout=seconds)
        end, waits, after = time.perf_counter(), sorted(self._waits), look()
        open_ = False
        self._leave()
        await playing
        if not waits:
            raise Stuck("nobody was answered in the time that was measured")
        return Window(end - start, waits, before, after)

    async def _play(self, first: Sequence[int], more: Callable[[], int]) -> list[float]:
        """Until nobody talks any more. `first`: after how many turns each of those who begin leaves; `more`: the same of
        somebody who takes a place, 0 if nobody does.
        """
        self._waits, self._more, self._fault, self._heard = [], more, None, time.perf_counter()
        self._over.clear()
        for leaves in first:
            self._begin(leaves)
        while not self._over.is_set():
            try:
                await asyncio.wait_for(self._over.wait(), 1.0)
            except TimeoutError:
                if time.perf_counter() - self._heard > PATIENCE:
                    raise Stuck(f"{len(self._talking)} people wait, and nobody is answered") from None
        if self._fault:
            raise self._fault
        return self._waits

    def _leave(self) -> None:
        """Everybody leaves as soon as they are answered."""
        for person in self._talking.values():
            person.leaves = min(person.leaves, person.turns)

    def _begin(self, leaves: int) -> None:
        """Somebody new."""
        person = _Person(self._next, leaves)
        self._next += 1
        self._talking[person.id] = person
        self._turn(person)

    def _turn(self, person: _Person) -> None:
        """The person's next turn, or the end."""
        if person.turns < person.leaves:
            try:
                update = self._update(person, self._dialogue[person.turns])
            except Stuck as fault:
                self._fault = fault
                self._over.set()
                return
            person.turns += 1
            person.kept = person.answered = False
            person.began = time.perf_counter()
            self._telegram.post(person.id, update)
            return
        del self._talking[person.id]
        if person.turns == len(self._dialogue):
            self.finished.append(person.id)
        if leaves := self._more():
            self._begin(leaves)
        elif not self._talking:
            self._over.set()

    def _hears(self, said: Said) -> None:
        """The bot says something."""
        person = self._talking.get(said.chat)
        if person is None or person.answered:
            self.surplus += 1
            return
        self._heard = time.perf_counter()
        self._waits.append(self._heard - person.began)
        self.turns += 1
        if person.turns - 1 not in self.replies:
            labels = [[button["text"] for button in row] for row in said.rows]
            self.replies[person.turns - 1] = Reply(said.text, labels)
        person.answered, person.last, person.rows = True, said, said.rows
        if person.kept:
            self._turn(person)

    def _kept(self, id: int) -> None:
        """The webhook took this person's update: Telegram would send the next one now."""
        person = self._talking.get(id)
        if person is None or person.kept:
            return
        person.kept = True
        if person.answered:
            self._turn(person)

    def _update(self, person: _Person, step: Step) -> dict[str, object]:
        """The update of this step. Raises Stuck if there is no such button."""
        who = {"id": person.id, "is_bot": False, "first_name": "Demo", "last_name": "Person", "language_code": "ru"}
        if step.verb == "say":
            text = step.what.replace("{n}", str(person.id))
            command = (
                {"entities": [{"type": "bot_command", "offset": 0, "length": len(text)}]} if text[0] == "/" else {}
            )
            sent = {
                "message_id": self._telegram.number(),
                "from": who,
                "chat": chat(person.id),
                "date": int(time.time()),
            }
            return {"message": sent | {"text": text} | command}
        buttons = [button for row in person.rows for button in row]
        pressed = next((b for b in buttons if b["text"].startswith(step.what)), None)
        if pressed is None or person.last is None:
            raise Stuck(f"turn {person.turns + 1}: no button {step.what!r} among {[b['text'] for b in buttons]}")
        query = {"id": str(self._telegram.number()), "from": who, "chat_instance": "-3141592653589793238"}
        return {"callback_query": query | {"data": pressed["callback_data"], "message": message(person.last)}}
