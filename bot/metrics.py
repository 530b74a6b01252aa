"""What the service counts about itself. Labels are kinds, rooms, channels and outcomes: never anything of a person."""

from __future__ import annotations

import time
from collections.abc import Mapping

from prometheus_client import Counter, Gauge, Histogram

from storage.keys import Queue

TURNS = Counter("komek_turns", "Events that were answered and committed.", ["kind"])
TURN_SECONDS = Histogram(
    "komek_turn_seconds",
    "From an event's arrival in the inbox to its commit.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
)
MOVED = Counter("komek_turns_rethought", "Turns thought again because the session had moved.")
HEARD = Counter("komek_heard", "Events taken at the door.", ["channel"])
DUPLICATES = Counter("komek_duplicates", "Events dropped at the door because they were heard before.", ["channel"])
FULL = Counter("komek_refused_full", "Deliveries sent away because an inbox was full.")
HELD_BACK = Counter("komek_refused_chat", "Deliveries sent away because too much of one chat was waiting.")
SENDS = Counter("komek_sends", "Attempts to send, by outcome.", ["channel", "outcome"])
RESENT = Counter("komek_resent", "Messages sent again because nobody knows how the first attempt ended.", ["channel"])
DEAD = Counter("komek_dead_letters", "Things put aside for an operator.", ["queue"])
FILED = Counter("komek_effects_filed", "Effects filed by the clerk.")
POSTED = Counter("komek_webhook_posts", "Attempts to deliver an event to an agency's webhook.", ["outcome"])
LENGTH = Gauge("komek_queue_length", "Entries waiting.", ["queue"])
AGE = Gauge("komek_queue_age_seconds", "How long the oldest entry has waited.", ["queue"])


def channel_of(chat: str) -> str:
    """The channel in a chat's address: what a label may say of it."""
    return chat.partition(":")[0]


def show_lag(lag: Mapping[Queue, tuple[int, float | None]]) -> None:
    """Show what `Lanes.lag` found."""
    now = time.time()
    for queue, (length, since) in lag.items():
        LENGTH.labels(queue).set(length)
        AGE.labels(queue).set(0 if since is None else max(0.0, now - since))
