"""From a reply in no language to messages within a channel's limits.

Long texts are split at paragraphs, then lines, then words; too many choices are written into the text with numbers. All
of it before the commit, so that what is in the outbox can be sent as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.channels.contract import Limits
from handlers.nouns import Button, Choice, Outbound, Raw, Reply, Session
from handlers.sentence import short, spoken
from locales.say import Voice, voice


def render(session: Session, reply: Reply, name: str, limits: Limits) -> tuple[Outbound, ...]:
    """The messages of one reply; `name` is the derived id of the first, later parts add `.1`, `.2`…

    The choices stand on the last part.
    """
    said = voice(session.locale)
    text = "\n\n".join(filter(None, (spoken(said, line) for line in reply.lines)))
    numbered = not fits(reply.choices, limits)
    if numbered and not counts(reply.choices):
        text += "\n\n" + _written_out(said, reply.choices)
    parts = list(split(text or "…", limits.text))
    buttons = tuple(Button(_label(said, c, _room(reply.choices, limits)), c.value) for c in reply.choices)
    return tuple(
        Outbound(
            id=name if n == 0 else f"{name}.{n}",
            chat=session.chat,
            text=part,
            choices=buttons if n == len(parts) - 1 else (),
            ask=reply.ask if n == len(parts) - 1 else "",
            numbered=numbered,
            template=reply.template,
            locale=said.tag,
            about=reply.about if n == len(parts) - 1 else "",
            again=reply.again,
        )
        for n, part in enumerate(parts)
    )


def fits(choices: tuple[Choice, ...], limits: Limits) -> bool:
    """Whether the choices can be buttons or a list on this channel."""
    return len(choices) <= max(limits.buttons, limits.items)


def counts(choices: tuple[Choice, ...]) -> bool:
    """Whether the choices are numbers themselves: a numbered list of numbers would mislead, the number is simply typed."""
    return all(isinstance(choice.text, Raw) and choice.text.text.isdigit() for choice in choices)


def _room(choices: tuple[Choice, ...], limits: Limits) -> int:
    """Characters of a label: a button's, or a list item's where the buttons do not suffice."""
    return limits.button if len(choices) <= limits.buttons else limits.item or limits.button or 80


def _written_out(said: Voice, choices: tuple[Choice, ...]) -> str:
    """The choices as lines that a person answers with a number."""
    lines = (f"{n}. {_mark(choice)}{spoken(said, choice.text)}" for n, choice in enumerate(choices, 1))
    return "\n".join((*lines, said.gettext("Reply with the number.")))


def _label(said: Voice, choice: Choice, room: int) -> str:
    """The label, its short form where it does not fit, then without its mark, cut with an ellipsis as a last resort."""
    whole = spoken(said, choice.text)
    if not choice.chosen and len(whole) <= room:
        return whole  # nearly all
    forms = tuple(filter(None, (whole, short(said, choice))))
    fitting = (mark + form for mark in (_mark(choice), "") for form in forms if len(mark + form) <= room)
    return next(fitting, forms[-1][: room - 1] + "…")


def _mark(choice: Choice) -> str:
    """What stands before a choice that was chosen already."""
    return "✓ " if choice.chosen else ""


def split(text: str, most: int) -> Iterator[str]:
    """Parts of at most `most` UTF-16 units, cut at a paragraph, a line, a space, and only then inside a word."""
    while units(text) > most:
        room = _prefix(text, most)
        cut = next((at for mark in ("\n\n", "\n", " ") if (at := text.rfind(mark, room // 3, room)) > 0), room)
        yield text[:cut].rstrip() or text[:cut]
        text = text[cut:].lstrip()
    if text:
        yield text


def units(text: str) -> int:
    """UTF-16 code units, as Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _prefix(text: str, most: int) -> int:
    """How many characters fit into `most` units."""
    count = 0
    for at, letter in enumerate(text):
        count += 2 if letter > "\uffff" else 1
        if count > most:
            return at
    return len(text)
