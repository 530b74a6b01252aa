"""What a person tells in their own words, before they are asked: kept as written, read for the facts that it surely says, shown,
and taken only when they have said that it is right. The interview then asks what is missing.
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from handlers import casework, commands, report
from handlers.alarm import in_danger
from handlers.freely import read_freely
from handlers.interview import own_seal, proceed
from handlers.labels import FIELDS, choice
from handlers.nouns import Own, Say
from handlers.questions import QUESTIONS
from handlers.text import key, norm
from handlers.turn import Turn

OPEN = ("", "start", "menu", "answer", "own", "own.change")
"""Where nothing is asked that a free message answers."""
STEP_BY_STEP = Say("Thank you. I will ask you step by step what I need to know.")
_WORDS = 3
"""A message of fewer words, greetings not counted, is an answer or a slip."""
_GREETINGS = frozenset(
    key(word)
    for word in (
        "hello hi dear good day morning evening salam salom selam merhaba iyi günler aleykum aleyküm alaykum əleyküm assalomu "
        "assalamu ассалому алайкум сәлем сәлеметсіз сәлеметсізбе салеметсиз саламатсызбы саламатсыздарбы салам салом кандайсыз "
        "бе ме хайрлы кун күн куттуу кутман кеч рано xayrli kun здравствуйте привет добрый доброе день утро вечер jó napot "
        "kívánok reggelt estét üdvözlöm szia hormatly gowumy sabahyňyz haýyrly günaydın axşamınız gününüz sabahınız xeyir hə be"
    ).split()
)
"""Words that tell nothing."""
_MOST = 6000
"""Characters of a person's own words kept before a report takes them over: more than any channel brings in one message."""
_REPORT = ("place", "place_name", "people", "minors", "needs")
_URGENT = frozenset({"medical", "food", "shelter", "money", "safety"})
"""Needs that are asked about before the law, where nothing was said of a permit."""


def is_told(text: str) -> bool:
    """Whether a message is long enough to tell something."""
    words = re.findall(r"[^\W\d_]+(?:['ʻʼ’][^\W\d_]+)*", norm(text))
    return sum(key(word) not in _GREETINGS for word in words) >= _WORDS


def keep(turn: Turn, text: str) -> None:
    """Keep the words for a report; what is said again is kept once."""
    own = turn.session.own or Own()
    if text.strip() not in own.words:
        own = replace(own, words=f"{own.words}\n{text.strip()}".strip()[:_MOST])
    turn.change(own=own)


def hear(turn: Turn, text: str) -> bool:
    """A free message: kept, and read. False if nothing was read in it, and nothing said."""
    keep(turn, text)
    return consider(turn, text)


def consider(turn: Turn, text: str) -> bool:
    """Show what was read; before that the emergency numbers, if the words tell of danger. False if nothing was said."""
    session, world = turn.session, turn.world
    own = session.own or Own()
    found = read_freely(text, session.locale, world.today, world.pack)
    new = own.read | {
        name: value for name, value in found.items() if name in _REPORT or session.facts.get(name) != value
    }
    turn.change(own=replace(own, read=new, right=own.right or bool(found and not new)))
    if in_danger(text):
        turn.note(commands.CALL, *commands.emergency(turn, new.get("host", "")))
        commands.start(turn)
    elif found and new:
        commands.told_freely(turn)
    elif found:
        _onward(turn, {})
    else:
        return False
    return True


def reword(turn: Turn, text: str) -> None:
    """An edited free message: both versions are kept, where the first one is; what the new one says besides is shown like it."""
    filed = casework.current(turn)
    if turn.session.draft and turn.session.own is None:
        report.add_words(turn, text)
    elif filed and turn.session.own is None:
        casework.add(turn, filed, "edit", text)
    else:
        keep(turn, text)
        if turn.session.locale:
            consider(turn, text)


def answer(turn: Turn, value: str) -> None:
    """*Correct*, *Change*, and what follows it. *Correct* takes only the facts that it was shown with."""
    own = turn.session.own
    verb, _, seal = value.partition("@")
    if own is None or not own.read:
        turn.note(Say("I do not know that button any more."))
        commands.again(turn)
    elif verb == "yes" and seal == own_seal(own.read):
        _take(turn, own)
    elif verb == "no":
        _ask_which(turn, own)
    elif verb == "none":
        turn.change(own=replace(own, read={}, right=False))
        turn.note(STEP_BY_STEP)
        _onward(turn, {})
    else:
        commands.told_freely(turn)


def _take(turn: Turn, own: Own) -> None:
    """The reading is right: its facts are facts now. Those of another country or permit do not outlive it."""
    read = own.read
    kept = turn.session.facts
    if kept.get("host", read.get("host")) != read.get("host", kept.get("host")):
        kept = {name: value for name, value in kept.items() if name == "nationality"}
    elif kept.get("permit", read.get("permit")) != read.get("permit", kept.get("permit")):
        kept = {name: value for name, value in kept.items() if name != "expires"}
    law = {name: value for name, value in read.items() if name in QUESTIONS}
    needed = {name: value for name, value in read.items() if name in _REPORT}
    turn.change(
        facts=kept | law,
        own=replace(own, read={}, sure=own.sure | needed, right=True),
        trail=(*(name for name in turn.session.trail if name not in law), *law),
    )
    _onward(turn, read)


def _onward(turn: Turn, read: dict[str, str]) -> None:
    """Go on with what is missing: with the report that was begun, with one that is needed first, or with the check."""
    if turn.session.draft:
        turn.change(mode=turn.session.mode or "report")
        report.fill(turn)
        proceed(turn)
    elif not turn.session.mode and "permit" not in read and _URGENT & set(read.get("needs", "").split(",")):
        report.begin(turn)
    else:
        turn.change(mode=turn.session.mode or "check")
        proceed(turn)


def _ask_which(turn: Turn, own: Own) -> None:
    """Which of the facts is wrong?"""
    turn.say(
        Say("Which answer do you want to change?"),
        choices=(
            *(choice("change", f"own.{name}", FIELDS[name]) for name in own.read),
            choice("own", "show", Say("None, go on")),
            choice("own", "none", Say("Ask me step by step"), Say("Step by step")),
        ),
        question="own.change",
    )


def drop(turn: Turn, name: str) -> None:
    """A fact was read wrongly: it is taken out, and asked later if it is needed."""
    own = turn.session.own
    if own is None or name not in own.read:
        return commands.again(turn)
    rest = {fact: value for fact, value in own.read.items() if fact != name}
    turn.change(own=replace(own, read=rest))
    if rest:
        return commands.told_freely(turn)
    turn.note(STEP_BY_STEP)
    return _onward(turn, {})
