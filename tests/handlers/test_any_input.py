"""From any state a dialogue can reach, any input gets an answer within the channel's limits, and the menu is one word away."""

from collections import Counter

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.contract import Limits
from bot.render import render, units
from handlers.labels import FIELDS, VALUES
from handlers.nouns import Inbound, Media, OpenCase, Session
from handlers.words import MENU, SMALL
from tests.dialogue import Dialogue, round_trip
from tests.handlers.speaking import person

LIMITS = {
    "telegram": Limits(text=4096, buttons=30, button=64, items=0, item=0),
    "whatsapp": Limits(text=1600, buttons=0, button=0, items=0, item=0),
    "whatsapp with templates": Limits(text=1024, buttons=3, button=20, items=10, item=24),
    "sms": Limits(text=1600, buttons=0, button=0, items=0, item=0),
}
FORGED = [f"{f}:{v}" for f, values in VALUES.items() for v in values] + [
    f"{p}{f}:{v}"
    for f in FIELDS
    for p in ("", "report.")
    for v in ("other", "unknown", "-", "done", "=TAS", "2020-05-20", "99", "ZZ")
]
ACTIONS = [
    "send:yes@1",
    "send:yes@2",
    "send:no@1",
    "delete:yes@3",
    "consent:yes",
    "consent:no",
    "resume:yes@1",
    "stop:all",
]
ACTIONS += [
    "resume:no@1",
    "stop:draft",
    "solved:x",
    "refer:yes@r1",
    "refer:no@r1",
    "refer:yes@",
    "rate:3@x",
    "rate:",
    "change:permit",
    "language:tr",
    "language:xx",
    "language:ru",
    "go:stay",
    "own:yes@00000000",
    "own:no@",
    "own:none",
    "own:show",
    "own:",
    "change:own.host",
    "change:own.needs",
    "report.place_name:+",
    "go:nowhere",
    "go:",
    ":",
    "",
]
FREELY = [
    "I am from Uzbekistan, stuck at Istanbul airport, my visa ended on 20 April 2020, we are 3 people, need food",
    "Özbekistan vatandaşıyım, İstanbul havalimanında mahsur kaldım, vizem 20 Nisan 2020'de bitti",
    "Men Oʻzbekiston fuqarosiman, Budapeshtda qolib ketdim, pulim yoʻq",
    "Я гражданин Кыргызстана, застрял в Ташкенте, мне угрожают, виза закончилась 15 апреля 2020, нужен врач",
    "Мен Қазақстан азаматымын, Стамбулда қалып қойдым",
    "Jó napot, három hónapja itt ragadtam, és nem tudok hazamenni",
    "good people please help",
    "Тошкентда, икки киши",
]
"""Messages in people's own words: read in whole, in part, or not at all."""
TEXTS = st.one_of(
    st.sampled_from([*FREELY, "Türkçe", "rus dili", "kk", "Turkish", "Manas", "4-5", "+998 90 123 45 67 Ali"]),
    st.sampled_from(
        [*MENU, *SMALL, "20.05.2020", "4/5/2020", "15 May", "Özbekistan", "+998 90 000 00 00", "1", "3", "99", "1,2"]
    ),
    st.text(max_size=200),
    st.just("a" * 5000),
)
PHOTO = Media("photo", "file-1", "image/jpeg")
MOVES = st.one_of(
    st.tuples(st.just("button"), st.integers(0, 12)),
    st.tuples(st.just("button"), st.integers(0, 12)),
    st.tuples(st.just("old"), st.integers(0, 200)),
    st.tuples(st.just("token"), st.sampled_from(FORGED + ACTIONS)),
    st.tuples(st.just("text"), TEXTS),
    st.tuples(st.just("command"), st.sampled_from(["start", "help", "menu", "nonsense", ""])),
    st.tuples(st.just("edit"), TEXTS),
    st.tuples(st.sampled_from(["photo", "album", "sticker", "place", "contact", "night", "tick"]), st.just(0)),
    st.tuples(
        st.sampled_from(["reply", "status", "agency", "blocked", "unblocked", "export", "unheard-of"]), st.just(0)
    ),
    st.tuples(st.sampled_from(["referral_asked", "referral_withdrawn", "referral_rejected"]), st.just(0)),
)


class Walk:
    """A person who does anything at all. Remembers every button ever seen."""

    def __init__(self, chat: str) -> None:
        """At the beginning."""
        self.d = person(chat=chat)
        self.seen: list[str] = []

    def go(self, move: tuple[str, object]) -> Inbound:
        """One move; the event it made."""
        event = self.event(*move)
        self.d.hear(event)
        self.seen += self.d.tokens
        return event

    def event(self, kind: str, what: object) -> Inbound:
        """The event of a move."""
        d = self.d
        if kind == "button" and d.tokens:
            return d.event("choice", d.tokens[int(str(what)) % len(d.tokens)])
        if kind == "old" and self.seen:
            return d.event("choice", self.seen[int(str(what)) % len(self.seen)])
        if kind in ("token", "button", "old"):
            return d.event("choice", str(what))
        if kind == "text":
            return d.event("text", str(what))
        if kind == "command":
            return d.event("command", str(what), start="0000-0000-000")
        if kind == "edit":
            return d.event("text", str(what), edits=str(max(1, d.count - 1)))
        return self.rare(kind)

    def rare(self, kind: str) -> Inbound:
        """Files, places, contacts, timers and our own news."""
        d = self.d
        if kind in ("photo", "album"):
            return d.event("media", "", PHOTO, **({"album": "a1"} if kind == "album" else {}))
        if kind == "sticker":
            return d.event("media", unreadable="sticker")
        if kind == "place":
            return d.event("location", lat="41.3", lon="69.2")
        if kind == "contact":
            return d.event("contact", phone="+998900000000")
        if kind in ("night", "tick"):
            d.clock = d.clock.replace(year=d.clock.year + 1) if kind == "night" else d.clock
            return d.event("tick", "draft")
        cases = d.session.cases if d.session else ()
        known = cases[-1].id if cases else "none"
        about = {"origin": "uz-migration", "target": "tr-mfa", "why": "travel", "referral": "r1"}
        about |= {"case": known, "what": kind, "event": "e1", "status": "decided", "agency": "uz-migration"}
        return d.event("news", "Words.", None, **about)


@settings(max_examples=800)
@given(st.sampled_from(["telegram:1", "whatsapp:+998", "sms:+998", "web:a"]), st.lists(MOVES, min_size=1, max_size=40))
def test_any_input_in_any_state_is_answered(chat: str, moves: list[tuple[str, object]]) -> None:
    """No error, always a reply to a person, every message within every channel's limits, a session that can be stored."""
    walk = Walk(chat)
    for move in [("command", "start"), ("token", "language:en"), *moves]:
        event = walk.go(move)
        session = walk.d.session
        spoken_to = event.kind not in ("news", "tick") and "edits" not in event.extras and "album" not in event.extras
        assert walk.d.replies or not spoken_to
        if session:
            assert round_trip(session) == session
        within_limits(walk, session or Session(chat, "gone"))
    walk.d.says("menu")
    assert walk.d.question in ("menu", "language")


def within_limits(walk: Walk, session: Session) -> None:
    """Every message of the last turn fits every channel."""
    for limits in LIMITS.values():
        for n, reply in enumerate(walk.d.replies):
            parts = render(session, reply, f"id/{n}", limits)
            assert len({part.id for part in parts}) == len(parts)
            for part in parts:
                assert 0 < units(part.text) <= limits.text
                assert all(len(b.value.encode()) <= 64 and b.value.isascii() for b in part.choices)
                if not part.numbered:
                    room = limits.button if len(part.choices) <= limits.buttons else limits.item
                    assert all(0 < len(b.text) <= room for b in part.choices)


@settings(max_examples=200)
@given(st.lists(st.lists(MOVES, max_size=4), max_size=25))
def test_a_report_is_filed_once_and_only_with_consent(disturbances: list[list[tuple[str, object]]]) -> None:
    """However it is disturbed, who presses the first button again and again files a report: each draft once, with consent.

    Where several can be chosen the first stays the first, and Done is pressed to go on.
    """
    walk = Walk("web:b")
    walk.go(("command", "start"))
    for moves in [*disturbances, *[[] for _ in range(60)]]:
        for move in moves:
            walk.go(move)
        if not walk.d.tokens:
            walk.d.says("menu")
        walk.go(("token", "report.needs:done") if "report.needs:done" in walk.d.tokens else ("button", 0))
    opened = [e for e in walk.d.all_effects if isinstance(e, OpenCase)]
    assert opened
    assert max(Counter(e.id for e in opened).values()) == 1
    assert all(e.consent.version and e.agencies for e in opened)


@settings(max_examples=300)
@given(st.sampled_from(["telegram:1", "sms:+998"]), st.lists(MOVES, max_size=30))
def test_typing_does_what_pressing_does(chat: str, moves: list[tuple[str, object]]) -> None:
    """In any state, the label or the number of a button on the table leads where the button leads."""
    walk = Walk(chat)
    for move in [("command", "start"), ("token", "language:en"), ("token", "go:report"), *moves]:
        walk.go(move)
    asking = walk.d.known.asking if walk.d.session else None
    for n, (token, label) in enumerate(asking.offered if asking else (), 1):
        pressed = walk.d.copy().presses(token)
        assert same(pressed, walk.d.copy().says(label)), (token, label)
        if not label.isdigit():
            assert same(pressed, walk.d.copy().says(str(n))), (token, n)


def same(one: Dialogue, other: Dialogue) -> bool:
    """The same session, replies and effects, but for the note that a typed message may be corrected later."""
    if one.session is None or other.session is None:
        return one.session is other.session
    left, right = (msgspec.structs.replace(d.session, said=()) for d in (one, other) if d.session)
    return left == right and one.replies == other.replies and one.effects == other.effects


@settings(max_examples=200)
@given(st.lists(MOVES, max_size=25), st.sampled_from(FREELY))
def test_no_fact_is_taken_from_free_words_unseen(moves: list[tuple[str, object]], text: str) -> None:
    """In any state, a free message changes no fact that was confirmed, but for the answer to the question that stands."""
    walk = Walk("web:c")
    for move in [("command", "start"), ("token", "language:en"), *moves]:
        walk.go(move)
    asking = walk.d.known.asking if walk.d.session else None
    asked = (asking.before or asking).question if asking else ""
    before = walk.d.known.facts if walk.d.session else {}
    walk.d.says(text)
    assert {k: v for k, v in before.items() if k != asked} == {
        k: v for k, v in walk.d.known.facts.items() if k != asked
    }
