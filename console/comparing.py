"""The assessment that the person was given, beside the one of today: what differs, in words."""

from __future__ import annotations

from typing import NamedTuple

from locales.say import Voice
from relief.nouns import Assessment
from storage.words import OUTCOMES


class Compared(NamedTuple):
    """`now`: today's assessment. `sentence`: what differs. `gone`, `new`: ids of measures that no longer, or only now, count."""

    now: Assessment
    same: bool
    sentence: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


def compare(say: Voice, then: Assessment | None, now: Assessment) -> Compared:
    """Then and today. Whoever was given none has nothing to compare it with."""
    before = {b.measure for b in then.because} if then else set()
    after = {b.measure for b in now.because}
    same = then is not None and (then.outcome, then.until, then.open_ended) == (now.outcome, now.until, now.open_ended)
    words = {"then": verdict(say, then) if then else "", "now": verdict(say, now)}
    if then is None:
        sentence = say.gettext("Nothing was told to the person. Today: {now}.")
    elif same:
        sentence = say.gettext("Today the answer is the same: {now}.")
    else:
        sentence = say.gettext("Then: {then}. Today: {now}.")
    return Compared(now, same, sentence.format(**words), tuple(sorted(before - after)), tuple(sorted(after - before)))


def verdict(say: Voice, found: Assessment) -> str:
    """An assessment in a few words: its outcome, and until when."""
    outcome = say.gettext(OUTCOMES[found.outcome])
    if found.until:
        return say.gettext("{outcome}, until {day}").format(outcome=outcome, day=say.day(found.until))
    if found.open_ended:
        return say.gettext("{outcome}, no last day is fixed").format(outcome=outcome)
    return outcome
