"""A story of tests/stories/tongues in real browsers: the citizen's phone, and the officer's desk in the same language."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, ViewportSize

from handlers.refs import read_ref
from tests.tongues import Person, Story, Turn
from tests.waiting import wait_for
from tests.whole.service import Service

PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1100, height=800)
PASSWORD = "a long demo password"
LOGIN = "demo-story"
SECONDS = 30.0
"""A loaded machine takes its time."""

Look = Callable[[Page, str], None]
"""Looks at a page at the moment that a picture would show: `chat` with the answer, `console` with the case."""


def look_away(page: Page, name: str) -> None:
    """Nobody looks."""


def tag_of(story: Story) -> str:
    """The language as a browser asks for it."""
    return story.language.replace("_", "-")


class Walk:
    """A story between a phone and a desk. The pure step beside it tells how many messages each turn brings."""

    def __init__(self, service: Service, story: Story, phone: BrowserContext, office: BrowserContext) -> None:
        """The service runs on the story's day; both browsers ask for the story's language."""
        self.story, self.person = story, Person(story, "web")
        self.chat, self.desk = phone.new_page(), office.new_page()
        self._service = service
        self._shown = 0
        self.ref = ""

    def goes(self, look: Look = look_away) -> None:
        """The whole story, each turn checked as it is shown."""
        self.chat.goto(f"{self._service.url}/chat")
        self.chat.locator("#welcome button").click()
        self._wait(1)
        for turn in self.person.plays():
            self._move(turn)
            text = self._wait(len(self.person.sent))
            assert [words for words in (*turn.sees, turn.officer) if words not in text] == [], text
            if turn.case:
                self.ref = next(ref for word in text.split() if (ref := read_ref(word.strip("."))))
            if turn.answer:
                look(self.chat, "chat")
            if turn.officer:
                self._open_case()
                look(self.desk, "console")

    def _move(self, turn: Turn) -> None:
        """What the person does, or the officer."""
        if turn.officer:
            self._sign_in()
            self._open_case()
            form = self.desk.locator("form[action$='/reply']")
            form.locator("#reply").fill(turn.officer)
            form.locator("button").click()
        elif turn.taps:
            self.chat.locator(".msg.us").nth(self._shown - 1).locator(f"button[value$=' {turn.taps}']").click()
        else:
            self.chat.locator("#text").fill(turn.says)
            self.chat.locator("#say button").click()

    def _wait(self, messages: int) -> str:
        """Until so many more messages are there; their text in one line."""
        first, self._shown = self._shown, self._shown + messages
        bubbles = self.chat.locator(".msg.us")
        bubbles.nth(self._shown - 1).wait_for(timeout=SECONDS * 1000)
        return " ".join(" ".join(bubbles.nth(n).inner_text() for n in range(first, self._shown)).split())

    def _open_case(self) -> None:
        """The case as it is now; it is filed a moment after the person was told its number."""
        wait_for(self._filed, SECONDS, "the case at the desk")
        assert self.desk.locator("html").get_attribute("lang") == tag_of(self.story)

    def _filed(self) -> bool:
        """Whether the desk has the case."""
        answer = self.desk.goto(f"{self._service.url}/console/cases/{self.ref}")
        return answer is not None and answer.ok

    def _sign_in(self) -> None:
        """An officer of the story's agency, new, by the one-time link."""
        state = self.story.agency.partition("-")[0].upper()
        words = ("--agency", self.story.agency, "--name", f"Demo ({state})")
        told = self._service.tells("staff", "add", LOGIN, *words)
        link = re.search(r"http\S+/welcome/\S+", told)
        assert link, told
        self.desk.goto(link[0])
        for field in self.desk.locator("input[type=password]").all():
            field.fill(PASSWORD)
        self.desk.locator("main form button").click()
        self.desk.wait_for_url("**/console/", timeout=SECONDS * 1000)
