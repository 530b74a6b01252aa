"""What the service counts about itself. Labels are kinds, rooms, channels, agencies and outcomes: never anything of a person.

Counters and what a process knows of itself are each process's own. What is read from the stores (queues, cases, backups) is
told by every process or by the one clerk that counts: take the `max` over processes. docs/operations.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

from storage.keys import Queue

if TYPE_CHECKING:  # the store is heavy, and every `komek` command reads this file
    from storage.sql.totals import Totals

TURNS = Counter("komek_turns", "Events that were answered and committed.", ["kind"])
TURN_SECONDS = Histogram(
    "komek_turn_seconds",
    "From an event's arrival in the inbox to its commit.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
)
MOVED = Counter("komek_turns_rethought", "Turns thought again because the session had moved.")
ASSESSED = Counter("komek_assessments", "Answers of the law that were given to citizens, by outcome.", ["outcome"])
HEARD = Counter("komek_heard", "Events taken at the door.", ["channel"])
DUPLICATES = Counter("komek_duplicates", "Events dropped at the door because they were heard before.", ["channel"])
FULL = Counter("komek_refused_full", "Deliveries sent away because an inbox was full.")
HELD_BACK = Counter("komek_refused_chat", "Deliveries sent away because too much of one chat was waiting.")
STORE = Counter("komek_refused_store", "Deliveries sent away because Redis was away or took nothing more.")
SENDS = Counter("komek_sends", "Attempts to send, by outcome.", ["channel", "outcome"])
RESENT = Counter("komek_resent", "Messages sent again because nobody knows how the first attempt ended.", ["channel"])
PROVIDER = Counter("komek_provider_errors", "Calls that a provider did not do as asked.", ["channel", "call"])
DEAD = Counter("komek_dead_letters", "Things put aside for an operator.", ["queue"])
FILED = Counter("komek_effects_filed", "Effects filed by the clerk.")
POSTED = Counter("komek_webhook_posts", "Attempts to deliver an event to an agency's webhook.", ["outcome"])

LENGTH = Gauge("komek_queue_length", "Entries waiting.", ["queue"])
AGE = Gauge("komek_queue_age_seconds", "How long the oldest entry has waited.", ["queue"])
LANES = Gauge("komek_lanes", "Lanes that this process works.", ["room"])
MEMORY = Gauge("komek_redis_memory_bytes", "Memory of the fullest Redis: used, and its bound (0: none).", ["what"])
CONNECTIONS = Gauge("komek_database_connections", "Connections of this process to the database.", ["state"])
READY = Gauge("komek_ready", "Whether this process is ready: /health/ready at the moment of the scrape.")

CASES = Gauge("komek_cases", "Cases, by status.", ["status"])
OPEN = Gauge("komek_cases_open", "Open cases in an agency's queue, by age.", ["agency", "age"])
OVERDUE = Gauge("komek_cases_overdue", "Open cases that their agency should have answered by now.", ["agency"])
WAITING = Gauge("komek_books_waiting", "What the clerk has still to carry on.", ["what"])
HOOKS = Gauge("komek_webhooks", "Agencies' webhooks, by state.", ["state"])
BACKUP = Gauge(
    "komek_backup_timestamp_seconds", "When the last backup was whole, seconds since 1970; 0: never.", ["of"]
)

_COUNTED = (CASES, OPEN, OVERDUE, WAITING, HOOKS, BACKUP)


@cache
def one(counter: Counter, *labels: str) -> Counter:
    """A counter's child for these labels, found once: `labels` takes longer than counting."""
    return counter.labels(*labels)


def channel_of(chat: str) -> str:
    """The channel in a chat's address: what a label may say of it."""
    return chat.partition(":")[0]


def show_lag(lag: Mapping[Queue, tuple[int, float | None]]) -> None:
    """Show what `Lanes.lag` found."""
    now = time.time()
    for queue, (length, since) in lag.items():
        LENGTH.labels(queue).set(length)
        AGE.labels(queue).set(0 if since is None else max(0.0, now - since))


def show_memory(used: int, bound: int) -> None:
    """Show what `Lanes.memory` found."""
    MEMORY.labels("used").set(used)
    MEMORY.labels("bound").set(bound)


def show_connections(count: Callable[[], Mapping[str, int]]) -> None:
    """Show at each scrape what `count` tells then."""

    def told(state: str) -> Callable[[], float]:
        return lambda: count().get(state, 0)

    for state in ("used", "open"):
        CONNECTIONS.labels(state).set_function(told(state))


def show_totals(totals: Totals, backup: float) -> None:
    """Show what the clerk counted, and when the last backup was made."""
    hide_totals()
    for status, n in totals.statuses.items():
        CASES.labels(status).set(n)
    for (agency, age), n in totals.ages.items():
        OPEN.labels(agency, age).set(n)
    for agency, n in totals.overdue.items():
        OVERDUE.labels(agency).set(n)
    for what, n in totals.waiting.items():
        WAITING.labels(what).set(n)
    for state, n in totals.hooks.items():
        HOOKS.labels(state).set(n)
    BACKUP.labels("all").set(backup)


def hide_totals() -> None:
    """Another process counts now: show nothing old."""
    for gauge in _COUNTED:
        gauge.clear()
