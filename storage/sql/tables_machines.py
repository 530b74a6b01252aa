"""Other programs at the desk: keys, webhooks and their deliveries, lists taken out. Nothing here is about a person."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from storage.sql.columns import Moment, metadata

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("agency", String(64), nullable=False, index=True),
    Column("name", String(200), nullable=False),  # what the program is called
    Column("token", String(64), nullable=False, unique=True),  # SHA-256 of the key
    Column("scopes", Text, nullable=False),  # a JSON list
    Column("made", Moment, nullable=False),
    Column("maker", String(64), nullable=False),
    Column("expires", Moment, nullable=False),
    Column("used", Moment, nullable=True),
    Column("revoked", Moment, nullable=True),
)

api_calls = Table(
    "api_calls",
    metadata,
    Column("id", String(64), primary_key=True),  # derived from the key and its Idempotency-Key
    Column("key_id", ForeignKey("api_keys.id"), nullable=False, index=True),
    Column("print", String(64), nullable=False),  # derived from what was asked for
    Column("seen", String(64), nullable=False),
    Column("made", Moment, nullable=False, index=True),
)

hooks = Table(
    "hooks",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("agency", String(64), nullable=False, index=True),
    Column("url", LargeBinary, nullable=False),  # sealed: receivers' addresses often hold a token
    Column("secret", LargeBinary, nullable=False),
    Column("events", Text, nullable=False),  # a JSON list; empty: all
    Column("made", Moment, nullable=False),
    Column("maker", String(64), nullable=False),
    Column("fails", Integer, nullable=False),  # in a row
    Column("failing", Moment, nullable=True),  # since when
    Column("rests", Moment, nullable=True),  # until when nothing is tried
    Column("disabled", Moment, nullable=True),
)

hook_deliveries = Table(
    "hook_deliveries",
    metadata,
    Column("id", String(64), primary_key=True),  # derived from the hook and the event
    Column("hook_id", ForeignKey("hooks.id"), nullable=False),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("place", Integer, nullable=False),  # among those put in line at the same moment
    Column("made", Moment, nullable=False, index=True),
    Column("since", Moment, nullable=False),  # when it was first (or, by an administrator, again) to be sent
    Column("state", String(16), nullable=False),  # waiting, done, failed
    Column("attempts", Integer, nullable=False),
    Column("code", Integer, nullable=False),
    Column("cause", String(80), nullable=False),
    Column("next_try", Moment, nullable=False),
    Column("tried", Moment, nullable=True),
    Index("ix_hook_deliveries_due", "hook_id", "state", "next_try"),
)

lists_taken = Table(
    "lists_taken",
    metadata,
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("agency", String(64), nullable=False, index=True),
    Column("who", String(80), nullable=False),  # an officer's id or key:<id>
    Column("at", Moment, nullable=False),
    Column("form", String(8), nullable=False),
    Column("asked", String(400), nullable=False),  # the filter; what was typed is only said to be there
    Column("rows", Integer, nullable=True),  # null: not read to its end
)
