"""The step in its world: the law is asked for the day it is where the person is."""

from datetime import UTC, date, datetime

from bot.thinking import Thinking
from handlers.nouns import Inbound, Reply, Session
from handlers.sentence import spoken
from locales.say import voice
from tests.dialogue import SECRET, pack

LATE = datetime(2020, 6, 1, 20, 0, tzinfo=UTC)
"""Already 2 June in Tashkent."""


def asked(host: str, today: date | None) -> str:
    """The answer to a check at this moment."""
    facts = {"host": host, "nationality": "TR", "permit": "visa", "expires": "2020-05-20"}
    session = Session("web:demo", "ref", locale="en", facts=facts, mode="check", heard=LATE)
    step = Thinking(pack(), SECRET, {}, today).think(session, Inbound("e", "web:demo", LATE, "choice", "go:on"))
    return said(step.replies)


def said(replies: tuple[Reply, ...]) -> str:
    """In English."""
    return "\n".join(spoken(voice("en"), line) for reply in replies for line in reply.lines)


def test_midnight_is_the_hosts() -> None:
    """On 1 June at 20:00 UTC a stay until 1 June is over in Tashkent; the measure after it counts."""
    assert "June 1, 2020" not in asked("UZ", None).partition("Ground")[0]


def test_a_demonstration_stands_still_and_says_so() -> None:
    """`KOMEK_TODAY` is the day, whatever the clock says."""
    text = asked("UZ", date(2020, 5, 8))
    assert "Demonstration: I answer as on May 8, 2020, Friday." in text
    assert "June 1, 2020" in text


def test_a_new_chat_gets_its_keyed_reference() -> None:
    """The same for the same address, and not the address."""
    thinking = Thinking(pack(), SECRET, {})
    event = Inbound("e", "telegram:4242", LATE, "command", "start")
    first, second = (thinking.think(None, event).session for _ in range(2))
    assert first == second
    assert first is not None
    assert "4242" not in first.ref
