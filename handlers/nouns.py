"""The nouns of a conversation. Each is frozen and slotted, travels as JSON (msgspec), and prints nothing about a person.

`repr` shows the fields named in `shown` and no others: a log line or an exception cannot leak what somebody wrote.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

import msgspec

from handlers.wish import Referral
from relief.nouns import Assessment

Kind = Literal["text", "choice", "location", "media", "contact", "command", "news", "tick"]
"""What came in. `news` is a word from our side (an officer's reply, a status), `tick` a timer that has run down."""

Outcome = Literal["sent", "retry", "slow_down", "blocked", "refused", "unknown"]
"""How a send ended. `unknown`: the line broke after we spoke; the provider may or may not have taken it."""

Priority = Literal["danger", "urgent", "normal"]
"""How soon an officer must look: life at risk, airport zone / border / minors / medical, everything else."""

Status = Literal["received", "reading", "waiting", "referred", "decided", "closed"]
"""Where a case stands, in the order a citizen meets the words."""


class Noun(msgspec.Struct, frozen=True):
    """A value. `repr` shows only the fields listed in `shown`; the default shows none."""

    shown: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        """The class and its impersonal fields."""
        inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.shown)
        return f"{type(self).__name__}({inner})"


class Media(Noun, frozen=True):
    """A file a citizen sent, still at the provider.

    `handle` is what the channel needs to fetch it: a Telegram file_id, a Twilio media URL, a web upload's key.
    `size` is in bytes, 0 where the provider does not say.
    """

    kind: Literal["photo", "document", "voice", "video"]
    handle: str
    mime: str = ""
    name: str = ""
    size: int = 0
    shown: ClassVar[tuple[str, ...]] = ("kind", "mime", "size")


class Inbound(Noun, frozen=True, omit_defaults=True):
    """Something a person (or our own side) said, as every channel tells it.

    `id`: the provider's own, prefixed with channel and account, the same on every redelivery.
    `chat`: channel and address, `telegram:12345`, `whatsapp:+99450…`, `whatsapp:US.…` (no number), `sms:+…`, `web:TOKEN`.
    `at`: when it was said, UTC. `body`: the text, the pressed button's token, the command's name, or the news' text.
    `extras`, all strings: `hint` the provider's language tag; `start` a deep link's payload; `message` the provider's id
    of this message and `edits` of the one it corrects; `album` a media group; `lat` `lon`; `phone` of a contact and
    whether it is their `own`; `unreadable`, the kind of a message that cannot be kept; `rest`, the words after a command;
    for news: `case` (id), `event` (id of the case event), `what` (reply, status, agency, export, blocked, unblocked,
    referral_…), `status`; of a referral also `referral` (id), `origin`, `target` (agencies) and `why` (a code).
    """

    id: str
    chat: str
    at: datetime
    kind: Kind
    body: str = ""
    extras: dict[str, str] = {}
    media: Media | None = None
    shown: ClassVar[tuple[str, ...]] = ("kind",)


class Country(Noun, frozen=True, tag=True):
    """A country in a sentence, by ISO 3166 alpha-2 code; the locale gives its name."""

    code: str
    shown: ClassVar[tuple[str, ...]] = ("code",)


class Say(Noun, frozen=True, tag=True):
    """A sentence in no language yet: the English source text and what fills its {placeholders}. A date is written long,
    with its weekday; a tuple becomes a list; a nested Say or Country is said first.
    """

    text: str
    args: dict[str, Arg] = {}
    shown: ClassVar[tuple[str, ...]] = ("text",)


class Many(Noun, frozen=True, tag=True):
    """A sentence whose form depends on the count `n`, which fills {n}."""

    one: str
    many: str
    n: int
    args: dict[str, Arg] = {}
    shown: ClassVar[tuple[str, ...]] = ("one",)


class Raw(Noun, frozen=True, tag=True):
    """Words nobody translates: an officer's reply, a source's address, an agency's own name, the citizen's own note."""

    text: str


class Day(Noun, frozen=True, tag=True):
    """A day in a sentence: written long, the month in words, the weekday with it."""

    day: date


class Block(Noun, frozen=True, tag=True):
    """Sentences that belong together: one a line, no empty line between them."""

    lines: tuple[Say | Many | Raw, ...]
    shown: ClassVar[tuple[str, ...]] = ("lines",)


Sentence = Say | Many | Raw | Block
Arg = str | int | Say | Many | Raw | Country | Day | tuple[Say | Many | Raw | Country | Day, ...]


class Choice(Noun, frozen=True):
    """A button. `value` is its token (at most 64 ASCII bytes, never a label); `short` fits where 20 characters are all.

    `chosen`: one of several that was chosen already. It keeps its place, and so its number, with a mark.
    """

    value: str
    text: Say | Raw | Country | Day
    short: Say | None = None
    chosen: bool = False
    shown: ClassVar[tuple[str, ...]] = ("value",)


class Reply(Noun, frozen=True):
    """What to say: sentences (each its own paragraph), then choices. `ask` asks the device for something besides.

    `about`: the case event this message carries (an officer's reply), so that its delivery can be shown at the desk.
    `again`: saying it twice is harmless, so it may be resent when the first attempt's fate is unknown.
    `template`: the approved template that stands in for it outside a provider's window.
    """

    lines: tuple[Sentence, ...]
    choices: tuple[Choice, ...] = ()
    ask: Literal["", "location", "contact"] = ""
    about: str = ""
    again: bool = True
    template: str = ""
    shown: ClassVar[tuple[str, ...]] = ("lines", "choices")


class Asking(Noun, frozen=True):
    """The question that stands: its name, the choices as (token, label) in the order shown, and tries so far.

    A typed number or label picks a choice; `short` holds the labels of narrow channels. `before`: the question that goes on
    standing behind an offer of another language.
    """

    question: str
    offered: tuple[tuple[str, str], ...] = ()
    short: tuple[tuple[str, str], ...] = ()
    tries: int = 0
    before: Asking | None = None
    shown: ClassVar[tuple[str, ...]] = ("question", "tries")


class Consent(Noun, frozen=True):
    """That the person agreed: which text (its version) and when."""

    version: str
    at: datetime
    shown: ClassVar[tuple[str, ...]] = ("version", "at")


class Filed(Noun, frozen=True):
    """A case of the person: its id, the reference they quote, the last status told; `survey`: were they asked how we did?"""

    id: str
    ref: str
    status: Status = "received"
    agency: str = ""
    opened: datetime | None = None
    survey: Literal["", "asked", "rated"] = ""
    shown: ClassVar[tuple[str, ...]] = ("ref", "status")


class Draft(Noun, frozen=True, omit_defaults=True):
    """A report being written. `n` numbers the drafts of a chat, so that an old button cannot send a new report."""

    n: int
    began: datetime
    answers: dict[str, str] = {}
    media: tuple[Media, ...] = ()
    urgent: bool = False
    reminded: bool = False
    shown: ClassVar[tuple[str, ...]] = ("n", "urgent")


class Own(Noun, frozen=True, omit_defaults=True):
    """What a person told in their own words, as written, until a report takes it over.

    `read`: the facts found in it, which nobody has confirmed. `sure`: confirmed ones that only a report needs. `right`: a
    reading was confirmed, so that the words say what there is to say.
    """

    words: str = ""
    read: dict[str, str] = {}
    sure: dict[str, str] = {}
    right: bool = False


class Session(Noun, frozen=True, omit_defaults=True):
    """All that is known of one chat between two of its messages.

    `ref` is the keyed reference under which logs, agencies and metrics know the chat. `version` grows by one a turn; the
    commit compares it. `trail` holds the questions answered, for *back*. `said` pairs a provider's message id with the
    question it answered, for corrections. `heard` is when the person last wrote (WhatsApp's window). `parked` waits for
    that window to open, `referrals` for the person's word. `mode` is what is going on: a check, a report, or neither.
    `proposed`: the languages that were offered.
    """

    chat: str
    ref: str
    version: int = 0
    locale: str = ""
    asking: Asking | None = None
    facts: dict[str, str] = {}
    draft: Draft | None = None
    drafts: int = 0
    cases: tuple[Filed, ...] = ()
    consent: Consent | None = None
    trail: tuple[str, ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    heard: datetime | None = None
    parked: tuple[Reply, ...] = ()
    referrals: tuple[Referral, ...] = ()
    album: str = ""
    blocked: bool = False
    stopped: bool = False
    mode: Literal["", "check", "report"] = ""
    own: Own | None = None
    proposed: tuple[str, ...] = ()
    shown: ClassVar[tuple[str, ...]] = ("ref", "version", "locale", "asking")


class OpenCase(Noun, frozen=True, tag=True, omit_defaults=True):
    """File a new case. `agencies`: ids, the first owns it, the others see it. `report`: the draft's answers."""

    id: str
    ref: str
    chat: str
    chat_ref: str
    at: datetime
    locale: str
    agencies: tuple[str, ...]
    priority: Priority
    facts: dict[str, str]
    report: dict[str, str]
    consent: Consent
    reasons: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    assessment: Assessment | None = None
    shown: ClassVar[tuple[str, ...]] = ("id", "ref", "agencies", "priority")


class AddToCase(Noun, frozen=True, tag=True, omit_defaults=True):
    """Add an event to a case: message, edit, media, location, contact, (un)blocked, human, rating, referral_agreed/declined."""

    id: str
    case: str
    at: datetime
    what: str
    body: str = ""
    media: Media | None = None
    extras: dict[str, str] = {}
    shown: ClassVar[tuple[str, ...]] = ("id", "case", "what")


class CloseCase(Noun, frozen=True, tag=True):
    """The citizen says that the case is solved."""

    id: str
    case: str
    at: datetime
    shown: ClassVar[tuple[str, ...]] = ("id", "case")


class Remind(Noun, frozen=True, tag=True):
    """Say `body` to this chat as a tick at `at`. A later Remind with the same `id` replaces it; `at` None cancels it."""

    id: str
    chat: str
    at: datetime | None
    body: str
    shown: ClassVar[tuple[str, ...]] = ("at", "body")


class Subscribe(Noun, frozen=True, tag=True):
    """Keep (or end) this chat's wish to be told when a host's measures change."""

    id: str
    chat: str
    host: str
    on: bool
    shown: ClassVar[tuple[str, ...]] = ("host", "on")


class Forget(Noun, frozen=True, tag=True):
    """Remove the person: the words, names and contacts in their cases. Counts and the fact of removal stay."""

    id: str
    chat: str
    chat_ref: str
    cases: tuple[str, ...]
    at: datetime
    shown: ClassVar[tuple[str, ...]] = ("id", "cases")


class Export(Noun, frozen=True, tag=True):
    """Send the person all that their cases hold, back through this chat as news."""

    id: str
    chat: str
    cases: tuple[str, ...]
    at: datetime
    shown: ClassVar[tuple[str, ...]] = ("id", "cases")


class Delivered(Noun, frozen=True, tag=True):
    """What became of a message that carried a case event. Filed by the sender and by status callbacks."""

    id: str
    about: str
    at: datetime
    outcome: str
    cause: str = ""
    shown: ClassVar[tuple[str, ...]] = ("about", "outcome", "cause")


Effect = OpenCase | AddToCase | CloseCase | Remind | Subscribe | Forget | Export | Delivered


class Step(Noun, frozen=True):
    """What one event did: the session after it (None: forget the chat), what to say, what to do, how long to keep it.

    `keep`: seconds from this turn, a day for a bare check, more for drafts and cases. `assessed`: the law's outcome told now.
    """

    session: Session | None
    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()
    keep: int = 86_400
    assessed: str = ""
    shown: ClassVar[tuple[str, ...]] = ("replies", "effects", "keep", "assessed")


class Button(Noun, frozen=True):
    """A rendered choice: its label within the channel's limit, and its token."""

    text: str
    value: str
    shown: ClassVar[tuple[str, ...]] = ("value",)


class Outbound(Noun, frozen=True, omit_defaults=True):
    """One message ready to send, within the channel's limits.

    `id` is derived from the event that caused it, so that preparing it again prepares the same one. `numbered` says that
    the choices are already written into the text as a numbered list. `template` names an approved template to use
    outside a provider's window, `locale` its language.
    """

    id: str
    chat: str
    text: str
    choices: tuple[Button, ...] = ()
    ask: Literal["", "location", "contact"] = ""
    numbered: bool = False
    template: str = ""
    locale: str = ""
    about: str = ""
    again: bool = True
    broadcast: bool = False
    shown: ClassVar[tuple[str, ...]] = ("id",)


class Receipt(Noun, frozen=True):
    """How a send ended: `external` the provider's message id, `wait` seconds to hold this chat, `cause` its error code."""

    outcome: Outcome
    external: str = ""
    wait: float = 0.0
    cause: str = ""
    shown: ClassVar[tuple[str, ...]] = ("outcome", "wait", "cause")
