"""Every button fits where WhatsApp shows it, in every language: 20 characters on a button, 24 in a list, or a short form does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.channels.contract import Limits
from bot.render import render
from handlers.nouns import Country, Draft, Raw, Reply, Session
from handlers.questions import QUESTIONS
from locales.say import NAMES, offered, voice
from tests.dialogue import Dialogue, world
from tests.handlers.test_conversation import REPORT, play

WHATSAPP = Limits(text=1024, buttons=3, button=20, items=10, item=24)

TOLD = "I am from Uzbekistan, stuck at Istanbul airport, my visa ended on 20 April 2020, we are 3 people, need food"


def replies(locale: str) -> Iterator[Reply]:
    """What is said in a long dialogue, and every question there is."""
    d = Dialogue().says("/start")
    yield from d.replies
    moves = [
        f"language:{locale}",
        "go:menu",
        "go:privacy",
        "go:on",
        "go:check",
        "host:UZ",
        "nationality:TR",
        "permit:visa",
    ]
    moves += ["expires:2020-05-20", "go:why", "go:changes", "go:report", "consent:yes", *REPORT, "go:change", "go:on"]
    moves += ["send:yes@1", "go:status", "go:human", "go:delete", "go:on"]
    for move in moves:
        play(d, [move])
        yield from d.replies
    about = {"case": d.known.cases[0].id, "referral": "r1", "origin": "uz-migration", "target": "tr-mfa"}
    for what in ("referral_asked", "status"):
        yield from d.hear(d.event("news", "", None, what=what, status="decided", **about)).replies
    d = Dialogue().says("/start").presses(f"language:{locale}")
    for move in [TOLD, "language:tr", "go:stay", f"language:{locale}", "2", "own:show", "go:report", "consent:yes"]:
        play(d, [move])
        yield from d.replies
    session = Session("whatsapp:+1", "ref", locale=locale, facts={"host": "UZ"}, draft=Draft(1, d.clock))
    for question in QUESTIONS.values():
        yield Reply((Raw("?"),), question.offer(session, world()))


def too_long(locale: str) -> set[str]:
    """Tokens of labels that are cut. Names of places and countries are nobody's to shorten; the names of answers in the list of
    what can be changed stand in full in the review above it.
    """
    session = Session("whatsapp:+1", "ref", locale=locale)
    cut: set[str] = set()
    for reply in replies(locale):
        for choice in reply.choices:
            if isinstance(choice.text, Raw | Country) or choice.value.startswith("change:"):
                continue
            many = min(len(reply.choices), WHATSAPP.items)
            shown = render(session, Reply((Raw("?"),), (choice,) * many), "id", WHATSAPP)[-1].choices[0]
            if shown.text.endswith("…"):
                cut.add(choice.value)
    return cut


def test_the_first_greeting_stands_in_every_language_and_in_one_message() -> None:
    """Whoever writes first may read only one of the ten."""
    d = Dialogue("whatsapp:+1").says("/start")
    (reply,) = d.replies
    (shown,) = render(Session("whatsapp:+1", "ref"), reply, "id", WHATSAPP)
    for tag in offered():
        said = voice(tag).gettext
        what, choose = said("help for people stranded abroad"), said("Please choose your language.")
        assert f"{NAMES[tag]}: {what}. {choose}" in shown.text
    assert [choice.text for choice in shown.choices] == [NAMES[tag] for tag in offered()]


@pytest.mark.parametrize("locale", offered())
def test_no_label_is_cut(locale: str) -> None:
    """A cut label is guessed at: the translator writes a short one."""
    assert too_long(locale) == set()
