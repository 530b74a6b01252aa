"""Says a sentence in a language: fills its placeholders, the inner ones first."""

from __future__ import annotations

from handlers.nouns import Arg, Block, Choice, Country, Day, Many, Raw, Say, Sentence
from locales.say import Voice


def spoken(voice: Voice, sentence: Sentence | Country | Day) -> str:
    """`sentence` in the voice's language."""
    if isinstance(sentence, Say):  # nearly all are
        return _fill(voice, voice.gettext(sentence.text), sentence.args)
    return _other(voice, sentence)


def _other(voice: Voice, sentence: Many | Raw | Block | Country | Day) -> str:
    """Everything but a plain sentence."""
    match sentence:
        case Many(one, many, n, args):
            return _fill(voice, voice.ngettext(one, many, n), {"n": n, **args})
        case Block(lines):
            return "\n".join(spoken(voice, line) for line in lines)
        case Raw(text):
            return text
        case Country(code):
            return voice.country(code)
        case Day(day):
            return voice.day(day)


def _fill(voice: Voice, template: str, args: dict[str, Arg]) -> str:
    """The template with its placeholders filled. What a person wrote is never read as a template."""
    return template.format(**{name: _arg(voice, arg) for name, arg in args.items()}) if args else template


def _arg(voice: Voice, arg: Arg) -> str:
    """One placeholder's content."""
    if isinstance(arg, str | int):
        return str(arg)
    if isinstance(arg, tuple):
        return voice.listing([spoken(voice, item) for item in arg])
    return spoken(voice, arg)


def short(voice: Voice, choice: Choice) -> str:
    """The label where there is little room: a day without its weekday; empty where nothing shorter is said."""
    if isinstance(choice.text, Day):
        return voice.written(choice.text.day)
    return spoken(voice, choice.short) if choice.short else ""


def labels(voice: Voice, choices: tuple[Choice, ...]) -> list[tuple[str, str]]:
    """The choices as (token, label): what a person may type instead of pressing."""
    return [(choice.value, spoken(voice, choice.text)) for choice in choices]
