"""Whether an answer is right, and whether somebody's words stand where they should not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from tests.fakes.telegram import FakeTelegram
from tests.fakes.twilio import FakeTwilio
from tests.fuzz.world import Input, mark

SHOWN = 20
"""Wrong answers that are kept to be looked at."""
PERSON = re.compile(r"telegram:7755\d{6}|(whatsapp:|sms:)\+99855\d{7}")
"""Chats as the generators make them."""
MARK = re.compile(rb"KNRY[0-9a-f]{8}")
PLANTED = re.compile(
    rb"KNRY|\+99855\d{7}|\b7755\d{6}\b|" + re.escape(FakeTelegram.token.encode()) + b"|" + FakeTwilio.token.encode()
)
"""What may stand in no log line, no metric and no file: marks, telephone numbers, chats' numbers, the tokens."""


class Judge:
    """Counts what was answered, and keeps what was wrong."""

    def __init__(self) -> None:
        """Nothing was sent."""
        self.answers: Counter[tuple[str, str]] = Counter()
        """By kind and status (`closed`: hung up without an answer, `open`: waits for more)."""
        self.faults: Counter[str] = Counter()
        self.shown: list[str] = []
        self.come_again = 0

    def answered(self, one: Input, status: int, answer: bytes) -> None:
        """An answer came; status 0: the line was closed without one, 1: the service waits for more."""
        self.answers[one.kind, {0: "closed", 1: "open"}.get(status, str(status))] += 1
        if status == 503:
            self.come_again += 1
        elif status >= 500:
            self._wrong("answers 5xx", one, status)
        elif status not in one.may and not (one.rough and status < 2):
            self._wrong("answers of a wrong status", one, status)
        if any(found != one.marks.encode() for found in MARK.findall(answer)):
            self._wrong("answers with another's words", one, status)

    def said(self, chat: str, text: str) -> None:
        """A message to somebody. Whoever came out of a bent input may have been given somebody's words with it."""
        if "KNRY" not in text or not PERSON.fullmatch(chat):
            return
        if any(found != mark(chat).encode() for found in MARK.findall(text.encode())):
            self.faults["messages with another's words"] += 1
            self._show(f"to {chat}, {mark(chat)}: {text[:1500]}")

    def read(self, what: str, data: bytes) -> None:
        """Something that may hold nothing of anybody."""
        found = PLANTED.search(data)
        if found:
            self.faults[f"planted words in {what}"] += 1
            self._show(f"{what}: …{data[max(0, found.start() - 80) : found.end() + 20]!r}…")

    def by_status(self) -> Iterable[tuple[str, int]]:
        """How often each status was answered."""
        sums: Counter[str] = Counter()
        for (_, status), count in self.answers.items():
            sums[status] += count
        return sorted(sums.items())

    def _wrong(self, what: str, one: Input, status: int) -> None:
        """Count it, and keep it."""
        self.faults[what] += 1
        self._show(f"{what}: {one.kind}, {status}: {one.data[:1500]!r}")

    def _show(self, line: str) -> None:
        """Keep it, if there is room."""
        if len(self.shown) < SHOWN:
            self.shown.append(line)
